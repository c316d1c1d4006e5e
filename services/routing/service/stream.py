"""The live stream of the dispatchers' screens."""

from werkzeug.wrappers import Response

from services.routing.schemas import live
from services.routing.service.base import READERS, RoutingPoints
from shared.http import Call, raw


class StreamPoints(RoutingPoints):
    """What changes, as it changes."""

    @raw(
        "GET",
        "/v1/stream",
        roles=READERS,
        query=live.StreamQuery,
        summary="Live: everything that changes on a dispatcher's screen, as Server-Sent Events",
    )
    def follow_changes(self, call: Call) -> Response:
        """``ready`` comes first: what is read after it, with what the stream then tells, is complete.
        ``request``, ``crew``, ``signal`` (of a crew) carry the thing as it is now with its ``alarms``, none
        when nothing is wrong any more; ``audit`` its alarms, ``outage`` the outage; ``message`` (of or to a
        crew), ``organisation``, ``roads``, ``zones`` carry an id: read them anew.
        ``reset``: too long away, read everything anew. The stream ends when the token expires or the service
        restarts; connect again with the last id in ``Last-Event-ID``, nothing is missed."""
        kinds = frozenset(call.query["kinds"].split(","))
        return self.wiring.screens.stream(call, lambda message: message.event in kinds)
