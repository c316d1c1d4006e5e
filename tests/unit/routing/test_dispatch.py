"""What a dispatcher may decide, and what is refused with a reason."""

from typing import Any

import pytest

from services.routing.domain.alarms import AlarmCode
from services.routing.domain.assignment import State
from services.routing.domain.board import Entry
from services.routing.domain.case import Deadline, Status
from services.routing.domain.words import Category, Channel, Refusal, Wish
from services.routing.errors import (
    AlreadyAcknowledged,
    AlreadyAssigned,
    CaseChanged,
    CaseIncomplete,
    CrewAtWork,
    CrewNotFound,
    CrewUnsuitable,
    NoCrewNeeded,
    NothingToWithdraw,
    NotTransferred,
    RequestClosed,
    RequestNotFound,
    SameUrgency,
)
from services.routing.usecases import dispatch, events
from tests.unit.routing.examples import (
    DISPATCH,
    GAS,
    GAS_SERVICE,
    NOW,
    classification,
    competence,
    matrix,
    registration,
    uid,
)
from tests.unit.routing.stage import Stage


def order(name: str = "request", version: int | None = None) -> dispatch.Order:
    return dispatch.Order("dispatcher-1", uid(name), version)


def assign(stage: Stage, crew: str, version: int | None = None) -> Entry:
    return dispatch.assign_crew(stage.work, stage.desk, order(version=version), uid(crew), "ближе всех")


def withdraw(stage: Stage, version: int | None = None) -> Entry:
    return dispatch.withdraw_crew(stage.work, stage.desk, order(version=version), "другой вызов")


def override(stage: Stage, category: Category, **changes: Any) -> Entry:
    wanted = order(**changes)
    return dispatch.override_urgency(stage.work, stage.desk, wanted, category, "вода идёт в щитовую")


@pytest.fixture
def stage() -> Stage:
    """A burst pipe offered to the nearer of two crews."""
    made = Stage()
    made.crew("near", 500)
    made.crew("far", 4000)
    made.request()
    return made


def test_the_dispatchers_crew_takes_the_place_of_one_not_there_yet(stage: Stage) -> None:
    entry = assign(stage, "far")
    assert entry.assignment is not None
    assert (entry.assignment.crew_id, entry.assignment.by) == (uid("far"), "dispatcher-1")
    assert entry.crew_name == "far"
    assert stage.holder() == uid("far")
    (withdrawn,) = stage.told("assignment.withdrawn")
    assert (withdrawn["reason"], withdrawn["by"]) == ("dispatcher", "dispatcher-1")
    assert stage.told("assignment.made")[-1]["reason"] == "ближе всех"


def test_a_dispatcher_may_ask_again_who_declined(stage: Stage) -> None:
    stage.report(State.DECLINED)
    assert assign(stage, "near").assignment is not None
    assert stage.asked() == [uid("near"), uid("far"), uid("near")]


def test_an_unsuitable_crew_is_refused_with_every_reason(stage: Stage) -> None:
    stage.crew("lifts", specialisations=["lift"], grades=[3], leader_grade=None)
    with pytest.raises(CrewUnsuitable) as refused:
        assign(stage, "lifts")
    assert refused.value.details["refusals"] == [
        Refusal.SPECIALISATION,
        Refusal.GRADE,
        Refusal.LEADER,
        Refusal.ALONE,
    ]
    assert refused.value.errors["crew_id"][0] == "refusal.specialisation"
    assert stage.holder() == uid("near")


def test_a_busy_crew_is_refused(stage: Stage) -> None:
    stage.request("second")
    assert stage.holder("second") == uid("far")
    with pytest.raises(CrewUnsuitable) as refused:
        assign(stage, "far")
    assert refused.value.details["refusals"] == [Refusal.BUSY]


def test_a_crew_of_another_organisation_goes_with_a_transfer_to_that_one(stage: Stage) -> None:
    stage.organisation(GAS_SERVICE)
    stage.crew("helpers", organisation=GAS)
    stage.later(seconds=20)
    entry = assign(stage, "helpers")
    assert entry.case.organisation_id == GAS
    assert entry.transfer is not None
    assert entry.transfer.unit == GAS_SERVICE.name
    assert [told["organisation_id"] for told in stage.told("request.transferred")] == [
        str(DISPATCH),
        str(GAS),
    ]


def test_a_request_nobody_answers_for_can_be_assigned_by_hand() -> None:
    stage = Stage()
    stage.crew("near", specialisations=["power"])
    stage.request(system="power")
    assert stage.case().unroutable is not None
    assert assign(stage, "near").case.unroutable is None
    assert len(stage.told("request.transferred")) == 1


@pytest.mark.parametrize(
    ("crew", "error"), [("near", AlreadyAssigned), ("nobody", CrewNotFound), ("far", CrewAtWork)]
)
def test_what_cannot_be_assigned(stage: Stage, crew: str, error: type[Exception]) -> None:
    stage.report(State.ARRIVED)
    with pytest.raises(error):
        assign(stage, crew)
    assert stage.holder() == uid("near")


def test_nobody_is_sent_to_work_just_reported_done(stage: Stage) -> None:
    stage.report(State.ACCEPTED)
    stage.report(State.COMPLETED)
    with pytest.raises(RequestClosed):
        assign(stage, "far")


def test_what_is_over_or_needs_nobody_is_not_assigned(stage: Stage) -> None:
    stage.state("cancelled")
    with pytest.raises(RequestClosed):
        assign(stage, "near")
    events.note_registration(stage.work, stage.desk, registration(uid("half")))
    with pytest.raises(CaseIncomplete):
        dispatch.assign_crew(stage.work, stage.desk, order("half"), uid("near"), None)
    stage.request("talk", category=Category.CONSULTATION, priority=None)
    with pytest.raises(NoCrewNeeded):
        dispatch.assign_crew(stage.work, stage.desk, order("talk"), uid("near"), None)


@pytest.mark.parametrize("name", ["unknown", "unregistered"])
def test_an_unknown_request_is_not_found(stage: Stage, name: str) -> None:
    events.note_classification(stage.work, stage.desk, classification(uid("unregistered")))
    with pytest.raises(RequestNotFound):
        dispatch.assign_crew(stage.work, stage.desk, order(name), uid("near"), None)


def test_a_decision_on_an_old_version_is_refused(stage: Stage) -> None:
    seen = stage.case().version
    stage.report(State.ACCEPTED)
    with pytest.raises(CaseChanged) as refused:
        withdraw(stage, seen)
    assert refused.value.details["version"] == stage.case().version
    with pytest.raises(CaseChanged):
        assign(stage, "far", seen)
    assert withdraw(stage, stage.case().version)


def test_what_the_journal_says_of_a_decision_does_not_make_the_next_one_late(stage: Stage) -> None:
    seen = assign(stage, "far").case.version
    stage.state("transferred")
    events.note_deadline(stage.work, uid("request"), Deadline("localise", "approaching", NOW, NOW))
    assert withdraw(stage, seen)


def test_withdrawing_asks_the_next_crew_at_once(stage: Stage) -> None:
    entry = withdraw(stage)
    assert entry.assignment is not None
    assert stage.asked() == [uid("near"), uid("far")]
    assert stage.told("assignment.withdrawn")[0]["note"] == "другой вызов"


def test_there_must_be_something_to_withdraw(stage: Stage) -> None:
    stage.report(State.ACCEPTED)
    stage.report(State.COMPLETED)
    with pytest.raises(NothingToWithdraw):
        withdraw(stage)


@pytest.mark.rule("6.2")
@pytest.mark.rule("D-1.2-U5")
def test_proposal_override_author_and_reason_are_all_kept(stage: Stage) -> None:
    entry = override(stage, Category.PLANNED)
    assert (entry.case.category, entry.case.priority) == (Category.PLANNED, "P3")
    assert entry.case.proposed_category is Category.EMERGENCY
    (kept,) = stage.work.tables.overrides
    assert (kept.proposed_category, kept.category_before, kept.category) == (
        Category.EMERGENCY,
        Category.EMERGENCY,
        Category.PLANNED,
    )
    assert (kept.by, kept.reason, kept.at) == ("dispatcher-1", "вода идёт в щитовую", stage.clock.now())
    (told,) = stage.told("request.urgency_overridden")
    assert (told["category_before"], told["category"], told["by"]) == ("emergency", "planned", "dispatcher-1")


def test_a_crew_fit_for_the_new_urgency_stays(stage: Stage) -> None:
    override(stage, Category.URGENT)
    assert stage.asked() == [uid("near")]


def test_a_crew_not_fit_for_an_emergency_is_replaced_while_it_is_not_there() -> None:
    stage = Stage(matrix=matrix(competence(DISPATCH, "yard")))
    stage.crew("young", 100, grades=[3, 2], leader_grade=None, specialisations=["yard"])
    stage.request(category=Category.PLANNED, system="yard")
    stage.crew("led", 4000, specialisations=["yard"])
    assert stage.holder() == uid("young")
    override(stage, Category.EMERGENCY)
    assert stage.holder() == uid("led")


def test_a_crew_on_site_stays_whatever_its_grades() -> None:
    stage = Stage(matrix=matrix(competence(DISPATCH, "yard")))
    stage.crew("young", 100, grades=[3, 2], leader_grade=None, specialisations=["yard"])
    stage.request(category=Category.PLANNED, system="yard")
    stage.report(State.ARRIVED)
    override(stage, Category.EMERGENCY)
    assert stage.holder() == uid("young")


def test_a_consultation_calls_the_crew_back_but_not_from_the_site(stage: Stage) -> None:
    stage.report(State.ARRIVED)
    with pytest.raises(CrewAtWork):
        override(stage, Category.CONSULTATION)
    stage.request("second")
    assert override(stage, Category.CONSULTATION, name="second").case.status is Status.IDLE
    assert stage.holder("second") is None


def test_a_consultation_that_turns_out_an_emergency_is_sent_at_once() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request(category=Category.CONSULTATION, priority=None)
    assert override(stage, Category.EMERGENCY).assignment is not None


def test_an_override_changes_something_and_only_what_is_open(stage: Stage) -> None:
    with pytest.raises(SameUrgency):
        override(stage, Category.EMERGENCY)
    stage.state("cancelled")
    with pytest.raises(RequestClosed):
        override(stage, Category.PLANNED)
    events.note_registration(stage.work, stage.desk, registration(uid("half")))
    with pytest.raises(CaseIncomplete):
        override(stage, Category.PLANNED, name="half")
    assert stage.work.tables.overrides == []


@pytest.mark.rule("D-1.3-U5")
def test_a_transfer_by_phone_waits_for_the_dispatchers_word() -> None:
    stage = Stage()
    stage.organisation(GAS_SERVICE)
    stage.request(system="gas", hazards=("gas",))
    entry = dispatch.acknowledge_transfer(stage.work, order(), Channel.PHONE, "диспетчер 104")
    assert entry.case.status is Status.HANDED_OVER
    assert entry.transfer is not None
    assert entry.transfer.acknowledged_unit == "диспетчер 104"
    (told,) = stage.told("transfer.acknowledged")
    assert (told["channel"], told["by"]) == ("phone", "dispatcher-1")
    with pytest.raises(AlreadyAcknowledged):
        dispatch.acknowledge_transfer(stage.work, order(), Channel.PHONE, None)


def test_a_word_by_voice_does_not_send_the_crew_home(stage: Stage) -> None:
    entry = dispatch.acknowledge_transfer(stage.work, order(), Channel.RADIO, None)
    assert entry.case.status is Status.ASSIGNED
    stage.report(State.ACCEPTED)
    assert len(stage.told("transfer.acknowledged")) == 1


def test_what_was_not_transferred_cannot_be_acknowledged() -> None:
    stage = Stage()
    stage.request(system="power")
    with pytest.raises(NotTransferred):
        dispatch.acknowledge_transfer(stage.work, order(), Channel.PHONE, None)


def test_an_applicants_wish_to_call_off_is_an_alarm_until_a_dispatcher_decides(stage: Stage) -> None:
    events.note_cancellation_wish(stage.work, uid("request"), NOW)
    assert [alarm.code for alarm in stage.alarms()].count(AlarmCode.CANCELLATION_ASKED) == 1
    dispatch.decide_cancellation(stage.work, order(), Wish.KEEP, "опасность осталась")
    assert AlarmCode.CANCELLATION_ASKED not in [alarm.code for alarm in stage.alarms()]
    assert stage.told("request.cancelled") == []


def test_a_dispatcher_calls_a_request_off_and_its_crew_is_taken_back(stage: Stage) -> None:
    dispatch.decide_cancellation(stage.work, order(), Wish.CANCEL, "житель закрыл кран сам")
    assert stage.told("request.cancelled")[0]["by"] == "dispatcher-1"
    stage.state("cancelled")
    assert stage.holder() is None
    assert stage.told("assignment.withdrawn")[-1]["reason"] == "request_cancelled"
    with pytest.raises(RequestClosed):
        dispatch.decide_cancellation(stage.work, order(), Wish.KEEP, "поздно")
