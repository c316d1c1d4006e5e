"""A crew's shift and where it is."""

from services.crews.schemas import duty as shapes
from services.crews.service.base import CREWS, CrewPoints, crew_id_of
from services.crews.usecases import duty
from shared.http import Call, Reply, api


class DutyPoints(CrewPoints):
    """What a crew tells of itself."""

    @api(
        "PUT",
        "/v1/me/shift",
        body=shapes.NewShift,
        returns={200: shapes.ShiftShape},
        roles=CREWS,
        summary="Come on shift or leave it",
    )
    def put_shift(self, call: Call) -> Reply:
        longest = self.wiring.policies.longest_shift
        shift = duty.change_shift(self.wiring.uow(), crew_id_of(call), call.body, longest)
        return Reply(200, shapes.shift(shift))

    @api(
        "GET",
        "/v1/me/people",
        returns={200: shapes.Mates},
        roles=CREWS,
        summary="Who is in the crew now: of its shift by the roster, else its usual members",
    )
    def list_own_people(self, call: Call) -> Reply:
        return Reply(200, {"people": duty.people_now(self.wiring.uow(), crew_id_of(call))})

    @api(
        "PUT",
        "/v1/me/position",
        body=shapes.NewPosition,
        returns={200: shapes.PositionNoted},
        roles=CREWS,
        summary="Tell where the crew is",
    )
    def put_position(self, call: Call) -> Reply:
        position = shapes.position(call.body, self.wiring.clock.now())
        thinning = self.wiring.policies.tracking.thinning
        told = duty.note_position(self.wiring.uow(), crew_id_of(call), position, thinning)
        return Reply(200, {"told": told})

    @api(
        "POST",
        "/v1/me/positions",
        body=shapes.NewPositions,
        returns={202: shapes.PositionsTaken},
        roles=CREWS,
        summary="Tell where the crew was since the last batch; cheap enough for every five seconds",
    )
    def take_positions(self, call: Call) -> Reply:
        found = shapes.fixes(call.body, self.wiring.clock.now())
        self.wiring.tracker.note(crew_id_of(call), found)
        return Reply(202, {"taken": len(found)})
