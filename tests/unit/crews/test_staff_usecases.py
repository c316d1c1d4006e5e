"""Master data as masters and administrators keep it, and what routing hears of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.crews.domain.access import Login, Role
from services.crews.domain.audit import Act
from services.crews.domain.fitness import Absence, AbsenceKind, Equipment
from services.crews.domain.officials import Official
from services.crews.errors import (
    BadCredentials,
    BadMasterData,
    EntryNotFound,
    SessionEnded,
    TooManyAttempts,
    VersionConflict,
    VersionRequired,
)
from services.crews.usecases import staff
from services.crews.usecases.logins import change_own_password, list_logins, make_password, put_login
from services.crews.usecases.masterdata import tell_crews
from services.crews.usecases.staff import Register, Thing, Wanted, version_of
from shared.clock import FixedClock
from shared.errors import Forbidden
from tests.support import contracts
from tests.unit.crews.doors import ADDRESSES
from tests.unit.crews.examples import ANN, BEN, CLERK, CREW, NOON, ORGANISATION, SEVEN, STAFF
from tests.unit.crews.fakes import FakeUnitOfWork
from tests.unit.crews.test_access_usecases import DESK, Office

ZONE = ZoneInfo("Asia/Almaty")
HOUR = timedelta(hours=1)
CHIEF = Official("chief", frozenset({Role.ADMINISTRATOR}))
MASTER = Official("master-1", frozenset({Role.MASTER}), ORGANISATION)
ELSEWHERE = uuid4()
STRANGER = Official("master-9", frozenset({Role.MASTER}), ELSEWHERE)
DISPATCHER = Official("dispatcher-1", frozenset({Role.DISPATCHER}))
FITTER = Official("fitter-1", frozenset({Role.FITTER}), ORGANISATION)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def uow(clock: FixedClock) -> FakeUnitOfWork:
    made = FakeUnitOfWork(clock)
    with made as opened:
        opened.staff.save(STAFF)
        opened.commit()
    tell_crews(made, ZONE)
    made.emitted.clear()
    return made


def put(
    uow: FakeUnitOfWork, register: Register, thing: Thing, based_on: str | None = None, by: Official = MASTER
) -> bool:
    return staff.put_thing(uow, by, register, thing, based_on, ZONE)


def told(uow: FakeUnitOfWork) -> list[dict[str, Any]]:
    for event in uow.emitted:
        contracts.check("crews", event.type, event.data)
    return [dict(event.data) for event in uow.emitted]


def test_a_new_entry_is_added_once_however_often_it_is_sent(uow: FakeUnitOfWork) -> None:
    carl = replace(STAFF.people[BEN], id=uuid4(), name="Карл")
    assert [put(uow, Register.PEOPLE, carl) for _ in range(2)] == [True, False]
    assert staff.show_thing(uow, MASTER, Register.PEOPLE, carl.id) == carl
    assert told(uow) == []


def test_a_change_names_the_version_it_was_made_from(uow: FakeUnitOfWork) -> None:
    before = STAFF.people[BEN]
    promoted = replace(before, grade=5)
    with pytest.raises(VersionRequired):
        put(uow, Register.PEOPLE, promoted)
    with pytest.raises(VersionConflict):
        put(uow, Register.PEOPLE, promoted, "stale")
    assert put(uow, Register.PEOPLE, promoted, version_of(before)) is False
    with pytest.raises(VersionConflict):
        put(uow, Register.PEOPLE, replace(before, grade=3), version_of(before))
    [crew] = told(uow)
    assert crew["grades"] == [5, 5]


def test_what_does_not_fit_together_is_refused_whole(uow: FakeUnitOfWork) -> None:
    with pytest.raises(BadMasterData):
        put(uow, Register.CREWS, replace(SEVEN, members=(ANN, uuid4())), version_of(SEVEN))
    assert uow.tables.staff == STAFF
    assert told(uow) == []


@pytest.mark.parametrize("by", [STRANGER, DISPATCHER, FITTER])
def test_only_those_who_keep_an_organisations_people_change_them(uow: FakeUnitOfWork, by: Official) -> None:
    with pytest.raises(Forbidden):
        put(uow, Register.PEOPLE, replace(STAFF.people[BEN], id=uuid4()), by=by)


def test_nobody_takes_a_person_from_another_organisation(uow: FakeUnitOfWork) -> None:
    theirs = replace(STAFF.people[BEN], organisation_id=ELSEWHERE)
    with pytest.raises(Forbidden):
        put(uow, Register.PEOPLE, theirs, version_of(STAFF.people[BEN]), STRANGER)


def test_a_page_follows_the_names_and_shows_only_what_is_ones_own(uow: FakeUnitOfWork) -> None:
    def names(by: Official = MASTER, **wanted: Any) -> list[str]:
        return [t.name for t in staff.list_things(uow, by, Register.PEOPLE, Wanted(**wanted)).things]

    assert names() == ["Второй", "Первый", "Третий"]
    assert names(STRANGER) == names(FITTER) == []
    assert names(DISPATCHER, organisation_id=ORGANISATION, active=True) == ["Второй", "Первый"]
    first = staff.list_things(uow, MASTER, Register.PEOPLE, Wanted(limit=2))
    assert first.next_after == ANN
    rest = staff.list_things(uow, MASTER, Register.PEOPLE, Wanted(limit=2, after=first.next_after))
    assert ([t.id for t in rest.things], rest.next_after) == ([CLERK], None)


def test_an_entry_of_others_is_not_there(uow: FakeUnitOfWork) -> None:
    for by, id_ in ((STRANGER, ANN), (MASTER, uuid4())):
        with pytest.raises(EntryNotFound):
            staff.show_thing(uow, by, Register.PEOPLE, id_)


def test_time_alone_takes_equipment_from_a_crew_and_it_is_told_once(
    uow: FakeUnitOfWork, clock: FixedClock
) -> None:
    pump = Equipment(uuid4(), ORGANISATION, "pump", "Помпа", None, CREW, NOON.date())
    put(uow, Register.EQUIPMENT, pump)
    assert tell_crews(uow, ZONE) == 0
    clock.advance(timedelta(days=1))
    assert [tell_crews(uow, ZONE) for _ in range(2)] == [1, 0]
    assert [crew["equipment"] for crew in told(uow)] == [[]]


def ill(person: UUID = ANN, starts_at: Any = NOON, ends_at: Any = None) -> Absence:
    return Absence(uuid4(), person, AbsenceKind.SICK, starts_at, ends_at, "dispatcher-1")


def test_who_falls_ill_at_night_is_told_by_the_dispatcher_and_comes_back(
    uow: FakeUnitOfWork, clock: FixedClock
) -> None:
    absence = ill()
    staff.put_absence(uow, DISPATCHER, absence, ZONE)
    clock.advance(HOUR)
    for _ in range(2):
        staff.end_absence(uow, MASTER, absence.id, ZONE)
    assert [(crew["grades"], crew["leader_grade"]) for crew in told(uow)] == [([4], None), ([5, 4], 5)]
    assert uow.tables.staff.absences[absence.id].ends_at == NOON + HOUR
    assert staff.list_absences(uow, MASTER, NOON + 2 * HOUR) == []


def test_leave_begins_by_itself(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    staff.put_absence(uow, MASTER, ill(starts_at=NOON + HOUR), ZONE)
    assert told(uow) == []
    clock.advance(HOUR)
    assert tell_crews(uow, ZONE) == 1


def test_an_absence_that_had_not_begun_never_was(uow: FakeUnitOfWork) -> None:
    absence = ill(starts_at=NOON + HOUR)
    staff.put_absence(uow, MASTER, absence, ZONE)
    assert [who.id for _, who in staff.list_absences(uow, DISPATCHER, NOON)] == [ANN]
    staff.end_absence(uow, MASTER, absence.id, ZONE)
    assert uow.tables.staff.absences == {}


def test_absences_of_others_are_not_ones_business(uow: FakeUnitOfWork) -> None:
    absence = ill()
    staff.put_absence(uow, DISPATCHER, absence, ZONE)
    assert staff.list_absences(uow, STRANGER, NOON) == []
    with pytest.raises(Forbidden):
        staff.put_absence(uow, STRANGER, ill(), ZONE)
    with pytest.raises(Forbidden):
        staff.end_absence(uow, STRANGER, absence.id, ZONE)
    with pytest.raises(EntryNotFound):
        staff.put_absence(uow, MASTER, ill(uuid4()), ZONE)
    with pytest.raises(EntryNotFound):
        staff.end_absence(uow, MASTER, uuid4(), ZONE)


def test_concerns_are_shown_to_those_who_can_see_to_them(uow: FakeUnitOfWork) -> None:
    staff.put_absence(uow, DISPATCHER, ill(), ZONE)
    month = timedelta(days=30)
    assert len(staff.list_concerns(uow, MASTER, month, ZONE)) == 3
    assert staff.list_concerns(uow, STRANGER, month, ZONE) == []


ANNA = Login("anna", ORGANISATION, frozenset({Role.DISPATCHER}), person_id=ANN)


def test_a_new_login_opens_nothing_until_a_password_is_made_for_it() -> None:
    office = Office()
    assert [put_login(office.uow, ANNA, "chief") for _ in range(2)] == [True, False]
    for guess in ("", "right"):
        with pytest.raises(BadCredentials):
            office.log_in("anna", guess)
    made = make_password(office.door, "anna", "chief", lambda: "made up")
    assert office.log_in("anna", made).token.actor_id == "anna"
    assert [login.name for login in list_logins(office.uow)] == ["anna", "crew-7"]
    assert [a.by for a in office.uow.tables.acts if a.act is Act.LOGIN_SAVED] == ["chief"]


def test_a_changed_login_keeps_its_password_and_one_out_of_use_is_out() -> None:
    office = Office(ANNA)
    put_login(office.uow, replace(ANNA, roles=frozenset({Role.MASTER})), "chief")
    secret = office.log_in("anna", "right").refresh_token
    put_login(office.uow, replace(ANNA, active=False), "chief")
    with pytest.raises(SessionEnded):
        office.refresh(secret)


def test_a_login_belongs_to_somebody() -> None:
    with pytest.raises(EntryNotFound):
        put_login(Office().uow, replace(ANNA, name="ghost", person_id=uuid4()), "chief")


def test_a_password_is_changed_by_whoever_knows_it() -> None:
    office = Office(ANNA)
    secret = office.log_in("anna", "right").refresh_token
    change_own_password(office.door, "anna", "right", "quite another", DESK)
    with pytest.raises(SessionEnded):
        office.refresh(secret)
    office.log_in("anna", "quite another")
    for _ in range(ADDRESSES.attempts - 1):
        with pytest.raises(BadCredentials):
            change_own_password(office.door, "anna", "guess", "thief's", DESK)
    with pytest.raises(TooManyAttempts):
        change_own_password(office.door, "anna", "quite another", "mine", DESK)
