"""The state machine of one message, the patience of sending, the pace."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.notify.domain.messages import (
    MOVES,
    PENDING,
    Message,
    Pace,
    Policy,
    Receipt,
    Recipient,
    State,
)
from services.notify.domain.telling import Telling
from services.notify.errors import ForbiddenMove
from tests.support.fakes import NOON

SID = "SM" + "0" * 32
POLICY = Policy(jitter=lambda: 1.0)
RU = Recipient("+77010000001", "ru", sms_allowed=True, request_number="1042")
KK = Recipient("+77010000002", "kk", sms_allowed=True, request_number="1042")


def queued() -> Message:
    return Message.queued(uuid4(), UUID(int=1), Telling("localised", "fact", NOON), NOON)


def sending() -> Message:
    return queued().written(RU, "Авария остановлена").leased(NOON, POLICY.lease)


def test_the_first_attempt_fixes_number_and_words() -> None:
    again = sending().written(KK, "Апат тоқтатылды")
    assert (again.phone, again.body, again.parts) == (RU.phone, "Авария остановлена", 1)


def test_a_message_never_leased_has_no_text_to_send() -> None:
    with pytest.raises(ForbiddenMove):
        _ = queued().sms


def test_doubt_stays_until_it_is_resolved() -> None:
    first = sending()
    assert first.unsure_since == NOON
    unknown = first.postponed(NOON, POLICY, unsure=True, error_code="sms_outcome_unknown")
    later = NOON + timedelta(minutes=1)
    assert unknown.leased(later, POLICY.lease).unsure_since == NOON
    certain = first.postponed(NOON, POLICY, unsure=False, error_code="sms_provider_busy")
    assert certain.leased(later, POLICY.lease).unsure_since == later
    receipt = unknown.received(Receipt(SID, State.SENT), later)
    assert receipt is not None
    assert receipt.unsure_since is None


@pytest.mark.parametrize("final", [State.DELIVERED, State.FAILED, State.SUPPRESSED])
def test_what_has_ended_stays_ended(final: State) -> None:
    assert MOVES[final] == frozenset()


def test_receipts_only_move_forward() -> None:
    sent = sending().received(Receipt(SID, State.SENT), NOON)
    assert sent is not None
    assert sent.received(Receipt(SID, State.SENT), NOON) is None, "repeated"
    delivered = sent.received(Receipt(SID, State.DELIVERED), NOON + timedelta(seconds=5))
    assert delivered is not None
    assert (delivered.sent_at, delivered.ended_at) == (NOON, NOON + timedelta(seconds=5))
    assert delivered.received(Receipt(SID, State.SENT), NOON) is None, "out of order"
    assert delivered.received(Receipt(SID, State.FAILED, "twilio_30003"), NOON) is None


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_to_a_limit_and_differ_by_chance(attempt: int, chance: float) -> None:
    policy = Policy(jitter=lambda: chance)
    pause = policy.pause(attempt)
    assert policy.first_pause / 2 <= pause <= policy.longest_pause
    assert policy.pause(attempt + 1) >= pause


def test_patience_ends_by_attempts_or_by_time() -> None:
    message = queued()
    for _ in range(POLICY.max_attempts):
        assert not message.exhausted(NOON, POLICY)
        leased = message.written(RU, "Текст").leased(NOON, POLICY.lease)
        message = leased.postponed(NOON, POLICY, unsure=False, error_code="sms_provider_busy")
    assert message.exhausted(NOON, POLICY)
    assert queued().exhausted(NOON + POLICY.give_up_after + timedelta(seconds=1), POLICY)


class Life(RuleBasedStateMachine):
    """Any order of what can happen: no move outside the table, nothing said after the end."""

    def __init__(self) -> None:
        super().__init__()
        self.message = queued()
        self.now = NOON

    def _happens(self, moved: Message | None) -> None:
        if moved is not None:
            assert moved.state in MOVES[self.message.state]
            self.message = moved

    @precondition(lambda self: self.message.state in PENDING)
    @rule()
    def lease(self) -> None:
        self._happens(self.message.written(RU, "Текст").leased(self.now, POLICY.lease))

    @precondition(lambda self: self.message.state is State.SENDING)
    @rule(unsure=st.booleans())
    def postpone(self, unsure: bool) -> None:
        self._happens(self.message.postponed(self.now, POLICY, unsure=unsure, error_code="x"))

    @precondition(lambda self: self.message.state is State.QUEUED)
    @rule()
    def suppress(self) -> None:
        self._happens(self.message.suppressed(self.now, "stopped_by_resident"))

    @precondition(lambda self: self.message.state in PENDING)
    @rule()
    def fail(self) -> None:
        self._happens(self.message.failed(self.now, "gave_up"))

    @rule(state=st.sampled_from([State.SENT, State.DELIVERED, State.FAILED]))
    def receipt(self, state: State) -> None:
        self._happens(self.message.received(Receipt(SID, state), self.now))

    @invariant()
    def ended_exactly_when_nothing_may_follow(self) -> None:
        assert (self.message.ended_at is not None) == (not MOVES[self.message.state])

    @invariant()
    def doubt_only_while_pending(self) -> None:
        if self.message.state in (State.SENT, State.DELIVERED):
            assert self.message.unsure_since is None
            assert self.message.provider_sid == SID


TestLife = Life.TestCase


def test_the_pace_lets_a_seconds_worth_through_at_once_then_so_many_a_second() -> None:
    pace = Pace(per_second=10, now=NOON)
    assert pace.allowed(NOON) == 10
    pace.spend(10)
    assert pace.allowed(NOON) == 0
    assert pace.allowed(NOON + timedelta(seconds=0.5)) == 5
    assert pace.allowed(NOON + timedelta(hours=1)) == 10, "an idle hour saves nothing up"


def test_a_slow_pace_still_moves() -> None:
    pace = Pace(per_second=0.1, now=NOON)
    pace.spend(pace.allowed(NOON))
    assert pace.allowed(NOON + timedelta(seconds=5)) == 0
    assert pace.allowed(NOON + timedelta(seconds=10)) == 1
