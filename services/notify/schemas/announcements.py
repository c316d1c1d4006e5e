"""The API of announcements, and lists of residents."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema

from services.notify.domain import sms
from services.notify.domain.announcements import Announcement, Area, Home, Kind
from services.notify.usecases.announcing import Subscriber, Tally
from services.notify.usecases.ports import Contact
from shared.i18n import LANGUAGES
from shared.sealing import Sealer

_LISTED = UUID("5b1d6e0e-7a54-4b8f-9a3e-0c7f3f5d2a11")  # contacts of lists: one for each number
_PHONE = validate.Regexp(r"^\+[1-9]\d{7,14}$")


class BuildingShape(Schema):
    """A house, or only some of its entrances."""

    building_id = fields.String(required=True, validate=validate.Length(min=1, max=200))
    entrances = fields.List(
        fields.String(validate=validate.Length(min=1, max=10)),
        load_default=list,
        validate=validate.Length(max=100),
    )


class NewAnnouncement(Schema):
    """Texts by language, for houses or for everybody in a polygon (GeoJSON)."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    texts = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LANGUAGES)),
        values=fields.String(validate=validate.Length(min=1, max=600)),
        required=True,
        validate=validate.Length(min=1),
    )
    buildings = fields.List(
        fields.Nested(BuildingShape), load_default=list, validate=validate.Length(max=5000)
    )
    polygon = fields.Dict(load_default=None, allow_none=True)
    rate = fields.Float(load_default=None, validate=validate.Range(min=0.1, max=1000))
    emergency = fields.Boolean(
        load_default=False, metadata={"description": "people are in danger: announced in the quiet hours too"}
    )
    start = fields.Boolean(
        load_default=False, metadata={"description": "begin as soon as the recipients are listed"}
    )

    @validates_schema
    def _says_where(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data.get("buildings") and data.get("polygon") is None:
            raise ValidationError("Missing data for required field.", "buildings")


class AnnouncementShape(Schema):
    """An announcement and how far it has come; ``parts``: SMS parts of each text."""

    announcement_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    stage = fields.String(required=True)
    texts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    parts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    rate = fields.Float(required=True)
    emergency = fields.Boolean(required=True)
    by = fields.String(required=True)
    version = fields.Integer(required=True)
    recipients = fields.Integer(required=True)
    told = fields.Integer(required=True)
    messages = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    created_at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True, allow_none=True)


class AnnouncementQuery(Schema):
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))


class AnnouncementList(Schema):
    announcements = fields.List(fields.Nested(AnnouncementShape), required=True)


def announcement_of(
    id_: UUID, wish: Mapping[str, Any], by: str, usual_rate: float, now: datetime
) -> Announcement:
    """What a dispatcher asks for; raises BadArea."""
    houses = {one["building_id"]: one["entrances"] for one in wish["buildings"]}
    return Announcement(
        id=id_,
        kind=wish["kind"],
        texts=wish["texts"],
        area=Area(houses, wish["polygon"]),
        rate=min(wish["rate"] or usual_rate, usual_rate),
        by=by,
        created_at=now,
        starts_itself=wish["start"],
        emergency=wish["emergency"],
    )


def announcement_card(tally: Tally) -> dict[str, Any]:
    """What :class:`AnnouncementShape` dumps."""
    known = tally.announcement
    plain = ("kind", "stage", "rate", "by", "version", "recipients", "told", "created_at", "changed_at")
    return {
        **{name: getattr(known, name) for name in plain},
        "emergency": known.emergency,
        "announcement_id": known.id,
        "texts": dict(known.texts),
        "parts": {language: sms.parts(text) for language, text in known.texts.items()},
        "messages": dict(tally.fates),
    }


class SubscriberRow(Schema):
    """One line of a CSV list: ``phone``, ``building_id`` and, if known, the rest."""

    phone = fields.String(required=True, validate=_PHONE)
    building_id = fields.String(required=True, validate=validate.Length(min=1, max=200))
    language = fields.String(load_default="ru", validate=validate.OneOf(LANGUAGES))
    entrance = fields.String(load_default=None, allow_none=True)
    lat = fields.Float(load_default=None, allow_none=True, validate=validate.Range(min=-90, max=90))
    lon = fields.Float(load_default=None, allow_none=True, validate=validate.Range(min=-180, max=180))
    sms_allowed = fields.Boolean(load_default=True)

    @pre_load
    def _empty_is_unknown(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value.strip() for name, value in data.items() if name and value and value.strip()}

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> "SubscriberLine":
        return SubscriberLine(**data)


@dataclass(frozen=True)
class SubscriberLine:
    """A line that was read."""

    phone: str
    building_id: str
    language: str
    entrance: str | None
    lat: float | None
    lon: float | None
    sms_allowed: bool

    def subscriber(self, sealer: Sealer, at: datetime) -> Subscriber:
        """Its contact has an id of the number, so that the next list finds the same one."""
        contact_id = uuid5(_LISTED, sealer.index(self.phone))
        contact = Contact(contact_id, self.phone, self.language, self.sms_allowed, at)
        return Subscriber(contact, Home(contact_id, self.building_id, self.entrance, self.lat, self.lon))


def read_subscribers(lines: Iterable[str]) -> Iterator[SubscriberLine]:
    """Every line of a CSV file with a header; raises ValidationError naming the first bad line."""
    shape = SubscriberRow(unknown="exclude")
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            yield shape.load(row)
        except ValidationError as bad:
            raise ValidationError({f"line {number}": bad.messages}) from bad
