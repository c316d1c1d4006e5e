"""Work put off until a moment, the call log, and what applicants add."""

from datetime import timedelta

import pytest

from services.routing.domain.alarms import AlarmCode
from services.routing.domain.assignment import State
from services.routing.domain.calls import Direction, Means, Party, Result
from services.routing.domain.case import Status
from services.routing.domain.words import Category
from services.routing.errors import (
    CalledInTheFuture,
    CaseChanged,
    CrewAtWork,
    DeferredToThePast,
    NoCrewNeeded,
    NotDeferred,
    RequestClosed,
    SeniorNeeded,
)
from services.routing.usecases import calling, deferring, events, views
from services.routing.usecases.dispatch import Order
from tests.support import contracts
from tests.unit.routing.examples import NOW, uid
from tests.unit.routing.stage import Stage

ORDER = Order("dispatcher-1", uid("request"))
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.crew("near")
    return stage


def defer(stage: Stage, is_senior: bool = False, hours: float = 2) -> None:
    until = stage.clock.now() + timedelta(hours=hours)
    deferring.defer_request(stage.work, ORDER, until, "жильцов нет дома", is_senior)


def test_deferred_work_calls_its_crew_off_and_wants_none_until_its_time(stage: Stage) -> None:
    stage.request(category=Category.PLANNED)
    defer(stage)
    case = stage.case()
    assert (case.status, case.deferred_until) == (Status.IDLE, LATER)
    told = [event for event in stage.work.emitted if event.type == "request.deferred"]
    contracts.check("routing", "request.deferred", told[0].data)
    assert "assignment.withdrawn" in stage.work.types()
    stage.state("deferred")
    stage.round()
    assert stage.case().status is Status.IDLE
    assert deferring.resume_due(lambda: stage.work, stage.desk) == 0
    stage.later(hours=2)
    stage.crew("other")
    assert deferring.resume_due(lambda: stage.work, stage.desk) == 1
    assert [told["by"] for told in stage.told("request.resumed")] == ["system"]
    again = stage.case()
    assert (again.status, again.deferred_until) == (Status.ASSIGNED, None)
    assert stage.work.types().count("request.transferred") == 2, "the journal leaves deferred by a transfer"
    assert deferring.resume_due(lambda: stage.work, stage.desk) == 0


def test_what_comes_back_at_its_date_is_an_alarm_until_a_crew_has_it(stage: Stage) -> None:
    stage.request(category=Category.PLANNED)
    defer(stage)
    stage.state("deferred")
    stage.later(hours=2)
    deferring.resume_due(lambda: stage.work, stage.desk)
    stage.state("classified")
    assert codes(stage) == [AlarmCode.DEFERRAL_OVER]
    stage.later(hours=1)
    stage.crew("other")
    stage.round()
    assert AlarmCode.DEFERRAL_OVER in codes(stage), "offered is not taken"
    stage.report(State.ACCEPTED)
    assert codes(stage) == []


def codes(stage: Stage) -> list[AlarmCode]:
    started = stage.clock.now()  # the journal's silence is no matter here
    return [alarm.code for alarm in stage.alarms(started)]


def test_it_can_be_taken_up_before_its_time(stage: Stage) -> None:
    stage.request(category=Category.URGENT)
    with pytest.raises(NotDeferred):
        deferring.resume_request(stage.work, stage.desk, ORDER)
    defer(stage)
    stage.state("deferred")
    stage.crew("other")
    assert deferring.resume_request(stage.work, stage.desk, ORDER).case.status is Status.ASSIGNED


def test_a_word_of_the_journal_that_comes_late_does_not_put_it_off_again(stage: Stage) -> None:
    stage.request(category=Category.URGENT)
    defer(stage)
    stage.crew("other")
    deferring.resume_request(stage.work, stage.desk, ORDER)
    stage.state("deferred")
    assert (stage.case().is_over, stage.case().status) == (False, Status.ASSIGNED)
    assert [told["by"] for told in stage.told("request.resumed")] == ["dispatcher-1"]


def test_a_request_that_was_called_off_meanwhile_is_not_taken_up_again(stage: Stage) -> None:
    stage.request(category=Category.PLANNED)
    defer(stage)
    stage.state("deferred")
    stage.state("cancelled")
    stage.later(hours=10)
    assert deferring.resume_due(lambda: stage.work, stage.desk) == 1
    assert stage.case().status is Status.IDLE
    assert stage.told("request.resumed") == []


def test_an_emergency_is_put_off_by_a_senior_only(stage: Stage) -> None:
    stage.request(category=Category.EMERGENCY)
    with pytest.raises(SeniorNeeded):
        defer(stage)
    defer(stage, is_senior=True)
    assert stage.case().deferred_until is not None


def test_what_cannot_be_put_off_is_refused(stage: Stage) -> None:
    stage.request(category=Category.PLANNED)
    with pytest.raises(DeferredToThePast):
        defer(stage, hours=0)
    for step in (State.ACCEPTED, State.DEPARTED, State.ARRIVED):
        stage.report(step)
    with pytest.raises(CrewAtWork):
        defer(stage)
    stage.state("closed")
    with pytest.raises(RequestClosed):
        defer(stage)


def test_a_question_has_nothing_to_put_off(stage: Stage) -> None:
    stage.request(category=Category.CONSULTATION)
    with pytest.raises(NoCrewNeeded):
        defer(stage)


def log(stage: Stage, order: Order = ORDER, minutes_ago: float | None = None) -> None:
    at = None if minutes_ago is None else stage.clock.now() - timedelta(minutes=minutes_ago)
    calling.log_call(
        stage.work,
        order,
        party=Party.RESIDENT,
        direction=Direction.OUT,
        channel=Means.PHONE,
        result=Result.REACHED,
        name="кв. 14",
        note="вода перекрыта",
        at=at,
    )


@pytest.mark.rule("D4-3.1-U5")
def test_a_call_is_in_the_log_and_told_without_its_words(stage: Stage) -> None:
    version = stage.request().version
    log(stage)
    log(stage, minutes_ago=10)
    told = [event.data for event in stage.work.emitted if event.type == "call.logged"]
    contracts.check("routing", "call.logged", told[0])
    assert not {"name", "note"} & set(told[0])
    dossier = stage.work.board.dossier(uid("request"))
    assert dossier is not None
    assert [call.at for call in dossier.calls] == [NOW - timedelta(minutes=10), NOW]
    assert stage.case().version == version, "a call makes nobody else's decision out of date"
    since, until = NOW - timedelta(minutes=5), NOW + timedelta(minutes=1)
    assert len(calling.list_calls(stage.work, since, until, 10)) == 1


def test_a_call_still_to_come_or_noted_on_an_old_version_is_refused(stage: Stage) -> None:
    stage.request()
    with pytest.raises(CalledInTheFuture):
        log(stage, minutes_ago=-1)
    with pytest.raises(CaseChanged):
        log(stage, Order("dispatcher-1", uid("request"), version=0))


def test_what_the_applicant_adds_is_marked_on_the_board(stage: Stage) -> None:
    events.note_supplement(stage.work, uid("request"), 2, NOW)  # before the request itself is known
    stage.request()
    events.note_supplement(stage.work, uid("request"), 0, NOW + timedelta(minutes=1))
    added = views.find_entry(stage.work, uid("request")).supplements
    assert (added.count, added.photos, added.last_at) == (2, 2, NOW + timedelta(minutes=1))
