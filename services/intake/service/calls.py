"""Calls and the call-back queue, for operators."""

from services.intake.domain.privacy import Purpose
from services.intake.schemas import calls as shapes
from services.intake.service.base import OPERATORS, READERS, IntakePoints
from services.intake.usecases import callbacks
from services.intake.usecases.callbacks import CallFilter, Waiting
from services.intake.usecases.disclosure import Reader
from shared.http import Call, Reply, api


class CallPoints(IntakePoints):
    """What operators need beside the telephone itself."""

    @api(
        "GET",
        "/v1/callbacks",
        query=shapes.CallbackQuery,
        returns={200: shapes.CallbackList},
        roles=READERS,
        summary="Whom to call back: gas and lifts first, then who is overdue longest",
    )
    def list_callbacks(self, call: Call) -> Reply:
        found = callbacks.list_callbacks(self.wiring.uow(), call.query["states"], call.query["limit"])
        return Reply(200, {"callbacks": [self._callback(waiting, call) for waiting in found]})

    @api(
        "POST",
        "/v1/callbacks/<uuid:callback_id>/claim",
        returns={200: shapes.ClaimedShape},
        roles=OPERATORS,
        summary="Take a person to call; nobody else gets the number until you say how it went, or too late",
    )
    def claim_callback(self, call: Call) -> Reply:
        reader = Reader(call.actor.id, call.actor.roles, Purpose.CALL_BACK)
        id_, wiring = call.path["callback_id"], self.wiring
        return Reply(200, self._callback(callbacks.claim(wiring.uow(), id_, reader, wiring.patience), call))

    @api(
        "POST",
        "/v1/callbacks/<uuid:callback_id>/done",
        body=shapes.CallbackDone,
        returns={200: shapes.CallbackShape},
        roles=OPERATORS,
        summary="The person was reached",
    )
    def finish_callback(self, call: Call) -> Reply:
        id_ = call.path["callback_id"]
        waiting = callbacks.done(self.wiring.uow(), id_, call.actor.id, **call.body)
        return Reply(200, self._callback(waiting, call))

    @api(
        "POST",
        "/v1/callbacks/<uuid:callback_id>/no_answer",
        returns={200: shapes.CallbackShape},
        roles=OPERATORS,
        summary="Nobody took up our call; it is tried again later, a few times",
    )
    def miss_callback(self, call: Call) -> Reply:
        id_, wiring = call.path["callback_id"], self.wiring
        waiting = callbacks.no_answer(wiring.uow(), id_, call.actor.id, wiring.patience)
        return Reply(200, self._callback(waiting, call))

    @api(
        "GET",
        "/v1/calls",
        query=shapes.CallQuery,
        returns={200: shapes.CallList},
        roles=READERS,
        summary="Telephone calls, newest first: of a request, of a person, by outcome",
    )
    def list_calls(self, call: Call) -> Reply:
        found = callbacks.list_calls(self.wiring.uow(), CallFilter(**call.query))
        return Reply(200, {"calls": [shapes.call_card(one) for one in found]})

    @api(
        "GET",
        "/v1/calls/figures",
        query=shapes.FiguresQuery,
        returns={200: shapes.FiguresShape},
        roles=READERS,
        summary="How calls were answered, by default in the last day",
    )
    def show_figures(self, call: Call) -> Reply:
        figures = callbacks.figures(self.wiring.uow(), self.wiring.exchange.norms, call.query["since"])
        return Reply(200, shapes.figures_card(figures))

    @api(
        "POST",
        "/v1/calls/<string:call_id>/request",
        body=shapes.CallLink,
        returns={200: shapes.CallShape},
        roles=OPERATORS,
        summary="Say which request a call was about",
    )
    def link_call(self, call: Call) -> Reply:
        linked = callbacks.link_call(self.wiring.uow(), call.path["call_id"], call.body["request_id"])
        return Reply(200, shapes.call_card(linked))

    def _callback(self, waiting: Waiting, call: Call) -> shapes.Card:
        norms = self.wiring.exchange.norms
        norm = norms.find(waiting.callback.norm)
        told = shapes.norm_card(norm, norms.country, call.language) if norm is not None else None
        return shapes.callback_card(waiting, told, self.wiring.clock.now())
