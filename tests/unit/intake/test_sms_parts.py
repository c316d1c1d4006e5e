"""How many SMS parts each answer of a conversation takes: growth costs money, decide on it (rule 6.12)."""

import pytest

from services.intake.domain.conversation import Answer
from services.intake.domain.replies import Term, render
from services.notify.domain.sms import parts
from shared.i18n import LANGUAGES
from tests.unit.intake.lines import ALMATY, CATALOG

LONGEST_NUMBER = 123456
STATES = [
    "registered",
    "classified",
    "transferred",
    "acknowledged",
    "departed",
    "arrived",
    "in_work",
    "localised",
    "done",
    "closed",
    "deferred",
    "returned",
    "cancelled",
    "rejected",
    "consulted",
    "joined",
]
FIXED = {
    "help": 2,
    "stopped": 1,
    "started": 1,
    "no_requests": 1,
    "draft_dropped": 1,
    "draft_kept": 1,
    "too_many": 2,
    "operator_will_ask": 1,
}
NUMBERED = {"not_yours": 1, "cancelled": 2, "cancel_asked": 2, "photo_added": 1}
STATUS = {"status": 1, "status_arrive": 2, "status_localise": 2, "status_complete": 2, "status_late": 2}


def counted(answer: Answer) -> int:
    return max(parts(render(CATALOG, language, answer, ALMATY)) for language in LANGUAGES)


@pytest.mark.rule("6.12")
@pytest.mark.parametrize(("name", "bound"), [*FIXED.items(), *NUMBERED.items()])
def test_plain_answers(name: str, bound: int) -> None:
    assert counted(Answer(f"sms.{name}", {"number": LONGEST_NUMBER})) == bound


@pytest.mark.rule("6.12")
@pytest.mark.parametrize(("name", "bound"), STATUS.items())
def test_status_with_any_state_and_a_date(name: str, bound: int) -> None:
    told = {"number": LONGEST_NUMBER, "time": "26.11 02:20"}
    lengths = [counted(Answer(f"sms.{name}", {**told, "state": Term(f"state.{state}")})) for state in STATES]
    assert max(lengths) == bound


def test_a_usual_status_is_one_part() -> None:
    told = {"number": 10423, "time": "21:40", "state": Term("state.departed")}
    assert counted(Answer("sms.status_arrival", told)) == 1


@pytest.mark.rule("6.12")
def test_asking_which_request_to_call_off() -> None:
    numbers = ", ".join(["123456"] * 5)
    assert counted(Answer("sms.cancel_which", {"numbers": numbers, "number": LONGEST_NUMBER})) == 2
    assert counted(Answer("sms.cancel_late", {"number": 1, "state": Term("state.closed")})) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_its_words(language: str) -> None:
    assert [state for state in STATES if not CATALOG.has(language, f"state.{state}")] == []
