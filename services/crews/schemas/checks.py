"""Checks that every wire shape shares. Times are RFC 3339 with an offset."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

LARGEST_CURSOR = 2**53 - 1  # what every JSON reader counts exactly


def storable(text: str) -> None:
    """JSON can carry what a database text cannot: NUL, and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValidationError("Not a valid string.")


def plausible(moment: datetime) -> None:
    """A device whose battery died may think it is year 1, which a database cannot give back."""
    if not 2000 <= moment.year < 2100:
        raise ValidationError("Not a valid datetime.")


def text(longest: int) -> list[Callable[[str], Any]]:
    return [validate.Length(min=1, max=longest), storable]


def moment(**options: Any) -> fields.String:
    """A time in an answer that is kept as text already."""
    return fields.String(metadata={"format": "date-time"}, **options)


class Stamped(Schema):
    """A command with the time on the device: when it was done, and when it was sent if that was later."""

    at = fields.AwareDateTime(required=True, attribute="device_at", validate=plausible)
    sent_at = fields.AwareDateTime(load_default=None, allow_none=True, validate=plausible)
