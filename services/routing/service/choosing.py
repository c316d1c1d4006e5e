"""Who could go, and who is kept for whom."""

from services.routing.schemas import http, recommended
from services.routing.service.base import DISPATCHERS, RoutingPoints, command, log, order_of, read
from services.routing.usecases import absence, pinning, recommending
from services.routing.wiring import advise_aside
from shared.http import Call, Reply, api


class ChoosingPoints(RoutingPoints):
    """Recommendations, pins and queues."""

    @read(
        "/v1/requests/<uuid:request_id>/recommendation",
        returns={200: recommended.Recommendation},
        summary="Ranked crews with times and effects, and why the others may not go",
    )
    def recommend_crews(self, call: Call) -> Reply:
        wiring = self.wiring
        found = recommending.recommend_crews(wiring.uow(), wiring.desk, call.path["request_id"], advise_aside)
        return Reply(200, recommended.recommendation(found, self.words(call)))

    @command("/v1/requests/<uuid:request_id>/pin", body=http.Pin, summary="Keep it for this crew")
    def pin_request(self, call: Call) -> Reply:
        order, wish = order_of(call)
        return self.done(call, pinning.pin_request(self.work_of(call), self.wiring.desk, order, **wish))

    @command("/v1/requests/<uuid:request_id>/unpin", body=http.Command, summary="Let plans move it again")
    def unpin_request(self, call: Call) -> Reply:
        order, _ = order_of(call)
        entry = pinning.unpin_request(self.work_of(call), order)
        self.wiring.reconsider()
        return self.done(call, entry)

    @read(
        "/v1/queues",
        query=http.QueuesQuery,
        returns={200: recommended.Queues},
        summary="What each crew of an organisation has in line",
    )
    def list_queues(self, call: Call) -> Reply:
        found = recommending.list_queues(self.wiring.uow(), call.query["organisation_id"])
        return Reply(200, recommended.queues(found))

    @api(
        "POST",
        "/v1/crews/<uuid:crew_id>/available",
        returns={204: None},
        roles=DISPATCHERS,
        summary="The crew has been reached: it gets work again",
    )
    def mark_available(self, call: Call) -> Reply:
        absence.mark_available(self.wiring.uow(), call.path["crew_id"])
        log.info("crew_available", crew_id=str(call.path["crew_id"]), by=call.actor.id)
        self.wiring.reconsider()
        return Reply(204)
