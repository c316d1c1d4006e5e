"""What crews and organisations have in hand and in line, and what goes nowhere, as dispatchers get it."""

from typing import Any

from marshmallow import Schema, fields

from services.routing.domain.load import Load
from services.routing.schemas.answers import UnroutableShape, Words, unroutable


class NextShape(Schema):
    """A request in line with a crew: when it is to be there by the plan, and by when it should."""

    request_id = fields.UUID(required=True, attribute="turn.request_id")
    number = fields.String(required=True, attribute="entry.case.number")
    category = fields.String(required=True, allow_none=True, attribute="entry.case.category")
    arrives_at = fields.AwareDateTime(required=True, allow_none=True, attribute="turn.arrives_at")
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    pinned = fields.Boolean(required=True, attribute="turn.pinned")


class CrewLoadShape(Schema):
    """A crew's open jobs and the minutes booked from now on: the way that is left and the reckoned work."""

    crew_id = fields.UUID(required=True, attribute="crew.crew_id")
    name = fields.String(required=True, attribute="crew.name")
    organisation_id = fields.UUID(required=True, attribute="crew.organisation_id")
    shift_ends_at = fields.AwareDateTime(required=True, allow_none=True, attribute="crew.shift_ends_at")
    on_shift = fields.Boolean(required=True, attribute="works")
    open_jobs = fields.Integer(required=True)
    emergencies = fields.Integer(required=True)
    minutes_booked = fields.Integer(required=True)
    queue = fields.List(fields.Nested(NextShape), required=True)


class OrganisationLoadShape(Schema):
    """What an organisation has to work with, and what waits."""

    organisation_id = fields.UUID(required=True)
    crews_on_shift = fields.Integer(required=True)
    crews_free = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    open_jobs = fields.Integer(required=True)
    emergencies = fields.Integer(required=True)
    minutes_booked = fields.Integer(required=True)


class NobodyShape(Schema):
    """A request that nobody can take now, and why."""

    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    organisation_id = fields.UUID(required=True, allow_none=True)
    unroutable = fields.Nested(UnroutableShape, required=True)


class UndeliveredShape(Schema):
    """What a partner could not be told; ``POST /v1/deliveries/<id>/retry`` has it tried again."""

    delivery_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    number = fields.String(required=True, allow_none=True)
    partner = fields.String(required=True)
    kind = fields.String(required=True)
    trouble = fields.String(required=True)
    attempts = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)


class LoadShape(Schema):
    crews = fields.List(fields.Nested(CrewLoadShape), required=True)
    organisations = fields.List(fields.Nested(OrganisationLoadShape), required=True)
    nobody = fields.List(fields.Nested(NobodyShape), required=True)
    undelivered = fields.List(fields.Nested(UndeliveredShape), required=True)


def load(found: Load, words: Words) -> dict[str, Any]:
    """As :class:`LoadShape` shows it, in the caller's language."""
    return {
        "crews": found.crews,
        "organisations": found.organisations,
        "nobody": [
            {**vars(entry.case), "unroutable": unroutable(entry.case, words)} for entry in found.nobody
        ],
        "undelivered": [{**vars(told), "number": number} for told, number in found.undelivered],
    }
