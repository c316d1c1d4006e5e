"""People, organisations, crews, equipment, absences, logins: what masters and administrators send and get."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.crews.domain.access import Login, Role, login_key
from services.crews.domain.concerns import Concern
from services.crews.domain.fitness import Absence, AbsenceKind, Equipment, Permit
from services.crews.domain.people import HIGHEST_GRADE, LOWEST_GRADE, Crew, Organisation, Person
from services.crews.schemas.checks import plausible, text
from services.crews.schemas.seed import KINDS, LANGUAGES, SYSTEMS
from services.crews.usecases.staff import Thing, ThingPage, version_of

_SLUG = validate.Regexp(r"[a-z][a-z0-9_]{0,39}\Z")
_PERSON_ROLES = [role for role in Role if role is not Role.CREW]


class WantedQuery(Schema):
    """A page in the order of names, after the entry ``after``."""

    organisation_id = fields.UUID(load_default=None)
    active = fields.Boolean(load_default=None)
    after = fields.UUID(load_default=None)
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))


class OrganisationBody(Schema):
    """A service that sends crews or keeps houses."""

    name = fields.String(required=True, validate=text(200))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    active = fields.Boolean(load_default=True)


class OrganisationEntry(OrganisationBody):
    """An organisation; ``version`` is its ETag."""

    id = fields.UUID(required=True)
    version = fields.String(required=True)


class PermitBody(Schema):
    """A qualification or permit (допуск); ``expires_on`` is its last day, null: for good."""

    kind = fields.String(required=True, validate=_SLUG, metadata={"example": "confined_space"})
    number = fields.String(load_default=None, allow_none=True, validate=text(100))
    expires_on = fields.Date(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Permit:
        return Permit(**data)


class PersonBody(Schema):
    """Someone who works for an organisation; ``grade`` for those in crews, ``works_since``: in the trade."""

    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=text(200))
    grade = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(LOWEST_GRADE, HIGHEST_GRADE)
    )
    works_since = fields.Date(load_default=None, allow_none=True)
    permits = fields.List(fields.Nested(PermitBody), load_default=list, validate=validate.Length(max=50))
    active = fields.Boolean(load_default=True)


class PersonEntry(PersonBody):
    """A person; ``version`` is its ETag."""

    id = fields.UUID(required=True)
    version = fields.String(required=True)


class BaseBody(Schema):
    """WGS 84 degrees."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))


class CrewBody(Schema):
    """Who goes out together, with what, from where; ``leader`` is one of the ``members``."""

    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=text(200))
    specialisations = fields.List(
        fields.String(validate=validate.OneOf(SYSTEMS)), required=True, validate=validate.Length(1, 20)
    )
    members = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 50))
    leader = fields.UUID(load_default=None, allow_none=True)
    equipment = fields.List(
        fields.String(validate=_SLUG), load_default=list, validate=validate.Length(max=50)
    )
    languages = fields.List(
        fields.String(validate=validate.OneOf(LANGUAGES)), load_default=lambda: list(LANGUAGES)
    )
    base = fields.Nested(BaseBody, required=True)
    active = fields.Boolean(load_default=True)


class CrewEntry(CrewBody):
    """A crew; ``version`` is its ETag."""

    id = fields.UUID(required=True)
    version = fields.String(required=True)


class EquipmentBody(Schema):
    """An instrument, machine or vehicle; ``check_due`` is the last day on which its latest check counts."""

    organisation_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=_SLUG, metadata={"example": "gas_detector"})
    name = fields.String(required=True, validate=text(200))
    number = fields.String(load_default=None, allow_none=True, validate=text(100))
    crew_id = fields.UUID(load_default=None, allow_none=True)
    check_due = fields.Date(load_default=None, allow_none=True)
    active = fields.Boolean(load_default=True)


class EquipmentEntry(EquipmentBody):
    """A piece of equipment; ``version`` is its ETag."""

    id = fields.UUID(required=True)
    version = fields.String(required=True)


class Organisations(Schema):
    """A page; ``next_after`` asks for the next, null on the last."""

    organisations = fields.List(fields.Nested(OrganisationEntry), required=True)
    next_after = fields.UUID(required=True, allow_none=True)


class People(Schema):
    """A page; ``next_after`` asks for the next, null on the last."""

    people = fields.List(fields.Nested(PersonEntry), required=True)
    next_after = fields.UUID(required=True, allow_none=True)


class Crews(Schema):
    """A page; ``next_after`` asks for the next, null on the last."""

    crews = fields.List(fields.Nested(CrewEntry), required=True)
    next_after = fields.UUID(required=True, allow_none=True)


class EquipmentPage(Schema):
    """A page; ``next_after`` asks for the next, null on the last."""

    equipment = fields.List(fields.Nested(EquipmentEntry), required=True)
    next_after = fields.UUID(required=True, allow_none=True)


class AbsenceBody(Schema):
    """Somebody is away until before ``ends_at``; null: until further notice."""

    person_id = fields.UUID(required=True)
    kind = fields.Enum(AbsenceKind, by_value=True, required=True)
    starts_at = fields.AwareDateTime(required=True, validate=plausible)
    ends_at = fields.AwareDateTime(load_default=None, allow_none=True, validate=plausible)
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))


class AbsenceEntry(AbsenceBody):
    """An absence, with whose it is and who wrote it down."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    by = fields.String(required=True)


class Absences(Schema):
    """Who is or will be away, the earliest first."""

    absences = fields.List(fields.Nested(AbsenceEntry), required=True)


class FindingShape(Schema):
    """What a master should see to; ``text`` says it in the caller's language."""

    concern = fields.Enum(Concern, by_value=True, required=True)
    organisation_id = fields.UUID(required=True)
    subject_id = fields.UUID(required=True)
    name = fields.String(required=True)
    day = fields.Date(required=True, allow_none=True)
    what = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)


class Concerns(Schema):
    """Concerns, the earliest day first."""

    concerns = fields.List(fields.Nested(FindingShape), required=True)


class LoginBody(Schema):
    """What a login may do; it belongs to a person, or to a crew with the role crew."""

    organisation_id = fields.UUID(required=True)
    roles = fields.List(fields.Enum(Role, by_value=True), required=True, validate=validate.Length(1, 8))
    person_id = fields.UUID(load_default=None, allow_none=True)
    crew_id = fields.UUID(load_default=None, allow_none=True)
    active = fields.Boolean(load_default=True)

    @validates_schema
    def one_owner(self, data: dict[str, Any], **_: Any) -> None:
        is_crew = data["roles"] == [Role.CREW]
        if (data["person_id"] is None) is not is_crew or (data["crew_id"] is None) is is_crew:
            raise ValidationError("Invalid value.", "person_id")


class LoginEntry(LoginBody):
    """A login."""

    name = fields.String(required=True)


class LoginList(Schema):
    """Every login by name."""

    logins = fields.List(fields.Nested(LoginEntry), required=True)


class MadePassword(Schema):
    """The password, which is shown this once."""

    password = fields.String(required=True)


class OwnPassword(Schema):
    """The password until now and the one from now on."""

    old = fields.String(required=True, load_only=True, validate=text(200))
    new = fields.String(required=True, load_only=True, validate=[validate.Length(min=10, max=200)])


def organisation(id_: UUID, body: dict[str, Any]) -> Organisation:
    return Organisation(id=id_, **body)


def person(id_: UUID, body: dict[str, Any]) -> Person:
    return Person(id=id_, **{**body, "permits": tuple(body["permits"])})


def crew(id_: UUID, body: dict[str, Any]) -> Crew:
    base = body.pop("base")
    lists = ("specialisations", "members", "equipment", "languages")
    frozen = {name: tuple(dict.fromkeys(body[name])) for name in lists}
    return Crew(id=id_, **{**body, **frozen}, base_lat=base["lat"], base_lon=base["lon"])


def equipment(id_: UUID, body: dict[str, Any]) -> Equipment:
    return Equipment(id=id_, **body)


def absence(id_: UUID, body: dict[str, Any], by: str) -> Absence:
    return Absence(id=id_, by=by, **body)


def login(name: str, body: dict[str, Any]) -> Login:
    return Login(name=login_key(name), **{**body, "roles": frozenset(body["roles"])})


def login_entry(given: Login) -> dict[str, Any]:
    return {**vars(given), "roles": sorted(given.roles)}


def entry(thing: Thing) -> dict[str, Any]:
    """A thing in the shape of its entry."""
    shown = {**vars(thing), "version": version_of(thing)}
    if isinstance(thing, Crew):
        shown["base"] = {"lat": thing.base_lat, "lon": thing.base_lon}
    return shown


def page(name: str, found: ThingPage) -> dict[str, Any]:
    """A page of things under the name of their register."""
    return {name: [entry(thing) for thing in found.things], "next_after": found.next_after}


def absence_entry(pair: tuple[Absence, Person]) -> dict[str, Any]:
    given, who = pair
    return {**vars(given), "name": who.name}
