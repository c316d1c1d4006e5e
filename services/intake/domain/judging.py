"""A resident's word on finished work: «1», «да», «нет 1042», «не починили», in any spelling.

A message is such a word only if it says nothing else: «нет, топит подвал» tells of trouble.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.standing import Standing

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_LONGEST = 80
_MOST_DIGITS = 9
_VERDICTS = ("fixed", "not_fixed")
_DIGITS = {"1": True, "2": False}

JUDGED_WITHIN = timedelta(days=14)
"""How long after the end of the work a bare «нет» is an answer about it."""

_DONE = frozenset({"done", "closed"})
_UNASKED = frozenset({"no_access", "handed_over", "consulted"})
"""Results that nobody takes for done: the request is the dispatcher's again, or never was for a crew."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the trouble is gone; ``number`` is that of the request meant, if one was named. ``is_digit``:
    said with the figure that was asked for, which an open question about an address may ask for too."""

    fixed: bool
    number: int | None = None
    is_digit: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What an applicant said last of the work on one request, and when."""

    request_id: UUID
    fixed: bool
    at: datetime


class JudgementReader:
    """Built once from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._fold = lexicon.fold
        self._fillers = lexicon.words("command_fillers")
        told = lexicon.data["judgement"]
        self._signs = {sign: name == "fixed" for name in _VERDICTS for sign in told["signs"][name]}
        self._said = {
            " ".join(self._words(phrase)): name == "fixed" for name in _VERDICTS for phrase in told[name]
        }

    def __call__(self, text: str) -> Judgement | None:
        """The judgement that ``text`` is, or None."""
        if len(text) > _LONGEST:
            return None
        words, numbers = self._words(text), _NUMBER.findall(text)
        if any(len(number) > _MOST_DIGITS for number in numbers):
            return None
        if words:
            return self._by_words(words, numbers)
        return _by_digits(numbers) if numbers else self._by_sign(text.strip())

    def _by_words(self, words: list[str], numbers: list[str]) -> Judgement | None:
        own = [word for word in words if word not in self._fillers]
        fixed = self._verdict(words)
        if fixed is None:
            fixed = self._verdict(own)
        if fixed is None or len(numbers) > 1:
            return None
        return Judgement(fixed, int(numbers[0]) if numbers and numbers[0] not in _DIGITS else None)

    def _verdict(self, words: list[str]) -> bool | None:
        """Of «не починили» and of «нет, не починили», which says the same twice."""
        whole, rest = self._said.get(" ".join(words)), self._said.get(" ".join(words[1:]))
        twice = rest is not None and self._said.get(words[0]) is rest
        return rest if whole is None and twice else whole

    def _by_sign(self, sign: str) -> Judgement | None:
        return Judgement(self._signs[sign]) if sign in self._signs else None

    def _words(self, text: str) -> list[str]:
        return [self._fold(word) for word in _WORD.findall(text)]


def open_to_judge(ended: datetime | None, judged: Judged | None, now: datetime) -> frozenset[bool]:
    """What may be said now of work that ended so, by whoever sees what was said before: whether it is fixed,
    or, after an answer, only the other one."""
    if ended is None or ended <= now - JUDGED_WITHIN:
        return frozenset()
    is_answered = judged is not None and judged.at >= ended
    return frozenset({True, False}) - ({judged.fixed} if judged is not None and is_answered else set())


def _by_digits(numbers: list[str]) -> Judgement | None:
    """«2», or «2 1042»: the answer, then the request."""
    fixed = _DIGITS.get(numbers[0])
    if fixed is None or len(numbers) > 2 or (len(numbers) == 2 and numbers[1] in _DIGITS):
        return None
    return Judgement(fixed, int(numbers[1]) if len(numbers) == 2 else None, is_digit=True)


def work_ended_at(standing: Standing | None) -> datetime | None:
    """When work ended that its applicant may judge; None while it goes on or if nothing was done."""
    if standing is None or standing.result in _UNASKED:
        return None
    if standing.state in _DONE:
        return standing.at
    crew = standing.crew
    is_news = crew is not None and crew.stage == "completed" and crew.at >= standing.at
    return crew.at if crew is not None and is_news and not standing.is_finished else None
