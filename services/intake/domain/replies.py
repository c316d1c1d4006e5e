"""Turns answers into the text of a message in the resident's language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.conversation import Answer

_GAPS, _ENDS = re.compile(" {2,}"), re.compile(" +$", re.MULTILINE)
"""What a word that there was nothing to say for leaves behind."""


class Texts(Protocol):
    """The catalogue of texts."""

    def text(self, language: str, msgid: str, **params: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Term:
    """A text of the catalogue inside another."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time to show as the city's clock does: the day only if it is another one."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a person wrote for residents, by language; one language stands in for the other."""

    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """How texts are made for one reader, now."""

    texts: Texts
    language: str
    zone: tzinfo = UTC
    now: datetime | None = None

    def text(self, msgid: str, params: Mapping[str, Any]) -> str:
        filled = {name: self._worded(value) for name, value in params.items()}
        return self.texts.text(self.language, msgid, **filled)

    def _worded(self, value: Any) -> Any:
        if isinstance(value, Address | Candidate):
            return value.text_in(self.language)
        if isinstance(value, Term):
            return self.text(value.msgid, value.params)
        if isinstance(value, Moment):
            return self._time(value.at)
        if isinstance(value, Said):
            return value.texts.get(self.language) or next(filter(None, value.texts.values()), "")
        return _numbered(self.language, value) if isinstance(value, tuple) else value

    def _time(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        today = self.now is not None and self.now.astimezone(self.zone).date() == local.date()
        return local.strftime("%H:%M" if today else "%d.%m %H:%M")


def render(
    texts: Texts, language: str, answer: Answer, zone: tzinfo = UTC, now: datetime | None = None
) -> str:
    """The words of an answer: addresses in the reader's language, candidates as numbered lines."""
    text = Wording(texts, language, zone, now).text(answer.msgid, answer.params)
    return _GAPS.sub(" ", _ENDS.sub("", text)).strip()


def _numbered(language: str, candidates: Sequence[Candidate]) -> str:
    told_apart_by_district = len({candidate.text_in(language) for candidate in candidates}) < len(candidates)
    lines = []
    for number, candidate in enumerate(candidates, start=1):
        district = candidate.district_in(language) if told_apart_by_district else ""
        lines.append(f"{number}) {candidate.text_in(language)}" + (f", {district}" if district else ""))
    return "\n".join(lines)
