"""The dispatchers' API of outages."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.intake.domain.houses import Precision
from services.intake.domain.outages import Kind, Outage, OutageFilter, State
from services.intake.domain.registry import Registry
from services.intake.domain.resolver import Resolver
from services.intake.domain.riders import House, HouseState, Rider, house_key
from services.intake.usecases.outages import Plan, Seen
from shared.encoding import plain

_LONG = validate.Length(max=2000)
_PART = validate.Length(min=1, max=10)


class OutageQuery(Schema):
    """Filters; every one is optional. ``before`` is the number that ended the last page."""

    state = fields.Enum(State, by_value=True, load_default=None)
    live = fields.Boolean(load_default=False, metadata={"description": "suspected and open ones only"})
    kind = fields.Enum(Kind, by_value=True, load_default=None)
    symptom = fields.String(load_default=None, validate=validate.Length(max=60))
    building = fields.String(load_default=None, validate=validate.Length(max=300))
    before = fields.Integer(load_default=None, validate=validate.Range(min=1))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, OutageFilter]:
        states: tuple[State, ...] = (data["state"],) if data["state"] else ()
        if data["live"] and not states:
            states = (State.SUSPECTED, State.OPEN)
        return {
            "wanted": OutageFilter(
                states, data["kind"], data["symptom"], data["building"], data["before"], data["limit"]
            )
        }


class MembersQuery(Schema):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))


def _parts_of(most: int) -> fields.List[Any]:
    names = fields.String(validate=_PART)
    return fields.List(names, load_default=list, validate=validate.Length(max=most))


class HouseInput(Schema):
    """A house by its id in the registry, or by its address as one would say it."""

    building = fields.String(load_default=None, validate=validate.Length(min=1, max=300))
    address = fields.String(load_default=None, validate=validate.Length(min=1, max=300))
    entrances = _parts_of(50)
    flats = _parts_of(500)
    state = fields.Enum(HouseState, by_value=True, load_default=HouseState.OFF)

    @validates_schema
    def names_a_house(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data.get("building") and not data.get("address"):
            raise ValidationError("Missing data for required field.", "address")


class TellInput(Schema):
    """What residents are told, word for word, at the end of every answer about this outage."""

    ru = fields.String(load_default="", validate=validate.Length(max=300))
    kk = fields.String(load_default="", validate=validate.Length(max=300))


def _symptoms(**more: Any) -> fields.List[Any]:
    names = fields.String(validate=validate.Length(min=1, max=60))
    return fields.List(names, validate=validate.Length(min=1, max=10), **more)


def _houses(**more: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(HouseInput), validate=validate.Length(min=1, max=3000), **more)


class NewOutage(Schema):
    """An outage as a dispatcher enters it; planned ones ahead of their time."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    symptoms = _symptoms(required=True, metadata={"description": "names of data/troubles.yml"})
    houses = _houses(required=True)
    started_at = fields.AwareDateTime(load_default=None, allow_none=True)
    ends_by = fields.AwareDateTime(load_default=None, allow_none=True)
    cause = fields.String(load_default="", validate=_LONG)
    course = fields.String(load_default="", validate=_LONG)
    tell = fields.Nested(TellInput, load_default=dict)
    organisation = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    lead_request_id = fields.UUID(load_default=None, allow_none=True)


class OutageChanges(Schema):
    """What changes; fields that are left out stay as they are. ``houses`` replaces the whole scope."""

    symptoms = _symptoms()
    houses = _houses()
    started_at = fields.AwareDateTime()
    ends_by = fields.AwareDateTime(allow_none=True)
    cause = fields.String(validate=_LONG)
    course = fields.String(validate=_LONG)
    tell = fields.Nested(TellInput)
    organisation = fields.String(allow_none=True, validate=validate.Length(max=200))


class CopyInput(Schema):
    kind = fields.Enum(Kind, by_value=True, load_default=Kind.PLANNED)
    started_at = fields.AwareDateTime(required=True)
    ends_by = fields.AwareDateTime(load_default=None, allow_none=True)


class OneRequest(Schema):
    request_id = fields.UUID(required=True)


class Closing(Schema):
    """How it ended, as for one request."""

    result = fields.String(
        load_default="fixed", validate=validate.OneOf(["fixed", "temporary_fix", "no_fault_found"])
    )


class CallingOff(Schema):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class HouseShape(Schema):
    building = fields.String(required=True)
    address = fields.String(required=True)
    address_kk = fields.String(required=True)
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)
    entrances = fields.List(fields.String(), required=True)
    flats = fields.List(fields.String(), required=True)
    state = fields.String(required=True)


class OutageShape(Schema):
    """``version`` is also the ETag; ``requests`` counts those that belong to it, ended ones too."""

    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    symptoms = fields.List(fields.String(), required=True)
    level = fields.String(required=True)
    houses = fields.List(fields.Nested(HouseShape), required=True)
    lead_request_id = fields.UUID(required=True, allow_none=True)
    lead_number = fields.String(required=True, allow_none=True)
    requests = fields.Integer(required=True)
    hazards = fields.List(fields.String(), required=True)
    cause = fields.String(required=True)
    course = fields.String(required=True)
    tell = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    started_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_by = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    ended_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    overdue = fields.Boolean(required=True)
    organisation = fields.String(required=True, allow_none=True)
    author = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    updated_at = fields.String(required=True, metadata={"format": "date-time"})


class OutageList(Schema):
    outages = fields.List(fields.Nested(OutageShape), required=True)


class MemberShape(Schema):
    """One request of an outage. What became of it is the journal's."""

    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    part = fields.String(required=True, allow_none=True)
    symptoms = fields.List(fields.String(), required=True)
    address = fields.String(required=True)
    entrance = fields.String(required=True, allow_none=True)
    flat = fields.String(required=True, allow_none=True)
    hazards = fields.List(fields.String(), required=True)
    joined_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    ended_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class MemberList(Schema):
    """A page; ask for the next with ``after`` = the last number."""

    members = fields.List(fields.Nested(MemberShape), required=True)


def plan_of(body: Mapping[str, Any], resolver: Resolver) -> Plan:
    """A loaded :class:`NewOutage`; raises ValidationError that names the houses nobody knows."""
    given = dict(body)
    houses = houses_of(given.pop("houses"), resolver)
    return Plan(**{**given, "symptoms": tuple(given["symptoms"])}, houses=houses)


def changes_of(body: Mapping[str, Any], resolver: Resolver) -> dict[str, Any]:
    """A loaded :class:`OutageChanges` as fields of an outage."""
    changes = dict(body)
    if "houses" in changes:
        changes["houses"] = houses_of(changes["houses"], resolver)
    if "symptoms" in changes:
        changes["symptoms"] = tuple(changes["symptoms"])
    return changes


def houses_of(given: list[Mapping[str, Any]], resolver: Resolver) -> tuple[House, ...]:
    """The houses named; raises ValidationError with the index of each that is not known for certain."""
    found, unknown = [], {}
    for at, wanted in enumerate(given):
        house = _by_id(wanted, resolver.registry) or _by_address(wanted, resolver)
        if house is None:
            unknown[at] = {"address": ["No such house."]}
        else:
            found.append(house)
    if unknown:
        raise ValidationError({"houses": unknown})
    return tuple({house.key: house for house in found}.values())


def _by_id(wanted: Mapping[str, Any], registry: Registry) -> House | None:
    building = registry.building_by_id.get(wanted["building"] or "")
    if building is None:
        return None
    street = registry.street_by_id[building.street_id]
    label, label_kk = (f"{street.label_in(language)}, {building.house}" for language in ("ru", "kk"))
    return House(building.id, label, building.lat, building.lon, label_kk, **_parts(wanted))


def _by_address(wanted: Mapping[str, Any], resolver: Resolver) -> House | None:
    best = resolver.resolve(wanted["address"]).best if wanted["address"] else None
    if best is None or best.address.precision is Precision.AREA or not house_key(best.address):
        return None
    address = best.address
    return House(
        house_key(address), address.text, address.lat, address.lon, address.text_kk, **_parts(wanted)
    )


def _parts(wanted: Mapping[str, Any]) -> dict[str, Any]:
    parts = {name: tuple(wanted[name]) for name in ("entrances", "flats")}
    return {**parts, "state": wanted["state"]}


def outage_card(seen: Seen) -> Mapping[str, Any]:
    """An outage as :class:`OutageShape` shows it, JSON-ready so that it can be kept for a repeat."""
    outage = seen.outage
    card = {
        **{name: getattr(outage, name) for name in _AS_IT_IS},
        "outage_id": outage.id,
        "number": str(outage.number),
        "hazards": sorted(outage.hazards),
        "houses": [_house_card(house) for house in outage.houses],
        "lead_number": str(seen.lead_number) if seen.lead_number is not None else None,
        "requests": seen.requests,
        "overdue": seen.overdue,
    }
    told: Mapping[str, Any] = plain(card)
    return told


_AS_IT_IS = [
    name
    for name in OutageShape().fields
    if name in Outage.__dataclass_fields__ and name not in ("number", "hazards", "houses")
]


def _house_card(house: House) -> dict[str, Any]:
    return {
        "building": house.key,
        "address": house.label,
        "address_kk": house.label_kk,
        "lat": house.lat,
        "lon": house.lon,
        "entrances": list(house.entrances),
        "flats": list(house.flats),
        "state": house.state,
    }


class RideCard(Schema):
    """An outage as an operator tells of it."""

    outage_id = fields.UUID(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    symptoms = fields.List(fields.String(), required=True)
    lead_number = fields.String(required=True, allow_none=True)
    requests = fields.Integer(required=True)
    tell = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    started_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_by = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    overdue = fields.Boolean(required=True)


def ride_card(seen: Seen) -> Mapping[str, Any]:
    """An outage as :class:`RideCard` shows it."""
    whole = outage_card(seen)
    return {name: whole[name] for name in RideCard().fields}


def house_of(address: Mapping[str, Any] | None) -> str:
    """The house of an address card, as outages know it; empty where none is known."""
    if address is None:
        return ""
    if address["building_id"]:
        return str(address["building_id"])
    street, house = address["street"], address["house"]
    return f"{street}|{house}".lower() if street and house else ""


def member_card(rider: Rider) -> Mapping[str, Any]:
    """A request as :class:`MemberShape` shows it."""
    names = ("request_id", "part", "symptoms", "entrance", "flat", "joined_at", "ended_at")
    card = {name: getattr(rider, name) for name in names}
    told: Mapping[str, Any] = plain(
        {**card, "number": str(rider.number), "address": rider.label, "hazards": sorted(rider.hazards)}
    )
    return told


def etag(card: Mapping[str, Any]) -> dict[str, str]:
    return {"ETag": f'"{card["version"]}"'}


def version_of(if_match: str | None) -> int | None:
    """The version that an ``If-Match`` names; None if it names none."""
    text = (if_match or "").strip().removeprefix("W/").strip('"')
    return int(text) if text.isdigit() else None


def id_of(path: Mapping[str, Any]) -> UUID:
    found: UUID = path["outage_id"]
    return found
