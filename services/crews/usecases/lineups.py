"""Who is on duty as which crew, by the published rosters."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from services.crews.domain.rosters import PlannedShift
from services.crews.usecases.ports import UnitOfWork

_INSTANT = timedelta(microseconds=1)


def lineups_at(uow: UnitOfWork, moment: datetime) -> Mapping[UUID, PlannedShift]:
    """The shift of each crew that is on duty at a moment."""
    found = uow.rosters.published(moment, moment + _INSTANT)
    return {duty.shift.crew_id: duty.shift for duty in found if duty.shift.crew_id is not None}
