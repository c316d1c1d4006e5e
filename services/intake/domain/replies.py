"""Turns answers into the text of a message in the resident's language."""

from collections.abc import Sequence
from typing import Any, Protocol

from services.intake.domain.addresses import Candidate
from services.intake.domain.conversation import Answer


class Texts(Protocol):
    """The catalogue of texts."""

    def text(self, language: str, msgid: str, **params: Any) -> str: ...


def render(texts: Texts, language: str, answer: Answer) -> str:
    """The words of an answer; candidates become numbered lines."""
    params = dict(answer.params)
    if "candidates" in params:
        params["choices"] = _numbered(language, params.pop("candidates"))
    return texts.text(language, answer.msgid, **params)


def _numbered(language: str, candidates: Sequence[Candidate]) -> str:
    told_apart_by_district = len({candidate.text_in(language) for candidate in candidates}) < len(candidates)
    lines = []
    for number, candidate in enumerate(candidates, start=1):
        district = candidate.district_in(language) if told_apart_by_district else ""
        lines.append(f"{number}) {candidate.text_in(language)}" + (f", {district}" if district else ""))
    return "\n".join(lines)
