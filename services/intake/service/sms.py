"""Twilio's message webhook."""

from werkzeug.wrappers import Response

from services.intake.schemas import twilio
from services.intake.schemas.phones import read_phone
from services.intake.service.base import IntakePoints
from services.intake.usecases import conversations
from shared.db import once_more
from shared.http import Call, raw


class SmsPoints(IntakePoints):
    """Messages of residents."""

    @raw("POST", "/twilio/sms", summary="Twilio's webhook for a message; signed, answered with TwiML")
    def receive_sms(self, call: Call) -> Response:
        """Commits to our own database and answers: no other service and no broker stands on this path."""
        form = call.request.form
        signature = call.request.headers.get("X-Twilio-Signature", "")
        self.wiring.signatures.check(self.public_address(call), form, signature)
        sms = twilio.read_sms(form)
        wiring = self.wiring
        reply = once_more(
            lambda: conversations.receive_sms(
                wiring.uow(), wiring.listener, wiring.catalog, read_phone, sms, wiring.manners
            )
        )
        return Response(twilio.answer(reply), content_type=twilio.TWIML)
