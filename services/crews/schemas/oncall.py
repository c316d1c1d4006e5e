"""On-call lists: what those who keep them send, and whom to call now."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_load, validate

from services.crews.domain.oncall import Call, OnCallList, OnCallStep
from services.crews.domain.people import Staff
from services.crews.schemas.checks import text

_SLUG = validate.Regexp(r"[a-z][a-z0-9_]{0,39}\Z")


class OnCallStepBody(Schema):
    """One of person, crew, organisation or post (whoever is on duty at it), and how long to wait for it."""

    person_id = fields.UUID(load_default=None, allow_none=True)
    crew_id = fields.UUID(load_default=None, allow_none=True)
    organisation_id = fields.UUID(load_default=None, allow_none=True)
    post = fields.String(load_default=None, allow_none=True, validate=text(100))
    wait_min = fields.Integer(load_default=5, validate=validate.Range(1, 120))
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> OnCallStep:
        return OnCallStep(**data)


class OnCallBody(Schema):
    """Who is called for what, in order."""

    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=text(200))
    purposes = fields.List(
        fields.String(validate=_SLUG),
        required=True,
        validate=validate.Length(1, 50),
        metadata={"example": ["gas", "lift_trapped"]},
    )
    steps = fields.List(fields.Nested(OnCallStepBody), required=True, validate=validate.Length(1, 50))
    active = fields.Boolean(load_default=True)


class OnCallEntry(OnCallBody):
    """A list; ``version`` is its ETag."""

    id = fields.UUID(required=True)
    version = fields.String(required=True)


class OnCallPage(Schema):
    """A page; ``next_after`` asks for the next, null on the last."""

    on_call = fields.List(fields.Nested(OnCallEntry), required=True)
    next_after = fields.UUID(required=True, allow_none=True)


class PurposeQuery(Schema):
    """The kind of event."""

    purpose = fields.String(required=True, validate=_SLUG)


class CalledPerson(Schema):
    """Somebody who is there."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class CallShape(Schema):
    """A step with the people it means now; one that is not ``available`` is passed over at once."""

    list_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True, allow_none=True)
    crew_id = fields.UUID(required=True, allow_none=True)
    organisation_id = fields.UUID(required=True, allow_none=True)
    post = fields.String(required=True, allow_none=True)
    wait_min = fields.Integer(required=True)
    note = fields.String(required=True, allow_none=True)
    people = fields.List(fields.Nested(CalledPerson), required=True)
    available = fields.Boolean(required=True)


class Calls(Schema):
    """Whom to call, in order."""

    calls = fields.List(fields.Nested(CallShape), required=True)


def on_call(id_: UUID, body: dict[str, Any]) -> OnCallList:
    frozen = {name: tuple(body[name]) for name in ("purposes", "steps")}
    return OnCallList(id=id_, **{**body, **frozen})


def calls(found: tuple[list[Call], Staff]) -> dict[str, Any]:
    """Calls in the shape of :class:`Calls`, people by name."""
    listed, staff = found
    return {"calls": [_call(call, staff) for call in listed]}


def _call(call: Call, staff: Staff) -> dict[str, Any]:
    people = [{"id": id_, "name": staff.people[id_].name} for id_ in call.people]
    return {**vars(call.step), "list_id": call.list_id, "people": people, "available": call.available}
