"""Turns answers into the text of a message in the resident's language."""

from collections.abc import Sequence
from typing import Any, Protocol

from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.conversation import Answer


class Texts(Protocol):
    """The catalogue of texts."""

    def text(self, language: str, msgid: str, **params: Any) -> str: ...


def render(texts: Texts, language: str, answer: Answer) -> str:
    """The words of an answer: addresses in the reader's language, candidates as numbered lines."""
    return texts.text(
        language, answer.msgid, **{name: _worded(value, language) for name, value in answer.params.items()}
    )


def _worded(value: Any, language: str) -> Any:
    if isinstance(value, Address | Candidate):
        return value.text_in(language)
    return _numbered(language, value) if isinstance(value, tuple) else value


def _numbered(language: str, candidates: Sequence[Candidate]) -> str:
    told_apart_by_district = len({candidate.text_in(language) for candidate in candidates}) < len(candidates)
    lines = []
    for number, candidate in enumerate(candidates, start=1):
        district = candidate.district_in(language) if told_apart_by_district else ""
        lines.append(f"{number}) {candidate.text_in(language)}" + (f", {district}" if district else ""))
    return "\n".join(lines)
