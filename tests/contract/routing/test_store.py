"""One suite for the store in memory and the one in PostgreSQL: what tests of use-cases rely on is true."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.routing.domain.advice import Advice
from services.routing.domain.alarms import Audit
from services.routing.domain.assignment import Leave, Move, State
from services.routing.domain.board import CrewFilter, Order, Place, Supplements, Wanted
from services.routing.domain.calls import Direction, Means, Party, PhoneCall, Result
from services.routing.domain.case import Case, Deadline, Override, Status
from services.routing.domain.competence import EVERYWHERE
from services.routing.domain.crews import Holding, Position, Shift
from services.routing.domain.hours import Term
from services.routing.domain.networks import Network
from services.routing.domain.transfer import TransferRefusal, acknowledge, refuse
from services.routing.domain.words import Category, Channel, Out, Unroutable
from services.routing.domain.zones import Kind
from services.routing.usecases import ports
from tests.unit.routing.examples import (
    DISPATCH,
    DISPATCH_SERVICE,
    GAS,
    GAS_SERVICE,
    LAT,
    LON,
    NOW,
    ON_SHIFT,
    assignment,
    case,
    competence,
    profile,
    square,
    transfer,
    uid,
)

Open = Callable[[], ports.Work]


def put(transactions: Open, *cases: Case) -> list[Case]:
    """Store whole cases; returns them as stored."""
    with transactions() as work:
        for given in cases:
            work.cases.open(given.request_id)
        saved = [work.cases.save(given) for given in cases]
        work.commit()
    return saved


def test_what_was_not_committed_never_was(transactions: Open) -> None:
    with transactions() as work:
        work.cases.open(uid("request"))
        work.organisations.put(DISPATCH_SERVICE, 1)
    with transactions() as work:
        assert work.cases.lock(uid("request")) is None
        assert work.organisations.every() == {}


def test_a_case_is_opened_once_and_comes_back_as_it_was_saved(transactions: Open) -> None:
    full = case(
        overridden=True,
        proposed_category=Category.URGENT,
        hazards=("gas", "health"),
        organisation_id=DISPATCH,
        routed_as="water",
        network=Network.MAINS,
        unroutable=Unroutable.ALL_CREWS_BUSY,
        unroutable_detail="4 suitable crews, all on a job",
        unroutable_at=NOW,
        deadline=Deadline("localise", "missed", NOW, NOW + timedelta(minutes=1)),
        clocks={"localise": NOW + timedelta(minutes=30)},
        preempted=1,
        advice=Advice(uid("crew-7"), "instead", 9, NOW, NOW + timedelta(minutes=1)),
    )
    with transactions() as work:
        assert work.cases.open(full.request_id) == Case(full.request_id)
        saved = work.cases.save(full)
        assert saved == replace(full, version=1)
        assert work.cases.save(saved, new_version=False) == saved
        work.commit()
    with transactions() as work:
        assert work.cases.open(full.request_id) == saved
        assert work.cases.lock(full.request_id) == saved


def test_waiting_cases_come_in_order_of_urgency_then_age(transactions: Open) -> None:
    late = NOW + timedelta(minutes=5)
    own: dict[str, Any] = {"organisation_id": DISPATCH, "routed_as": "water"}
    put(
        transactions,
        case("planned", category=Category.PLANNED, **own),
        case("late", registered_at=late, **own),
        case("early", **own),
        case("lift", **{**own, "routed_as": "lift"}),
        case("assigned", status=Status.ASSIGNED, **own),
        case("nobody's"),
    )
    with transactions() as work:
        found = [c.request_id for c in work.cases.waiting({(DISPATCH, "water"), (GAS, "lift")}, 10)]
        assert found == [uid("early"), uid("late"), uid("planned")]
        assert [c.request_id for c in work.cases.waiting({(DISPATCH, "water")}, 1)] == [uid("early")]
        assert work.cases.waiting(set(), 10) == []
        assert [c.request_id for c in work.cases.waiting_of([Category.PLANNED], 10)] == [uid("planned")]
        assert len(work.cases.waiting_of([Category.EMERGENCY], 2)) == 2
        assert [c.request_id for c in work.cases.unclaimed(10)] == [uid("nobody's")]


def test_a_crew_and_a_request_have_one_live_assignment_at_most(transactions: Open) -> None:
    put(transactions, case(), case("second"))
    with transactions() as work:
        assert work.assignments.offer(assignment())
        assert not work.assignments.offer(assignment("same request", crew_id=uid("crew-8")))
        assert not work.assignments.offer(assignment("same crew", request_id=uid("second")))
        assert work.assignments.live(uid("request")) == assignment()
        work.assignments.save(replace(assignment(), state=State.COMPLETED, changed_at=NOW, report_sequence=6))
        assert work.assignments.offer(assignment("same crew", request_id=uid("second")))
        work.commit()
    with transactions() as work:
        ended = work.assignments.get(uid("assignment"))
        assert ended is not None
        assert (ended.state, ended.report_sequence) == (State.COMPLETED, 6)
        assert work.assignments.live(uid("request")) is None
        assert work.assignments.get(uid("unknown")) is None


def test_a_crew_at_work_may_be_asked_for_one_other_request_which_is_its_own_when_that_work_ends(
    transactions: Open,
) -> None:
    put(transactions, case(), case("burst"), case("third"))
    asked = assignment("asked", request_id=uid("burst"), instead_of=uid("assignment"))
    leave = Leave(State.WORKING, ("gas_open",), False, 7)
    with transactions() as work:
        assert work.assignments.offer(assignment())
        work.assignments.save(replace(assignment(), state=State.WORKING, leave=leave))
        assert work.assignments.offer(asked)
        third = assignment("third", request_id=uid("third"), instead_of=uid("assignment"))
        assert not work.assignments.offer(third)
        assert work.assignments.offered_instead(uid("assignment")) == asked
        held = work.assignments.get(uid("assignment"))
        assert held is not None
        assert held.leave == leave
        work.assignments.save(replace(held, state=State.COMPLETED))
        assert work.assignments.offered_instead(uid("assignment")) is None
        assert work.assignments.get(uid("asked")) == replace(asked, instead_of=None)


def test_of_two_live_assignments_the_roster_shows_the_work_in_hand(transactions: Open) -> None:
    put(transactions, case(), case("burst"))
    leave = Leave(State.WORKING, (), None, 7)
    with transactions() as work:
        assert work.roster.put_profile(uid("crew-7"), profile(), 1)
        assert work.assignments.offer(assignment(crew_id=uid("crew-7")))
        work.assignments.save(
            replace(assignment(crew_id=uid("crew-7")), state=State.WORKING, changed_at=NOW, leave=leave)
        )
        instead = {"crew_id": uid("crew-7"), "instead_of": uid("assignment")}
        assert work.assignments.offer(assignment("asked", request_id=uid("burst"), **instead))
        (crew,) = work.roster.crews([uid("crew-7")])
        assert crew.holding is not None
        assert (crew.busy_with, crew.holding.leave) == (uid("request"), leave)


def test_who_was_asked_and_when_that_ended(transactions: Open) -> None:
    put(transactions, case())
    ends = [("first", "crew-7", 1), ("again", "crew-7", 5), ("other", "crew-8", 3)]
    with transactions() as work:
        for name, crew, minutes in ends:
            work.assignments.offer(assignment(name, crew_id=uid(crew)))
            at = NOW + timedelta(minutes=minutes)
            made = work.assignments.get(uid(name))
            assert made is not None
            work.assignments.save(replace(made, state=State.DECLINED, changed_at=at))
        assert work.assignments.asked([uid("request"), uid("unknown")]) == {
            uid("request"): {
                uid("crew-7"): NOW + timedelta(minutes=5),
                uid("crew-8"): NOW + timedelta(minutes=3),
            }
        }
        assert work.assignments.asked([]) == {}


def test_an_offer_expires_after_its_time_not_at_it(transactions: Open) -> None:
    put(transactions, case())
    with transactions() as work:
        work.assignments.offer(assignment())
        due = assignment().respond_by
        assert work.assignments.claim_expired(due) is None
        assert work.assignments.claim_expired(due + timedelta(seconds=1)) == uid("request")
        work.assignments.save(replace(assignment(), state=State.ACCEPTED, changed_at=NOW))
        assert work.assignments.claim_expired(due + timedelta(seconds=1)) is None


def test_a_crew_under_way_that_is_silent_is_found(transactions: Open) -> None:
    put(transactions, case())
    minute = timedelta(minutes=1)

    def silent(minutes: int) -> bool:
        return work.assignments.claim_silent({Category.EMERGENCY: NOW + minutes * minute}) is not None

    with transactions() as work:
        work.roster.put_profile(uid("crew-7"), profile(), 1)
        work.assignments.offer(assignment())
        assert not silent(500)
        work.assignments.save(replace(assignment(), state=State.DEPARTED, changed_at=NOW + minute))
        assert not work.assignments.claim_silent({Category.URGENT: NOW + 500 * minute})
        # It sends no positions: nothing is expected before the nine minutes of its way are over.
        assert (silent(9), silent(10)) == (False, True)
        work.roster.put_position(uid("crew-7"), Position(LAT, LON, NOW - minute))
        assert (silent(9), silent(10)) == (False, True)
        work.roster.put_position(uid("crew-7"), Position(LAT, LON, NOW + 3 * minute))
        assert (silent(3), silent(4)) == (False, True)
        work.assignments.save(replace(assignment(), state=State.WORKING, changed_at=NOW + 4 * minute))
        assert not silent(500)


def test_a_crew_is_out_until_what_brings_it_back(transactions: Open) -> None:
    with transactions() as work:
        for name in ("a", "b"):
            work.roster.put_profile(uid(name), profile(name=name), 1)
            work.roster.put_shift(uid(name), ON_SHIFT, 1)
        work.roster.put_out(uid("a"), Out.SILENT, uid("request"), NOW + timedelta(minutes=1))
        work.roster.put_out(uid("b"), Out.OUT_OF_SERVICE, uid("request"), NOW)
        assert [(crew.name, crew.out, crew.out_on) for crew in work.roster.out()] == [
            ("b", Out.OUT_OF_SERVICE, uid("request")),
            ("a", Out.SILENT, uid("request")),
        ]
        assert work.roster.free() == []
        assert not work.roster.put_back(uid("b"), Out.SILENT)
        assert work.roster.put_back(uid("a"), Out.SILENT)
        assert [crew.name for crew in work.roster.free()] == ["a"]
        assert work.roster.put_shift(uid("b"), ON_SHIFT, 2)
        assert work.roster.out() == []


def test_the_latest_transfer_is_the_current_one_and_keeps_its_acknowledgement(transactions: Open) -> None:
    put(transactions, case())
    # The clock was set back between the two: their turn tells which is the later one.
    second = transfer("second", organisation_id=GAS, transferred_at=NOW - timedelta(minutes=1))
    second = replace(second, turn=2, by="dispatcher-1", reason="позвонили", basis={"zone": "yard"})
    received = acknowledge(second, NOW + timedelta(minutes=2), Channel.RADIO, "dispatcher-1", "мастер смены")
    with transactions() as work:
        assert work.transfers.current(uid("request")) is None
        assert work.transfers.add(transfer()) == transfer()
        assert work.transfers.add(replace(second, turn=1)) == second
        work.transfers.save(received)
        work.commit()
    with transactions() as work:
        assert work.transfers.current(uid("request")) == received
        assert work.transfers.history(uid("request")) == [transfer(), received]
        dossier = work.board.dossier(uid("request"))
        assert dossier is not None
        assert dossier.transfers == [transfer(), received]


def test_what_was_given_back_is_remembered_by_request(transactions: Open) -> None:
    put(transactions, case())
    refused = refuse(
        transfer(), NOW, TransferRefusal.OTHER_NETWORK, Channel.PHONE, "dispatcher-1", "магистраль"
    )
    with transactions() as work:
        work.transfers.add(transfer())
        assert work.transfers.refusals([uid("request")]) == {}
        work.transfers.save(refused)
        assert work.transfers.current(uid("request")) == refused
        assert work.transfers.refusals([uid("request"), uid("other")]) == {uid("request"): {DISPATCH}}


def test_an_unanswered_transfer_is_claimed_for_each_rung_once(transactions: Open) -> None:
    own: dict[str, Any] = {"organisation_id": DISPATCH}
    put(
        transactions,
        case(**own),
        case("elsewhere", organisation_id=GAS),
        case("over", status=Status.IDLE, **own),
    )
    with transactions() as work:
        for name in ("request", "elsewhere", "over"):
            made = transfer(name, request_id=uid(name), escalate_by=NOW + timedelta(minutes=6))
            work.transfers.add(made)
        assert work.transfers.claim_overdue(NOW + timedelta(minutes=3)) is None
        found = work.transfers.claim_overdue(NOW + timedelta(minutes=4))
        assert found is not None
        assert found.request_id == uid("request")
        work.transfers.save(replace(found, escalated=1))
        assert work.transfers.claim_overdue(NOW + timedelta(minutes=6)) is None
        again = work.transfers.claim_overdue(NOW + timedelta(minutes=7))
        assert again == replace(found, escalated=1)
        work.transfers.save(replace(found, escalated=2))
        assert work.transfers.claim_overdue(NOW + timedelta(days=1)) is None


def test_the_parts_of_a_crew_come_in_any_order_and_older_news_is_ignored(transactions: Open) -> None:
    here, there = Position(LAT, LON, NOW), Position(LAT + 1, LON, NOW - timedelta(minutes=1))
    with transactions() as work:
        assert work.roster.put_shift(uid("crew-7"), ON_SHIFT, 2)
        assert work.roster.put_position(uid("crew-7"), here)
        assert work.roster.crew(uid("crew-7")) is None
        assert work.roster.crews_of(DISPATCH) == []
        assert work.roster.put_profile(uid("crew-7"), profile(), 5)
        assert not work.roster.put_profile(uid("crew-7"), profile(name="older"), 4)
        assert not work.roster.put_shift(uid("crew-7"), Shift(on_shift=False, starts_at=NOW, ends_at=NOW), 1)
        assert not work.roster.put_position(uid("crew-7"), there)
        found = work.roster.crew(uid("crew-7"))
    assert found is not None
    assert (found.name, found.on_shift, found.position) == ("Crew 7", True, here)
    assert found.base == profile().base
    assert found.grades == (5, 3)
    assert found.specialisations == {"sewer", "water"}
    assert found.shift_ends_at == ON_SHIFT.ends_at


def test_free_crews_are_on_shift_active_and_without_work(transactions: Open) -> None:
    put(transactions, case())
    crews = {
        "crew-7": (profile(), ON_SHIFT),
        "free": (profile(), ON_SHIFT),
        "off": (profile(), None),
        "gone": (profile(active=False), ON_SHIFT),
        "gas": (profile(GAS), ON_SHIFT),
    }
    with transactions() as work:
        for name, (data, shift) in crews.items():
            work.roster.put_profile(uid(name), data, 1)
            if shift is not None:
                work.roster.put_shift(uid(name), shift, 1)
        work.assignments.offer(assignment())
        assert {c.crew_id for c in work.roster.free_for(DISPATCH, "water")} == {uid("free")}
        assert {c.crew_id for c in work.roster.free_for(DISPATCH, "other")} == {uid("free")}
        assert work.roster.free_for(DISPATCH, "lift") == []
        assert {c.crew_id for c in work.roster.free()} == {uid("free"), uid("gas")}
        assert {c.crew_id for c in work.roster.crews_of(DISPATCH)} == {uid("crew-7"), uid("free"), uid("off")}
        busy = work.roster.crew(uid("crew-7"))
        assert busy is not None
        assert busy.busy_with == uid("request")


def test_a_crew_at_work_shows_what_it_holds(transactions: Open) -> None:
    put(transactions, case(hazards=("health",), preempted=1))
    with transactions() as work:
        work.roster.put_profile(uid("crew-7"), profile(), 1)
        work.assignments.offer(assignment())
        offered = work.roster.crew(uid("crew-7"))
        moved = replace(assignment(), state=State.DEPARTED, changed_at=NOW + timedelta(minutes=1))
        work.assignments.save(moved)
        departed = work.roster.crew(uid("crew-7"))
    assert offered is not None
    assert departed is not None
    assert offered.holding == Holding(
        request_id=uid("request"),
        assignment_id=uid("assignment"),
        number="1042",
        state=State.OFFERED,
        since=NOW,
        there_at=NOW + timedelta(minutes=9),
        category=Category.EMERGENCY,
        place="basement",
        hazards=("health",),
        lat=LAT,
        lon=LON,
        preempted=1,
    )
    assert departed.holding is not None
    assert (departed.holding.state, departed.holding.since) == (State.DEPARTED, moved.changed_at)


def test_a_case_that_somebody_is_at_is_not_waited_for(transactions: Open) -> None:
    put(transactions, case())
    with transactions() as work:
        assert work.cases.lock_idle(uid("request")) is not None
        assert work.cases.lock_idle(uid("unknown")) is None


def test_who_lost_a_request_for_the_sake_of_others_is_not_left_in_peace(transactions: Open) -> None:
    put(transactions, case())
    with transactions() as work:
        for name, reason in (
            ("a", "preempted"),
            ("b", "joined_outage"),
            ("c", "replanned"),
            ("d", "silence"),
        ):
            work.assignments.offer(assignment(name, crew_id=uid(name)))
            ended = replace(assignment(name, crew_id=uid(name)), state=State.WITHDRAWN, changed_at=NOW)
            work.assignments.save(ended)
            step = (uid(name), State.OFFERED, State.WITHDRAWN, NOW, "system", Channel.SYSTEM, reason)
            work.assignments.note(Move(*step))
        assert work.assignments.asked([uid("request")]) == {uid("request"): {uid("d"): NOW}}


def test_crews_are_listed_by_name_as_asked(transactions: Open) -> None:
    with transactions() as work:
        work.roster.put_profile(uid("b"), profile(name="B"), 1)
        work.roster.put_profile(uid("a"), profile(name="A"), 1)
        work.roster.put_profile(uid("g"), profile(GAS, name="G"), 1)
        work.roster.put_profile(uid("x"), profile(name="X", active=False), 1)
        work.roster.put_shift(uid("b"), ON_SHIFT, 1)
        names = {
            wanted: [crew.name for crew in work.roster.listed(wanted)]
            for wanted in (
                CrewFilter(),
                CrewFilter(organisation_id=GAS),
                CrewFilter(on_shift=True),
                CrewFilter(on_shift=False, inactive=True),
            )
        }
    assert list(names.values()) == [["A", "B", "G"], ["G"], ["B"], ["A", "G", "X"]]


def test_organisations_know_whether_they_have_crews(transactions: Open) -> None:
    with transactions() as work:
        assert work.organisations.put(DISPATCH_SERVICE, 3)
        assert not work.organisations.put(replace(DISPATCH_SERVICE, name="older"), 2)
        assert work.organisations.put(GAS_SERVICE, 1)
        work.roster.put_profile(uid("crew-7"), profile(), 1)
        work.roster.put_profile(uid("gone"), profile(GAS, active=False), 1)
        assert work.organisations.find([DISPATCH, uid("unknown")]) == {
            DISPATCH: replace(DISPATCH_SERVICE, has_crews=True)
        }
        assert work.organisations.every()[GAS] == GAS_SERVICE


def test_zones_are_replaced_by_name_and_competences_as_a_whole(transactions: Open) -> None:
    yard = square("yard", LAT, LON, 0.01)
    term = Term(date(2026, 1, 1), date(2026, 12, 31))
    entries = [
        competence(DISPATCH, "water", "yard", "Mo-Fr 08:00-20:00", network=Network.MAINS, term=term),
        competence(GAS, "water", houses_of="кск орбита 3", network=Network.IN_HOUSE),
        competence(GAS, "gas", EVERYWHERE),
    ]
    with transactions() as work:
        assert work.reference.version() == 0
        work.reference.change([square("old", LAT, LON, 1)], [], [competence(GAS, "lift", "old")])
        work.reference.change([replace(yard, kind=Kind.CITY)], ["old"], entries)
        work.reference.change([replace(yard, version=2, source="yards.geojson")], [], None)
        work.commit()
    with transactions() as work:
        assert work.reference.version() == 3
        [found] = work.reference.zones()
        assert (found.name, found.kind, found.version, found.source) == (
            "yard",
            Kind.SERVICE,
            2,
            "yards.geojson",
        )
        assert found.shape.equals(yard.shape)
        assert work.reference.competences() == entries
        work.reference.change([], [], [])
        assert work.reference.competences() == []


def test_the_latest_audit_stays(transactions: Open) -> None:
    finding = {"code": "unrouted", "subject": str(uid("request")), "since": NOW, "detail": "for 120 s"}
    newer, older = Audit(NOW, [finding]), Audit(NOW - timedelta(minutes=1), [])
    with transactions() as work:
        assert work.audits.latest() is None
        assert work.audits.put(newer)
        assert not work.audits.put(older)
        work.commit()
    with transactions() as work:
        assert work.audits.latest() == newer


@pytest.fixture
def board(transactions: Open) -> Open:
    """Five requests; one has a crew, one has nobody, one is not registered."""
    minute = timedelta(minutes=1)
    put(
        transactions,
        case("a", number="1", category=Category.PLANNED, state="classified"),
        case("b", number="2", registered_at=NOW + minute, organisation_id=DISPATCH, status=Status.ASSIGNED),
        case("c", number="3", registered_at=NOW + 2 * minute, category=None, status=Status.INCOMPLETE),
        case(
            "d",
            number="4",
            registered_at=NOW + 3 * minute,
            unroutable=Unroutable.NO_SUITABLE_CREW,
            unroutable_at=NOW,
        ),
        case("hidden", registered_at=None, number=None),
    )
    with transactions() as work:
        work.roster.put_profile(uid("crew-7"), profile(), 1)
        work.assignments.offer(assignment("offer b", request_id=uid("b")))
        work.transfers.add(transfer("of b", request_id=uid("b")))
        work.commit()
    return transactions


def numbers(transactions: Open, **wanted: Any) -> list[str | None]:
    with transactions() as work:
        return [entry.case.number for entry in work.board.page(Wanted(**wanted))]


def test_the_board_is_sorted_as_asked(board: Open) -> None:
    assert numbers(board) == ["4", "3", "2", "1"]
    assert numbers(board, order=Order.URGENT) == ["4", "2", "1", "3"]


@pytest.mark.parametrize("order", list(Order))
def test_page_by_page_is_the_whole_board(board: Open, order: Order) -> None:
    seen: list[str | None] = []
    after: Place | None = None
    while len(seen) < 4:
        with board() as work:
            (entry,) = work.board.page(Wanted(order=order, limit=1, after=after))
        seen.append(entry.case.number)
        after = Place.read(Place.of(entry.case).cursor())
    assert seen == numbers(board, order=order)
    assert numbers(board, order=order, after=after) == []


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"state": "classified"}, ["1"]),
        ({"status": Status.ASSIGNED}, ["2"]),
        ({"category": Category.PLANNED}, ["1"]),
        ({"organisation_id": DISPATCH}, ["2"]),
        ({"crew_id": uid("crew-7")}, ["2"]),
        ({"number": "3"}, ["3"]),
        ({"number": "3", "category": Category.PLANNED}, []),
    ],
)
def test_the_board_is_filtered_as_asked(board: Open, wanted: dict[str, Any], expected: list[str]) -> None:
    assert numbers(board, **wanted) == expected


def test_an_entry_shows_transfer_assignment_and_crew(board: Open) -> None:
    with board() as work:
        entry = work.board.entry(uid("b"))
        assert entry is not None
        assert entry.assignment == assignment("offer b", request_id=uid("b"))
        assert entry.transfer == transfer("of b", request_id=uid("b"))
        assert entry.crew_name == "Crew 7"
        assert work.board.entry(uid("hidden")) is None
        assert work.board.dossier(uid("unknown")) is None


def test_a_dossier_holds_every_attempt_step_and_override(board: Open) -> None:
    step = Move(
        uid("offer b"), State.OFFERED, State.ACCEPTED, NOW, "crew-7", Channel.SYSTEM, None, applied=False
    )
    told = Override(
        uid("b"), Category.URGENT, Category.URGENT, Category.EMERGENCY, "P1", "щитовая", "dispatcher-1", NOW
    )
    with board() as work:
        work.assignments.note(step)
        work.cases.record_override(told)
        dossier = work.board.dossier(uid("b"))
    assert dossier is not None
    assert [(a.crew_name, list(a.moves)) for a in dossier.attempts] == [("Crew 7", [step])]
    assert list(dossier.overrides) == [told]


def test_trouble_is_an_unheard_transfer_no_crew_or_a_deadline_while_open(board: Open) -> None:
    with board() as work:
        assert [entry.case.number for entry in work.board.troubled()] == ["2", "4"]
        lost = work.cases.lock(uid("d"))
        assert lost is not None
        work.cases.save(replace(lost, state="cancelled"))
        planned = work.cases.lock(uid("a"))
        assert planned is not None
        work.cases.save(replace(planned, deadline=Deadline("localise", "missed", NOW, NOW)))
        assert [entry.case.number for entry in work.board.troubled()] == ["2", "1"]


def test_the_board_is_filtered_by_words_place_and_lateness(transactions: Open) -> None:
    missed = Deadline("localise", "missed", NOW, NOW)
    flat = case("a", number="101", text="Нет света 100%_", deadline=missed)
    cellar = case("b", number="201", text="Топит подвал", system="sewer")
    over = case("c", number="301", state="closed", deadline=missed)
    put(transactions, flat, cellar, over)

    def found(**wanted: Any) -> set[str | None]:
        return set(numbers(transactions, **wanted))

    assert found(text="нет СВЕТА") == {"101"}
    assert found(text="%_") == {"101"}, "signs of a pattern are only signs"
    assert found(text="20") == {"201"}
    assert found(text="01") == set(), "a number is found by its beginning"
    assert found(text="абая") == {"101", "201", "301"}
    assert found(system="sewer") == {"201"}
    assert (found(district="almaly"), found(district="medeu")) == ({"101", "201", "301"}, set())
    assert (found(is_open=True), found(is_open=False)) == ({"101", "201"}, {"301"})
    assert (found(is_overdue=True), found(is_overdue=False)) == ({"101"}, {"201", "301"})


def test_calls_and_additions_are_kept_with_their_request(transactions: Open) -> None:
    put(transactions, case())
    call = PhoneCall(
        uid("call"),
        uid("request"),
        Party.CREW,
        Direction.IN,
        Means.RADIO,
        Result.REACHED,
        "бригада 7",
        None,
        "dispatcher-1",
        NOW,
    )
    with transactions() as work:
        work.calls.add(call)
        work.calls.supplement(uid("request"), 2, NOW)
        work.calls.supplement(uid("request"), 1, NOW - timedelta(minutes=1))
        work.commit()
    with transactions() as work:
        assert work.calls.of_request(uid("request")) == [call]
        assert work.calls.between(NOW, NOW + timedelta(seconds=1), 10) == [call]
        assert work.calls.between(NOW - timedelta(hours=1), NOW, 10) == []
        entry, dossier = work.board.entry(uid("request")), work.board.dossier(uid("request"))
    assert entry is not None
    assert entry.supplements == Supplements(2, NOW, 3)
    assert dossier is not None
    assert dossier.calls == [call]


def test_the_deferred_are_claimed_when_their_time_has_come(transactions: Open) -> None:
    put(
        transactions, case("late", deferred_until=NOW), case("later", deferred_until=NOW + timedelta(hours=1))
    )
    with transactions() as work:
        claimed = work.cases.claim_deferred(NOW)
        assert claimed is not None
        assert claimed.request_id == uid("late")
        assert work.cases.claim_deferred(NOW - timedelta(seconds=1)) is None
