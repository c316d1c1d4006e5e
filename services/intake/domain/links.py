"""Secret links: whoever has one sees one request, and nobody can guess one."""

import hashlib
import re
import secrets

_SECRET_BYTES = 32
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """256 random bits as they stand in an address."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def is_secret(text: str) -> bool:
    """Whether a text has the form of a secret."""
    return _SECRET.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """What we keep of a secret. A lookup by digest takes a time that says nothing of the secret: an attacker
    who measured it would learn of digests, which nobody can choose."""
    return hashlib.sha256(secret.encode()).hexdigest()
