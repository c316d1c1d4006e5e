"""How the telephone menu is set up: words and voices of ``data/voice.yml``, norms, and the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.intake.domain.call_norms import CallClock, CallNorm, CallNorms
from services.intake.errors import BadCallNorms
from services.intake.schemas.twiml import Operator, Speaker, Telephones

_DATA = Path(__file__).parent.parent / "data"
_LIMIT = re.compile(r"([1-9]\d*)([smh])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


class Limit(fields.Field[timedelta]):
    """A length of time such as ``90s``, ``5m``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        match = _LIMIT.fullmatch(str(value))
        if match is None:
            raise ValidationError("must be a number with s, m or h, such as 5m")
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


class _Day(fields.Date):
    """YAML reads a bare date by itself."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(str(value), *args, **kwargs)


class LegalText(Schema):
    ru = fields.String(required=True, validate=validate.Length(min=1))
    kk = fields.String(required=True, validate=validate.Length(min=1))


class CallNormShape(Schema):
    """One row of the table."""

    id = fields.String(required=True)
    clock = fields.Enum(CallClock, by_value=True, required=True)
    limit = Limit(required=True)
    country = fields.String(required=True)
    is_default = fields.Boolean(required=True, data_key="default")
    legal = fields.Nested(LegalText, required=True)
    mark = fields.String(required=True, validate=validate.OneOf(["V", "P", "M", "D"]))
    valid_from = _Day(required=True)
    valid_to = _Day(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> CallNorm:
        del data["mark"]
        return CallNorm(**data)


class CallNormFile(Schema):
    version = fields.String(required=True)
    norms = fields.List(fields.Nested(CallNormShape), required=True)


def read_call_norms(country: str, path: Path = _DATA / "call_norms.yml") -> CallNorms:
    """The norms as they hold in a country; raises BadCallNorms that says what is wrong."""
    try:
        table = CallNormFile().load(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as wrong:
        raise BadCallNorms(f"{path.name}: {wrong.messages}") from wrong
    except (OSError, yaml.YAMLError) as unreadable:
        raise BadCallNorms(f"{path.name}: {unreadable}") from unreadable
    return CallNorms(table["version"], country, tuple(table["norms"]))


@cache
def voice_data() -> Mapping[str, Any]:
    """``data/voice.yml``."""
    content: Mapping[str, Any] = yaml.safe_load((_DATA / "voice.yml").read_text(encoding="utf-8"))
    return content


@dataclass(frozen=True)
class Telephony:
    """The settings ``voice_*`` read."""

    speakers: Mapping[str, Speaker]
    speech: Mapping[str, str]
    """Language → what recognises it; only languages that something recognises."""
    telephones: Telephones
    records: bool


def read_telephony(settings: Any) -> Telephony:
    """From the service's settings; ``settings.get(key)`` gives one by name."""
    speech = {**voice_data()["speech"], **(settings.get("voice_speech") or {})}
    telephones = Telephones(
        operators=_operators(settings.get("voice_operators")),
        urgent=_operators(settings.get("voice_urgent_operators")),
        ring_s=int(settings.get("voice_ring_s", 20)),
        caller_id=settings.get("voice_caller_id") or None,
        queue=settings.get("voice_queue") or "",
        transcribe=bool(settings.get("voice_transcribe", False)),
    )
    spoken = {language: tag for language, tag in speech.items() if tag}
    return Telephony(_speakers(settings), spoken, telephones, bool(settings.get("voice_record", True)))


def _speakers(settings: Any) -> Mapping[str, Speaker]:
    own, recorded = settings.get("voice_say") or {}, settings.get("voice_prompts") or {}
    voices = settings.get("voice_voices") or {}
    return {
        language: Speaker(
            # A provider's own voice of the language needs none of our spelling.
            **({**said, "language": own[language], "respell": {}, "tens": []} if language in own else said),
            voice=voices.get(language),
            recorded=recorded.get(language),
        )
        for language, said in voice_data()["say"].items()
    }


def _operators(given: Any) -> tuple[Operator, ...]:
    """Operators' telephones as listed: ``name=address`` or the address alone, which is then numbered."""
    return tuple(_operator(str(entry), number) for number, entry in enumerate(given or (), start=1))


def _operator(entry: str, number: int) -> Operator:
    named = re.fullmatch(r"([A-Za-z0-9_-]+)=(.+)", entry)
    return Operator(named[1], named[2]) if named else Operator(f"operator-{number}", entry)
