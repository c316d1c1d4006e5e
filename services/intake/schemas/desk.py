"""The operator's own part of the form, on the wire and at rest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.intake.domain.desk import Desk, Intercom, Part, Window, window_of
from services.intake.schemas.phones import read_sender
from services.intake.usecases.forms import Form


class IntercomInput(Schema):
    """What opens the front door; ``note`` is the code, the number of the flat, or whatever else helps."""

    kind = fields.Enum(Intercom, by_value=True, required=True)
    note = fields.String(load_default="", allow_none=True, validate=validate.Length(max=100))


class WindowInput(Schema):
    """A day with a part of it, or exact times ``from`` and ``to``."""

    day = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^(today|tomorrow|\d{4}-\d{2}-\d{2})$"),
        metadata={"description": "today, tomorrow or a date"},
    )
    part = fields.Enum(Part, by_value=True, load_default=Part.DAY)
    start = fields.AwareDateTime(data_key="from", load_default=None)
    end = fields.AwareDateTime(data_key="to", load_default=None)

    @validates_schema
    def one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:
        exact = data["start"] is not None and data["end"] is not None
        half = (data["start"] is None) != (data["end"] is None)
        if half or exact == (data["day"] is not None):
            raise ValidationError("Give a day, or both from and to.")
        if exact and data["end"] <= data["start"]:
            raise ValidationError("The end is not after the start.")


class PaperInput(Schema):
    """A record of the paper journal that is entered later."""

    number = fields.String(required=True, validate=validate.Length(min=1, max=40))
    written_at = fields.AwareDateTime(required=True)


class IntercomShape(Schema):
    kind = fields.String(required=True)
    note = fields.String(required=True)


class WindowShape(Schema):
    start = fields.String(required=True, data_key="from", metadata={"format": "date-time"})
    end = fields.String(required=True, data_key="to", metadata={"format": "date-time"})


class PaperShape(Schema):
    number = fields.String(required=True)
    entered_at = fields.String(required=True, metadata={"format": "date-time"})


class DeskShape(Schema):
    organisation = fields.String(required=True)
    intercom = fields.Nested(IntercomShape, required=True, allow_none=True)
    window = fields.Nested(WindowShape, required=True, allow_none=True)
    call_id = fields.String(required=True)
    answer = fields.String(required=True)
    paper = fields.Nested(PaperShape, required=True, allow_none=True)
    copied_from = fields.UUID(required=True, allow_none=True)


@dataclass(frozen=True)
class DayPart:
    """A window as a caller words it, before it is known what time it is where they live."""

    day: str
    part: Part

    def window(self, zone: tzinfo, now: datetime) -> Window:
        """Raises ValidationError for a date that does not exist."""
        today = now.astimezone(zone).date()
        days = {"today": today, "tomorrow": today + timedelta(days=1)}
        try:
            return window_of(days.get(self.day) or date.fromisoformat(self.day), self.part, zone)
        except ValueError as wrong:
            raise ValidationError({"window": {"day": ["Not a valid date."]}}) from wrong


def changes(data: dict[str, Any]) -> dict[str, Any]:
    """Takes the form's own part out of what was sent: names and values of :class:`Desk`. What was sent as
    null is empty from now on; what was not sent is not in it."""
    typed: dict[str, Any] = {}
    for name in ("name", "organisation", "call_id", "answer"):
        if name in data:
            typed[name] = data.pop(name) or ""
    if "second_phone" in data:
        typed["second_phone"] = _number(data.pop("second_phone") or "")
    if "phone" in data:
        text = data.pop("phone") or ""
        found = read_sender(text)
        typed |= {"phone_text": text, "phone": found.text if found.is_callable else ""}
    if "intercom" in data:
        door = data.pop("intercom") or {"kind": None, "note": ""}
        typed |= {"intercom": door["kind"], "intercom_note": door["note"] or ""}
    if "window" in data:
        typed["window"] = _window(data.pop("window"))
    return typed


def in_zone(form: Form, zone: tzinfo, now: datetime) -> Form:
    """The form with "tomorrow morning" as times."""
    wish = form.desk.get("window")
    if not isinstance(wish, DayPart):
        return form
    return replace(form, desk={**form.desk, "window": wish.window(zone, now)})


def _number(text: str) -> str:
    found = read_sender(text)
    return found.text if found.is_callable else text


def _window(wish: Mapping[str, Any] | None) -> DayPart | Window | None:
    if wish is None:
        return None
    return DayPart(wish["day"], wish["part"]) if wish["day"] else Window(wish["start"], wish["end"])


def desk_card(desk: Desk) -> Mapping[str, Any]:
    """The form's own part as :class:`DeskShape` dumps it: no number and no name."""
    late = {"number": desk.paper_number, "entered_at": desk.entered_at} if desk.is_late_entry else None
    door = {"kind": desk.intercom, "note": desk.intercom_note} if desk.intercom is not None else None
    return {
        "organisation": desk.organisation,
        "intercom": door,
        "window": {"start": desk.window.start, "end": desk.window.end} if desk.window else None,
        "call_id": desk.call_id,
        "answer": desk.answer,
        "paper": late,
        "copied_from": desk.copied_from,
    }


class JudgementBody(Schema):
    """What the applicant says of finished work."""

    fixed = fields.Boolean(required=True)


class JudgementShape(Schema):
    request_id = fields.UUID(required=True)
    fixed = fields.Boolean(required=True)
    at = fields.AwareDateTime(required=True)
