"""A registered request as outages see it: its trouble, its place, and what it rides on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.addresses import Address
from services.intake.domain.registry import Point
from services.intake.domain.troubles import Level, Trouble


class HouseState(StrEnum):
    """One house inside an outage: ``presumed`` is by nearness or feed only, nobody there has confirmed."""

    OFF = "off"
    PRESUMED = "presumed"
    RESTORED = "restored"


class Part(StrEnum):
    """What a request is to its outage."""

    LEAD = "lead"
    MEMBER = "member"


class Left(StrEnum):
    """Why a request no longer rides on an outage."""

    RESIDENT = "resident"
    DISPATCHER = "dispatcher"
    HAZARD = "hazard"
    LEADS = "leads"
    CALLED_OFF = "called_off"
    FINISHED = "finished"
    SOLVED = "solved"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class House:
    """A house in the scope. No ``entrances`` and no ``flats`` means the whole of it."""

    key: str
    label: str
    lat: float
    lon: float
    label_kk: str = ""
    entrances: tuple[str, ...] = ()
    flats: tuple[str, ...] = ()
    state: HouseState = HouseState.OFF

    @property
    def point(self) -> Point:
        return (self.lat, self.lon)

    def contains(self, entrance: str | None, flat: str | None) -> bool:
        """Whether a place may lie in the part that is hit; what nobody said of a place may be anywhere."""
        in_entrance = not self.entrances or entrance is None or entrance in self.entrances
        return in_entrance and (not self.flats or flat is None or flat in self.flats)

    def widened(self, other: "House") -> "House":
        """The parts of both, of one house."""
        whole_entrances = not self.entrances or not other.entrances
        whole_flats = not self.flats or not other.flats
        confirmed = HouseState.OFF in (self.state, other.state)
        return replace(
            self,
            entrances=() if whole_entrances else _together(self.entrances, other.entrances),
            flats=() if whole_flats else _together(self.flats, other.flats),
            state=HouseState.OFF if confirmed else self.state,
        )


@dataclass(frozen=True, slots=True)
class Rider:
    """One request as outages see it: its trouble, its place, and on what it rides.

    ``house`` is empty where no house is known. ``hazards`` are the dangers in the resident's words and those
    that triage found. ``left_at``: it rode and was split off, it never joins by itself again.
    """

    request_id: UUID
    number: int
    contact_ref: UUID | None
    symptoms: tuple[str, ...]
    level: Level
    hazards: frozenset[str]
    only_ours: bool
    house: str
    label: str
    label_kk: str
    entrance: str | None
    flat: str | None
    lat: float
    lon: float
    at: datetime
    outage_id: UUID | None = None
    part: Part | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    left_because: Left | None = None
    ended_at: datetime | None = None

    @property
    def symptom(self) -> str:
        return self.symptoms[0] if self.symptoms else ""

    @property
    def rides(self) -> bool:
        return self.outage_id is not None and self.ended_at is None

    @property
    def is_member(self) -> bool:
        return self.rides and self.part is Part.MEMBER

    @property
    def may_join(self) -> bool:
        """Whether the machine may join it to anything: plain trouble at a known house, never split before."""
        plain = len(self.symptoms) == 1 and not self.hazards and bool(self.house)
        return plain and self.left_at is None and self.ended_at is None and self.outage_id is None

    @property
    def door(self) -> str:
        """Tells households apart: the flat if it is known, else whoever asks."""
        return f"{self.house}/{self.flat or self.contact_ref or self.request_id}"

    @property
    def point(self) -> Point:
        return (self.lat, self.lon)

    def at_house(self, level: Level, state: HouseState = HouseState.OFF) -> House:
        """Its house, narrowed to the part that ``level`` reaches."""
        return House(
            key=self.house,
            label=self.label,
            lat=self.lat,
            lon=self.lon,
            label_kk=self.label_kk,
            entrances=(self.entrance,) if level is not Level.HOUSE and self.entrance else (),
            flats=(self.flat,) if level is Level.FLAT and self.flat else (),
            state=state,
        )

    def is_repeat_of(self, earlier: "Rider", level: Level) -> bool:
        """Whether both are at one place at this level; a part that one did not name may be the same."""
        if earlier.house != self.house:
            return False
        if self.contact_ref is not None and self.contact_ref == earlier.contact_ref:
            return self.flat in (None, earlier.flat) or earlier.flat is None
        if level is Level.FLAT:
            return self.flat is not None and self.flat == earlier.flat
        if level is Level.ENTRANCE:
            return self.entrance is None or earlier.entrance in (None, self.entrance)
        return True

    def joined(self, outage_id: UUID, part: Part, now: datetime) -> "Rider":
        return replace(self, outage_id=outage_id, part=part, joined_at=now, ended_at=None)

    def left(self, because: Left, now: datetime) -> "Rider":
        """Alone again, for good: it is worked on by itself."""
        return replace(self, outage_id=None, part=None, left_at=now, left_because=because)

    def ended(self, because: Left, now: datetime) -> "Rider":
        """Its ride is over together with its outage, or it is finished itself; what it rode on is kept."""
        return replace(self, ended_at=now, left_because=because)


def rider_of(
    request_id: UUID, number: int, contact_ref: UUID | None, address: Address, trouble: Trouble, now: datetime
) -> Rider:
    """A registered request as outages see it."""
    return Rider(
        request_id=request_id,
        number=number,
        contact_ref=contact_ref,
        symptoms=trouble.symptoms,
        level=trouble.level,
        hazards=trouble.dangers,
        only_ours=trouble.only_ours,
        house=house_key(address),
        label=address.text,
        label_kk=address.text_kk,
        entrance=address.entrance,
        flat=address.flat,
        lat=address.lat,
        lon=address.lon,
        at=now,
    )


def house_key(address: Address) -> str:
    """What tells houses apart, also those that no registry has; empty where no house is known."""
    if address.building_id is not None:
        return address.building_id
    return f"{address.street}|{address.house}".lower() if address.house and address.street else ""


def _together(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other}))
