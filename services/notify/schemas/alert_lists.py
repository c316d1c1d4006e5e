"""Alert lists as they are sent, shown and shipped (``data/alerts.yml``), and numbers of the staff."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import phonenumbers
import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.notify.domain.alert_lists import Addressee, AlertList, Means, Mode, Starts, Step
from services.notify.errors import BadAlertList
from shared.i18n import LANGUAGES

HOME_REGION = "KZ"
_SHIPPED = Path(__file__).parent.parent / "data" / "alerts.yml"
_CODE_FORM = re.compile(r"[a-z0-9][a-z0-9_]{0,39}\Z")
_CODE = validate.Regexp(_CODE_FORM)
_CODES = validate.Length(max=50)
_WORDS = validate.Length(min=1, max=200)


class Telephone(fields.String):
    """A number that can be dialled from anywhere, kept in E.164; short ones such as 101 cannot."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs) or ""
        try:
            number = phonenumbers.parse(text, HOME_REGION)
        except phonenumbers.NumberParseException as unreadable:
            raise ValidationError("Not a full telephone number.") from unreadable
        if not phonenumbers.is_possible_number(number):
            raise ValidationError("Not a full telephone number.")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Names(Schema):
    """What people call it, in both languages."""

    ru = fields.String(required=True, validate=_WORDS)
    kk = fields.String(required=True, validate=_WORDS)


class AddresseeShape(Schema):
    """A service or person in charge."""

    code = fields.String(required=True, validate=_CODE)
    names = fields.Nested(Names, required=True)
    means = fields.Enum(Means, by_value=True, load_default=Means.VOICE)
    languages = fields.List(
        fields.String(validate=validate.OneOf(LANGUAGES)),
        load_default=lambda: ["ru"],
        validate=validate.Length(1, 2),
        metadata={"description": "spoken one after the other; an SMS is written in the first"},
    )
    numbers = fields.List(Telephone(), load_default=list, validate=validate.Length(max=5))
    purpose = fields.String(
        load_default=None,
        allow_none=True,
        validate=_CODE,
        metadata={"description": "an on-call list of crews: whoever it names comes before the numbers"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Addressee:
        if data["means"] is Means.MANUAL:
            raise ValidationError("Must be one of: voice, sms.", "means")
        return Addressee(**{**data, "languages": tuple(data["languages"]), "numbers": tuple(data["numbers"])})


class StepShape(Schema):
    """Addressees told one after the other until one acknowledges, or all of them."""

    mode = fields.Enum(Mode, by_value=True, required=True)
    addressees = fields.List(fields.Nested(AddresseeShape), required=True, validate=validate.Length(1, 20))
    wait_s = fields.Integer(load_default=90, validate=validate.Range(15, 3600))
    rounds = fields.Integer(load_default=2, validate=validate.Range(1, 10))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Step:
        codes = [one.code for one in data["addressees"]]
        if len(set(codes)) != len(codes):
            raise ValidationError("The same code twice in one step.", "addressees")
        return Step(**{**data, "addressees": tuple(data["addressees"])})


class StartsShape(Schema):
    """Facts that start the alert by themselves."""

    hazards = fields.List(fields.String(validate=_CODE), load_default=list, validate=_CODES)
    faults = fields.List(fields.String(validate=_CODE), load_default=list, validate=_CODES)
    unless_faults = fields.List(fields.String(validate=_CODE), load_default=list, validate=_CODES)
    signals = fields.List(fields.String(validate=_CODE), load_default=list, validate=_CODES)
    symptoms = fields.List(fields.String(validate=_CODE), load_default=list, validate=_CODES)
    houses = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 100000))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Starts:
        named = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        return Starts(**{**data, **named})


class ListBody(Schema):
    """What an editor sends."""

    names = fields.Nested(Names, required=True)
    starts = fields.Nested(StartsShape, load_default=Starts)
    steps = fields.List(fields.Nested(StepShape), required=True, validate=validate.Length(1, 20))
    active = fields.Boolean(load_default=True)


class ListShape(ListBody):
    """A list; ``version`` is its ETag, 0 as long as nobody has edited the one that ships."""

    event = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_by = fields.String(required=True, allow_none=True)
    changed_at = fields.AwareDateTime(required=True, allow_none=True)


class ListPage(Schema):
    lists = fields.List(fields.Nested(ListShape), required=True)


class StaffPhoneBody(Schema):
    phone = Telephone(required=True)


class StaffPhoneShape(StaffPhoneBody):
    """The number of one person of the staff."""

    person_id = fields.UUID(required=True)
    changed_by = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True)


class StaffPhoneList(Schema):
    phones = fields.List(fields.Nested(StaffPhoneShape), required=True)


def is_code(text: str) -> bool:
    """Whether this could name an event."""
    return _CODE_FORM.match(text) is not None


def list_of(event: str, body: Mapping[str, Any], by: str | None, now: datetime | None) -> AlertList:
    """The list that a body asks for, still without its version."""
    steps = tuple(body["steps"])
    return AlertList(event, body["names"], body["starts"], steps, body["active"], 0, by, now)


def read_shipped(path: Path = _SHIPPED) -> dict[str, AlertList]:
    """The lists that ship, by event; raises BadAlertList saying where the file is wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = content["addressees"]
        return {event: _shipped(event, body, named) for event, body in content["events"].items()}
    except ValidationError as wrong:
        raise BadAlertList(f"{path.name}: {wrong.messages}") from wrong
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as unreadable:
        raise BadAlertList(f"{path.name}: {unreadable!r}") from unreadable


def _shipped(event: str, body: Mapping[str, Any], named: Mapping[str, Any]) -> AlertList:
    steps = [
        {**step, "addressees": [{"names": named[one["code"]], **one} for one in step["addressees"]]}
        for step in body["steps"]
    ]
    try:
        return list_of(event, ListBody().load({**body, "steps": steps}), None, None)
    except ValidationError as wrong:
        raise ValidationError({event: wrong.messages}) from wrong
