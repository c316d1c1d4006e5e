"""What a screen must be told: the things that changed, as they are now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.alarms import Alarm, alarms_of, audit_alarms
from services.routing.domain.board import Entry
from services.routing.domain.crews import Crew
from services.routing.usecases.ports import Work


@dataclass(frozen=True)
class Sight:
    """Requests with what is wrong with each, crews, and what the journal's audit finds."""

    requests: Mapping[UUID, tuple[Entry, list[Alarm]]]
    crews: Mapping[UUID, Crew]
    audit: list[Alarm]


def look_at(
    work: Work,
    request_ids: Collection[UUID],
    crew_ids: Collection[UUID],
    audit_silent_after: timedelta,
    started_at: datetime,
) -> Sight:
    """These requests and crews now; what is not on the board is left out."""
    with work:
        entries = work.board.entries(request_ids)
        crews = work.roster.crews(crew_ids)
        audit = work.audits.latest()
        now = work.now
    return Sight(
        {entry.case.request_id: (entry, alarms_of(entry, now)) for entry in entries},
        {crew.crew_id: crew for crew in crews},
        audit_alarms(audit, now, audit_silent_after, started_at),
    )
