"""A small city to route in: two organisations, some crews, one burst pipe."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import yaml
from shapely import box
from shapely.geometry import mapping

from services.routing.domain.assignment import Assignment, State
from services.routing.domain.case import Case, Classification, Registration, classify, register
from services.routing.domain.competence import EVERYWHERE, Competence, Matrix, Question
from services.routing.domain.crews import Crew, Position, Profile, Shift
from services.routing.domain.desk import Desk
from services.routing.domain.drawing import read_zone
from services.routing.domain.grades import GradeMatrix, read_matrix
from services.routing.domain.hours import Hours
from services.routing.domain.job import Job
from services.routing.domain.needs import Need, Needs, read_needs
from services.routing.domain.networks import Networks, read_networks
from services.routing.domain.organisations import Organisation
from services.routing.domain.policy import Policy
from services.routing.domain.transfer import Transfer
from services.routing.domain.travel import StraightLine
from services.routing.domain.words import Category, Channel
from services.routing.domain.zones import Zone, Zones
from shared.config import ROOT

ROOM = ROOT / "services" / "routing"
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
ALMATY = ZoneInfo("Asia/Almaty")
LAT, LON = 43.24, 76.92


def uid(name: str) -> UUID:
    """The same id for the same name in every run."""
    return uuid5(UUID(int=0), name)


DISPATCH, WATERWORKS, GAS = uid("dispatch"), uid("waterworks"), uid("gas-104")


@cache
def settings() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOM / "config.yml").read_text(encoding="utf-8"))
    return loaded


@cache
def policy() -> Policy:
    return Policy.read(settings())


@cache
def grades() -> GradeMatrix:
    return read_matrix(yaml.safe_load((ROOM / "data" / "grades.yml").read_text(encoding="utf-8")))


@cache
def needs() -> Needs:
    return read_needs(yaml.safe_load((ROOM / "data" / "needs.yml").read_text(encoding="utf-8")))


@cache
def networks() -> Networks:
    return read_networks(yaml.safe_load((ROOM / "data" / "networks.yml").read_text(encoding="utf-8")))


def square(name: str, lat: float, lon: float, half_side: float) -> Zone:
    shape = box(lon - half_side, lat - half_side, lon + half_side, lat + half_side)
    return read_zone(name, mapping(shape))


def competence(
    organisation: UUID, system: str, zone: str | None = EVERYWHERE, hours: str = "24/7", **narrower: Any
) -> Competence:
    return Competence(organisation, system, zone, Hours.read(hours), **narrower)


def question(
    system: str = "water", lat: float | None = LAT, lon: float | None = LON, **facts: Any
) -> Question:
    return Question(system, lat, lon, **facts)


def matrix(*competences: Competence, zones: tuple[Zone, ...] = ()) -> Matrix:
    entries = competences or (
        competence(DISPATCH, "water"),
        competence(DISPATCH, "sewer"),
        competence(DISPATCH, "lift"),
        competence(DISPATCH, "other"),
        competence(GAS, "gas"),
    )
    return Matrix(Zones(zones), entries, ALMATY)


def desk(**changes: Any) -> Desk:
    whole = Desk(matrix(), grades(), needs(), StraightLine(speed_kmh=25), policy(), networks())
    return replace(whole, **changes)


def crew(name: str = "crew-7", **changes: Any) -> Crew:
    """A good all-round crew on shift, 1 km or so from the burst pipe."""
    whole = Crew(
        crew_id=uid(name),
        organisation_id=DISPATCH,
        name=name,
        specialisations=frozenset({"water", "sewer"}),
        grades=(5, 3),
        leader_grade=5,
        equipment=frozenset({"pump", "welder"}),
        languages=frozenset({"ru", "kk"}),
        base=Position(LAT + 0.01, LON),
        on_shift=True,
        shift_starts_at=NOW - timedelta(hours=4),
        shift_ends_at=NOW + timedelta(hours=8),
    )
    return replace(whole, **changes)


def job(**changes: Any) -> Job:
    whole = Job(uid("request"), Category.EMERGENCY, "water", Need(), "ru", LAT, LON)
    return replace(whole, **changes)


def address(lat: float = LAT, lon: float = LON) -> dict[str, Any]:
    return {
        "text": "ул. Абая, 12",
        "building_id": "osm-w45612345",
        "street": "улица Абая",
        "house": "12",
        "entrance": "2",
        "floor": None,
        "flat": "14",
        "district": "almaly",
        "lat": lat,
        "lon": lon,
        "precision": "building",
    }


def registration(request_id: UUID, **changes: Any) -> Registration:
    whole = Registration(request_id, "1042", "ru", "Прорвало трубу, топит подвал", address(), NOW)
    return replace(whole, **changes)


def classification(request_id: UUID, **changes: Any) -> Classification:
    whole = Classification(
        request_id=request_id,
        category=Category.EMERGENCY,
        priority="P1",
        system="water",
        fault="pipe_burst",
        place="basement",
        hazards=(),
        confidence=0.95,
        needs_person=False,
        decided_at=NOW + timedelta(milliseconds=300),
    )
    return replace(whole, **changes)


def case(name: str = "request", **changes: Any) -> Case:
    """A registered and classified request."""
    request_id = uid(name)
    whole = classify(register(Case(request_id), registration(request_id)), classification(request_id))
    return replace(whole, **changes)


def profile(organisation: UUID = DISPATCH, **changes: Any) -> Profile:
    """Master data of a good all-round crew."""
    whole = Profile(
        organisation_id=organisation,
        name="Crew 7",
        specialisations=["sewer", "water"],
        grades=[5, 3],
        leader_grade=5,
        equipment=["pump", "welder"],
        languages=["kk", "ru"],
        base=Position(LAT + 0.01, LON),
        active=True,
    )
    return replace(whole, **changes)


ON_SHIFT = Shift(True, NOW - timedelta(hours=4), NOW + timedelta(hours=8))
DISPATCH_SERVICE = Organisation(DISPATCH, "Аварийная служба Алмалы", "dispatch")
GAS_SERVICE = Organisation(GAS, "Газовая служба 104", "gas")


def assignment(name: str = "assignment", **changes: Any) -> Assignment:
    """An offer of the burst pipe to crew 7."""
    whole = Assignment(
        assignment_id=uid(name),
        request_id=uid("request"),
        crew_id=uid("crew-7"),
        organisation_id=DISPATCH,
        attempt=1,
        state=State.OFFERED,
        offered_at=NOW,
        respond_by=NOW + timedelta(minutes=2),
        eta_minutes=9,
        distance_m=3120,
        method="straight_line",
        by="system",
    )
    return replace(whole, **changes)


def transfer(name: str = "transfer", **changes: Any) -> Transfer:
    """The burst pipe handed over to the dispatch service."""
    values: dict[str, Any] = {
        "transfer_id": uid(name),
        "request_id": uid("request"),
        "organisation_id": DISPATCH,
        "unit": DISPATCH_SERVICE.name,
        "channel": Channel.SYSTEM,
        "transferred_at": NOW,
        "acknowledge_by": NOW + timedelta(minutes=3),
    }
    return Transfer(**{**values, **changes})
