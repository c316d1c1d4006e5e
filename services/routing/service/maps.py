"""Crews and zones for maps."""

from werkzeug.wrappers import Response

from services.routing.schemas import http, maps
from services.routing.service.base import RoutingPoints, read, tagged
from services.routing.usecases import views
from shared.http import Call


class MapPoints(RoutingPoints):
    """GeoJSON layers."""

    @read(
        "/v1/crews.geojson",
        query=http.CrewsQuery,
        returns={200: maps.FeatureCollection},
        summary="Crews as points of a map",
    )
    def map_crews(self, call: Call) -> Response:
        found = views.list_crews(self.wiring.uow(), http.crews_wanted(call.query))
        shown = maps.crews(found, self.wiring.clock.now())
        return tagged(call, maps.FeatureCollection(), shown, kind="geo+json")

    @read("/v1/zones.geojson", returns={200: maps.FeatureCollection}, summary="Zones as areas of a map")
    def map_zones(self, call: Call) -> Response:
        shown = maps.zones(views.list_zones(self.wiring.uow()))
        return tagged(call, maps.FeatureCollection(), shown, kind="geo+json")
