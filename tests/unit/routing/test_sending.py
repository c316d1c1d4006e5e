"""From a classified request to a crew that has it: organisation, transfer, offer, next crew."""

from dataclasses import replace

import pytest

from services.routing.domain.assignment import State
from services.routing.domain.case import Status
from services.routing.domain.words import Category, Unroutable
from services.routing.errors import UnknownAssignment
from services.routing.usecases import dispatch, events
from tests.unit.routing.examples import (
    DISPATCH,
    DISPATCH_SERVICE,
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


def test_a_request_goes_to_its_organisation_and_the_nearest_crew() -> None:
    stage = Stage()
    stage.crew("far", 5000)
    near = stage.crew("near", 800)
    assert stage.request().status is Status.ASSIGNED
    assert stage.holder() == near
    assert stage.work.types() == ["request.transferred", "assignment.made"]


@pytest.mark.rule("D-1.3-U4")
def test_the_transfer_has_time_channel_unit_and_a_norm_to_acknowledge() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    (told,) = stage.told("request.transferred")
    assert told["unit"] == DISPATCH_SERVICE.name
    assert (told["channel"], told["organisation_id"]) == ("system", str(DISPATCH))
    assert told["transferred_at"] == NOW.isoformat()
    assert told["acknowledge_by"] > told["transferred_at"]


def test_the_offer_carries_the_whole_job_card() -> None:
    stage = Stage()
    crew = stage.crew("near", 1000)
    stage.request()
    (told,) = stage.told("assignment.made")
    assert told["crew_id"] == str(crew)
    assert told["text"] == "Прорвало трубу, топит подвал"
    assert told["address"]["text"] == "ул. Абая, 12"
    assert (told["attempt"], told["category"], told["priority"]) == (1, "emergency", "P1")
    assert told["distance_m"] == pytest.approx(1400, abs=20)
    assert told["eta_minutes"] == 4
    assert told["by"] == "system"


def test_urgency_may_come_before_the_request_itself() -> None:
    stage = Stage()
    stage.crew("near")
    events.note_classification(stage.work, stage.desk, classification(uid("request")))
    assert stage.case().status is Status.INCOMPLETE
    events.note_registration(stage.work, stage.desk, registration(uid("request")))
    assert stage.case().status is Status.ASSIGNED


def test_telling_twice_sends_nobody_twice() -> None:
    stage = Stage()
    stage.crew("near")
    stage.crew("second")
    stage.request()
    stage.request()
    assert len(stage.attempts()) == 1
    assert len(stage.told("request.transferred")) == 1


def test_a_consultation_sends_nobody() -> None:
    stage = Stage()
    stage.crew("near")
    assert stage.request(category=Category.CONSULTATION, priority=None).status is Status.IDLE
    assert stage.work.emitted == []


@pytest.mark.rule("D-1.3-U2")
def test_an_organisation_without_crews_here_is_told_by_phone() -> None:
    stage = Stage()
    stage.organisation(GAS_SERVICE)
    case = stage.request(system="gas", fault="gas_smell", hazards=("gas",))
    assert case.status is Status.WAITING
    assert case.unroutable is None
    (told,) = stage.told("request.transferred")
    assert (told["channel"], told["unit"]) == ("phone", GAS_SERVICE.name)


def test_nobody_competent_is_told_once_and_retried() -> None:
    stage = Stage()
    stage.crew("near")
    case = stage.request(system="power", fault="no_light")
    assert case.unroutable is Unroutable.NO_COMPETENT_ORGANISATION
    stage.round()
    stage.round()
    (told,) = stage.told("request.unroutable")
    assert told["reason"] == "no_competent_organisation"
    stage.desk = replace(stage.desk, matrix=matrix(competence(DISPATCH, "power")))
    stage.crew("electricians", specialisations=["power"])
    stage.round()
    assert stage.holder() == uid("electricians")
    assert stage.case().unroutable is None


def test_an_inactive_or_unknown_organisation_does_not_answer() -> None:
    stage = Stage(matrix=matrix(competence(GAS, "water")))
    assert stage.request().unroutable is Unroutable.NO_COMPETENT_ORGANISATION
    stage.organisation(replace(GAS_SERVICE, active=False))
    stage.round()
    assert stage.case().organisation_id is None
    stage.organisation(GAS_SERVICE)
    stage.round()
    assert stage.case().organisation_id == GAS


def test_nobody_is_left_waiting_because_triage_was_unsure() -> None:
    stage = Stage()
    stage.crew("near", specialisations=["lift"])
    assert stage.request(system="water", confidence=0.3, needs_person=True).routed_as == "other"
    assert stage.holder() == uid("near")


def test_an_unsure_request_that_no_general_service_covers_is_for_a_person() -> None:
    stage = Stage(matrix=matrix(competence(DISPATCH, "water")))
    case = stage.request(system="other", confidence=0.1, needs_person=True)
    assert case.unroutable is Unroutable.LOW_CONFIDENCE


def test_busy_crews_are_told_once_and_the_request_waits_for_one() -> None:
    stage = Stage()
    stage.crew("only")
    stage.request("first")
    assert stage.request("second").unroutable is Unroutable.ALL_CREWS_BUSY
    stage.round()
    assert len(stage.told("request.unroutable")) == 1
    stage.report(State.ACCEPTED, "first")
    assert stage.report(State.COMPLETED, "first")
    stage.round()
    assert stage.holder("second") == uid("only")
    assert stage.case("first").status is Status.IDLE


def test_nobody_suitable_is_another_reason() -> None:
    stage = Stage()
    stage.crew("lifts", specialisations=["lift"])
    assert stage.request().unroutable is Unroutable.NO_SUITABLE_CREW
    stage.crew("plumbers")
    stage.round()
    assert stage.holder() == uid("plumbers")


def test_emergencies_get_the_free_crew_first_then_urgency_then_age() -> None:
    stage = Stage()
    stage.crew("only")
    stage.request("first")
    for name, category in (("planned", "planned"), ("old", "urgent"), ("fire", "emergency")):
        stage.request(name, category=Category(category))
    for served in ("first", "fire", "old", "planned"):
        assert stage.holder(served) == uid("only")
        stage.report(State.ACCEPTED, served)
        stage.report(State.COMPLETED, served)
        stage.round()


def test_a_crew_that_comes_on_shift_takes_what_waits() -> None:
    stage = Stage()
    stage.request()
    stage.crew("late")
    stage.round()
    assert stage.holder() == uid("late")


def test_who_does_not_answer_in_time_loses_the_offer_to_the_next() -> None:
    stage = Stage()
    stage.crew("first", 500)
    stage.crew("second", 900)
    stage.request()
    stage.later(seconds=121)
    stage.round()
    assert stage.asked() == [uid("first"), uid("second")]
    (told,) = stage.told("assignment.withdrawn")
    assert (told["reason"], told["crew_id"]) == ("no_response", str(uid("first")))


def test_who_declines_is_not_asked_again_while_others_are_left() -> None:
    stage = Stage()
    for name in ("first", "second", "third"):
        stage.crew(name, 500 + len(name))
    stage.request()
    stage.report(State.DECLINED)
    stage.report(State.DECLINED)
    assert len(set(stage.asked())) == 3
    assert stage.told("assignment.withdrawn") == []


def test_the_only_crew_is_asked_again_after_a_while() -> None:
    stage = Stage()
    only = stage.crew("only")
    stage.request()
    assert stage.report(State.DECLINED)
    assert stage.case().unroutable is Unroutable.NO_SUITABLE_CREW
    stage.later(minutes=5)
    stage.round()
    assert stage.asked() == [only]
    stage.later(minutes=6)
    stage.round()
    assert stage.asked() == [only, only]


@pytest.mark.rule("D-1.3-U5")
def test_a_crew_that_accepts_acknowledges_the_transfer_once() -> None:
    stage = Stage()
    crew = stage.crew("near")
    stage.request()
    for state in (State.ACCEPTED, State.DEPARTED, State.ARRIVED):
        assert not stage.report(state)
    (told,) = stage.told("transfer.acknowledged")
    assert told["by"] == f"crew:{crew}"


def test_a_stage_that_overtook_acceptance_acknowledges_too() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    stage.report(State.DEPARTED)
    assert len(stage.told("transfer.acknowledged")) == 1
    assert stage.attempts()[0].state is State.DEPARTED


def test_news_of_a_withdrawn_assignment_is_kept_and_changes_nothing() -> None:
    stage = Stage()
    stage.crew("first", 500)
    stage.crew("second", 900)
    stage.request()
    stage.later(seconds=121)
    stage.round()
    assert not stage.report(State.ACCEPTED, attempt=1)
    assert stage.holder() == uid("second")
    late = stage.work.tables.moves[-1]
    assert (late.to_state, late.applied) == (State.ACCEPTED, False)
    assert stage.told("transfer.acknowledged") == []


def test_a_report_on_an_assignment_nobody_made_is_hopeless() -> None:
    stage = Stage()
    told = events.Progress(uid("?"), uid("request"), uid("crew-7"), State.ACCEPTED, NOW, "x", None, 1)
    with pytest.raises(UnknownAssignment):
        events.note_progress(stage.work, stage.desk, told)


@pytest.mark.parametrize("state", ["cancelled", "rejected"])
def test_what_is_called_off_loses_its_crew(state: str) -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    assert stage.state(state)
    assert stage.holder() is None
    assert stage.case().status is Status.IDLE
    assert stage.told("assignment.withdrawn")[0]["reason"] == "request_cancelled"


def test_a_request_called_off_before_it_came_is_never_sent() -> None:
    stage = Stage()
    stage.crew("near")
    stage.state("cancelled")
    assert stage.request().status is Status.IDLE
    assert stage.attempts() == []


def test_what_a_crew_could_not_finish_waits_for_a_dispatcher_and_is_handed_over_again() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    stage.report(State.ACCEPTED)
    stage.report(State.COMPLETED)
    stage.state("done")
    stage.state("returned")
    stage.round()
    assert stage.holder() is None
    assert stage.case().unroutable is Unroutable.RETURNED
    dispatch.assign_crew(stage.work, stage.desk, dispatch.Order("d1", uid("request")), uid("near"), None)
    assert stage.holder() == uid("near")
    assert stage.case().unroutable is None
    assert len(stage.told("request.transferred")) == 2


def test_the_return_may_be_known_before_the_crew_is_free() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    stage.report(State.ACCEPTED)
    stage.state("returned")
    stage.report(State.COMPLETED)
    assert stage.case().status is Status.RETURNED
    assert stage.case().unroutable is Unroutable.RETURNED


def test_what_fails_in_the_middle_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    stage.crew("near")
    events.note_registration(stage.work, stage.desk, registration(uid("request")))

    def broken() -> None:
        raise OSError("the database went away")

    monkeypatch.setattr(stage.work, "commit", broken)
    with pytest.raises(OSError, match="went away"):
        events.note_classification(stage.work, stage.desk, classification(uid("request")))
    monkeypatch.undo()
    assert stage.case().status is Status.INCOMPLETE
    assert stage.attempts() == []
    assert stage.work.emitted == []
    events.note_classification(stage.work, stage.desk, classification(uid("request")))
    assert stage.holder() == uid("near")
