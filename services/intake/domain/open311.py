"""Open311 GeoReport v2: what may be reported, what a report says, and what of it the public sees."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.addresses import Address
from services.intake.domain.privacy import MASK
from services.intake.domain.requests import Request
from services.intake.domain.standing import FINISHED, Standing

COARSE_DEGREES = 0.005
"""The mesh on which a home is shown: about 550 x 400 m in Almaty."""
CLOSED = FINISHED | {"consulted"}
"""States after which nothing more will be done: finished, or answered without a crew."""
_PRIVATE = re.compile(r"\S+@\S+|https?://\S+|\S*\d\S*")


class Where(StrEnum):
    """What kind of place a service is about, for what the public may see of it."""

    HOME = "home"
    HOUSE = "house"
    STREET = "street"


class Datatype(StrEnum):
    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    SINGLE = "singlevaluelist"
    MULTI = "multivaluelist"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a service or an attribute is called in one language."""

    name: str
    description: str = ""
    keywords: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A further question of a service; ``values`` are names by key and language."""

    code: str
    datatype: Datatype
    wordings: Mapping[str, Wording]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def told(self, given: Sequence[str], language: str) -> str:
        """Question and answers in words, as they stand in the request."""
        names = [self.values[key][language] if key in self.values else key for key in given]
        return f"{self.wordings[language].name}: {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of trouble that may be reported."""

    code: str
    group: Mapping[str, str]
    where: Where
    wordings: Mapping[str, Wording]
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What Open311 adds to a request: its service, and who sent it.

    ``repeat_key`` is the same when the same is sent again; ``fingerprint`` digests what was sent.
    """

    request_id: UUID
    service_code: str
    key_id: UUID
    repeat_key: str
    fingerprint: str
    received_at: datetime
    description: str = ""
    media_url: str = ""
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A report with its registered request and journal's word on it, if it has spoken."""

    report: Report
    request: Request
    standing: Standing | None = None
    expected_at: datetime | None = None
    """When the outage on which it rides is expected to end."""

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    @property
    def state(self) -> str:
        return self.standing.state if self.standing is not None else self.request.state.value

    @property
    def updated_at(self) -> datetime:
        return self.standing.at if self.standing is not None else self.request.updated_at

    def is_home(self, service: Service | None) -> bool:
        """Whether the exact place would show whose dwelling it is. What we do not know is a home."""
        known = self.request.full_address
        in_flat = known is not None and known.flat is not None
        return in_flat or service is None or service.where is Where.HOME


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """Where a trouble is, as far as the public may know."""

    address_kk: str
    address_ru: str
    building_id: str | None
    lat: float
    lon: float

    def address_in(self, language: str) -> str:
        return self.address_kk if language == "kk" and self.address_kk else self.address_ru


def public_place(address: Address, is_home: bool) -> PublicPlace:
    """A home is shown by its street and by a coarse mesh; everything else exactly, without flat and floor."""
    if not is_home:
        return PublicPlace(address.text_kk, address.text, address.building_id, address.lat, address.lon)
    house = f", {address.house}" if address.house else ""
    return PublicPlace(
        address_kk=address.text_kk.removesuffix(house),
        address_ru=address.text.removesuffix(house),
        building_id=None,
        lat=round(round(address.lat / COARSE_DEGREES) * COARSE_DEGREES, 6),
        lon=round(round(address.lon / COARSE_DEGREES) * COARSE_DEGREES, 6),
    )


def masked(text: str) -> str:
    """Free text without numbers of any kind (telephones, flats, codes of doors), letters' addresses, links.

    A name written in it cannot be found reliably: so the text is given to its own sender only.
    """
    return _PRIVATE.sub(MASK, text)
