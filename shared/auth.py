"""Who is calling: access tokens are Ed25519-signed JWTs, issued by ``crews``, read by everyone offline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt

from shared.clock import Clock
from shared.errors import Unauthenticated

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
    """Checks a bearer token against the public key; knows nothing of passwords."""

    def __init__(self, public_key: str, clock: Clock) -> None:
        self._key = public_key
        self._clock = clock

    @classmethod
    def from_file(cls, path: str, clock: Clock) -> "TokenReader":
        return cls(Path(path).read_text(encoding="ascii"), clock)

    def read(self, token: str) -> Actor:
        """The actor of a valid token; raises TokenExpired or TokenInvalid."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["sub", "exp", "iat"], "verify_exp": False, "verify_iat": False},
            )
            self._check_times(claims)
            return _actor(claims)
        except (jwt.PyJWTError, TypeError, ValueError) as broken:
            raise TokenInvalid from broken

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        if float(claims["exp"]) + _LEEWAY_S < now:
            raise TokenExpired
        if float(claims["iat"]) - _LEEWAY_S > now:
            raise TokenInvalid


def _actor(claims: Mapping[str, Any]) -> Actor:
    return Actor(
        id=str(claims["sub"]),
        roles=frozenset(claims.get("roles", ())),
        crew_id=claims.get("crew_id"),
        organisation_id=claims.get("organisation_id"),
        session_id=claims.get("sid"),
        expires_at=datetime.fromtimestamp(float(claims["exp"]), UTC),
    )
