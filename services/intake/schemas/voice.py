"""Twilio's voice webhooks: form fields in."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from services.intake.domain.calls import Recording
from services.intake.errors import CallSidMissing
from services.intake.schemas.phones import read_sender
from services.intake.usecases.calls import Ring, Said

_LONGEST_SID = 100
_LONGEST_SPEECH = 2_000
_LONGEST_URL = 500
_LONGEST_COUNT = 9
_NUMBERS_OF_NOBODY = frozenset({"", "anonymous", "+266696687", "unavailable", "restricted", "unknown"})
"""What stands for a number that is withheld; +266696687 spells ANONYMOUS."""

Form = Mapping[str, str]


def read_ring(form: Form) -> Ring:
    """The call that a form speaks of; without its id nothing can be kept of it."""
    sid = read_sid(form, "CallSid")
    if "From" not in form:
        return Ring(sid)
    caller = form["From"].strip()
    nobody = caller.lower() in _NUMBERS_OF_NOBODY
    return Ring(sid, read_sender(f"unknown {sid}" if nobody else _storable(caller)))


def read_sid(form: Form, name: str) -> str:
    """A call's id; raises CallSidMissing for what cannot be one."""
    sid = form.get(name, "")
    if not sid or len(sid) > _LONGEST_SID or not sid.isascii() or not sid.isprintable():
        raise CallSidMissing
    return sid


def read_said(form: Form) -> Said:
    """What came of the last question."""
    return Said(
        digits=_storable(form.get("Digits", ""))[:_LONGEST_COUNT],
        speech=_storable(form.get("SpeechResult", ""))[:_LONGEST_SPEECH],
        line_was_answered=_was_answered(form),
        talked=timedelta(seconds=_count(form.get("DialCallDuration", ""))),
        queue_result=form.get("QueueResult", ""),
        recording=read_recording(form),
    )


def read_recording(form: Form) -> Recording | None:
    """A recording that is kept somewhere; None for one that failed or is empty."""
    sid, url = _storable(form.get("RecordingSid", "")), _storable(form.get("RecordingUrl", ""))
    is_link = urlsplit(url).scheme in ("http", "https") if url.isascii() and url.isprintable() else False
    if not sid or not is_link or len(sid) > _LONGEST_SID or len(url) > _LONGEST_URL:
        return None
    if form.get("RecordingStatus", "completed") != "completed":
        return None
    return Recording(sid, url, _count(form.get("RecordingDuration", "")))


def read_transcription(form: Form) -> str:
    return _storable(form.get("TranscriptionText", ""))[:_LONGEST_SPEECH]


def read_turn(query: Mapping[str, str]) -> int:
    """Which question of the call is answered."""
    return _count(query.get("turn", ""))


def read_count(form: Form, name: str) -> int:
    """A whole number of a form, 0 if there is none."""
    return _count(form.get(name, ""))


def _was_answered(form: Form) -> bool:
    """A line that was taken up, but not by the key that an operator presses, was not answered by a person."""
    taken_up = form.get("DialCallStatus", "") in ("completed", "answered")
    return taken_up and form.get("DialBridged", "true").lower() != "false"


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT else 0


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
