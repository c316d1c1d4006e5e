"""The live stream of crews' devices."""

from werkzeug.wrappers import Response

from services.crews.schemas import live
from services.crews.service.base import CREWS, CrewPoints, crew_id_of
from shared.http import Call, raw


class StreamPoints(CrewPoints):
    """What changes for a crew, as it changes."""

    @raw(
        "GET",
        "/v1/stream",
        roles=CREWS,
        query=live.StreamQuery,
        summary="Live: tells the device at once that there is something to learn, as Server-Sent Events",
    )
    def follow_feed(self, call: Call) -> Response:
        """``ready`` comes first: synchronise then. ``changed`` names the cursor up to which the crew's feed
        has grown: a device that is not there yet synchronises. ``reset``: too long away, synchronise. The
        stream ends when the token expires or the service restarts; connect again with the last id in
        ``Last-Event-ID``, nothing is missed."""
        crew_id = str(crew_id_of(call))
        return self.wiring.devices.stream(call, lambda message: crew_id in message.tags)
