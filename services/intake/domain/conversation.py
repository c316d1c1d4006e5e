"""What to make of a message and what to answer: asks for what is missing, once, then lets people help."""

from dataclasses import dataclass, field, replace
from typing import Any

from services.intake.domain.addresses import Candidate, Resolution
from services.intake.domain.hearing import Heard
from services.intake.domain.requests import Missing, Question, Request
from services.intake.errors import NoSuchChoice

_PATIENCE = 1
"""How often the place is asked for before an operator takes over."""
_PATIENCE_WITH_THE_REST = 2
"""How often the trouble and the telephone are asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A text of the catalogue to send back."""

    msgid: str
    params: dict[str, Any] = field(default_factory=dict)


def listen(draft: Request, heard: Heard) -> Request:
    """The draft with everything new that the message says; its place and its question are settled."""
    if heard.problem and not draft.problem:
        draft = replace(draft, times_asked=0)  # half an answer is no reason to lose patience
    draft = replace(
        draft,
        problem=_joined(draft.problem, heard.problem),
        details=heard.details.or_else(draft.details),
    )
    if draft.question is Question.CHOICE and heard.choice and heard.choice <= len(draft.candidates):
        return choose(draft, heard.choice)
    best = heard.resolution.best
    if best is not None and best.is_complete:
        return _at(draft, best)
    return draft if draft.address is not None else _half_placed(draft, heard.resolution)


def _joined(said: str, new: str) -> str:
    """What was said, and what is new in it: who says the same again adds nothing."""
    return said if new in said else "\n".join(part for part in (said, new) if part)


def choose(draft: Request, choice: int) -> Request:
    """The draft at the candidate that was offered under this number (from 1); raises for any other number."""
    if not 1 <= choice <= len(draft.candidates):
        raise NoSuchChoice(choices=len(draft.candidates))
    return _at(draft, draft.candidates[choice - 1])


def next_question(draft: Request) -> tuple[Request, Answer | None]:
    """What to ask now; None when nothing is missing or, with ``needs_operator``, nothing more is asked."""
    if not draft.missing:
        return draft, None
    if draft.address is None:
        return _ask_for_place(draft)
    if draft.needs_operator or draft.times_asked >= _PATIENCE_WITH_THE_REST:
        return replace(draft, needs_operator=True), None
    question = Question(draft.missing[0])
    answer = Answer(f"sms.ask_{question}", {"address": draft.address})
    times = draft.times_asked + 1
    return replace(draft, question=question, candidates=(), times_asked=times), answer


def operator_will_call(draft: Request) -> Answer:
    """No more questions: a person takes over."""
    return Answer("sms.operator_will_call" if draft.address is None else "sms.operator_will_ask")


def question_again(draft: Request) -> Answer:
    """What the draft still waits for, asked once more."""
    if draft.needs_operator:
        return operator_will_call(draft)
    if draft.question is Question.HOUSE and draft.candidates:
        return Answer("sms.ask_house", {"street": draft.candidates[0]})
    if draft.question is Question.CHOICE and draft.candidates:
        return Answer("sms.ask_choice", {"choices": draft.candidates})
    if draft.address is None:
        both = Missing.PROBLEM in draft.missing
        return Answer("sms.ask_address_and_problem" if both else "sms.ask_address")
    return Answer(f"sms.ask_{draft.missing[0]}", {"address": draft.address})


def _half_placed(draft: Request, resolution: Resolution) -> Request:
    """A street without a house is taken when asking for it has not helped; choices are kept to offer."""
    street = _only_street(resolution)
    if street is not None and draft.question is Question.HOUSE:
        return _at(draft, street)
    if street is not None:
        return replace(draft, address_text=street.address.text, candidates=(street,))
    known = tuple(candidate for candidate in resolution.choices if candidate.is_complete)
    return replace(draft, candidates=known, address_text="") if known else draft


def _only_street(resolution: Resolution) -> Candidate | None:
    """The street of a message that names one, but no house on it."""
    if not resolution.choices or any(candidate.is_complete for candidate in resolution.choices):
        return None
    return resolution.choices[0]


def _at(draft: Request, candidate: Candidate) -> Request:
    return replace(
        draft,
        address=candidate.address,
        address_text="",
        candidates=(),
        question=None,
        times_asked=0,
        needs_operator=False,
    )


def _ask_for_place(draft: Request) -> tuple[Request, Answer | None]:
    question = _place_question(draft)
    if draft.needs_operator or draft.times_asked >= _PATIENCE + (question is not Question.ADDRESS):
        return replace(draft, needs_operator=True), None
    asked = replace(draft, question=question, times_asked=draft.times_asked + 1)
    if question is Question.HOUSE:
        return asked, Answer("sms.ask_house", {"street": draft.candidates[0]})
    if question is Question.CHOICE:
        return asked, Answer("sms.ask_choice", {"choices": draft.candidates})
    both = Missing.PROBLEM in draft.missing
    return asked, Answer("sms.ask_address_and_problem" if both else "sms.ask_address")


def _place_question(draft: Request) -> Question:
    if draft.address_text:
        return Question.HOUSE
    return Question.CHOICE if draft.candidates else Question.ADDRESS
