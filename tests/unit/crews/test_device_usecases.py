"""Pairing phones of crews, and putting them out."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.crews.domain.access import Login, Role
from services.crews.domain.audit import Act
from services.crews.domain.officials import Official
from services.crews.errors import (
    CrewNotFound,
    PairingCodeInvalid,
    SessionEnded,
    SessionNotFound,
    TooManyAttempts,
)
from services.crews.usecases.access import Admission, Caller
from services.crews.usecases.devices import issue_code, list_devices, pair, revoke_device
from shared.errors import Forbidden
from tests.unit.crews.doors import ADDRESSES
from tests.unit.crews.examples import CREW, ORGANISATION
from tests.unit.crews.test_access_usecases import Office

DISPATCHER = Official("dispatcher-1", frozenset({Role.DISPATCHER}), None)
MASTER = Official("master-1", frozenset({Role.MASTER}), ORGANISATION)
STRANGER = Official("master-9", frozenset({Role.MASTER}), uuid4())
PHONE = Caller("10.9.8.7", "Redmi of Beken")


@pytest.fixture
def office() -> Office:
    return Office()


def paired(office: Office, issuer: Official = DISPATCHER) -> Admission:
    return pair(office.door, issue_code(office.door, issuer, CREW).code, PHONE)


def test_a_code_lets_one_phone_in_as_its_crew(office: Office) -> None:
    issued = issue_code(office.door, MASTER, CREW)
    admission = pair(office.door, issued.code, PHONE)
    assert (admission.token.actor_id, admission.session.crew_id) == ("crew-7", CREW)
    assert admission.session.started_by == "master-1"
    with pytest.raises(PairingCodeInvalid):
        pair(office.door, issued.code, PHONE)
    assert office.acts == [Act.CODE_ISSUED, Act.DEVICE_PAIRED, Act.PAIRING_REFUSED]


def test_a_code_runs_out(office: Office) -> None:
    code = issue_code(office.door, DISPATCHER, CREW).code
    office.clock.advance(office.door.code_life)
    with pytest.raises(PairingCodeInvalid):
        pair(office.door, code, PHONE)


def test_a_new_code_voids_the_one_before(office: Office) -> None:
    old, new = (issue_code(office.door, DISPATCHER, CREW).code for _ in range(2))
    with pytest.raises(PairingCodeInvalid):
        pair(office.door, old, PHONE)
    pair(office.door, new, PHONE)


def test_guessing_codes_is_refused_before_they_are_looked_at(office: Office) -> None:
    code = issue_code(office.door, DISPATCHER, CREW).code
    for _ in range(ADDRESSES.attempts):
        with pytest.raises(PairingCodeInvalid):
            pair(office.door, "99999999", PHONE)
    with pytest.raises(TooManyAttempts):
        pair(office.door, code, PHONE)
    office.clock.advance(ADDRESSES.rest)
    pair(office.door, code, PHONE)


def test_the_code_itself_is_not_stored(office: Office) -> None:
    issued = issue_code(office.door, DISPATCHER, CREW)
    assert issued.code not in str(office.uow.tables.acts)
    assert [code.digest for code in office.uow.tables.codes.values()] == [f"digest of {issued.code}"]


def test_a_crew_without_a_login_gets_one_that_no_password_opens() -> None:
    office = Office(Login("someone", ORGANISATION, frozenset({Role.DISPATCHER}), person_id=UUID(int=3)))
    login = paired(office).session.login
    known, stored = office.uow.tables.logins[login]
    assert (known.crew_id, known.roles) == (CREW, frozenset({Role.CREW}))
    assert not office.passwords.matches(stored, "")


def test_a_crew_nobody_knows_gets_no_code(office: Office) -> None:
    with pytest.raises(CrewNotFound):
        issue_code(office.door, DISPATCHER, uuid4())


def test_a_master_of_another_organisation_lets_nobody_in_or_out(office: Office) -> None:
    admission = paired(office)
    with pytest.raises(Forbidden):
        issue_code(office.door, STRANGER, CREW)
    with pytest.raises(Forbidden):
        revoke_device(office.uow, STRANGER, admission.session.id)
    assert list_devices(office.uow, STRANGER, None) == []


def test_a_lost_phone_is_put_out_and_no_other(office: Office) -> None:
    lost, kept = paired(office), paired(office)
    assert {s.id for s in list_devices(office.uow, MASTER, CREW)} == {lost.session.id, kept.session.id}
    for _ in range(2):
        revoke_device(office.uow, MASTER, lost.session.id)
    with pytest.raises(SessionEnded):
        office.refresh(lost.refresh_token)
    office.clock.advance(timedelta(minutes=1))
    office.refresh(kept.refresh_token)
    assert [s.id for s in list_devices(office.uow, MASTER, CREW)] == [kept.session.id]
    assert office.acts.count(Act.SESSION_REVOKED) == 1


def test_a_person_at_a_desk_is_no_device() -> None:
    office = Office(Login("anna", ORGANISATION, frozenset({Role.DISPATCHER}), person_id=UUID(int=3)))
    session = office.log_in("anna", "right").session
    with pytest.raises(SessionNotFound):
        revoke_device(office.uow, DISPATCHER, session.id)
