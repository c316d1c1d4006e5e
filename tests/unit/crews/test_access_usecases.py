"""Logging in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.crews.domain.access import Login, Role
from services.crews.domain.audit import Act
from services.crews.domain.sessions import EndReason
from services.crews.errors import BadCredentials, SessionEnded, TooManyAttempts, UnknownLogin
from services.crews.usecases.access import (
    Admission,
    Caller,
    forget_old,
    log_in,
    log_out,
    refresh,
    set_password,
)
from shared.clock import FixedClock
from tests.unit.crews.doors import ADDRESSES, POLICY, door_of
from tests.unit.crews.examples import CREW, NOON, ORGANISATION, STAFF
from tests.unit.crews.fakes import FakeUnitOfWork, PlainPasswords

DESK = Caller("10.1.2.3", "a browser")
DEVICE = Login("crew-7", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW)


class Office:
    """One login, its password "right", and a clock."""

    def __init__(self, login: Login = DEVICE) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.passwords = PlainPasswords()
        self.door = door_of(lambda: self.uow, self.passwords)
        with self.uow as uow:
            uow.staff.save(STAFF)
            uow.logins.save(login, self.passwords.hash("right"))
            uow.commit()

    def log_in(self, name: str, password: str) -> Admission:
        return log_in(self.door, name, password, DESK)

    def refresh(self, secret: str) -> Admission:
        return refresh(self.door, secret, DESK)

    @property
    def acts(self) -> list[Act]:
        return [noted.act for noted in self.uow.tables.acts]


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_right_password_gets_a_token_however_the_login_is_typed(office: Office) -> None:
    assert office.log_in(" Crew-7", "right").token.access_token == "token of crew-7"


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
    assert office.log_in("crew-7", "right").token.actor_id == "crew-7"


def test_success_forgets_the_failures_before_it(office: Office) -> None:
    for _ in range(3):
        with pytest.raises(BadCredentials):
            office.log_in("crew-7", "wrong")
        office.clock.advance(POLICY.rest)
        office.log_in("crew-7", "right")
    assert "crew-7" not in office.uow.tables.attempts


def test_a_new_password_works_at_once_and_the_old_one_no_more(office: Office) -> None:
    set_password(lambda: office.uow, office.passwords, "Crew-7", "another")
    assert office.log_in("crew-7", "another").token.actor_id == "crew-7"
    with pytest.raises(BadCredentials):
        office.log_in("crew-7", "right")


def test_a_password_needs_a_login(office: Office) -> None:
    with pytest.raises(UnknownLogin):
        set_password(lambda: office.uow, office.passwords, "nobody", "another")


def test_counted_attempts_are_dropped_when_they_no_longer_matter(office: Office) -> None:
    with pytest.raises(BadCredentials):
        office.log_in("nobody", "wrong")
    assert forget_old(office.uow, timedelta(minutes=6), timedelta(days=400)) == 0
    office.clock.advance(timedelta(minutes=7))
    assert forget_old(office.uow, timedelta(minutes=6), timedelta(days=400)) == 2


def test_one_address_cannot_try_many_logins(office: Office) -> None:
    for number in range(ADDRESSES.attempts):
        with pytest.raises(BadCredentials):
            office.log_in(f"guess-{number}", "wrong")
    with pytest.raises(TooManyAttempts):
        office.log_in("crew-7", "right")
    office.clock.advance(ADDRESSES.rest)
    office.log_in("crew-7", "right")


def test_a_desk_full_of_honest_people_never_rests(office: Office) -> None:
    for _ in range(3 * ADDRESSES.attempts):
        office.log_in("crew-7", "right")


def test_a_login_that_does_not_exist_is_not_written_down(office: Office) -> None:
    """People type their password where the login goes."""
    with pytest.raises(BadCredentials):
        office.log_in("my secret password", "")
    [refused] = office.uow.tables.acts
    assert (refused.act, refused.login, refused.address) == (Act.LOGIN_REFUSED, None, "10.1.2.3")


def test_a_refresh_token_brings_the_next_pair_and_is_spent(office: Office) -> None:
    first = office.log_in("crew-7", "right")
    office.clock.advance(timedelta(minutes=14))
    second = office.refresh(first.refresh_token)
    office.clock.advance(timedelta(minutes=14))
    third = office.refresh(second.refresh_token)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.session.id == first.session.id


def test_a_token_used_again_ends_the_session_for_thief_and_owner_alike(office: Office) -> None:
    stolen = office.log_in("crew-7", "right").refresh_token
    office.clock.advance(timedelta(minutes=14))
    second = office.refresh(stolen).refresh_token
    office.clock.advance(timedelta(minutes=14))
    third = office.refresh(second).refresh_token
    office.clock.advance(timedelta(minutes=14))
    for secret in (stolen, third):
        with pytest.raises(SessionEnded):
            office.refresh(secret)
    [session] = office.uow.tables.sessions.values()
    assert session.end_reason is EndReason.TOKEN_REUSED
    assert Act.TOKEN_REUSED in office.acts


def test_a_lost_answer_does_not_lock_the_phone_out(office: Office) -> None:
    """The phone never saw the successor, so it asks with the token it has; however often, however late."""
    known = office.log_in("crew-7", "right").refresh_token
    for _ in range(3):
        office.clock.advance(timedelta(hours=1))
        after = office.refresh(known)
    office.clock.advance(timedelta(hours=1))
    assert office.refresh(after.refresh_token).session.id == after.session.id


def test_a_thief_who_refreshes_first_is_found_out(office: Office) -> None:
    stolen = office.log_in("crew-7", "right").refresh_token
    office.clock.advance(timedelta(minutes=14))
    thiefs = office.refresh(stolen).refresh_token
    office.clock.advance(timedelta(minutes=14))
    office.refresh(stolen)
    office.clock.advance(timedelta(minutes=14))
    with pytest.raises(SessionEnded):
        office.refresh(thiefs)


def test_two_requests_of_one_phone_at_once_both_live(office: Office) -> None:
    known = office.log_in("crew-7", "right").refresh_token
    one, other = office.refresh(known), office.refresh(known)
    assert office.refresh(one.refresh_token).session.id == office.refresh(other.refresh_token).session.id


def test_a_session_of_a_person_ends_however_often_it_is_refreshed() -> None:
    office = Office(Login("anna", ORGANISATION, frozenset({Role.DISPATCHER}), person_id=CREW))
    secret = office.log_in("anna", "right").refresh_token
    for _ in range(11):
        office.clock.advance(timedelta(hours=1))
        secret = office.refresh(secret).refresh_token
    office.clock.advance(timedelta(hours=1))
    with pytest.raises(SessionEnded):
        office.refresh(secret)


def test_a_phone_stays_in_while_it_is_used_and_not_longer(office: Office) -> None:
    secret = office.log_in("crew-7", "right").refresh_token
    for _ in range(3):
        office.clock.advance(timedelta(days=29))
        secret = office.refresh(secret).refresh_token
    office.clock.advance(timedelta(days=30))
    with pytest.raises(SessionEnded):
        office.refresh(secret)


def test_a_refresh_token_nobody_gave_is_refused_and_counted(office: Office) -> None:
    for _ in range(ADDRESSES.attempts):
        with pytest.raises(SessionEnded):
            office.refresh("nonsense")
    with pytest.raises(TooManyAttempts):
        office.refresh("nonsense")


def test_guesses_of_others_do_not_keep_a_known_phone_out(office: Office) -> None:
    known = office.log_in("crew-7", "right").refresh_token
    for _ in range(ADDRESSES.attempts):
        with pytest.raises(SessionEnded):
            office.refresh("nonsense")
    assert office.refresh(known).token.actor_id == "crew-7"


def test_after_logging_out_the_refresh_token_is_dead(office: Office) -> None:
    admission = office.log_in("crew-7", "right")
    for _ in range(2):
        log_out(office.uow, admission.session.id, "crew-7")
    with pytest.raises(SessionEnded):
        office.refresh(admission.refresh_token)
    assert office.acts == [Act.LOGGED_IN, Act.LOGGED_OUT, Act.REFRESH_REFUSED]


def test_a_new_password_ends_every_session(office: Office) -> None:
    secret = office.log_in("crew-7", "right").refresh_token
    set_password(lambda: office.uow, office.passwords, "crew-7", "another")
    with pytest.raises(SessionEnded):
        office.refresh(secret)


def test_a_login_put_out_of_use_gets_no_further_token(office: Office) -> None:
    secret = office.log_in("crew-7", "right").refresh_token
    with office.uow as uow:
        uow.logins.save(replace(DEVICE, active=False))
        uow.commit()
    with pytest.raises(SessionEnded):
        office.refresh(secret)
