"""Logging in."""

from datetime import timedelta

import pytest

from services.crews.domain.access import Login, LoginPolicy, Role
from services.crews.errors import BadCredentials, TooManyAttempts, UnknownLogin
from services.crews.usecases.access import forget_old_attempts, issue_token, set_password
from services.crews.usecases.ports import Token
from shared.clock import FixedClock
from tests.unit.crews.examples import CREW, NOON, ORGANISATION
from tests.unit.crews.fakes import FakeUnitOfWork, PlainPasswords, PlainTokens

POLICY = LoginPolicy(attempts=3, window=timedelta(minutes=5), rest=timedelta(minutes=1))
DEVICE = Login("crew-7", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW)


class Office:
    """One login, its password "right", and a clock."""

    def __init__(self, login: Login = DEVICE) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.passwords = PlainPasswords()
        with self.uow as uow:
            uow.logins.save(login, self.passwords.hash("right"))
            uow.commit()

    def log_in(self, name: str, password: str) -> Token:
        return issue_token(lambda: self.uow, self.passwords, PlainTokens(), POLICY, name, password)


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_right_password_gets_a_token_however_the_login_is_typed(office: Office) -> None:
    assert office.log_in(" Crew-7", "right").access_token == "token of crew-7"


@pytest.mark.parametrize(("name", "password"), [("crew-7", "wrong"), ("nobody", "right")])
def test_an_unknown_login_is_refused_like_a_wrong_password(office: Office, name: str, password: str) -> None:
    with pytest.raises(BadCredentials):
        office.log_in(name, password)
    assert office.passwords.looked_at == 1


def test_a_login_put_out_of_use_is_refused_like_a_wrong_password() -> None:
    office = Office(Login("crew-7", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW, active=False))
    with pytest.raises(BadCredentials):
        office.log_in("crew-7", "right")


@pytest.mark.parametrize("name", ["crew-7", "nobody"])
def test_after_repeated_failures_the_login_rests_and_no_password_is_looked_at(
    office: Office, name: str
) -> None:
    for _ in range(POLICY.attempts):
        with pytest.raises(BadCredentials):
            office.log_in(name, "wrong")
    with pytest.raises(TooManyAttempts):
        office.log_in(name, "right")
    assert office.passwords.looked_at == POLICY.attempts


def test_after_the_rest_the_right_password_works_again(office: Office) -> None:
    for _ in range(POLICY.attempts):
        with pytest.raises(BadCredentials):
            office.log_in("crew-7", "wrong")
    office.clock.advance(POLICY.rest)
    assert office.log_in("crew-7", "right").actor_id == "crew-7"


def test_success_forgets_the_failures_before_it(office: Office) -> None:
    for _ in range(3):
        with pytest.raises(BadCredentials):
            office.log_in("crew-7", "wrong")
        office.clock.advance(POLICY.rest)
        office.log_in("crew-7", "right")
    assert office.uow.tables.attempts == {}


def test_a_new_password_works_at_once_and_the_old_one_no_more(office: Office) -> None:
    set_password(lambda: office.uow, office.passwords, "Crew-7", "another")
    assert office.log_in("crew-7", "another").actor_id == "crew-7"
    with pytest.raises(BadCredentials):
        office.log_in("crew-7", "right")


def test_a_password_needs_a_login(office: Office) -> None:
    with pytest.raises(UnknownLogin):
        set_password(lambda: office.uow, office.passwords, "nobody", "another")


def test_counted_attempts_are_dropped_when_they_no_longer_matter(office: Office) -> None:
    with pytest.raises(BadCredentials):
        office.log_in("nobody", "wrong")
    assert forget_old_attempts(office.uow, timedelta(minutes=6)) == 0
    office.clock.advance(timedelta(minutes=7))
    assert forget_old_attempts(office.uow, timedelta(minutes=6)) == 1
