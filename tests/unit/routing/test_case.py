"""Routing's copy of a request: events in any order, proposals and overrides, confidence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.case import (
    Case,
    Deadline,
    Status,
    classify,
    escalate,
    follow_state,
    is_told_apart,
    override,
    register,
    released,
)
from services.routing.domain.grades import Work
from services.routing.domain.job import due_at, has_low_confidence, job_of
from services.routing.domain.needs import Need
from services.routing.domain.words import Category
from services.routing.errors import CaseIncomplete
from tests.unit.routing.examples import NOW, case, classification, needs, policy, registration, uid

REQUEST = uid("request")


def test_the_parts_may_come_in_any_order() -> None:
    steps: tuple[Callable[[Case], Case], ...] = (
        lambda known: register(known, registration(REQUEST)),
        lambda known: classify(known, classification(REQUEST)),
        lambda known: follow_state(known, "classified", 2),
    )
    ends = set()
    for order in permutations(steps):
        known = Case(REQUEST)
        for step in order:
            known = step(known)
        ends.add((known.status, known.category, known.number, known.state))
    assert ends == {(Status.WAITING, Category.EMERGENCY, "1042", "classified")}


@pytest.mark.parametrize("half", [Case(REQUEST), register(Case(REQUEST), registration(REQUEST))])
def test_half_a_request_is_incomplete(half: Case) -> None:
    assert half.status is Status.INCOMPLETE
    with pytest.raises(CaseIncomplete):
        job_of(half, needs(), policy())


def test_a_consultation_needs_nobody() -> None:
    talk = classification(REQUEST, category=Category.CONSULTATION, priority=None)
    assert classify(register(Case(REQUEST), registration(REQUEST)), talk).status is Status.IDLE


def test_a_request_that_is_over_before_it_is_complete_needs_nobody() -> None:
    cancelled = follow_state(register(Case(REQUEST), registration(REQUEST)), "cancelled", 2)
    assert classify(cancelled, classification(REQUEST)).status is Status.IDLE


def test_an_older_decision_never_replaces_a_newer_one() -> None:
    older = classification(REQUEST, category=Category.PLANNED, decided_at=NOW - timedelta(minutes=1))
    assert classify(case(), older) == case()


@pytest.mark.rule("6.2")
def test_a_dispatchers_urgency_outlives_later_proposals_and_the_proposal_is_kept() -> None:
    changed = override(case(), Category.PLANNED)
    assert (changed.category, changed.priority) == (Category.PLANNED, "P3")
    assert changed.proposed_category is Category.EMERGENCY
    later = classification(REQUEST, category=Category.URGENT, decided_at=NOW + timedelta(minutes=5))
    again = classify(changed, later)
    assert (again.category, again.proposed_category) == (Category.PLANNED, Category.URGENT)


@pytest.mark.rule("6.2")
@pytest.mark.parametrize(
    ("before", "category", "after"),
    [
        (case(), Category.URGENT, Status.WAITING),
        (case(), Category.CONSULTATION, Status.IDLE),
        (case(category=Category.CONSULTATION, status=Status.IDLE), Category.EMERGENCY, Status.WAITING),
        (case(status=Status.IDLE), Category.EMERGENCY, Status.IDLE),
        (case(status=Status.ASSIGNED), Category.PLANNED, Status.ASSIGNED),
        (case(category=Category.CONSULTATION, status=Status.IDLE, state="closed"), "urgent", Status.IDLE),
    ],
)
def test_a_new_urgency_opens_or_ends_the_search(before: Case, category: str, after: Status) -> None:
    assert override(before, Category(category)).status is after


@pytest.mark.parametrize("category", list(Category))
def test_every_urgency_but_consultation_has_a_priority(category: Category) -> None:
    assert (category.priority is None) is (category is Category.CONSULTATION)


def test_an_older_state_never_overwrites_a_newer_one() -> None:
    newer = follow_state(case(), "in_work", 5)
    assert follow_state(newer, "transferred", 3) == newer


@pytest.mark.parametrize("state", ["closed", "cancelled", "rejected", "deferred", "done"])
def test_what_is_over_waits_no_longer(state: str) -> None:
    until = NOW if state == "deferred" else None
    assert follow_state(case(deferred_until=until), state, 3).status is Status.IDLE
    held = case(status=Status.ASSIGNED, deferred_until=until)
    assert released(follow_state(held, state, 3)).status is Status.IDLE


def test_a_crew_on_the_job_is_not_forgotten_when_the_official_state_runs_ahead() -> None:
    assert follow_state(case(status=Status.ASSIGNED), "done", 9).status is Status.ASSIGNED


def test_returned_work_waits_for_a_dispatcher() -> None:
    done = follow_state(case(status=Status.IDLE), "done", 4)
    returned = follow_state(done, "returned", 5)
    assert (returned.status, returned.wants_crew) == (Status.RETURNED, False)


def test_who_lost_its_crew_waits_again() -> None:
    assert released(case(status=Status.ASSIGNED)).status is Status.WAITING


def test_the_newest_escalation_stands() -> None:
    missed = Deadline("localise", "missed", NOW, NOW + timedelta(minutes=2))
    approaching = Deadline("localise", "approaching", NOW, NOW + timedelta(minutes=1))
    assert escalate(escalate(case(), missed), approaching).deadline == missed
    assert escalate(escalate(case(), approaching), missed).deadline == missed


@pytest.mark.parametrize(
    ("system", "confidence", "needs_person", "hazards", "low"),
    [
        ("other", 0.2, True, (), True),
        ("water", 0.2, True, (), True),
        ("other", 0.9, True, (), True),
        ("water", 0.9, True, (), False),
        ("other", 0.2, False, (), False),
        ("gas", 0.3, True, ("gas",), False),
    ],
)
def test_low_confidence(
    system: str, confidence: float, needs_person: bool, hazards: tuple[str, ...], low: bool
) -> None:
    told = case(system=system, confidence=confidence, needs_person=needs_person, hazards=hazards)
    assert has_low_confidence(told, policy()) is low
    assert (job_of(told, needs(), policy()).system == "other") is (low or system == "other")


@given(st.permutations(["transferred", "acknowledged", "in_work", "done", "returned", "closed"]))
def test_states_in_any_order_end_at_the_newest(states: list[str]) -> None:
    order = {"transferred": 1, "acknowledged": 2, "in_work": 3, "done": 4, "returned": 5, "closed": 6}
    known = replace(case(), state_sequence=0)
    for state in states:
        known = follow_state(known, state, order[state])
    assert known.state == "closed"
    assert known.status is Status.IDLE


@pytest.mark.rule("F23-1.1-U1")
@pytest.mark.parametrize("place", ["basement", "well", "chamber", "trench"])
def test_nobody_goes_into_a_confined_space_alone(place: str) -> None:
    assert job_of(case(place=place), needs(), policy()).people == 2
    assert job_of(case(place="flat"), needs(), policy()).people == 1


@pytest.mark.rule("F45-1.1-U1")
def test_works_that_lead_into_a_confined_space_need_two_wherever_they_are() -> None:
    wells = replace(needs(), systems={"sewer": Need((Work("sewer_cleaning"),))})
    assert job_of(case(system="sewer", place="yard"), wells, policy()).people == 2


def test_a_crew_is_due_by_the_nearest_of_the_journals_clocks_less_the_work_in_it() -> None:
    hour = timedelta(hours=1)
    clocks = {"localise": NOW + hour / 2, "complete": NOW + 72 * hour, "acknowledge": NOW}
    known = follow_state(case(), "transferred", 1, clocks)
    assert due_at(known, policy()) == NOW + hour / 2 - policy().conduct.localise_takes
    assert due_at(follow_state(known, "acknowledged", 2, {"arrive": NOW + hour}), policy()) == NOW + hour


def test_where_no_clock_runs_the_policy_says_by_when() -> None:
    assert due_at(case(), policy()) == NOW + policy().conduct.arrive_within[Category.EMERGENCY]
    assert due_at(case(category=None), policy()) is None


def test_a_clock_that_starts_does_not_make_a_decision_look_out_of_date() -> None:
    assert not is_told_apart(case(), case(clocks={"localise": NOW}, state="transferred"))
