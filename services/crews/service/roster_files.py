"""Rosters as iCalendar files and tables, out and in."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from werkzeug.wrappers import Response

from services.crews.domain.rosters import PlannedShift, Roster
from services.crews.schemas import rosters as shapes
from services.crews.schemas.roster_files import (
    Names,
    read_calendar,
    read_table,
    write_calendar,
    write_table,
)
from services.crews.service.base import EDITORS, READERS, official_of
from services.crews.service.rosters import ROSTER_BYTES, RosterPoints, version_of
from services.crews.usecases import rosters, staff
from shared.http import Call, Reply, api, raw

_read = partial(raw, "GET", roles=READERS)
_write = partial(api, "PUT", roles=EDITORS, returns={200: shapes.RosterShape}, max_body_bytes=ROSTER_BYTES)


class RosterFilePoints(RosterPoints):
    """The same rosters for calendars and spreadsheets."""

    @_read("/v1/rosters/<uuid:roster_id>/calendar.ics", summary="A roster as iCalendar")
    def show_roster_calendar(self, call: Call) -> Response:
        roster, names = self._roster_and_names(call)
        return _file(write_calendar(roster, names), "text/calendar; charset=utf-8", roster)

    @_read("/v1/rosters/<uuid:roster_id>/table.csv", summary="A roster as a table")
    def show_roster_table(self, call: Call) -> Response:
        roster, names = self._roster_and_names(call)
        return _file(write_table(roster, names).encode(), "text/csv; charset=utf-8", roster)

    @_write("/v1/rosters/<uuid:roster_id>/calendar.ics", summary="The shifts of a roster from iCalendar")
    def put_roster_calendar(self, call: Call) -> Reply:
        return self._put_file(call, read_calendar)

    @_write("/v1/rosters/<uuid:roster_id>/table.csv", summary="The shifts of a roster from a table")
    def put_roster_table(self, call: Call) -> Reply:
        return self._put_file(call, read_table)

    def _put_file(
        self, call: Call, read: Callable[[bytes, Roster, Names], tuple[PlannedShift, ...]]
    ) -> Reply:
        """The roster with the shifts of a file in place of its own, from the version in If-Match."""
        roster, names = self._roster_and_names(call)
        shifts = read(call.request.get_data(), roster, names)
        now = self.wiring.clock.now()
        wanted = replace(roster, shifts=shifts, changed_by=call.actor.id, changed_at=now)
        policy = self.wiring.policies.rosters
        judged = rosters.put_roster(self.wiring.uow(), official_of(call), wanted, version_of(call), policy)
        return self.show_judged(call, judged)

    def _roster_and_names(self, call: Call) -> tuple[Roster, Names]:
        policy = self.wiring.policies.rosters
        judged = rosters.show_roster(self.wiring.uow(), official_of(call), call.path["roster_id"], policy)
        everybody = staff.everybody(self.wiring.uow())
        return judged.roster, Names(everybody, judged.roster.organisation_id, policy.zone)


def _file(content: bytes, content_type: str, roster: Roster) -> Response:
    return Response(content, content_type=content_type, headers={"ETag": f'"{roster.version}"'})
