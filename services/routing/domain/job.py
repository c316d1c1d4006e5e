"""What to look for in a crew for a request, and by when it should be there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.needs import Need, Needs
from services.routing.domain.policy import Policy
from services.routing.domain.windows import Window, agreed
from services.routing.domain.words import OTHER, Category
from services.routing.errors import CaseIncomplete, NoCoordinates


@dataclass(frozen=True)
class Job:
    """What the choice of a crew looks at. ``system`` is the specialisation asked for, ``other``: any;
    ``people`` is how many must come at least, ``due_at`` by when they should be there; ``window`` is when the
    resident expects them, if that was agreed and nothing is in danger."""

    request_id: UUID
    category: Category
    system: str
    need: Need
    language: str
    lat: float
    lon: float
    place: str = ""
    hazards: tuple[str, ...] = ()
    people: int = 1
    due_at: datetime | None = None
    window: Window | None = None


def job_of(case: Case, needs: Needs, policy: Policy) -> Job:
    """What to look for in a crew; raises :class:`CaseIncomplete` while address or urgency is missing."""
    if case.category is None or case.address is None:
        raise CaseIncomplete
    if not case.has_place:
        raise NoCoordinates
    vague = has_low_confidence(case, policy)
    need = Need() if vague else needs.of(case.system or OTHER, case.fault or OTHER)
    place = case.place or ""
    danger = case.category is Category.EMERGENCY or case.hazards
    window = None if danger else agreed(case.address)
    return Job(
        request_id=case.request_id,
        category=case.category,
        system=OTHER if vague else case.system or OTHER,
        need=need,
        language=case.language or "",
        lat=float(case.address["lat"]),
        lon=float(case.address["lon"]),
        place=place,
        hazards=case.hazards,
        people=needs.confined.people if needs.confined.awaits(place, need) else 1,
        due_at=window.ends_at if window else due_at(case, policy),
        window=window,
    )


def has_low_confidence(case: Case, policy: Policy) -> bool:
    """Whether triage asks for a person and has recognised nothing to route by; a hazard is something."""
    unsure = case.system == OTHER or (case.confidence or 0.0) < policy.low_confidence_below
    return case.needs_person and unsure and not case.hazards


def due_at(case: Case, policy: Policy) -> datetime | None:
    """By when a crew should be there: the nearest of the journal's clocks, less the work that each of them
    includes; the policy's own norm while none runs. None before urgency and registration are known."""
    if case.category is None or case.registered_at is None:
        return None
    conduct, work = policy.conduct, policy.work_takes.get(case.category, timedelta())
    taken = {"arrive": timedelta(), "localise": conduct.localise_takes, "complete": work}
    known = [moment - taken[clock] for clock, moment in case.clocks.items() if clock in taken]
    norm = conduct.arrive_within.get(case.category)
    return min(known) if known else case.registered_at + norm if norm else None
