"""Calls and the call-back queue, as operators see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.intake.domain.call_norms import CallNorm
from services.intake.domain.callbacks import OPEN, CallbackState
from services.intake.domain.calls import Call, Figures, Outcome
from services.intake.domain.privacy import mask_phones
from services.intake.usecases.callbacks import Waiting

_OPEN_ONES = "open"
Card = Mapping[str, Any]


class CallQuery(Schema):
    request_id = fields.UUID(load_default=None)
    contact_ref = fields.UUID(load_default=None)
    outcome = fields.Enum(Outcome, by_value=True, load_default=None)
    going_on = fields.Boolean(
        load_default=False,
        metadata={"description": "who is on the line now"},
    )
    since = fields.AwareDateTime(data_key="from", load_default=None)
    before = fields.AwareDateTime(data_key="to", load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class FiguresQuery(Schema):
    since = fields.AwareDateTime(data_key="from", load_default=None)


class CallbackQuery(Schema):
    state = fields.String(
        load_default=_OPEN_ONES,
        validate=validate.OneOf([_OPEN_ONES, *(state.value for state in CallbackState)]),
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))

    @post_load
    def to_states(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        asked = data.pop("state")
        return {**data, "states": OPEN if asked == _OPEN_ONES else frozenset({CallbackState(asked)})}


class CallbackDone(Schema):
    nothing_needed = fields.Boolean(
        load_default=False, metadata={"description": "the person needs nothing any more: drop the draft"}
    )


class CallLink(Schema):
    request_id = fields.UUID(required=True)


class RecordingShape(Schema):
    sid = fields.String(required=True)
    url = fields.String(required=True, metadata={"description": "at the provider, with its credentials"})
    seconds = fields.Integer(required=True)


class CallShape(Schema):
    call_id = fields.String(required=True, metadata={"description": "the provider's CallSid"})
    request_id = fields.UUID(required=True, allow_none=True)
    contact_ref = fields.UUID(required=True, allow_none=True)
    language = fields.String(required=True)
    alarm = fields.String(required=True, allow_none=True, metadata={"description": "gas or lift"})
    outcome = fields.String(
        required=True, allow_none=True, metadata={"description": "null while the call goes on"}
    )
    rang_at = fields.AwareDateTime(required=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    waited_s = fields.Float(required=True, allow_none=True)
    operator = fields.String(required=True, allow_none=True)
    consent = fields.String(required=True)
    recording = fields.Nested(RecordingShape, required=True, allow_none=True)
    transcription = fields.String(required=True)


class CallList(Schema):
    calls = fields.List(fields.Nested(CallShape), required=True)


class NormCard(Schema):
    id = fields.String(required=True)
    limit_s = fields.Float(required=True)
    legal = fields.String(required=True)
    is_law = fields.Boolean(
        required=True, metadata={"description": "false: another country's rule, used as a default"}
    )


class CallbackShape(Schema):
    callback_id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True)
    alarm = fields.String(required=True, allow_none=True)
    calls = fields.Integer(required=True)
    rang_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    overdue = fields.Boolean(required=True)
    norm = fields.Nested(NormCard, required=True, allow_none=True)
    can_be_called = fields.Boolean(required=True)
    claimed_by = fields.String(required=True, allow_none=True)
    claimed_at = fields.AwareDateTime(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    not_before = fields.AwareDateTime(required=True, allow_none=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    call = fields.Nested(CallShape, required=True)


class CallbackList(Schema):
    callbacks = fields.List(fields.Nested(CallbackShape), required=True)


class ClaimedShape(CallbackShape):
    phone = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class FiguresShape(Schema):
    since = fields.AwareDateTime(required=True)
    calls = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    answered_in_norm = fields.Integer(required=True)
    messages = fields.Integer(required=True)
    callbacks = fields.Integer(required=True)
    dropped = fields.Integer(required=True)
    answered_share = fields.Float(required=True, allow_none=True)
    waited_p50_s = fields.Float(required=True, allow_none=True)
    waited_p95_s = fields.Float(required=True, allow_none=True)
    to_call_back = fields.Integer(required=True)
    overdue = fields.Integer(required=True)


def call_card(call: Call) -> Mapping[str, Any]:
    """One call; what was said is shown without phone numbers."""
    names = set(CallShape().fields) - {"call_id", "waited_s", "transcription"}
    return {
        **{name: getattr(call, name) for name in names},
        "call_id": call.sid,
        "waited_s": call.waited.total_seconds() if call.waited is not None else None,
        "transcription": mask_phones(call.transcription),
    }


def callback_card(waiting: Waiting, norm: Card | None, now: datetime) -> Mapping[str, Any]:
    """One place in the queue; with the person for whoever has claimed it."""
    callback, person = waiting.callback, waiting.person
    names = set(CallbackShape().fields) - {"callback_id", "overdue", "norm", "can_be_called", "call"}
    return {
        **{name: getattr(callback, name) for name in names},
        "callback_id": callback.id,
        "overdue": callback.is_overdue(now),
        "norm": norm,
        "can_be_called": callback.contact_ref is not None,
        "call": call_card(waiting.call),
        "phone": person.phone if person is not None else None,
        "name": person.name if person is not None else None,
    }


def norm_card(norm: CallNorm, country: str, language: str) -> Mapping[str, Any]:
    """A norm with its legal reference, and whether it is law here at all (rule 6.9)."""
    return {
        "id": norm.id,
        "limit_s": norm.limit.total_seconds(),
        "legal": norm.legal[language],
        "is_law": norm.is_law_in(country),
    }


def figures_card(figures: Figures) -> Mapping[str, Any]:
    return {name: getattr(figures, name) for name in FiguresShape().fields}
