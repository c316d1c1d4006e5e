"""The self-audit: what it raises, and when."""

from datetime import timedelta

import pytest

from services.journal.domain.audit import Allowances, Finding, OpenStep, Silence, Surroundings, Vitals, audit
from services.journal.domain.states import State
from tests.unit.journal.lives import START

ALLOWED = Allowances()
WELL = Surroundings(peers={}, dead_letters={})
INSTANT = timedelta(seconds=1)


def raised(step: OpenStep, after: timedelta) -> list[str]:
    return [finding.code for finding in audit([step], WELL, ALLOWED, START + after)]


@pytest.mark.parametrize(
    ("state", "allowance", "code"),
    [
        (State.DRAFT, ALLOWED.draft, "stale_draft"),
        (State.REGISTERED, ALLOWED.classify, "unclassified"),
        (State.CLASSIFIED, ALLOWED.transfer, "unrouted"),
        (State.RETURNED, ALLOWED.returned, "return_unhandled"),
        (State.DONE, ALLOWED.close, "unclosed"),
    ],
)
def test_a_step_is_raised_once_its_allowance_is_used_up(
    state: State, allowance: timedelta, code: str
) -> None:
    step = OpenStep("r1", state, START)
    assert raised(step, allowance) == []
    assert raised(step, allowance + INSTANT) == [code]


def test_work_in_hand_is_watched_by_its_clocks_not_by_the_audit() -> None:
    for state in (State.ACKNOWLEDGED, State.IN_WORK, State.LOCALISED):
        assert raised(OpenStep("r1", state, START), timedelta(days=1)) == []


def test_what_routing_called_unroutable_is_a_person_s_for_a_while() -> None:
    step = OpenStep("r1", State.CLASSIFIED, START, unroutable_at=START)
    assert raised(step, ALLOWED.transfer + INSTANT) == []
    assert raised(step, ALLOWED.unroutable + INSTANT) == ["unroutable"]


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U5")
def test_a_transfer_that_nobody_acknowledged_in_its_norm_is_raised() -> None:
    step = OpenStep("r1", State.TRANSFERRED, START, acknowledge_by=START + timedelta(minutes=3))
    assert raised(step, timedelta(minutes=3)) == []
    assert raised(step, timedelta(minutes=3, seconds=1)) == ["unacknowledged"]


def test_facts_that_never_fit_are_raised() -> None:
    step = OpenStep("r1", State.IN_WORK, START, waiting_facts=2, waiting_since=START)
    assert raised(step, ALLOWED.unapplied) == []
    assert raised(step, ALLOWED.unapplied + INSTANT) == ["unapplied"]


def test_facts_that_do_not_fit_a_finished_request_are_raised_for_a_day() -> None:
    step = OpenStep("r1", State.CLOSED, START, waiting_facts=1, waiting_since=START)
    assert raised(step, timedelta(hours=23)) == ["unapplied"]
    assert raised(step, timedelta(hours=25)) == []


def test_a_silent_peer_an_old_outbox_and_unsent_messages_are_raised() -> None:
    peers: dict[str, Vitals | Silence] = {
        "intake": Silence(START - timedelta(seconds=31)),
        "journal": Silence(START - timedelta(seconds=30)),
        "triage": Vitals(ready=True, outbox_pending=3, outbox_age_s=31),
        "routing": Vitals(ready=True, outbox_pending=3, outbox_age_s=29),
        "crews": Vitals(ready=False),
        "notify": Vitals(ready=True, unsent_messages=2, message_age_s=45, untold=1, untold_age_s=301),
    }
    found = audit([], Surroundings(peers, {}), ALLOWED, START)
    assert [(finding.code, finding.subject) for finding in found] == [
        ("messages_unsent", "notify"),
        ("outbox_stuck", "triage"),
        ("peer_silent", "intake"),
        ("peer_unready", "crews"),
        ("resident_untold", "notify"),
    ]
    assert found[1].since == START - timedelta(seconds=31)


def test_dead_letters_and_a_silent_broker_are_raised() -> None:
    letters = audit([], Surroundings({}, {"notify": 2, "crews": 0}), ALLOWED, START)
    assert letters == (Finding("dead_letters", "notify", START, "2 events were given up"),)
    silent = Surroundings({}, Silence(START - timedelta(seconds=31)))
    assert [finding.code for finding in audit([], silent, ALLOWED, START)] == ["broker_silent"]


@pytest.mark.rule("D-1.3-U5")
def test_with_the_default_period_a_stuck_step_is_raised_within_a_minute() -> None:
    period = timedelta(seconds=20)
    for allowance in (ALLOWED.classify, ALLOWED.transfer, ALLOWED.unapplied, ALLOWED.outbox, ALLOWED.silence):
        assert allowance + period < timedelta(minutes=1)
