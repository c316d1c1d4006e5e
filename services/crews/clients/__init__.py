"""Adapters to what lies outside: password hashing and token signing libraries.

They have no Null twins on purpose: a login without a real hash or a real signature must not exist.
"""

import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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
from shared.keyring import key_id, read_keys, write_pem
from shared.logs import get_logger

Run = Callable[..., Any]
_CODE_DIGITS = 8
_LOOK_EVERY = timedelta(seconds=5)
_log = get_logger(__name__)


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
    """Signs access tokens with the private key of the suite; ``kid`` names the key.

    A changed key file is read again at most every five seconds: the key changes without a restart.
    """

    def __init__(self, private_key: str, lifetime: timedelta, path: Path | None = None) -> None:
        if not timedelta(0) < lifetime <= LONGEST_TOKEN:
            raise Misconfigured("token_ttl_s must be more than 0 and at most 43200 (12 hours)")
        self._lifetime = lifetime
        self._path = path
        self._text, self._looked_at = private_key, datetime.min.replace(tzinfo=UTC)
        self._use(private_key)

    @classmethod
    def from_file(cls, path: str, lifetime: timedelta) -> "Ed25519Tokens":
        return cls(_read_private(Path(path)), lifetime, Path(path))

    def _use(self, private_key: str) -> None:
        self._key = _ed25519(private_key)
        self.kid = key_id(self._key.public_key())

    def _look(self, now: datetime) -> None:
        """Take a changed key; one that cannot be read leaves the old one in use, and is logged."""
        if self._path is None or now - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        try:
            text = _read_private(self._path)
            if text != self._text:
                self._use(text)
                self._text = text
                _log.info("signing_key_changed", kid=self.kid)
        except Misconfigured as broken:
            _log.error("signing_key_unreadable", reason=str(broken))

    def issue(self, login: Login, now: datetime, session_id: UUID) -> Token:
        self._look(now)
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


class KeyFiles:
    """The key files of the suite, changed in three steps that any number of machines can keep up with."""

    def __init__(self, private: Path, public: Path) -> None:
        self._private, self._public = private, public
        self._next = private.with_name(f"{private.name}.next")

    def prepare(self) -> str:
        """Make the next signing key and add its public part to the public file; returns its name.

        The public file is to reach every service before the next step.
        """
        if not self._next.exists():
            key = Ed25519PrivateKey.generate()
            text = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            _replace(self._next, text.decode())
        coming = _ed25519(_read_private(self._next)).public_key()
        known = read_keys(self._public.read_text(encoding="ascii"))
        _replace(self._public, write_pem({key_id(coming): coming, **known}.values()))
        return key_id(coming)

    def switch(self) -> str:
        """Sign with the prepared key from now on; returns its name."""
        name = key_id(_ed25519(_read_private(self._next)).public_key())
        self._next.replace(self._private)
        return name

    def retire(self) -> str:
        """Believe no other key than the one that signs; returns its name. Not before the last token ended."""
        signing = _ed25519(_read_private(self._private)).public_key()
        _replace(self._public, write_pem([signing]))
        return key_id(signing)


def _replace(path: Path, text: str) -> None:
    """Put a file in place in one step, readable as the one before it, or by its owner only."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read_private(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Misconfigured(f"AVARIYKA_TOKEN_PRIVATE_KEY_FILE: cannot read {path}") from unreadable


def _ed25519(private_key: str) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError) as broken:
        raise Misconfigured("AVARIYKA_TOKEN_PRIVATE_KEY_FILE is not an unencrypted PEM key") from broken
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured("AVARIYKA_TOKEN_PRIVATE_KEY_FILE is not an Ed25519 key")
    return key
