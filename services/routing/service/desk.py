"""What dispatchers command about one request."""

from services.routing.schemas import answers, http
from services.routing.service.base import DISPATCHERS, RoutingPoints, command, log, order_of
from services.routing.usecases import dispatch, views
from shared.http import Call, Reply, api


class DeskPoints(RoutingPoints):
    """Commands; each names the version it was decided from."""

    @command("/v1/requests/<uuid:request_id>/assign", body=http.Assign, summary="Send this crew")
    def assign_crew(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, dispatch.assign_crew(self.wiring.uow(), self.wiring.desk, order, **wish))

    @command(
        "/v1/requests/<uuid:request_id>/withdraw", body=http.Withdraw, summary="Take it back from its crew"
    )
    def withdraw_crew(self, call: Call) -> Reply:
        order, wish = order_of(call)
        entry = dispatch.withdraw_crew(self.wiring.uow(), self.wiring.desk, order, **wish)
        self.wiring.reconsider()
        return self.done(call, entry)

    @command(
        "/v1/requests/<uuid:request_id>/urgency",
        body=http.Urgency,
        summary="Change the urgency, with a reason",
    )
    def override_urgency(self, call: Call) -> Reply:
        order, wish = order_of(call)
        entry = dispatch.override_urgency(self.wiring.uow(), self.wiring.desk, order, **wish)
        self.wiring.reconsider()
        return self.done(call, entry)

    @command(
        "/v1/requests/<uuid:request_id>/cancellation",
        body=http.Cancellation,
        summary="Call the request off, or keep it against the applicant's wish, with a reason",
    )
    def decide_cancellation(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, dispatch.decide_cancellation(self.wiring.uow(), order, **wish))

    @command(
        "/v1/requests/<uuid:request_id>/acknowledge",
        body=http.Acknowledge,
        summary="The organisation confirmed by voice that it has the request",
    )
    def acknowledge_transfer(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, dispatch.acknowledge_transfer(self.wiring.uow(), order, **wish))

    @api(
        "POST",
        "/v1/requests/<uuid:request_id>/close",
        body=http.Close,
        returns={200: answers.Closed},
        roles=DISPATCHERS,
        summary="Close a request whose work is done",
    )
    def close_request(self, call: Call) -> Reply:
        request_id = call.path["request_id"]
        journal = self.wiring.journal(self.journal)
        state = views.close_request(journal, call.actor.id, request_id, **call.body)
        log.info("request_closed", request_id=str(request_id), by=call.actor.id)
        return Reply(200, {"request_id": request_id, "state": state})
