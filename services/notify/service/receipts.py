"""Receipts of an SMS operator with an HTTP interface."""

from typing import Any

from werkzeug.wrappers import Request, Response

from services.notify.schemas.http_sms import ReceiptQuery
from services.notify.service.base import NotifyBase
from services.notify.wiring import RECEIPT_PATH
from shared.errors import Invalid
from shared.http import Call, raw


class ReceiptPoints(NotifyBase):
    """What became of messages, in the operator's words."""

    @raw("POST", RECEIPT_PATH, summary="The HTTP operator's word on a message (JSON or form, with our key)")
    def receive_receipt(self, call: Call) -> Response:
        request, wiring = call.request, self.wiring
        ours = ReceiptQuery().load(request.args.to_dict())
        wiring.receipt_keys.check(ours["message_id"], ours["key"], request.get_data(), request.headers)
        told, dialect = _told(request), wiring.dialect
        if dialect is None or not told.get(dialect.receipt_id):
            raise Invalid(errors={"body": ["No message of the operator is named."]})
        sid, error = str(told[dialect.receipt_id]), told.get(dialect.receipt_error)
        receipt = dialect.receipt(sid, told.get(dialect.receipt_status), error)
        self.take_receipt(receipt, ours["message_id"])
        return Response(status=204)


def _told(request: Request) -> dict[str, Any]:
    body = request.get_json(silent=True) if request.is_json else None
    return body if isinstance(body, dict) else {**request.args.to_dict(), **request.form.to_dict()}
