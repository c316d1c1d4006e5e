"""Calls to residents whom no message has reached, for operators."""

from services.notify.domain.untold import CallState
from services.notify.schemas.untold import CallEnd, CallListShape, CallQuery, CallShape, call_card
from services.notify.service.base import NotifyBase
from services.notify.usecases import untold
from shared.http import Call, Reply, api
from shared.logs import get_logger

_READERS = frozenset({"operator", "dispatcher", "senior_dispatcher", "master", "administrator"})
_CALLERS = frozenset({"operator", "dispatcher", "senior_dispatcher"})
_ONE = "/v1/calls-to-make/<uuid:call_id>"
_log = get_logger(__name__)


class CallToMakePoints(NotifyBase):
    """Who must be called, and how it went."""

    @api(
        "GET",
        "/v1/calls-to-make",
        query=CallQuery,
        returns={200: CallListShape},
        roles=_READERS,
        summary="Whom no message has reached: advice first, then emergencies, then who waits longest",
    )
    def list_calls_to_make(self, call: Call) -> Reply:
        found = untold.list_calls(self.wiring.uow(), call.query["limit"])
        return Reply(200, {"calls": [call_card(one) for one in found]})

    @api(
        "POST",
        f"{_ONE}/take",
        returns={200: CallShape},
        roles=_CALLERS,
        summary="Take a call: you get the number, nobody else does for ten minutes",
    )
    def take_call_to_make(self, call: Call) -> Reply:
        taken = untold.take_call(self.wiring.uow(), call.path["call_id"], call.actor.id)
        _log.info("number_shown", call_id=str(taken.call.id), by=call.actor.id, why="call_to_make")
        return Reply(200, call_card(taken, call.actor.id))

    @api(
        "POST",
        f"{_ONE}/result",
        body=CallEnd,
        returns={200: CallShape},
        roles=_CALLERS,
        summary="How the call went; nobody answered: it is tried again later, three times in all",
    )
    def end_call_to_make(self, call: Call) -> Reply:
        ended = untold.end_call(self.wiring.uow(), call.path["call_id"], call.actor.id, **call.body)
        if ended.call.state is CallState.UNREACHED:
            _log.warning("resident_unreached", call_id=str(ended.call.id))
        return Reply(200, call_card(ended))
