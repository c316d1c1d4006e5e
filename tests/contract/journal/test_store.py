"""One suite for the store in memory and the one in PostgreSQL: what tests of use-cases rely on is true."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from services.journal.domain.audit import WATCHED, Finding
from services.journal.domain.clocks import Clock
from services.journal.domain.facts import Entry, Fact, Kind, as_happened
from services.journal.domain.fold import fold
from services.journal.domain.norms import ClockName
from services.journal.domain.states import State
from services.journal.schemas.events import entry
from services.journal.store import UnitOfWork
from services.journal.usecases import ports
from tests.support.fakes import NOON
from tests.support.stores import fake_and_real
from tests.unit.journal.events import Wire
from tests.unit.journal.fakes import FakeUnitOfWork
from tests.unit.journal.lives import BOOK

Open = Callable[[], ports.UnitOfWork]
MINUTE = timedelta(minutes=1)
CLOCK = Clock(ClockName.LOCALISE, "test.localise", NOON, NOON + 24 * MINUTE, NOON + 30 * MINUTE, None)
UNROUTED = Finding("unrouted", "r1", NOON, "late")
SILENT = Finding("peer_silent", "notify", NOON - MINUTE, "does not answer")


transactions = fake_and_real("journal", FakeUnitOfWork, UnitOfWork)


def save(transactions: Open, *entries: Entry) -> None:
    """Record entries and what they add up to."""
    with transactions() as uow:
        for line in entries:
            uow.requests.lock(line.request_id, NOON)
            uow.entries.add(line, NOON)
            uow.requests.put(line.request_id, fold(uow.entries.facts(line.request_id), BOOK), NOON)
        uow.commit()


def start(transactions: Open, request_id: str, *clocks: Clock) -> None:
    with transactions() as uow:
        uow.requests.lock(request_id, NOON)
        uow.clocks.put(request_id, clocks, ())
        uow.commit()


def test_entries_come_back_as_they_went_in(transactions: Open) -> None:
    wire = Wire(NOON)
    lines = [entry(event) for event in [*wire.life(), wire.stage("suspended", reason="night")]]
    save(transactions, *reversed(lines))
    with transactions() as uow:
        found = sorted(uow.entries.of(wire.request_id), key=as_happened)
        assert found == [replace(line, recorded_at=NOON) for line in lines]
        assert uow.entries.of(str(uuid4())) == []


def test_facts_come_back_whole(transactions: Open) -> None:
    full = Fact(
        id="f1",
        kind=Kind.REGISTERED,
        at=NOON,
        number="1042",
        received_at=NOON - MINUTE,
        late=True,
        category="emergency",
        priority="P1",
        system="water",
        fault="pipe_burst",
        hazards=("gas", "health"),
        needs_person=True,
        transfer_id="t1",
        organisation_id="o1",
        order_id="a1",
        answer_by=NOON + MINUTE,
        reason="why",
        result="fixed",
        note="note",
    )
    line = replace(entry(Wire(NOON).registered()), fact=full, id="f1", occurred_at=NOON)
    message = entry(Wire(NOON, request_id=line.request_id).message())
    save(transactions, line)
    with transactions() as uow:
        uow.entries.add(message, NOON)
        assert uow.entries.facts(line.request_id) == [full]


def test_without_commit_nothing_stays(transactions: Open) -> None:
    line = entry(Wire(NOON).registered())
    with transactions() as uow:
        uow.requests.lock(line.request_id, NOON)
        uow.entries.add(line, NOON)
    with transactions() as uow:
        assert uow.entries.of(line.request_id) == []
        assert uow.requests.page(None, 10, None, NOON) == []


def test_a_request_in_a_list_says_what_its_facts_add_up_to(transactions: Open) -> None:
    wire = Wire(NOON)
    save(transactions, *(entry(event) for event in wire.life("temporary_fix")))
    with transactions() as uow:
        (found,) = uow.requests.page(None, 10, None, NOON)
    assert (found.request_id, found.number, found.state) == (wire.request_id, "1042", State.DONE)
    assert (found.category, found.priority, found.system) == ("emergency", "P1", "water")
    assert (found.result, found.returns, found.unapplied) == ("temporary_fix", 0, 0)
    assert found.registered_at == NOON + timedelta(seconds=1)
    assert found.state_at == wire.now


def test_pages_by_state_go_down_from_the_newest(transactions: Open) -> None:
    wires = [Wire(NOON) for _ in range(3)]
    save(transactions, *(entry(wire.registered()) for wire in wires))
    save(transactions, entry(wires[1].classified()))
    newest_first = [wire.request_id for wire in reversed(wires)]
    with transactions() as uow:
        first = uow.requests.page(None, 2, None, NOON)
        rest = uow.requests.page(None, 2, first[-1].row, NOON)
        registered = uow.requests.page(State.REGISTERED, 10, None, NOON)
    assert [found.request_id for found in first + rest] == newest_first
    assert [found.request_id for found in registered] == [newest_first[0], newest_first[2]]


def test_a_request_is_overdue_by_the_clocks_of_its_work(transactions: Open) -> None:
    wire = Wire(NOON)
    save(transactions, entry(wire.registered()))
    arrive = replace(CLOCK, name=ClockName.ARRIVE, due_at=NOON)
    start(transactions, wire.request_id, arrive, CLOCK)

    def overdue(after: timedelta) -> bool:
        with transactions() as uow:
            return uow.requests.page(None, 1, None, NOON + after)[0].overdue

    assert [overdue(30 * MINUTE), overdue(31 * MINUTE)] == [False, True]
    start(transactions, wire.request_id, replace(CLOCK, stopped_at=NOON + 5 * MINUTE))
    assert not overdue(31 * MINUTE)


def test_open_steps_are_those_watched_and_those_with_odd_facts(transactions: Open) -> None:
    waiting, working, odd, closed = (Wire(NOON) for _ in range(4))
    save(transactions, *(entry(event) for event in waiting.dispatched()))
    save(transactions, *(entry(event) for event in [*working.dispatched(), working.stage("working")]))
    save(transactions, entry(odd.stage("working")))
    save(transactions, *(entry(event) for event in closed.life()))
    with transactions() as uow:
        steps = {step.request_id: step for step in uow.requests.open_steps(WATCHED)}
    assert set(steps) == {waiting.request_id, odd.request_id}
    transferred = steps[waiting.request_id]
    assert transferred.state is State.TRANSFERRED
    assert transferred.acknowledge_by is not None
    assert steps[odd.request_id].state is None
    assert (steps[odd.request_id].waiting_facts, steps[odd.request_id].waiting_since) == (1, NOON)


def test_the_wait_of_odd_facts_begins_with_the_first_and_ends_with_the_last(transactions: Open) -> None:
    wire = Wire(NOON)
    registered, classified = entry(wire.registered()), entry(wire.classified())
    odd, odder = entry(wire.transferred()), entry(wire.stage("working"))
    save(transactions, odd)

    def put(line: Entry, after: timedelta) -> None:
        with transactions() as uow:
            uow.requests.lock(line.request_id, NOON + after)
            uow.entries.add(line, NOON + after)
            life = fold(uow.entries.facts(line.request_id), BOOK)
            uow.requests.put(line.request_id, life, NOON + after)
            uow.commit()

    def since() -> object:
        with transactions() as uow:
            return [step.waiting_since for step in uow.requests.open_steps(WATCHED)]

    put(odder, MINUTE)
    assert since() == [NOON]
    put(entry(wire.made()), 2 * MINUTE)
    put(registered, 3 * MINUTE)
    assert since() == [NOON]
    put(classified, 4 * MINUTE)
    assert since() == []


def test_a_clock_is_due_when_near_and_again_when_missed(transactions: Open) -> None:
    request_id = str(uuid4())
    start(transactions, request_id, CLOCK)

    def claim(after: timedelta, level: str) -> list[ports.Alarm]:
        with transactions() as uow:
            alarms = uow.clocks.claim_due(NOON + after, 10)
            for alarm in alarms:
                uow.clocks.mark(alarm, level, NOON + after)
            uow.commit()
        return alarms

    assert claim(23 * MINUTE, "approaching") == []
    assert claim(24 * MINUTE, "approaching") == [ports.Alarm(request_id, CLOCK, None)]
    assert claim(29 * MINUTE, "approaching") == []
    assert claim(30 * MINUTE, "missed") == [ports.Alarm(request_id, CLOCK, None)]
    assert claim(90 * MINUTE, "missed") == []
    with transactions() as uow:
        (kept,) = uow.clocks.of(request_id)
    assert kept == ports.KeptClock(CLOCK, NOON + 24 * MINUTE, NOON + 30 * MINUTE)


def test_a_stopped_clock_is_never_due(transactions: Open) -> None:
    request_id = str(uuid4())
    start(transactions, request_id, CLOCK)
    start(transactions, request_id, replace(CLOCK, stopped_at=NOON))
    with transactions() as uow:
        assert uow.clocks.claim_due(NOON + 90 * MINUTE, 10) == []


def test_a_moved_deadline_may_be_raised_again_a_stopped_one_keeps_its_marks(transactions: Open) -> None:
    request_id = str(uuid4())
    start(transactions, request_id, CLOCK)
    with transactions() as uow:
        (alarm,) = uow.clocks.claim_due(NOON + 30 * MINUTE, 10)
        uow.clocks.mark(alarm, "missed", NOON)
        uow.commit()

    def missed_at() -> object:
        with transactions() as uow:
            return uow.clocks.of(request_id)[0].missed_at

    start(transactions, request_id, replace(CLOCK, stopped_at=NOON))
    assert missed_at() == NOON
    start(transactions, request_id, replace(CLOCK, due_at=NOON + 60 * MINUTE))
    assert missed_at() is None


def test_the_nearest_deadlines_come_first_and_no_more_than_asked(transactions: Open) -> None:
    request_id = str(uuid4())
    later = replace(CLOCK, name=ClockName.COMPLETE, approaching_at=NOON + 25 * MINUTE)
    start(transactions, request_id, later, CLOCK)
    with transactions() as uow:
        assert [alarm.clock for alarm in uow.clocks.claim_due(NOON + 90 * MINUTE, 1)] == [CLOCK]


def test_an_alarm_carries_the_story_of_its_request(transactions: Open) -> None:
    wire = Wire(NOON)
    save(transactions, entry(wire.registered()))
    start(transactions, wire.request_id, CLOCK)
    with transactions() as uow:
        (alarm,) = uow.clocks.claim_due(NOON + 90 * MINUTE, 10)
    assert alarm.correlation_id == wire.story


def test_clocks_that_no_longer_apply_go(transactions: Open) -> None:
    request_id = str(uuid4())
    start(transactions, request_id, CLOCK)
    with transactions() as uow:
        uow.clocks.put(request_id, (), {"localise"})
        uow.commit()
    with transactions() as uow:
        assert uow.clocks.of(request_id) == []


def test_one_run_of_the_audit_at_a_time(transactions: Open) -> None:
    def claim(after: timedelta) -> bool:
        with transactions() as uow:
            claimed = uow.audits.claim_run(NOON + after, MINUTE)
            uow.commit()
        return claimed

    with transactions() as uow:
        assert uow.audits.last_run() is None
    assert [claim(0 * MINUTE), claim(MINUTE / 2), claim(MINUTE)] == [True, False, True]
    with transactions() as uow:
        assert uow.audits.last_run() == NOON + MINUTE


def test_findings_open_once_and_clear(transactions: Open) -> None:
    def change(opened: list[Finding], cleared: list[Finding]) -> list[ports.KeptFinding]:
        with transactions() as uow:
            uow.audits.raise_findings(opened, NOON)
            uow.audits.clear(cleared, NOON + MINUTE)
            uow.commit()
        with transactions() as uow:
            return uow.audits.open()

    both = [ports.KeptFinding(SILENT, NOON), ports.KeptFinding(UNROUTED, NOON)]
    assert change([UNROUTED, SILENT], []) == both
    assert change([], [SILENT]) == both[1:]
    assert change([SILENT], []) == both


def test_missed_calls_are_those_that_nothing_settled(transactions: Open) -> None:
    wire, other, gas = Wire(NOON), Wire(NOON), Wire(NOON)
    due = {"due_at": 10 * MINUTE}
    save(
        transactions,
        entry(wire.event("intake", "call.missed", "at", "rang_at", callback_id=str(uuid4()), **due)),
        entry(wire.event("intake", "call.missed", "at", "rang_at", callback_id=str(uuid4()), **due)),
        entry(other.event("intake", "call.settled", "at")),
        entry(other.event("intake", "call.missed", "at", "rang_at", **due)),
        entry(gas.event("intake", "call.missed", "at", "rang_at", alarm="gas", **due)),
    )
    with transactions() as uow:
        found = {call.request_id: call.late_from - NOON for call in uow.entries.missed_calls(NOON)}
        assert found == {
            wire.request_id: 10 * MINUTE + timedelta(seconds=1),
            gas.request_id: timedelta(seconds=1),
        }
        assert uow.entries.missed_calls(NOON + timedelta(days=31)) == []
