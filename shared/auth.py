"""Who is calling: access tokens are Ed25519-signed JWTs, issued by ``crews``, read by everyone offline."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.clock import Clock
from shared.errors import Unauthenticated
from shared.keyring import Keyring, read_keys

ALGORITHM = "EdDSA"
ISSUER = "avariyka/crews"
AUDIENCE = "avariyka"
_LEEWAY_S = 30


class TokenExpired(Unauthenticated):
    code = "token_expired"


class TokenInvalid(Unauthenticated):
    code = "token_invalid"


@dataclass(frozen=True)
class Actor:
    """The person or device behind a call, as its token says."""

    id: str
    roles: frozenset[str] = field(default_factory=frozenset)
    crew_id: str | None = None
    organisation_id: str | None = None
    session_id: str | None = None
    expires_at: datetime | None = field(default=None, compare=False)


class TokenReader:
    """Checks a bearer token against the public keys; knows nothing of passwords.

    The token's ``kid`` chooses the key; a token that names none is tried with each.
    """

    def __init__(self, keys: Keyring | str, clock: Clock) -> None:
        self.keys = Keyring(read_keys(keys)) if isinstance(keys, str) else keys
        self._clock = clock

    @classmethod
    def from_file(cls, path: str, clock: Clock) -> "TokenReader":
        return cls(Keyring.from_file(path), clock)

    def read(self, token: str) -> Actor:
        """The actor of a valid token; raises TokenExpired or TokenInvalid."""
        try:
            claims = self._claims(token)
            self._check_times(claims)
            return _actor(claims)
        except (jwt.PyJWTError, TypeError, ValueError) as broken:
            raise TokenInvalid from broken

    def _claims(self, token: str) -> Mapping[str, Any]:
        keys = self.keys.current(self._clock.now())
        named = jwt.get_unverified_header(token).get("kid")
        candidates = list(keys.values()) if named is None else [keys[named]] if named in keys else []
        for key in candidates:
            with suppress(jwt.InvalidSignatureError):
                return _decoded(token, key)
        raise TokenInvalid

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        if float(claims["exp"]) + _LEEWAY_S < now:
            raise TokenExpired
        if float(claims["iat"]) - _LEEWAY_S > now:
            raise TokenInvalid


def _decoded(token: str, key: Ed25519PublicKey) -> Mapping[str, Any]:
    claims: Mapping[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"require": ["sub", "exp", "iat"], "verify_exp": False, "verify_iat": False},
    )
    return claims


def _actor(claims: Mapping[str, Any]) -> Actor:
    return Actor(
        id=str(claims["sub"]),
        roles=frozenset(claims.get("roles", ())),
        crew_id=claims.get("crew_id"),
        organisation_id=claims.get("organisation_id"),
        session_id=claims.get("sid"),
        expires_at=datetime.fromtimestamp(float(claims["exp"]), UTC),
    )
