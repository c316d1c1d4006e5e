"""Duty rosters: written, judged, agreed, published; who is on duty; a crew's own duty."""

from datetime import timedelta
from functools import partial
from typing import Any

from services.crews.domain.roster_rules import Objection
from services.crews.errors import RosterRefused, VersionRequired
from services.crews.schemas import rosters as shapes
from services.crews.service.base import (
    CREWS,
    EDITORS,
    READERS,
    CrewPoints,
    based_on,
    crew_id_of,
    official_of,
)
from services.crews.usecases import rosters, staff
from services.crews.usecases.rosters import JudgedRoster
from shared.encoding import plain
from shared.http import Call, Reply, api

ROSTER_BYTES = 1024 * 1024
_AHEAD = timedelta(days=14)
_move = partial(api, "POST", roles=EDITORS, returns={200: shapes.RosterShape})
_read = partial(api, "GET", roles=READERS)


class RosterPoints(CrewPoints):
    """Rosters of dispatchers and crews (M-1.2-U7), schedules agreed with contractors (M-1.2-U9)."""

    @_read(
        "/v1/rosters",
        query=shapes.PeriodQuery,
        returns={200: shapes.Rosters},
        summary="Rosters with a day in a period",
    )
    def list_rosters(self, call: Call) -> Reply:
        found = rosters.list_rosters(self.wiring.uow(), official_of(call), **call.query)
        return Reply(200, {"rosters": [shapes.summary(roster) for roster in found]})

    @_read(
        "/v1/rosters/<uuid:roster_id>",
        returns={200: shapes.RosterShape},
        summary="A roster with what is wrong with it; its version is in the ETag",
    )
    def show_roster(self, call: Call) -> Reply:
        policy = self.wiring.policies.rosters
        judged = rosters.show_roster(self.wiring.uow(), official_of(call), call.path["roster_id"], policy)
        return self.show_judged(call, judged)

    @api(
        "PUT",
        "/v1/rosters/<uuid:roster_id>",
        roles=EDITORS,
        body=shapes.RosterBody,
        returns={200: shapes.RosterShape},
        max_body_bytes=ROSTER_BYTES,
        summary="Write a roster down, or change it from the version in If-Match: a draft with its objections",
    )
    def put_roster(self, call: Call) -> Reply:
        official = official_of(call)
        wanted = shapes.roster(call.path["roster_id"], call.body, official.id, self.wiring.clock.now())
        policy = self.wiring.policies.rosters
        judged = rosters.put_roster(self.wiring.uow(), official, wanted, version_of(call), policy)
        return self.show_judged(call, judged)

    @_move("/v1/rosters/<uuid:roster_id>/propose", summary="Propose a contractor's schedule")
    def propose_roster(self, call: Call) -> Reply:
        return self._moved(call, rosters.propose_roster)

    @_move("/v1/rosters/<uuid:roster_id>/agree", summary="Agree to a proposed schedule, which publishes it")
    def agree_roster(self, call: Call) -> Reply:
        return self._moved(call, rosters.agree_roster)

    @_move("/v1/rosters/<uuid:roster_id>/publish", summary="Let a roster count")
    def publish_roster(self, call: Call) -> Reply:
        return self._moved(call, rosters.publish_roster)

    @_read(
        "/v1/rosters/<uuid:roster_id>/history",
        returns={200: shapes.RosterHistory},
        summary="Who changed, proposed, agreed and published what",
    )
    def show_roster_history(self, call: Call) -> Reply:
        acts = rosters.show_history(self.wiring.uow(), official_of(call), call.path["roster_id"])
        return Reply(200, {"acts": acts})

    @_read(
        "/v1/duty",
        query=shapes.DutyQuery,
        returns={200: shapes.DutyShifts},
        summary="Who is on duty",
    )
    def list_duty(self, call: Call) -> Reply:
        since = call.query["since"] or self.wiring.clock.now()
        until = call.query["until"] or since + timedelta(microseconds=1)
        found = rosters.who_is_on_duty(self.wiring.uow(), official_of(call), since, until)
        return Reply(200, {"shifts": [shapes.duty(duty) for duty in found]})

    @api(
        "GET",
        "/v1/me/duty",
        roles=CREWS,
        returns={200: shapes.DutyShifts},
        summary="The crew's planned shifts, the running one first, two weeks ahead",
    )
    def list_own_duty(self, call: Call) -> Reply:
        now = self.wiring.clock.now()
        found = rosters.duty_of_crew(self.wiring.uow(), crew_id_of(call), now, now + _AHEAD)
        return Reply(200, {"shifts": [shapes.duty(duty) for duty in found]})

    @api(
        "POST",
        "/v1/me/duty/<uuid:shift_id>/confirm",
        roles=CREWS,
        returns={200: shapes.DutyShiftShape},
        summary="The crew confirms a planned shift",
    )
    def confirm_duty(self, call: Call) -> Reply:
        duty = rosters.confirm_duty(self.wiring.uow(), crew_id_of(call), call.path["shift_id"], call.actor.id)
        return Reply(200, shapes.duty(duty))

    def _moved(self, call: Call, move: Any) -> Reply:
        version = version_of(call)
        if version is None:
            raise VersionRequired
        policy = self.wiring.policies.rosters
        try:
            judged = move(self.wiring.uow(), official_of(call), call.path["roster_id"], version, policy)
        except RosterRefused as refused:
            raise RosterRefused(objections=plain(self._refusing(call))) from refused
        self.wiring.turn_shifts()
        return self.show_judged(call, judged)

    def _refusing(self, call: Call) -> list[dict[str, Any]]:
        """What keeps a roster from counting, in the caller's words."""
        policy = self.wiring.policies.rosters
        judged = rosters.show_roster(self.wiring.uow(), official_of(call), call.path["roster_id"], policy)
        return [one for one in self._objections_in_words(call, judged) if one["refuses"]]

    def show_judged(self, call: Call, judged: JudgedRoster) -> Reply:
        """A roster with its objections in the caller's words."""
        roster = judged.roster
        shown = {
            **shapes.summary(roster),
            "objections": self._objections_in_words(call, judged),
            "hours": shapes.hours(roster, self.wiring.policies.rosters),
        }
        return Reply(200, shown, {"ETag": f'"{roster.version}"'})

    def _objections_in_words(self, call: Call, judged: JudgedRoster) -> list[dict[str, Any]]:
        if not judged.objections:
            return []
        words = shapes.Words(staff.everybody(self.wiring.uow()), judged.roster, self.wiring.policies.zone)
        return [self._objection_in_words(call, objection, words) for objection in judged.objections]

    def _objection_in_words(self, call: Call, objection: Objection, words: shapes.Words) -> dict[str, Any]:
        key = f"roster.{objection.reason.value}"
        text = self.wiring.catalog.text(call.language, key, **words.figures(objection))
        said = f"{words.when(objection)}{text}"
        return {**vars(objection), "refuses": objection.refuses, "text": said}


def version_of(call: Call) -> int | None:
    """The version of a roster that a change was made from; nonsense is a version that never was."""
    given = based_on(call)
    if given is None:
        return None
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
