"""Logins, sessions and the access log: the fake and PostgreSQL keep the same promises."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.crews.domain.access import Attempts, Login, Role
from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.sessions import EndReason, Kind, PairingCode, RefreshToken, Session, end, renew
from tests.contract.crews.conftest import Open
from tests.unit.crews.doors import SESSIONS
from tests.unit.crews.examples import (
    ANN,
    CREW,
    NOON,
    ORGANISATION,
)

PHONE = Session(
    id=uuid4(),
    login="crew-7",
    organisation_id=ORGANISATION,
    crew_id=CREW,
    kind=Kind.DEVICE,
    label="Redmi",
    started_at=NOON,
    started_by="master-1",
    expires_at=NOON + timedelta(days=30),
    last_used_at=NOON,
)
DESK = replace(
    PHONE, id=uuid4(), login="anna", crew_id=None, kind=Kind.PERSON, started_at=NOON + timedelta(minutes=1)
)
TOKEN = RefreshToken("digest 1", PHONE.id, 1, NOON)


@pytest.fixture
def opened(staffed: Open) -> Open:
    """A phone and a desk are in."""
    with staffed() as uow:
        uow.logins.save(Login("crew-7", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW), "a hash")
        anna = Login("anna", ORGANISATION, frozenset({Role.DISPATCHER, Role.MASTER}), person_id=ANN)
        uow.logins.save(anna, "a hash")
        uow.sessions.put(PHONE)
        uow.sessions.put(DESK)
        uow.sessions.add_token(TOKEN)
        uow.commit()
    return staffed


def test_a_crew_has_the_login_of_its_devices(opened: Open) -> None:
    with opened() as uow:
        found = uow.logins.of_crew(CREW)
        assert found is not None
        assert found.name == "crew-7"
        assert uow.logins.of_crew(uuid4()) is None


def test_a_login_may_have_a_password_that_nothing_opens(staffed: Open) -> None:
    login = Login("crew-8", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW)
    with staffed() as uow:
        uow.logins.save(login, "")
        uow.commit()
    with staffed() as uow:
        assert uow.logins.find("crew-8") == (login, "")


def test_a_session_comes_back_as_it_was_put_and_put_again(opened: Open) -> None:
    ended = end(renew(PHONE, TOKEN, NOON, SESSIONS), NOON, "master-1", EndReason.REVOKED)
    with opened() as uow:
        assert uow.sessions.get(PHONE.id) == PHONE
        assert uow.sessions.get(uuid4()) is None
        uow.sessions.put(ended)
        uow.commit()
    with opened() as uow:
        assert uow.sessions.get(PHONE.id) == ended
        assert uow.sessions.running(NOON) == [DESK]
        assert uow.sessions.ended_since(NOON) == {PHONE.id}
        assert uow.sessions.ended_since(NOON + timedelta(seconds=1)) == set()


def test_running_sessions_are_found_by_login_crew_and_kind(opened: Open) -> None:
    with opened() as uow:
        running = uow.sessions.running
        assert running(NOON) == [PHONE, DESK]
        assert running(NOON, login="anna") == running(NOON, kind=Kind.PERSON) == [DESK]
        assert running(NOON, crew_id=CREW, kind=Kind.DEVICE) == [PHONE]
        assert running(PHONE.expires_at) == []


def test_a_refresh_token_is_found_by_its_digest(opened: Open) -> None:
    with opened() as uow:
        assert uow.sessions.find_token("digest 1") == TOKEN
        assert uow.sessions.find_token("digest 2") is None


def test_a_code_is_taken_once_and_replaces_the_one_before(opened: Open) -> None:
    old, new = (
        PairingCode(digest, "crew-7", CREW, "master-1", NOON, NOON + timedelta(minutes=10))
        for digest in ("old", "new")
    )
    with opened() as uow:
        uow.sessions.put_code(old)
        uow.sessions.put_code(new)
        uow.commit()
    with opened() as uow:
        assert uow.sessions.take_code("old") is None
        assert uow.sessions.take_code("new") == new
        assert uow.sessions.take_code("new") is None


def test_what_is_long_over_is_forgotten(opened: Open) -> None:
    later = NOON + timedelta(days=20)
    used = replace(PHONE, used=3, latest=4, last_used_at=later, expires_at=later + timedelta(days=30))
    with opened() as uow:
        uow.sessions.put(used)
        uow.sessions.put(end(DESK, NOON, "anna", EndReason.LOGGED_OUT))
        uow.sessions.add_token(RefreshToken("used", PHONE.id, 3, NOON))
        uow.sessions.add_token(RefreshToken("recent", PHONE.id, 2, later - timedelta(days=6)))
        assert uow.sessions.forget_before(NOON + timedelta(hours=1)) == 1
        uow.commit()
    with opened() as uow:
        assert uow.sessions.get(DESK.id) is None
        kept = {digest for digest in ("digest 1", "used", "recent") if uow.sessions.find_token(digest)}
        assert kept == {"used", "recent"}


def test_the_access_log_is_read_backwards_in_pages(transactions: Open) -> None:
    acts = [
        AccessAct(NOON, Act.CODE_ISSUED, "master-1", "crew-7"),
        AccessAct(NOON, Act.LOGIN_REFUSED, address="10.1.2.3"),
        AccessAct(NOON, Act.DEVICE_PAIRED, "master-1", "crew-7", PHONE.id, "10.1.2.3", {"id": str(PHONE.id)}),
    ]
    with transactions() as uow:
        for act in acts:
            uow.access_log.note(act)
        uow.commit()
    with transactions() as uow:
        read = uow.access_log.read(None, None, 2)
        assert [replace(act, id=0) for act in read] == acts[:0:-1]
        assert [replace(act, id=0) for act in uow.access_log.read(read[-1].id, None, 2)] == acts[:1]
        assert [act.act for act in uow.access_log.read(None, "crew-7", 9)] == [acts[2].act, acts[0].act]
        assert uow.access_log.has_noted(Act.DEVICE_PAIRED, "master-1", PHONE.id, NOON)
        assert not uow.access_log.has_noted(
            Act.DEVICE_PAIRED, "master-1", PHONE.id, NOON + timedelta(seconds=1)
        )
        assert not uow.access_log.has_noted(Act.CODE_ISSUED, "master-1", PHONE.id, NOON)
        assert uow.access_log.forget_before(NOON) == 0
        assert uow.access_log.forget_before(NOON + timedelta(seconds=1)) == 3


@pytest.mark.parametrize(
    "owner",
    [
        {"roles": frozenset({Role.DISPATCHER, Role.OPERATOR}), "person_id": ANN},
        {"roles": frozenset({Role.CREW}), "crew_id": CREW},
    ],
    ids=["a person's", "a crew's"],
)
def test_a_login_keeps_its_password_unless_it_gets_another(staffed: Open, owner: dict[str, Any]) -> None:
    login = Login("name", ORGANISATION, **owner)
    with staffed() as uow:
        uow.logins.save(login, "hash")
        uow.logins.save(replace(login, active=False))
        uow.commit()
    with staffed() as uow:
        assert uow.logins.find("name") == (replace(login, active=False), "hash")
        assert uow.logins.find("nobody") is None
        assert uow.logins.names() == {"name"}
        uow.logins.save(login, "another hash")
        assert uow.logins.find("name") == (login, "another hash")


def test_attempts_are_counted_for_names_whether_they_exist_or_not(transactions: Open) -> None:
    counted = Attempts(3, NOON, rests_until=NOON + timedelta(minutes=1))
    with transactions() as uow:
        assert uow.logins.attempts("anyone", NOON) is None
        uow.logins.set_attempts("anyone", counted)
        uow.commit()
    with transactions() as uow:
        assert uow.logins.attempts("anyone", NOON) == counted
        uow.logins.forget_attempts("anyone")
        assert uow.logins.attempts("anyone", NOON) is None


def test_old_attempts_are_forgotten_and_young_ones_kept(transactions: Open) -> None:
    with transactions() as uow:
        for name, age_s in (("old", 61), ("young", 59)):
            uow.logins.attempts(name, NOON)
            uow.logins.set_attempts(name, Attempts(1, NOON - timedelta(seconds=age_s)))
        assert uow.logins.forget_attempts_before(NOON - timedelta(seconds=60)) == 1
        assert uow.logins.attempts("young", NOON) is not None
        uow.commit()


def test_logins_are_listed_by_name(opened: Open) -> None:
    with opened() as uow:
        assert [login.name for login in uow.logins.everyone()] == ["anna", "crew-7"]
