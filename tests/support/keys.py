"""A key pair for tests and tokens signed with it, as ``crews`` would."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.auth import ALGORITHM, AUDIENCE, ISSUER
from shared.clock import SystemClock


@dataclass(frozen=True)
class KeyPair:
    private_pem: str
    public_pem: str


@cache
def key_pair() -> KeyPair:
    private = Ed25519PrivateKey.generate()
    return KeyPair(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


def token(
    actor_id: str = "dispatcher-1",
    roles: tuple[str, ...] = ("dispatcher",),
    crew_id: str | None = None,
    organisation_id: str | None = None,
    expires_in: timedelta = timedelta(hours=12),
) -> str:
    """A bearer token of the test key; some are made before the first test and used in the last."""
    now = SystemClock().now()
    claims = {
        "sub": actor_id,
        "roles": list(roles),
        "crew_id": crew_id,
        "organisation_id": organisation_id,
        "iat": int(now.timestamp()),
        "exp": int((now + expires_in).timestamp()),
        "iss": ISSUER,
        "aud": AUDIENCE,
    }
    return jwt.encode(claims, key_pair().private_pem, algorithm=ALGORITHM)
