"""Twilio's messaging webhook: form fields in, TwiML out."""

from collections.abc import Mapping

from twilio.twiml.messaging_response import MessagingResponse

from services.intake.errors import MessageSidMissing
from services.intake.schemas.phones import read_sender
from services.intake.usecases.conversations import Sms

TWIML = "text/xml; charset=utf-8"
_LONGEST_SID = 100
_LONGEST_URL = 1000
_MOST_MEDIA = 10


def read_sms(form: Mapping[str, str]) -> Sms:
    """The message of a webhook; without its id it could not be told from a repeat, so that is refused."""
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    if not sid or len(sid) > _LONGEST_SID:
        raise MessageSidMissing
    sender = read_sender(form.get("From") or f"unknown {sid}")
    return Sms(sid, sender, form.get("Body", ""), _media(form), form.get("OptOutType", ""))


def _media(form: Mapping[str, str]) -> tuple[str, ...]:
    """Where the provider keeps the photos; what does not look like an address is no photo."""
    found = (form.get(f"MediaUrl{number}", "") for number in range(_MOST_MEDIA))
    return tuple(url for url in found if url.startswith("https://") and len(url) <= _LONGEST_URL)


def answer(text: str) -> str:
    """The TwiML that sends ``text`` back, or none if it is empty."""
    response = MessagingResponse()
    if text:
        response.message(text)
    return str(response)
