"""Merging a request into an outage and splitting it off: intake owns outages and is asked."""

from functools import partial

from services.routing.schemas import answers, http
from services.routing.service.base import DISPATCHERS, RoutingPoints, log
from services.routing.usecases import views
from services.routing.usecases.ports import OutageMove
from shared.http import Call, Reply, api

_move = partial(
    api, "POST", body=http.OneOutage, returns={200: answers.Moved}, roles=DISPATCHERS, idempotent=True
)


class OutagePoints(RoutingPoints):
    """One crew for many requests, decided by a dispatcher."""

    @_move("/v1/requests/<uuid:request_id>/join", summary="It belongs to this outage: one crew for all")
    def join_outage(self, call: Call) -> Reply:
        return self._moved(call, "join")

    @_move("/v1/requests/<uuid:request_id>/split", summary="It is a trouble of its own")
    def split_off(self, call: Call) -> Reply:
        return self._moved(call, "split")

    def _moved(self, call: Call, move: str) -> Reply:
        request_id, outage_id = call.path["request_id"], call.body["outage_id"]
        wish = OutageMove(move, outage_id, request_id, call.actor.id, call.idempotency_key)
        outage = views.move_request(self.wiring.outages(self.intake), wish)
        log.info("request_moved", move=move, request_id=str(request_id), by=call.actor.id)
        return Reply(200, {**outage, "request_id": request_id})
