"""What residents added to their requests, for those who work on them: photos and messages."""

from typing import Any
from uuid import UUID

from nameko.rpc import rpc
from werkzeug.wrappers import Response

from services.intake.errors import RequestNotFound
from services.intake.schemas import http, pages
from services.intake.service.base import READERS, IntakePoints
from services.intake.usecases import photos
from shared.http import Call, Reply, api, raw


class PhotoPoints(IntakePoints):
    """What residents photographed and wrote."""

    @api(
        "GET",
        "/v1/requests/<uuid:request_id>/photos",
        returns={200: http.PhotoList},
        roles=READERS,
        summary="The photos of a request",
    )
    def list_photos(self, call: Call) -> Reply:
        found = photos.list_photos(self.wiring.uow(), call.path["request_id"])
        return Reply(200, {"photos": [http.photo_card(photo) for photo in found]})

    @rpc
    def messages(self, request_id: str) -> dict[str, Any]:
        """For a dispatcher of another service: the messages as HTTP gives them, or ``{"error": code}``."""
        try:
            found = photos.list_messages(self.wiring.uow(), UUID(request_id))
        except (RequestNotFound, ValueError):
            return {"error": RequestNotFound.code}
        shown = {"messages": [http.message_card(message) for message in found]}
        return dict(http.MessageList().dump(shown))

    @raw("GET", "/v1/photos/<uuid:photo_id>", roles=READERS, summary="One photo, a JPEG")
    def show_photo(self, call: Call) -> Response:
        return pages.photo(photos.show_photo(self.wiring.uow(), call.path["photo_id"]))

    @api(
        "GET",
        "/v1/requests/<uuid:request_id>/messages",
        returns={200: http.MessageList},
        roles=READERS,
        summary="What its applicant wrote about a request and what was answered, without phone numbers",
    )
    def list_messages(self, call: Call) -> Reply:
        found = photos.list_messages(self.wiring.uow(), call.path["request_id"])
        return Reply(200, {"messages": [http.message_card(message) for message in found]})
