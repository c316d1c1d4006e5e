"""Photos and video: sent in pieces that may be cut anywhere, shown to those who read the order."""

from werkzeug.wrappers import Response

from services.crews.schemas import media as shapes
from services.crews.service.base import CREWS, SITE_READERS, CrewPoints, crew_id_of, reader_of
from services.crews.usecases import media
from shared.http import Call, Reply, api, raw

_LARGEST_PIECE = 1024 * 1024


class MediaPoints(CrewPoints):
    """Announce, send piece by piece, finish; list and show."""

    @api(
        "POST",
        "/v1/assignments/<uuid:assignment_id>/media",
        body=shapes.NewMedia,
        returns={200: shapes.MediaShape},
        roles=CREWS,
        summary="Announce a photo or video; announced again, how much of it has come",
    )
    def begin_media(self, call: Call) -> Reply:
        now = self.wiring.clock.now()
        new = shapes.media(call.body, call.path["assignment_id"], call.actor.id, now)
        begun = media.begin_upload(self.wiring.uow(), crew_id_of(call), new, self.wiring.policies.media)
        return Reply(200, shapes.described(begun))

    @api(
        "PATCH",
        "/v1/media/<uuid:media_id>/content",
        returns={200: shapes.MediaShape},
        roles=CREWS,
        max_body_bytes=_LARGEST_PIECE,
        summary="Send a piece of at most 1 MiB; the header Upload-Offset says where it begins",
    )
    def send_piece(self, call: Call) -> Reply:
        """What is there already is not taken twice; a piece beyond what has come is refused with the place
        to go on from (`upload_gap`, `details.received`)."""
        start = shapes.offset(call.request.headers.get("Upload-Offset"))
        piece = call.request.get_data()
        grown = media.receive_piece(self.wiring.uow(), crew_id_of(call), call.path["media_id"], start, piece)
        return Reply(200, shapes.described(grown))

    @api(
        "POST",
        "/v1/media/<uuid:media_id>/finish",
        returns={200: shapes.MediaShape},
        roles=CREWS,
        summary="All was sent: check it and keep it. Photos are kept as JPEG without metadata",
    )
    def finish_media(self, call: Call) -> Reply:
        kept = media.finish_upload(
            self.wiring.uow, crew_id_of(call), call.path["media_id"], self.wiring.clean
        )
        return Reply(200, shapes.described(kept))

    @api(
        "GET",
        "/v1/assignments/<uuid:assignment_id>/media",
        returns={200: shapes.MediaList},
        roles=SITE_READERS,
        summary="The photos and video of an order",
    )
    def list_media(self, call: Call) -> Reply:
        found = media.list_media(self.wiring.uow(), reader_of(call), call.path["assignment_id"])
        return Reply(200, {"media": [shapes.described(shown) for shown in found]})

    @api(
        "GET",
        "/v1/media/<uuid:media_id>",
        returns={200: shapes.MediaShape},
        roles=SITE_READERS,
        summary="One photo or video: how much of it has come",
    )
    def show_media(self, call: Call) -> Reply:
        shown = media.show_media(self.wiring.uow(), reader_of(call), call.path["media_id"])
        return Reply(200, shapes.described(shown))

    @raw("GET", "/v1/media/<uuid:media_id>/content", roles=SITE_READERS, summary="The photo or video itself")
    def read_media(self, call: Call) -> Response:
        goes_on = shapes.goes_on(call.request.range)
        shown = media.open_media(self.wiring.uow(), self.reader(call), call.path["media_id"], goes_on=goes_on)
        assert shown.finished is not None
        part = shapes.window(call.request.range, shown.finished.size)
        parts = media.read_media(self.wiring.uow, shown, *(part or (0, shown.finished.size)))
        return shapes.content(shown.finished, parts, part)
