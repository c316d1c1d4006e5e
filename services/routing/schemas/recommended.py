"""What a dispatcher is recommended, and the queues of crews, as they travel."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from marshmallow import Schema, fields

from services.routing.domain.choice import Refused
from services.routing.domain.options import Effect, Option
from services.routing.domain.turns import Turn
from services.routing.schemas.answers import Words
from services.routing.usecases.recommending import Recommended


class SaidShape(Schema):
    """A code and its words."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class EffectShape(Schema):
    """What becomes of another request: delayed by so many minutes, or (null) it loses its crew."""

    request_id = fields.UUID(required=True)
    number = fields.String(required=True)
    delayed_minutes = fields.Integer(required=True, allow_none=True)
    text = fields.String(required=True)


class OptionShape(Schema):
    """A crew that can come. ``way``: now (free), instead (of lesser work), after (what it has in hand).
    ``kept``: why it is not called off that. ``score_s``: seconds and preferences it is ranked by."""

    crew_id = fields.UUID(required=True)
    crew_name = fields.String(required=True)
    way = fields.String(required=True)
    eta_minutes = fields.Integer(required=True)
    arrives_at = fields.AwareDateTime(required=True)
    in_norm = fields.Boolean(required=True, allow_none=True)
    distance_m = fields.Integer(required=True)
    score_s = fields.Float(required=True)
    position_at = fields.AwareDateTime(required=True, allow_none=True)
    merits = fields.List(fields.Nested(SaidShape), required=True)
    kept = fields.Nested(SaidShape, required=True, allow_none=True)
    effects = fields.List(fields.Nested(EffectShape), required=True)


class RefusedShape(Schema):
    """A crew that may not go, with every reason."""

    crew_id = fields.UUID(required=True)
    crew_name = fields.String(required=True)
    reasons = fields.List(fields.Nested(SaidShape), required=True)


class Recommendation(Schema):
    """Who could go, best first; decide with ``POST …/assign`` and this ``version``."""

    request_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    mode = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    method = fields.String(required=True)
    ranked = fields.List(fields.Nested(OptionShape), required=True)
    refused = fields.List(fields.Nested(RefusedShape), required=True)


class TurnShape(Schema):
    """A request in line with a crew: its place, when the crew should be there, who pinned it."""

    request_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    crew_id = fields.UUID(required=True)
    place = fields.Integer(required=True)
    since = fields.AwareDateTime(required=True)
    planned_at = fields.AwareDateTime(required=True)
    arrives_at = fields.AwareDateTime(required=True, allow_none=True)
    pinned_by = fields.String(required=True, allow_none=True)
    pinned_at = fields.AwareDateTime(required=True, allow_none=True)


class Queues(Schema):
    """The queues of one organisation's crews."""

    turns = fields.List(fields.Nested(TurnShape), required=True)


def recommendation(found: Recommended, words: Words) -> dict[str, Any]:
    """As :class:`Recommendation` shows it, in the caller's language."""
    return {
        "request_id": found.case.request_id,
        "version": found.case.version,
        "mode": found.mode.value,
        "due_at": found.due_at,
        "method": found.options.method,
        "ranked": [_option(option, found, words) for option in found.options.ranked],
        "refused": [_refused(refused, words) for refused in found.options.refused],
    }


def queues(turns: Sequence[Turn]) -> dict[str, Any]:
    return {"turns": turns}


def _option(option: Option, found: Recommended, words: Words) -> dict[str, Any]:
    candidate = option.candidate
    crew = candidate.crew
    return {
        "crew_id": crew.crew_id,
        "crew_name": crew.name,
        "way": candidate.way.value,
        "eta_minutes": candidate.eta_minutes,
        "arrives_at": found.at + candidate.eta,
        "in_norm": option.in_norm,
        "distance_m": candidate.distance_m,
        "score_s": round(candidate.score_s, 1),
        "position_at": crew.position.at if crew.position else None,
        "merits": _said("merit", candidate.merits, words),
        "kept": _said("kept", [option.kept], words)[0] if option.kept else None,
        "effects": [_effect(effect, words) for effect in option.effects],
    }


def _refused(refused: Refused, words: Words) -> dict[str, Any]:
    crew = refused.crew
    reasons = _said("refusal", refused.reasons, words)
    return {"crew_id": crew.crew_id, "crew_name": crew.name, "reasons": reasons}


def _effect(effect: Effect, words: Words) -> dict[str, Any]:
    minutes = None if effect.delayed_by is None else ceil(effect.delayed_by / timedelta(minutes=1))
    key = "effect.loses_crew" if minutes is None else "effect.delayed"
    text = words(key, number=effect.number, minutes=minutes)
    return {
        "request_id": effect.request_id,
        "number": effect.number,
        "delayed_minutes": minutes,
        "text": text,
    }


def _said(kind: str, codes: Iterable[str], words: Words) -> list[dict[str, str]]:
    return [{"code": str(code), "text": words(f"{kind}.{code}")} for code in codes]
