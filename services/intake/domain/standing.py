"""How far a request has come, as ``journal`` and its crew say; our copy for whoever asks about a number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

FINISHED = frozenset({"closed", "cancelled", "rejected"})
WORK_OVER = FINISHED | {"done", "consulted"}
_ON_SITE = frozenset({"in_work", "localised"})
_ON_THE_WAY = frozenset({"transferred", "acknowledged"})
_STAGES_TOLD = frozenset({"departed", "arrived"})


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a step of the work (``arrive``, ``localise``, ``complete``) is to be done; a norm as it was
    chosen it, never shown as law (rule 6.9)."""

    clock: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CrewReport:
    """The stage that the crew reported last; ``arrives_at`` as the crew expects it when it departs."""

    request_id: UUID
    stage: str
    at: datetime
    arrives_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The official state of one request (design §5) since ``at``; ``result`` is how the work ended.

    ``sequence`` grows with every change of the request's state: an older one is no news.
    """

    request_id: UUID
    state: str
    at: datetime
    sequence: int
    result: str | None = None
    overdue: bool = False
    category: str | None = None
    hazards: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    crew: CrewReport | None = None

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def is_work_over(self) -> bool:
        """Whether nobody will come any more."""
        return self.state in WORK_OVER

    @property
    def told_as(self) -> str:
        """What a resident is told, ``state.<told_as>``: the crew's way to the place has no official state."""
        crew = self._crew_on_the_way
        return crew.stage if crew is not None else self.state

    @property
    def arrives_at(self) -> datetime | None:
        """When the crew that is under way expects to arrive."""
        crew = self._crew_on_the_way
        return crew.arrives_at if crew is not None and crew.stage == "departed" else None

    @property
    def is_crew_on_site(self) -> bool:
        return self.state in _ON_SITE or self.told_as == "arrived"

    def next_deadline(self, now: datetime) -> Deadline | None:
        """The nearest deadline that has not passed."""
        ahead = [deadline for deadline in self.deadlines if deadline.due_at > now]
        return min(ahead, key=lambda deadline: deadline.due_at, default=None)

    @property
    def _crew_on_the_way(self) -> CrewReport | None:
        """The crew's report if it is news: a crew that was taken back is on its way no more."""
        crew = self.crew
        is_news = crew is not None and crew.at >= self.at and crew.stage in _STAGES_TOLD
        return crew if is_news and self.state in _ON_THE_WAY else None
