"""Adapters to what lies outside: password hashing and token signing libraries.

They have no Null twins on purpose: a login without a real hash or a real signature must not exist.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.crews.domain.access import LONGEST_TOKEN, Login
from services.crews.usecases.ports import Token
from shared.auth import ALGORITHM, AUDIENCE, ISSUER
from shared.config import Misconfigured

Run = Callable[..., Any]
_CODE_DIGITS = 8


def directly(work: Callable[..., Any], *arguments: Any) -> Any:
    """Run in the caller's own thread: for command lines and tests, which have no hub to stall."""
    return work(*arguments)


class Argon2Passwords:
    """Argon2id hashes, with OWASP's second minimum (19 MiB, 2 passes, 1 lane): some 25 ms on one core.

    The hash is native code which would stall the eventlet hub, so a service gives ``run`` an operating
    system thread (the library lets go of the interpreter lock while it computes).
    """

    def __init__(self, run: Run = directly, hasher: PasswordHasher | None = None) -> None:
        self._run = run
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        hashed: str = self._run(self._hasher.hash, password)
        return hashed

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` has the hash ``stored``; with none stored, no, after the same work."""
        right: bool = self._run(self._verify, stored or self._nobodys, password)
        return right and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except VerificationError:
            return False


class Ed25519Tokens:
    """Signs access tokens with the private key of the suite; ``kid`` names the key (for its rotation)."""

    def __init__(self, private_key: str, lifetime: timedelta) -> None:
        if not timedelta(0) < lifetime <= LONGEST_TOKEN:
            raise Misconfigured("token_ttl_s must be more than 0 and at most 43200 (12 hours)")
        self._key = _ed25519(private_key)
        self._lifetime = lifetime
        self.kid = _key_id(self._key)

    @classmethod
    def from_file(cls, path: str, lifetime: timedelta) -> "Ed25519Tokens":
        try:
            text = Path(path).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as unreadable:
            raise Misconfigured(f"AVARIYKA_TOKEN_PRIVATE_KEY_FILE: cannot read {path}") from unreadable
        return cls(text, lifetime)

    def issue(self, login: Login, now: datetime, session_id: UUID) -> Token:
        # Whole seconds, so that the token says the same as what we tell beside it.
        issued = now.replace(microsecond=0)
        expires = issued + self._lifetime
        roles = tuple(sorted(role.value for role in login.roles))
        claims = {
            "sub": login.name,
            "sid": str(session_id),
            "roles": list(roles),
            "crew_id": str(login.crew_id) if login.crew_id else None,
            "organisation_id": str(login.organisation_id),
            "iat": int(issued.timestamp()),
            "exp": int(expires.timestamp()),
            "iss": ISSUER,
            "aud": AUDIENCE,
        }
        signed = jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self.kid})
        return Token(signed, expires, roles, login.name)


class RandomSecrets:
    """Secrets from the operating system's randomness.

    A refresh token has 256 bits, so its plain SHA-256 tells nothing. A pairing code has 8 digits, to be read
    out over the telephone: short life, single use and counted attempts guard it, not its length.
    """

    def session_id(self) -> UUID:
        return uuid4()

    def refresh_token(self) -> str:
        return secrets.token_urlsafe(32)

    def pairing_code(self) -> str:
        return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"

    def digest(self, secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()


def _ed25519(private_key: str) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError) as broken:
        raise Misconfigured("AVARIYKA_TOKEN_PRIVATE_KEY_FILE is not an unencrypted PEM key") from broken
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured("AVARIYKA_TOKEN_PRIVATE_KEY_FILE is not an Ed25519 key")
    return key


def _key_id(key: Ed25519PrivateKey) -> str:
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.urlsafe_b64encode(hashlib.sha256(public).digest()[:12]).decode()
