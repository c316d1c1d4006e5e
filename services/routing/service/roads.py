"""The road map in use and how the roads are."""

from services.routing.schemas import http
from services.routing.schemas.roads import RoadsShape
from services.routing.service.base import DISPATCHERS, RoutingPoints, log, read
from services.routing.usecases import roads
from shared.http import Call, Reply, api


class RoadPoints(RoutingPoints):
    """What crews drive on."""

    @read("/v1/roads", returns={200: RoadsShape}, summary="The road map in use and how the roads are")
    def show_roads(self, call: Call) -> Reply:  # noqa: ARG002
        found, conditions = roads.show_roads(self.wiring.uow())
        return Reply(200, {"map": found, "conditions": conditions})

    @api(
        "PUT",
        "/v1/roads/conditions",
        body=http.RoadConditions,
        returns={200: RoadsShape},
        roles=DISPATCHERS,
        summary="Say how the roads are: snow, ice, a closed bridge slow everybody down",
    )
    def report_conditions(self, call: Call) -> Reply:
        found, conditions = roads.report_conditions(self.wiring.uow(), **call.body, by=call.actor.id)
        log.info("road_conditions", factor=conditions.factor, by=call.actor.id)
        self.wiring.refresh()
        return Reply(200, {"map": found, "conditions": conditions})
