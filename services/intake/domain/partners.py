"""Partner services (112, 109, 104, a city's housing system): who they are, and how both sides sign."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from services.intake.errors import CardSignatureInvalid, PartnerUrlRefused

CLOCK_TOLERANCE_S = 300
"""A signature older or newer than this is refused: what was overheard cannot be sent again for long."""
_VERSION = "v1="
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Partner:
    """A service that exchanges cards with us. ``url`` is where our cards and news go, none if nowhere;
    ``their_key`` is the key that they gave us for it."""

    id: str
    name: str
    secret: str
    created_at: datetime
    url: str = ""
    their_key: str = ""
    retired_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.retired_at is None

    @property
    def listens(self) -> bool:
        return self.is_active and bool(self.url)


class Urgency(StrEnum):
    """How urgent the partner thinks it is; triage decides by the words for itself."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    PLANNED = "planned"
    UNKNOWN = "unknown"


class Danger(StrEnum):
    """What the partner's dispatcher ticked; passed on to triage in words."""

    GAS = "gas"
    PEOPLE_TRAPPED = "people_trapped"
    ELECTRIC_SHOCK = "electric_shock"
    FLOODING_LIVE = "flooding_live"
    HOT_WATER = "hot_water"
    COLLAPSE = "collapse"
    FROST_NO_HEAT = "frost_no_heat"
    OPEN_MANHOLE = "open_manhole"
    FIRE = "fire"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Casualties:
    """People counted by the partner's dispatcher."""

    injured: int = 0
    dead: int = 0
    trapped: int = 0


def new_secret() -> str:
    """What a partner and we sign with."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the time of signing (seconds since 1970) and the body as it is sent."""
    content = str(timestamp).encode() + b"." + body
    return _VERSION + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def check_signature(secret: str, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Raises CardSignatureInvalid unless the body was signed with this secret just now."""
    moment = int(timestamp) if timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 else 0
    is_fresh = abs(now.timestamp() - moment) <= CLOCK_TOLERANCE_S
    expected = sign(secret, moment, body)
    if not is_fresh or not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise CardSignatureInvalid


def checked_url(url: str, allow_http: bool) -> str:
    """The address of a partner as it may be stored; raises PartnerUrlRefused. Cards never bring one."""
    parts = urlsplit(url)
    schemes = {"https", "http"} if allow_http else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.fragment:
        raise PartnerUrlRefused
    return url
