"""What dispatchers send. Times are RFC 3339 with an offset; text is stored as it is written."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.routing.domain.board import MOST_PER_PAGE, CrewFilter, Order, Place, Wanted
from services.routing.domain.calls import Direction, Means, Party, Result
from services.routing.domain.case import Status
from services.routing.domain.conditions import SLOWEST
from services.routing.domain.transfer import TransferRefusal
from services.routing.domain.words import Category, Channel, Wish

_LARGEST_VERSION = 2**53 - 1  # what every JSON reader counts exactly


def _storable(text: str) -> None:
    """JSON can carry what a database text cannot: NUL, and halves of surrogate pairs."""
    if not text.strip() or "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValidationError("Not a valid string.")


def _text(longest: int) -> list[Callable[[str], Any]]:
    return [validate.Length(min=1, max=longest), _storable]


class Login(Schema):
    """A dispatcher's login and password."""

    login = fields.String(required=True, validate=_text(100))
    password = fields.String(required=True, load_only=True, validate=_text(200))


class Refresh(Schema):
    """The refresh token that came with the last access token."""

    refresh_token = fields.String(required=True, load_only=True, validate=_text(200))


class Command(Schema):
    """``version`` (or ``If-Match``): the one it was decided on; if the request has changed since, 412."""

    version = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, _LARGEST_VERSION)
    )


class Assign(Command):
    """Send this crew."""

    crew_id = fields.UUID(required=True)
    reason = fields.String(load_default=None, allow_none=True, validate=_text(1000))


class Withdraw(Command):
    """Take the request back from its crew."""

    reason = fields.String(required=True, validate=_text(1000))


class Urgency(Command):
    """Another urgency, with the reason."""

    category = fields.Enum(Category, by_value=True, required=True)
    reason = fields.String(required=True, validate=_text(1000))


class Cancellation(Command):
    """Call the request off, or keep it although the applicant asked to call it off; with the reason."""

    decision = fields.Enum(Wish, by_value=True, required=True)
    reason = fields.String(required=True, validate=_text(1000))


class OneOutage(Schema):
    """Which outage."""

    outage_id = fields.UUID(required=True)


class Defer(Command):
    """Put the work off until then, with the reason."""

    until = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, validate=_text(1000))


class LogCall(Command):
    """A call that was made or came in. ``name``: post or call sign of the other; no numbers in the note."""

    party = fields.Enum(Party, by_value=True, required=True)
    direction = fields.Enum(Direction, by_value=True, load_default=Direction.OUT)
    channel = fields.Enum(Means, by_value=True, load_default=Means.PHONE)
    result = fields.Enum(Result, by_value=True, required=True)
    name = fields.String(load_default=None, allow_none=True, validate=_text(200))
    note = fields.String(load_default=None, allow_none=True, validate=_text(1000))
    at = fields.AwareDateTime(load_default=None, allow_none=True)


class TellByHand(Command):
    """Who took the message of an alert that could not reach them."""

    alert_id = fields.UUID(required=True)
    received_by = fields.String(required=True, validate=_text(200))


class CallsQuery(Schema):
    """Which part of the call log; the last day unless told otherwise."""

    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))


class Acknowledge(Command):
    """The organisation confirmed by voice; ``unit``: who there."""

    channel = fields.Enum(Channel, by_value=True, required=True)
    unit = fields.String(load_default=None, allow_none=True, validate=_text(200))


class Pin(Command):
    """Keep it for this crew; without one, for the crew that has it or in whose queue it is."""

    crew_id = fields.UUID(load_default=None, allow_none=True)


class QueuesQuery(Schema):
    """Whose crews."""

    organisation_id = fields.UUID(required=True)


class TransferTo(Command):
    """Hand the request to this organisation. By phone or radio: ``took`` is who there took it, which confirms
    the receipt; ``at`` is when, if it is written down later."""

    organisation_id = fields.UUID(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    reason = fields.String(required=True, validate=_text(1000))
    unit = fields.String(load_default=None, allow_none=True, validate=_text(200))
    took = fields.String(load_default=None, allow_none=True, validate=_text(200))
    at = fields.AwareDateTime(load_default=None, allow_none=True)

    @validates_schema
    def voice_has_a_taker(self, data: Mapping[str, Any], **_: Any) -> None:
        """Nobody takes a request by word of mouth through the system, or at another time than now."""
        if data["channel"] is Channel.SYSTEM:
            wrong = [name for name in ("took", "at") if data[name] is not None]
            if wrong:
                raise ValidationError({name: ["Only for phone and radio."] for name in wrong})


class GiveBack(Command):
    """The organisation does not take the request; ``channel`` is how it said so."""

    because = fields.Enum(TransferRefusal, by_value=True, required=True, data_key="reason")
    channel = fields.Enum(Channel, by_value=True, required=True)
    note = fields.String(load_default=None, allow_none=True, validate=_text(1000))


class Close(Schema):
    """Ask the journal to close; an overdue request needs the delay reason."""

    delay_reason = fields.String(load_default=None, allow_none=True, validate=_text(1000))
    note = fields.String(load_default=None, allow_none=True, validate=_text(1000))


class RoadConditions(Schema):
    """How the roads are: driving takes ``factor`` times as long, until a moment or until said otherwise."""

    factor = fields.Float(required=True, validate=validate.Range(1.0, SLOWEST))
    reason = fields.String(required=True, validate=_text(200))
    until = fields.AwareDateTime(load_default=None, allow_none=True)


class RequestsQuery(Schema):
    """Filters of the board; every one is optional."""

    state = fields.String(load_default=None, validate=_text(40))
    status = fields.Enum(Status, by_value=True, load_default=None)
    category = fields.Enum(Category, by_value=True, load_default=None)
    organisation_id = fields.UUID(load_default=None)
    crew_id = fields.UUID(load_default=None)
    number = fields.String(load_default=None, validate=_text(40))
    outage_id = fields.UUID(load_default=None)
    system = fields.String(load_default=None, validate=_text(40))
    district = fields.String(load_default=None, validate=_text(100))
    q = fields.String(load_default=None, attribute="text", validate=_text(100))
    overdue = fields.Boolean(load_default=None, attribute="is_overdue")
    open = fields.Boolean(load_default=None, attribute="is_open")
    order = fields.Enum(Order, by_value=True, load_default=Order.NEWEST)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST_PER_PAGE))
    cursor = fields.String(load_default=None, validate=validate.Length(max=400))


class CrewsQuery(Schema):
    """Filters of the list of crews."""

    organisation_id = fields.UUID(load_default=None)
    on_shift = fields.Boolean(load_default=None)
    inactive = fields.Boolean(load_default=False)


def wanted(query: Mapping[str, Any]) -> Wanted:
    """What a loaded :class:`RequestsQuery` asks for; raises BadCursor."""
    filters = {name: value for name, value in query.items() if name != "cursor"}
    cursor = query["cursor"]
    return Wanted(**filters, after=None if cursor is None else Place.read(cursor))


def crews_wanted(query: Mapping[str, Any]) -> CrewFilter:
    """What a loaded :class:`CrewsQuery` asks for."""
    return CrewFilter(**query)
