"""The shapes of a seed file: organisations with their people, crews and logins (see the README)."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.crews.domain.access import Role
from services.crews.domain.fitness import Permit

KINDS = ("dispatch", "water", "heat", "power", "gas", "lift", "manager", "contractor")
SYSTEMS = ("water", "sewer", "heat", "power", "gas", "lift", "structure", "yard", "dispatch", "other")
LANGUAGES = ("ru", "kk")
_NAME = validate.Length(min=1, max=200)
_KIND = validate.Regexp(r"[a-z][a-z0-9_]{0,39}\Z")
_PERSON_ROLES = [role for role in Role if role is not Role.CREW]


class KeyedShape(Schema):
    """Everything in the file has a key, which never changes, or an id of its own, or both."""

    key = fields.String(required=True, validate=validate.Length(min=1, max=100))
    id = fields.UUID(load_default=None)
    name = fields.String(required=True, validate=_NAME)
    active = fields.Boolean(load_default=True)


class LoginShape(Schema):
    """A login with a password of its own, or one to be generated and shown once."""

    login = fields.String(required=True, validate=validate.Length(min=1, max=100))
    password = fields.String(load_default=None, validate=validate.Length(min=8, max=200))
    generate = fields.Boolean(load_default=False)
    active = fields.Boolean(load_default=True)

    @validates_schema
    def one_password(self, data: dict[str, Any], **_: Any) -> None:
        if (data["password"] is None) is not data["generate"]:
            raise ValidationError("Give either password or generate: true.", "password")


class PersonLoginShape(LoginShape):
    """The login of a person, with what it may do."""

    roles = fields.List(
        fields.Enum(Role, by_value=True, validate=validate.OneOf(_PERSON_ROLES)),
        required=True,
        validate=validate.Length(min=1),
    )


class PermitShape(Schema):
    """A qualification or permit; without ``expires_on`` it is for good."""

    kind = fields.String(required=True, validate=_KIND)
    number = fields.String(load_default=None, validate=_NAME)
    expires_on = fields.Date(load_default=None)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Permit:
        return Permit(**data)


class EquipmentShape(KeyedShape):
    """An instrument, a machine or a vehicle; ``crew`` is the key of the crew that has it."""

    kind = fields.String(required=True, validate=_KIND)
    number = fields.String(load_default=None, validate=_NAME)
    crew = fields.String(load_default=None)
    check_due = fields.Date(load_default=None)


class PersonShape(KeyedShape):
    """Someone who works for the organisation."""

    grade = fields.Integer(load_default=None, validate=validate.Range(2, 6))
    works_since = fields.Date(load_default=None)
    permits = fields.List(fields.Nested(PermitShape), load_default=list)
    access = fields.Nested(PersonLoginShape, load_default=None)


class PointShape(Schema):
    """WGS 84 degrees."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))


class SeedShiftShape(Schema):
    """On shift from now, for so many hours or until a time."""

    hours = fields.Float(load_default=None, validate=validate.Range(0, 24, min_inclusive=False))
    until = fields.AwareDateTime(load_default=None)

    @validates_schema
    def one_end(self, data: dict[str, Any], **_: Any) -> None:
        if data["hours"] is not None and data["until"] is not None:
            raise ValidationError("Give either hours or until.", "until")


class CrewShape(KeyedShape):
    """A crew: members are keys of people in this file."""

    specialisations = fields.List(
        fields.String(validate=validate.OneOf(SYSTEMS)), required=True, validate=validate.Length(min=1)
    )
    members = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    leader = fields.String(load_default=None)
    equipment = fields.List(fields.String(validate=_NAME), load_default=list)
    languages = fields.List(
        fields.String(validate=validate.OneOf(LANGUAGES)), load_default=lambda: ["ru", "kk"]
    )
    base = fields.Nested(PointShape, required=True)
    access = fields.Nested(LoginShape, load_default=None)
    shift = fields.Nested(SeedShiftShape, load_default=None)


class OrganisationShape(KeyedShape):
    """An organisation with its people and crews."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    people = fields.List(fields.Nested(PersonShape), load_default=list)
    crews = fields.List(fields.Nested(CrewShape), load_default=list)
    equipment = fields.List(fields.Nested(EquipmentShape), load_default=list)


class SeedShape(Schema):
    """The whole file."""

    organisations = fields.List(fields.Nested(OrganisationShape), required=True)
