"""Logins and the rest after repeated failures."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.access import Attempts, Login, LoginPolicy, Role, count_attempt, login_key
from services.crews.errors import BadMasterData, TooManyAttempts
from tests.unit.crews.examples import CREW, NOON, ORGANISATION

POLICY = LoginPolicy(attempts=3, window=timedelta(minutes=5), rest=timedelta(minutes=1))
DEVICE: dict[str, Any] = {"name": "crew-7", "organisation_id": ORGANISATION}


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": {Role.DISPATCHER}},
        {"roles": {Role.DISPATCHER}, "person_id": CREW, "crew_id": CREW},
        {"roles": {Role.DISPATCHER}, "crew_id": CREW},
        {"roles": {Role.CREW}, "person_id": CREW},
        {"roles": set(), "person_id": CREW},
    ],
    ids=["nobody's", "both", "a crew that dispatches", "a person as a crew", "no role"],
)
def test_a_login_belongs_to_a_person_with_roles_or_to_a_crew(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadMasterData):
        Login(**DEVICE, **{**wrong, "roles": frozenset(wrong["roles"])})


def test_a_login_is_one_however_it_is_typed() -> None:
    assert login_key("  Crew-7 ") == login_key("crew-7")


def test_a_login_rests_after_the_last_allowed_attempt() -> None:
    counted = None
    for _ in range(POLICY.attempts):
        counted = count_attempt(counted, NOON, POLICY)
    with pytest.raises(TooManyAttempts) as refused:
        count_attempt(counted, NOON + timedelta(seconds=20), POLICY)
    assert refused.value.details["retry_after_s"] == 40


def test_after_the_rest_counting_begins_anew() -> None:
    rested = Attempts(3, NOON, rests_until=NOON + timedelta(minutes=1))
    assert count_attempt(rested, NOON + timedelta(minutes=1), POLICY).count == 1


def test_old_failures_are_forgotten() -> None:
    before = Attempts(2, NOON)
    assert count_attempt(before, NOON + timedelta(minutes=6), POLICY).count == 1


@given(st.lists(st.integers(0, 400), max_size=60))
def test_no_minute_ever_sees_more_attempts_than_allowed(pauses_s: list[int]) -> None:
    now, attempts, looked_at = NOON, None, []
    for pause in pauses_s:
        now += timedelta(seconds=pause)
        try:
            attempts = count_attempt(attempts, now, POLICY)
        except TooManyAttempts:
            continue
        looked_at.append(now)
    for index, moment in enumerate(looked_at):
        same_minute = [other for other in looked_at[index:] if other - moment < POLICY.rest]
        assert len(same_minute) <= POLICY.attempts
