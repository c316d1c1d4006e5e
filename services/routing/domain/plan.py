"""Which waiting requests have a crew now: a pure planner that knows nothing of what runs it, or how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.domain.choice import recommend
from services.routing.domain.crews import Crew
from services.routing.domain.desk import Desk
from services.routing.domain.job import Job


@dataclass(frozen=True)
class Waiting:
    """A job without a crew, the organisation that answers for it and the crews already asked."""

    job: Job
    organisation_id: UUID
    asked: Mapping[UUID, datetime]


@dataclass(frozen=True)
class Pairing:
    """The planner's proposal; locks and the database decide whether it still holds."""

    request_id: UUID
    crew_id: UUID


def pair(waiting: Sequence[Waiting], crews: Sequence[Crew], desk: Desk, now: datetime) -> list[Pairing]:
    """Give each job in turn (``waiting`` is in order of urgency) its best crew; no crew twice."""
    free = {crew.crew_id: crew for crew in crews if crew.busy_with is None}
    pairings: list[Pairing] = []
    for entry in waiting:
        if not free:
            break
        own = [crew for crew in free.values() if crew.organisation_id == entry.organisation_id]
        found = recommend(entry.job, own, desk, now, entry.asked)
        if found.ranked:
            best = found.ranked[0].crew.crew_id
            del free[best]
            pairings.append(Pairing(entry.job.request_id, best))
    return pairings
