"""Messages that a flood of strangers held back, for operators."""

from services.intake.schemas import held as shapes
from services.intake.service.base import OPERATORS, READERS, IntakePoints
from services.intake.usecases import held
from shared.http import Call, Reply, api


class HeldPoints(IntakePoints):
    """Nobody's messages: look, take up, put aside."""

    @api(
        "GET",
        "/v1/held-messages",
        query=shapes.HeldQuery,
        returns={200: shapes.HeldList},
        roles=READERS,
        summary="Messages of strangers held back in a flood and not yet looked at, the oldest first",
    )
    def list_held(self, call: Call) -> Reply:
        found = held.list_held(self.wiring.uow(), call.query["limit"])
        return Reply(200, {"messages": [shapes.held_card(one) for one in found]})

    @api(
        "POST",
        "/v1/held-messages/<string:message_id>/request",
        returns={200: shapes.TakenUp},
        roles=OPERATORS,
        summary="Make a draft of it, or add it to what its sender wrote since",
    )
    def take_up_held(self, call: Call) -> Reply:
        wiring = self.wiring
        request = held.take_up(wiring.uow(), wiring.listener, call.path["message_id"])
        return Reply(200, {"request_id": request.id})

    @api(
        "POST",
        "/v1/held-messages/<string:message_id>/put-aside",
        roles=OPERATORS,
        returns={204: None},
        summary="Nothing is to be done about it; it stays on record",
    )
    def put_held_aside(self, call: Call) -> Reply:
        held.put_aside(self.wiring.uow(), call.path["message_id"])
        return Reply(204)
