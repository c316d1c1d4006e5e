"""Who is called for what, in which order (M-1.1): kept here, used by whoever does the calling.

No telephone numbers: they live where messages are sent from. A step names a person, a crew, a whole
organisation (101, 112, the akimat), or a post, which is whoever is on duty at it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.crews.domain.rosters import PlannedShift
from services.crews.errors import BadMasterData

if TYPE_CHECKING:
    from services.crews.domain.people import Staff


@dataclass(frozen=True)
class OnCallStep:
    """Whom to call at this place of the list, and how many minutes to wait for an answer before the next."""

    wait_min: int
    person_id: UUID | None = None
    crew_id: UUID | None = None
    organisation_id: UUID | None = None
    post: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        named = (self.person_id, self.crew_id, self.organisation_id, self.post)
        if sum(one is not None for one in named) != 1:
            raise BadMasterData("a step of an on-call list names one person, crew, organisation or post")


@dataclass(frozen=True)
class OnCallList:
    """Whom to call for some purposes (kinds of event, such as ``gas`` or ``lift_trapped``), in order."""

    id: UUID
    organisation_id: UUID
    name: str
    purposes: tuple[str, ...]
    steps: tuple[OnCallStep, ...]
    active: bool = True


@dataclass(frozen=True)
class Call:
    """A step with the people it means now. Nobody ``available`` (all away, nobody at the post): go on to the
    next at once. An organisation is always available: who answers there is its own business."""

    list_id: UUID
    step: OnCallStep
    people: tuple[UUID, ...]
    available: bool


def calls_for(
    purpose: str, lists: Iterable[OnCallList], staff: "Staff", duty: Iterable[PlannedShift], now: datetime
) -> list[Call]:
    """Whom to call now for a purpose, list by list in the order of their names, step by step."""
    shifts = [shift for shift in duty if shift.runs_at(now)]
    wanted = [each for each in lists if each.active and purpose in each.purposes]
    return [
        _call(each, step, staff, shifts, now)
        for each in sorted(wanted, key=lambda each: (each.name.casefold(), each.id))
        for step in each.steps
    ]


def check_steps(each: OnCallList, known: Mapping[str, Iterable[UUID]]) -> None:
    """Raises BadMasterData for a step that names what nobody knows; ``known`` holds ids by a step's field."""
    for step in each.steps:
        for name, ids in known.items():
            if getattr(step, name) is not None and getattr(step, name) not in ids:
                raise BadMasterData(f"on-call list {each.id}: unknown {name}", id=each.id)


def _call(
    each: OnCallList, step: OnCallStep, staff: "Staff", duty: list[PlannedShift], now: datetime
) -> Call:
    people = staff.present(_meant(step, staff, duty), now)
    return Call(each.id, step, people, bool(people) or step.organisation_id is not None)


def _meant(step: OnCallStep, staff: "Staff", duty: list[PlannedShift]) -> tuple[UUID, ...]:
    if step.person_id is not None:
        return (step.person_id,)
    if step.crew_id is not None:
        planned = [shift.people for shift in duty if shift.crew_id == step.crew_id]
        return planned[0] if planned else staff.crews[step.crew_id].members
    at_post = (
        id_ for shift in duty if step.post is not None and shift.post == step.post for id_ in shift.people
    )
    return tuple(dict.fromkeys(at_post))
