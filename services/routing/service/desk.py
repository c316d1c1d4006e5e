"""What dispatchers command about one request."""

from datetime import timedelta

from services.routing.schemas import answers, http
from services.routing.service.base import DISPATCHERS, SENIORS, RoutingPoints, command, log, order_of, read
from services.routing.usecases import calling, deferring, dispatch, telling, views
from services.routing.usecases.ports import Closing
from shared.http import Call, Reply, api


class DeskPoints(RoutingPoints):
    """Commands; each names the version it was decided from."""

    @command("/v1/requests/<uuid:request_id>/assign", body=http.Assign, summary="Send this crew")
    def assign_crew(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, dispatch.assign_crew(self.work_of(call), self.wiring.desk, order, **wish))

    @command(
        "/v1/requests/<uuid:request_id>/withdraw", body=http.Withdraw, summary="Take it back from its crew"
    )
    def withdraw_crew(self, call: Call) -> Reply:
        order, wish = order_of(call)
        entry = dispatch.withdraw_crew(self.work_of(call), self.wiring.desk, order, **wish)
        self.wiring.reconsider()
        return self.done(call, entry)

    @command(
        "/v1/requests/<uuid:request_id>/urgency",
        body=http.Urgency,
        summary="Change the urgency, with a reason",
    )
    def override_urgency(self, call: Call) -> Reply:
        order, wish = order_of(call)
        entry = dispatch.override_urgency(self.work_of(call), self.wiring.desk, order, **wish)
        self.wiring.reconsider()
        return self.done(call, entry)

    @command(
        "/v1/requests/<uuid:request_id>/cancellation",
        body=http.Cancellation,
        summary="Call the request off, or keep it against the applicant's wish, with a reason",
    )
    def decide_cancellation(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, dispatch.decide_cancellation(self.work_of(call), order, **wish))

    @command(
        "/v1/requests/<uuid:request_id>/acknowledge",
        body=http.Acknowledge,
        summary="The organisation confirmed by voice that it has the request",
    )
    def acknowledge_transfer(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, dispatch.acknowledge_transfer(self.work_of(call), order, **wish))

    @command("/v1/requests/<uuid:request_id>/defer", body=http.Defer, summary="Put it off, with a reason")
    def defer_request(self, call: Call) -> Reply:
        order, wish = order_of(call)
        is_senior = bool(call.actor.roles & SENIORS)
        entry = deferring.defer_request(self.work_of(call), order, is_senior=is_senior, **wish)
        self.wiring.reconsider()
        return self.done(call, entry)

    @command("/v1/requests/<uuid:request_id>/resume", body=http.Command, summary="Take it up before its time")
    def resume_request(self, call: Call) -> Reply:
        order, _ = order_of(call)
        return self.done(call, deferring.resume_request(self.work_of(call), self.wiring.desk, order))

    @command("/v1/requests/<uuid:request_id>/calls", body=http.LogCall, summary="Note a call about it")
    def log_call(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, calling.log_call(self.work_of(call), order, **wish))

    @command(
        "/v1/requests/<uuid:request_id>/told",
        body=http.TellByHand,
        summary="You told everybody whom an alert could not reach; who took the message",
    )
    def tell_by_hand(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, telling.tell_by_hand(self.work_of(call), order, **wish))

    @read("/v1/calls", query=http.CallsQuery, returns={200: answers.PhoneCalls}, summary="The call log")
    def list_calls(self, call: Call) -> Reply:
        until = call.query["until"] or self.wiring.clock.now()
        since = call.query["since"] or until - timedelta(days=1)
        found = calling.list_calls(self.wiring.uow(), since, until, call.query["limit"])
        return Reply(200, {"calls": found})

    @api(
        "POST",
        "/v1/requests/<uuid:request_id>/close",
        body=http.Close,
        returns={200: answers.Closed},
        roles=DISPATCHERS,
        idempotent=True,
        summary="Close a request whose work is done",
    )
    def close_request(self, call: Call) -> Reply:
        request_id = call.path["request_id"]
        wish = Closing(request_id, call.actor.id, **call.body, key=call.idempotency_key)
        state = views.close_request(self.wiring.journal(self.journal), wish)
        log.info("request_closed", request_id=str(request_id), by=call.actor.id)
        return Reply(200, {"request_id": request_id, "state": state})
