"""Single messages: the provider's receipts, dispatchers' questions."""

from uuid import UUID

from werkzeug.wrappers import Response

from services.notify.clients import receipt_of
from services.notify.domain.messages import Receipt
from services.notify.errors import UnknownMessage
from services.notify.schemas.http import MessageList, MessageQuery, StatusCallback, shown
from services.notify.service.base import NotifyBase
from services.notify.usecases import alerting, sending
from services.notify.wiring import STATUS_PATH
from shared.http import Call, Reply, api, raw
from shared.logs import get_logger

_READERS = frozenset({"operator", "dispatcher", "senior_dispatcher", "master", "administrator"})
_log = get_logger(__name__)


class MessagePoints(NotifyBase):
    """What was said to whom, and whether it arrived."""

    @raw("POST", STATUS_PATH, summary="Twilio's word on a message (form, signed)")
    def receive_status(self, call: Call) -> Response:
        request = call.request
        signature = request.headers.get("X-Twilio-Signature", "")
        self.wiring.signature.check(request.full_path.rstrip("?"), request.form, signature)
        told = StatusCallback().load({**request.form.to_dict(), **request.args.to_dict()})
        receipt = receipt_of(told["MessageSid"], told["MessageStatus"], told["ErrorCode"])
        try:
            sending.receive_receipt(self.wiring.uow(), receipt, told["message_id"])
        except UnknownMessage:
            if not self._is_of_alert(receipt, told["message_id"]):
                _log.warning("receipt_for_unknown_message", sid=receipt.sid, state=receipt.state.value)
                raise
        return Response(status=204)

    def _is_of_alert(self, receipt: Receipt, attempt_id: UUID | None) -> bool:
        """Messages of alerts are attempts of theirs."""
        heard = attempt_id is not None and alerting.hear_receipt(self.wiring.uow(), receipt, attempt_id)
        if heard:
            self.wiring.wake_alerts()
        return heard

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
