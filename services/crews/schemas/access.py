"""Logging in: what callers send and get."""

from typing import Any

from marshmallow import Schema, fields

from services.crews.domain.people import Crew, Shift
from services.crews.schemas.checks import text
from services.crews.schemas.duty import CrewShape, ShiftShape, shift


class NewToken(Schema):
    """A login and its password."""

    login = fields.String(required=True, validate=text(100))
    password = fields.String(required=True, load_only=True, validate=text(200))


class AccessToken(Schema):
    """A bearer token for every service of the suite."""

    access_token = fields.String(required=True)
    token_type = fields.Constant("Bearer")
    expires_at = fields.AwareDateTime(required=True)
    roles = fields.List(fields.String(), required=True)
    actor_id = fields.String(required=True)


class Me(Schema):
    """Who the token speaks for."""

    actor_id = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    organisation_id = fields.String(required=True, allow_none=True)
    crew = fields.Nested(CrewShape, required=True, allow_none=True)
    shift = fields.Nested(ShiftShape, required=True, allow_none=True)


def me(actor: Any, crew: Crew | None, latest: Shift | None) -> dict[str, Any]:
    return {
        "actor_id": actor.id,
        "roles": sorted(actor.roles),
        "organisation_id": actor.organisation_id,
        "crew": crew,
        "shift": shift(latest) if crew else None,
    }
