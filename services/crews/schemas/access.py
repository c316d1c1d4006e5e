"""Logging in: what callers send and get."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.people import Crew, Shift
from services.crews.schemas.checks import LARGEST_CURSOR, storable, text
from services.crews.schemas.duty import CrewShape, ShiftShape, shift
from services.crews.usecases.access import Admission


class NewToken(Schema):
    """A login and its password."""

    login = fields.String(required=True, validate=text(100))
    password = fields.String(required=True, load_only=True, validate=text(200))


class NextToken(Schema):
    """The refresh token that came with the last access token."""

    refresh_token = fields.String(required=True, load_only=True, validate=text(200))


class AccessToken(Schema):
    """A bearer token for every service of the suite, and the refresh token that brings the next one.

    A refresh token is exchanged once, before ``refresh_expires_at``; used again later it ends the session.
    """

    access_token = fields.String(required=True)
    token_type = fields.Constant("Bearer")
    expires_at = fields.AwareDateTime(required=True)
    roles = fields.List(fields.String(), required=True)
    actor_id = fields.String(required=True)
    session_id = fields.UUID(required=True)
    refresh_token = fields.String(required=True)
    refresh_expires_at = fields.AwareDateTime(required=True)


class NewPairingCode(Schema):
    """The crew whose phone is let in."""

    crew_id = fields.UUID(required=True)


class PairingCodeShape(Schema):
    """The code, which is shown this once; it lets one phone in until ``expires_at``."""

    code = fields.String(required=True, metadata={"example": "48051973"})
    crew_id = fields.UUID(required=True)
    expires_at = fields.AwareDateTime(required=True)


class NewDevice(Schema):
    """The code as it was typed, spaces and dashes allowed, and what the phone calls itself."""

    code = fields.String(required=True, load_only=True, validate=text(40))
    name = fields.String(load_default="", validate=[validate.Length(max=100), storable])

    @post_load
    def only_digits(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "code": "".join(letter for letter in data["code"] if letter.isdigit())}


class DevicesQuery(Schema):
    """Without ``crew_id``: the phones of every crew that the caller answers for."""

    crew_id = fields.UUID(load_default=None)


class SessionShape(Schema):
    """A login that lasts: a phone of a crew, or a person at a desk."""

    id = fields.UUID(required=True)
    login = fields.String(required=True)
    crew_id = fields.UUID(required=True, allow_none=True)
    label = fields.String(required=True, metadata={"description": "what the device calls itself"})
    started_at = fields.AwareDateTime(required=True)
    started_by = fields.String(required=True)
    last_used_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class Devices(Schema):
    """The phones that are in."""

    devices = fields.List(fields.Nested(SessionShape), required=True)


class Me(Schema):
    """Who the token speaks for."""

    actor_id = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    organisation_id = fields.String(required=True, allow_none=True)
    crew = fields.Nested(CrewShape, required=True, allow_none=True)
    shift = fields.Nested(ShiftShape, required=True, allow_none=True)


class Sessions(Schema):
    """Everybody who is in."""

    sessions = fields.List(fields.Nested(SessionShape), required=True)


class SessionsQuery(Schema):
    """Without ``login``: everybody."""

    login = fields.String(load_default=None, validate=text(100))


class AccessLogQuery(Schema):
    """A page of acts before number ``before``, the latest first."""

    before = fields.Integer(load_default=None, validate=validate.Range(min=0, max=LARGEST_CURSOR))
    login = fields.String(load_default=None, validate=text(100))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))


class AccessActShape(Schema):
    """``by`` did ``act`` from ``address``; ``login`` and ``session_id`` are what it was done to."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    act = fields.Enum(Act, by_value=True, required=True)
    by = fields.String(required=True, allow_none=True)
    login = fields.String(required=True, allow_none=True)
    session_id = fields.UUID(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    details = fields.Dict(required=True)


class AccessLog(Schema):
    """Acts, the latest first; ``before`` asks for the page that follows, null on the last."""

    acts = fields.List(fields.Nested(AccessActShape), required=True)
    before = fields.Integer(required=True, allow_none=True)


class KeySet(Schema):
    """The public keys of access tokens as a JSON Web Key Set."""

    keys = fields.List(fields.Dict(), required=True)


def access_log(acts: list[AccessAct], limit: int) -> dict[str, Any]:
    """A page of acts in the shape of :class:`AccessLog`."""
    return {"acts": acts, "before": acts[-1].id if len(acts) == limit else None}


def admission(given: Admission) -> dict[str, Any]:
    """What :class:`AccessToken` shows of an admission."""
    return {
        **vars(given.token),
        "session_id": given.session.id,
        "refresh_token": given.refresh_token,
        "refresh_expires_at": given.session.expires_at,
    }


def me(actor: Any, crew: Crew | None, latest: Shift | None) -> dict[str, Any]:
    return {
        "actor_id": actor.id,
        "roles": sorted(actor.roles),
        "organisation_id": actor.organisation_id,
        "crew": crew,
        "shift": shift(latest) if crew else None,
    }
