"""One suite for the store in memory and the one in PostgreSQL: what tests of use-cases rely on is true."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.crews.domain.access import Attempts, Login, Role
from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.documents import DocumentType
from services.crews.domain.feed import Change, Topic
from services.crews.domain.fitness import Absence, AbsenceKind, Equipment, Permit
from services.crews.domain.media import Finished
from services.crews.domain.notes import Note
from services.crews.domain.oncall import OnCallList, OnCallStep
from services.crews.domain.orders import Result, Stage, Step, advance
from services.crews.domain.people import Position, Shift, Staff
from services.crews.domain.records import Kind as RecordKind
from services.crews.domain.safety import Reading, SafetyAnswers
from services.crews.domain.sessions import EndReason, Kind, PairingCode, RefreshToken, Session, end, renew
from services.crews.domain.tracking import Site
from services.crews.store import UnitOfWork
from services.crews.usecases import ports
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.sealing import SEALER
from tests.unit.crews.doors import SESSIONS
from tests.unit.crews.examples import (
    ANN,
    ASSIGNMENT,
    BEN,
    CARD,
    CREW,
    NOON,
    ORGANISATION,
    SEVEN,
    STAFF,
    VIDEO,
    command,
    media,
    order,
    record,
    step,
    walked,
)
from tests.unit.crews.fakes import FakeUnitOfWork
from tests.unit.crews.papers import document, full_job

Open = Callable[[], ports.UnitOfWork]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
def transactions(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens transactions on one store, which is empty at first."""
    if request.param == "fake":
        fake = FakeUnitOfWork()
        yield lambda: fake
        return
    engine = make_engine(request.getfixturevalue("service_database")("crews"), pool_size=2)
    context = TransactionContext(engine, FixedClock(NOON), "crews", lambda: None, SEALER)
    yield lambda: UnitOfWork(context)
    engine.dispose()


@pytest.fixture
def staffed(transactions: Open) -> Open:
    """The same with one crew in it."""
    with transactions() as uow:
        uow.staff.save(STAFF)
        uow.commit()
    return transactions


def test_what_was_not_committed_never_was(transactions: Open) -> None:
    with transactions() as uow:
        uow.orders.put(order())
        uow.orders.add_step(ASSIGNMENT, step(Stage.OFFERED))
    with transactions() as uow:
        assert uow.orders.get(ASSIGNMENT) is None
        assert uow.orders.steps(ASSIGNMENT) == []
        assert uow.feed.last(CREW) == 0


def test_an_order_comes_back_as_it_was_put(transactions: Open) -> None:
    given = order(hazards=("gas", "health"), place="well", reason="ближе всех", address={"text": "Абая, 12"})
    with transactions() as uow:
        uow.orders.lock(ASSIGNMENT)
        put = uow.orders.put(given)
        uow.commit()
    with transactions() as uow:
        assert uow.orders.get(ASSIGNMENT) == put == replace(given, change=1)


def test_an_order_put_again_moves_on_and_takes_the_next_change_number(transactions: Open) -> None:
    with transactions() as uow:
        first = uow.orders.put(order())
        second = uow.orders.put(advance(first, step(Stage.ACCEPTED)))
        uow.commit()
    with transactions() as uow:
        assert uow.orders.get(ASSIGNMENT) == second
        assert (second.stage, second.change) == (Stage.ACCEPTED, 2)


def test_changes_are_numbered_for_each_crew_on_its_own(transactions: Open) -> None:
    other_crew = uuid4()
    with transactions() as uow:
        uow.orders.put(order())
        other = uow.orders.put(order(assignment_id=uuid4(), crew_id=other_crew))
        uow.commit()
    with transactions() as uow:
        assert other.change == 1
        assert uow.orders.changed(other_crew, 0, 10) == [other]


def test_orders_are_listed_by_their_latest_change(transactions: Open) -> None:
    with transactions() as uow:
        one, two, three = [uow.orders.put(order(assignment_id=uuid4())) for _ in range(3)]
        declined = uow.orders.put(advance(one, step(Stage.DECLINED)))
        uow.commit()
    with transactions() as uow:
        assert uow.orders.changed(CREW, 0, 10) == [two, three, declined]
        assert uow.orders.changed(CREW, two.change, 1) == [three]
        assert uow.orders.changed(CREW, declined.change, 10) == []
        assert uow.orders.open(CREW) == [two, three]
        assert uow.feed.last(CREW) == declined.change == 4


def test_steps_come_back_in_the_order_in_which_they_were_recorded(transactions: Open) -> None:
    full = Step(
        Stage.WORKING,
        by="crew-7",
        at=NOON,
        recorded_at=NOON + timedelta(minutes=1),
        device_at=NOON - timedelta(minutes=3),
        reason="почему",
        note="что",
        result=Result.NO_ACCESS,
        readings=(Reading("gas", 0.5, "%LEL"), Reading("oxygen", 20.9, "%vol")),
        safety=SafetyAnswers(ventilation=True, ppe=False),
    )
    bare = Step(Stage.WITHDRAWN, by="system", at=NOON - timedelta(hours=1))
    with transactions() as uow:
        for recorded in (full, bare):
            uow.orders.add_step(ASSIGNMENT, recorded)
        uow.commit()
    with transactions() as uow:
        assert uow.orders.steps(ASSIGNMENT) == [full, bare]
        assert uow.orders.steps(CARD.request_id) == []
        assert uow.orders.histories([ASSIGNMENT, uuid4()]) == {ASSIGNMENT: [full, bare]}


def test_a_thing_is_in_the_feed_once_under_its_latest_number(transactions: Open) -> None:
    message = uuid4()
    with transactions() as uow:
        numbers = [
            uow.feed.touch(CREW, Topic.ORDER, ASSIGNMENT),
            uow.feed.touch(CREW, Topic.MESSAGE, message),
            uow.feed.touch(uuid4(), Topic.SHIFT, CREW),
            uow.feed.touch(CREW, Topic.ORDER, ASSIGNMENT),
        ]
        uow.commit()
    with transactions() as uow:
        assert numbers == [1, 2, 1, 3]
        changes = [Change(2, Topic.MESSAGE, message), Change(3, Topic.ORDER, ASSIGNMENT)]
        assert uow.feed.after(CREW, 0, 10) == changes
        assert (uow.feed.after(CREW, 2, 10), uow.feed.after(CREW, 0, 1)) == (changes[1:], changes[:1])
        assert uow.feed.last(CREW) == 3
        assert uow.feed.last_of([CREW, uuid4()]) == {CREW: 3}


def test_a_note_is_kept_once_and_shown_to_its_crew_only(transactions: Open) -> None:
    told = command("complete", "key", result="fixed", readings=[{"kind": "gas", "value": 0.0}])
    note = Note.of(told, NOON, NOON + timedelta(hours=1), "assignment_withdrawn")
    with transactions() as uow:
        uow.notes.add(note)
        uow.notes.add(replace(note, command="other"))
        uow.commit()
    with transactions() as uow:
        assert uow.notes.on([ASSIGNMENT, uuid4()], CREW) == [note]
        assert uow.notes.on([ASSIGNMENT], uuid4()) == []
        assert uow.notes.on([uuid4()], CREW) == []


def test_records_are_kept_once_and_come_back_in_the_order_in_which_they_came(transactions: Open) -> None:
    reading = {"kind": "pressure", "value": 4.5, "unit": "bar", "place": None}
    first = record(RecordKind.READING, **reading)
    second = record(
        RecordKind.RETRACTION, note="ошибка", replaces=first.id, device_at=NOON - timedelta(hours=1)
    )
    with transactions() as uow:
        assert [uow.records.add(kept) for kept in (first, second, replace(first, by="other"))] == [
            True,
            True,
            False,
        ]
        uow.commit()
    with transactions() as uow:
        assert uow.records.of(ASSIGNMENT) == [first, second]
        assert uow.records.get(first.id) == first
        assert uow.records.many([first.id, uuid4()]) == [first]
        assert uow.records.get(uuid4()) is None
        assert uow.records.of(uuid4()) == []


def test_media_are_kept_in_parts_and_read_from_anywhere(transactions: Open) -> None:
    coming = media()
    with transactions() as uow:
        uow.media.put(coming)
        for start in range(0, len(VIDEO), 100):
            uow.media.add_part(coming.id, start, VIDEO[start : start + 100])
        uow.commit()
    with transactions() as uow:
        assert uow.media.get(coming.id) == uow.media.lock(coming.id) == coming
        assert uow.media.of(ASSIGNMENT) == [coming]
        for start, stop in ((0, len(VIDEO)), (0, 1), (99, 101), (100, 100), (250, 5000)):
            assert b"".join(uow.media.parts(coming.id, start, stop)) == VIDEO[start:stop]
        uow.media.drop_parts(coming.id)
        assert list(uow.media.parts(coming.id, 0, 10)) == []
        kept = replace(coming, finished=Finished(NOON, "image/jpeg", 7, "0" * 64, 3, 2))
        uow.media.put(kept)
        assert uow.media.get(coming.id) == kept
        assert uow.media.get(uuid4()) is None


def test_what_nobody_goes_on_with_is_forgotten_with_its_parts(transactions: Open) -> None:
    hour = timedelta(hours=1)
    old, young = media(touched_at=NOON - 2 * hour), media(touched_at=NOON)
    kept = media(touched_at=NOON - 2 * hour, finished=Finished(NOON, "video/mp4", 1, "0" * 64))
    with transactions() as uow:
        for coming in (old, young, kept):
            uow.media.put(coming)
            uow.media.add_part(coming.id, 0, b"x")
        assert uow.media.forget_unfinished(NOON - hour) == 1
        uow.commit()
    with transactions() as uow:
        assert {found.id for found in uow.media.of(ASSIGNMENT)} == {young.id, kept.id}
        assert list(uow.media.parts(old.id, 0, 1)) == []


def test_old_pictures_go_but_not_those_that_a_document_names(transactions: Open) -> None:
    done = Finished(NOON, "image/jpeg", 1, "0" * 64, 1, 1)
    young, old, named = (
        media(id=uuid4(), finished=replace(done, at=NOON - timedelta(days=days)), assignment_id=order_id)
        for days, order_id in ((1, uuid4()), (9, uuid4()), (9, ASSIGNMENT))
    )
    with transactions() as uow:
        for kept in (young, old, named):
            uow.media.put(kept)
        uow.documents.add(document(DocumentType.WORK_ACT, full_job()))
        assert uow.media.forget_before(NOON - timedelta(days=5)) == 1
        assert uow.media.get(old.id) is None
        assert [uow.media.get(kept.id) for kept in (young, named)] == [young, named]


def test_old_orders_go_with_all_that_was_recorded_on_them_but_not_those_that_something_names(
    transactions: Open,
) -> None:
    long_ago, ended = NOON - timedelta(days=9), [Stage.DECLINED]
    old, young, open_, named = (uuid4() for _ in range(4))
    with transactions() as uow:
        for id_, at, stages in (
            (old, long_ago, ended),
            (young, NOON, ended),
            (open_, long_ago, []),
            (named, long_ago, ended),
        ):
            uow.orders.put(replace(walked(order(assignment_id=id_), stages), stage_at=at))
            uow.orders.add_step(id_, step(Stage.OFFERED))
            uow.records.add(replace(record(RecordKind.WORK, text="стояк"), assignment_id=id_))
            uow.notes.add(
                Note.of(command("note", assignment_id=id_, note="ключ у соседки"), long_ago, long_ago)
            )
        uow.notes.add(Note.of(command("sos", assignment_id=None), long_ago, long_ago))
        uow.notes.add(Note.of(command("sos", assignment_id=None), NOON, NOON))
        uow.media.put(media(assignment_id=named))
        assert uow.orders.forget_before(NOON - timedelta(days=5)) == 1
        uow.commit()
    with transactions() as uow:
        everything = [old, young, open_, named]
        staying = {young, open_, named}
        assert {one.card.assignment_id for one in uow.orders.many(everything)} == staying
        assert uow.orders.histories(everything).keys() == staying
        assert {id_ for id_ in everything if uow.records.of(id_)} == staying
        assert {note.assignment_id for note in uow.notes.on(everything, CREW)} == staying


def test_staff_comes_back_as_it_was_saved_and_is_replaced_by_id(staffed: Open) -> None:
    with staffed() as uow:
        assert uow.staff.everything() == STAFF
        assert uow.staff.crew(CREW) == SEVEN
        assert uow.staff.crew(uuid4()) is None
        uow.staff.save(
            Staff({}, {BEN: replace(STAFF.people[BEN], grade=3)}, {CREW: replace(SEVEN, leader=None)})
        )
        uow.commit()
    with staffed() as uow:
        assert uow.staff.everything().people[BEN].grade == 3
        assert uow.staff.crew(CREW) == replace(SEVEN, leader=None)


def test_a_crew_has_one_latest_shift(staffed: Open) -> None:
    running = Shift(on=True, starts_at=NOON, ends_at=None)
    ended = Shift(on=False, starts_at=NOON, ends_at=NOON + timedelta(hours=8))
    for shift in (running, ended):
        with staffed() as uow:
            uow.duty.set_shift(CREW, shift)
            uow.commit()
        with staffed() as uow:
            assert uow.duty.shift(CREW) == uow.duty.shift_now(CREW) == shift


def test_the_latest_position_is_kept_beside_the_one_told(staffed: Open) -> None:
    told = Position(43.2, 76.9, None, NOON)
    latest = Position(43.21, 76.91, 12.5, NOON + timedelta(seconds=5))
    with staffed() as uow:
        assert uow.duty.positions(CREW) is None
        uow.duty.set_positions(CREW, told, told)
        uow.duty.set_positions(CREW, latest, told)
        uow.commit()
    with staffed() as uow:
        assert uow.duty.positions(CREW) == (latest, told)
        assert uow.duty.position_now(CREW) == latest
        assert uow.duty.position_now(uuid4()) is None


def test_positions_of_many_crews_are_kept_at_once_and_strangers_are_left_out(staffed: Open) -> None:
    told = Position(43.2, 76.9, None, NOON)
    latest = Position(43.21, 76.91, 12.5, NOON + timedelta(seconds=5))
    eight = replace(SEVEN, id=UUID(int=8))
    with staffed() as uow:
        uow.staff.save(Staff({}, {}, {eight.id: eight}))
        uow.duty.set_positions(CREW, told, told)
        kept = uow.duty.put_positions(
            {CREW: (latest, told), eight.id: (told, told), UUID(int=9): (told, told)}
        )
        assert kept == {CREW, eight.id}
        assert uow.duty.put_positions({}) == set()
        uow.commit()
    with staffed() as uow:
        assert uow.duty.many_positions([CREW, eight.id, UUID(int=9)]) == {
            CREW: (latest, told),
            eight.id: (told, told),
        }


def test_a_site_is_where_a_crew_on_its_way_is_expected(transactions: Open) -> None:
    there = {"text": "Абая, 12", "lat": 43.25, "lon": 76.95}
    on_the_way = walked(order(address=there), [Stage.ACCEPTED, Stage.DEPARTED])
    with transactions() as uow:
        uow.orders.put(on_the_way)
        for other, where in ((Stage.ACCEPTED, there), (Stage.DEPARTED, {"text": "?", "lat": None})):
            stages = [Stage.ACCEPTED, Stage.DEPARTED][: 1 + (other is Stage.DEPARTED)]
            uow.orders.put(walked(order(assignment_id=uuid4(), address=where), stages))
        uow.commit()
    with transactions() as uow:
        assert uow.orders.sites([CREW]) == [Site(ASSIGNMENT, CREW, 43.25, 76.95)]
        assert uow.orders.sites([uuid4()]) == []
        seen = uow.orders.put(replace(on_the_way, arrival_seen_at=NOON))
        assert uow.orders.sites([CREW]) == []
        assert uow.orders.get(ASSIGNMENT) == seen


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


GAS = OnCallList(
    uuid4(),
    ORGANISATION,
    "Газ",
    ("gas", "gas_smell"),
    (
        OnCallStep(5, person_id=ANN, note="первой"),
        OnCallStep(10, post="dispatcher"),
        OnCallStep(5, crew_id=CREW),
    ),
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


def test_permits_equipment_and_absences_come_back_as_they_were_saved(staffed: Open) -> None:
    ann = replace(
        STAFF.people[ANN],
        works_since=date(2015, 6, 1),
        permits=(Permit("welding", "17", date(2027, 1, 31)), Permit("height")),
    )
    pump = Equipment(uuid4(), ORGANISATION, "pump", "Помпа", "0042", CREW, date(2027, 3, 1))
    absence = Absence(uuid4(), ANN, AbsenceKind.SICK, NOON, None, "dispatcher-1", "грипп")
    with staffed() as uow:
        uow.staff.lock()
        uow.staff.save(Staff({}, {ANN: ann}, {}, {pump.id: pump}, {absence.id: absence}))
        uow.commit()
    with staffed() as uow:
        stored = uow.staff.everything()
        assert stored.people[ANN] == ann
        assert (stored.equipment, stored.absences) == ({pump.id: pump}, {absence.id: absence})
        uow.staff.save(Staff({}, {}, {}, on_call={GAS.id: GAS}))
        assert uow.staff.everything().on_call == {GAS.id: GAS}
        uow.staff.drop_absence(absence.id)
        assert uow.staff.everything().absences == {}


def test_what_was_told_of_a_crew_last_is_remembered(staffed: Open) -> None:
    with staffed() as uow:
        assert uow.staff.told() == {}
        uow.staff.note_told(CREW, {"grades": [5, 4]})
        uow.staff.note_told(CREW, {"grades": [4], "leader_grade": None})
        uow.commit()
    with staffed() as uow:
        assert uow.staff.told() == {CREW: {"grades": [4], "leader_grade": None}}


def test_logins_are_listed_by_name(opened: Open) -> None:
    with opened() as uow:
        assert [login.name for login in uow.logins.everyone()] == ["anna", "crew-7"]
