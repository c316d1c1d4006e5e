"""Single messages: the provider's receipts, dispatchers' questions."""

from werkzeug.wrappers import Response

from services.notify.clients import receipt_of
from services.notify.schemas.http import MessageList, MessageQuery, StatusCallback, shown
from services.notify.service.base import NotifyBase
from services.notify.usecases import sending
from services.notify.wiring import STATUS_PATH
from shared.http import Call, Reply, api, raw

_READERS = frozenset({"operator", "dispatcher", "senior_dispatcher", "master", "administrator"})


class MessagePoints(NotifyBase):
    """What was said to whom, and whether it arrived."""

    @raw("POST", STATUS_PATH, summary="Twilio's word on a message (form, signed)")
    def receive_status(self, call: Call) -> Response:
        request = call.request
        signature = request.headers.get("X-Twilio-Signature", "")
        self.wiring.signature.check(request.full_path.rstrip("?"), request.form, signature)
        told = StatusCallback().load({**request.form.to_dict(), **request.args.to_dict()})
        receipt = receipt_of(told["MessageSid"], told["MessageStatus"], told["ErrorCode"])
        self.take_receipt(receipt, told["message_id"])
        return Response(status=204)

    @api(
        "GET",
        "/v1/messages",
        query=MessageQuery,
        returns={200: MessageList},
        roles=_READERS,
        summary="What the resident of one request was told, in order; numbers masked",
    )
    def list_messages(self, call: Call) -> Reply:
        found = sending.list_messages(self.wiring.uow(), call.query["request_id"])
        return Reply(200, {"messages": [shown(message) for message in found]})
