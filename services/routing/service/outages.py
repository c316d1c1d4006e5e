"""Merging a request into an outage and splitting it off: intake owns outages and is asked."""

from functools import partial

from services.routing.schemas import answers, http
from services.routing.schemas import outages as shapes
from services.routing.service.base import DISPATCHERS, RoutingPoints, log, read
from services.routing.usecases import events as following
from services.routing.usecases import views
from services.routing.usecases.ports import OutageMove
from shared.bus import on
from shared.envelope import Event
from shared.http import Call, Reply, api

_move = partial(
    api, "POST", body=http.OneOutage, returns={200: answers.Moved}, roles=DISPATCHERS, idempotent=True
)


class OutagePoints(RoutingPoints):
    """One crew for many requests, decided by a dispatcher; what intake tells of outages and deliveries."""

    @on("intake", "outage.changed")
    def on_intake_outage_changed(self, event: Event) -> None:
        told = shapes.OutageChanged().load(event.data)
        following.note_outage(self.wiring.uow(event, "note_outage"), told)

    @on("intake", "delivery.changed")
    def on_intake_delivery_changed(self, event: Event) -> None:
        told = shapes.undelivered(shapes.DeliveryChanged().load(event.data), event.sequence)
        following.note_delivery(self.wiring.uow(event, "note_delivery"), told)

    @read("/v1/outages", returns={200: shapes.Outages}, summary="Outages that are not over, the latest first")
    def list_outages(self, call: Call) -> Reply:  # noqa: ARG002
        return Reply(200, shapes.outages(views.list_outages(self.wiring.uow())))

    @api(
        "POST",
        "/v1/deliveries/<uuid:delivery_id>/retry",
        returns={200: shapes.Retried},
        roles=DISPATCHERS,
        summary="Have a partner told again what it could not be told",
    )
    def retry_delivery(self, call: Call) -> Reply:
        delivery_id = call.path["delivery_id"]
        state = views.retry_delivery(self.wiring.intake(self.intake), delivery_id)
        log.info("delivery_retried", delivery_id=str(delivery_id), by=call.actor.id)
        return Reply(200, {"delivery_id": delivery_id, "state": state})

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
