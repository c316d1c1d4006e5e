"""Requests on an outage: no crew of their own, except for dangers of their own (rule 6.8)."""

import pytest

from services.routing.domain.assignment import State
from services.routing.domain.case import Ride, Status
from services.routing.usecases import events
from tests.unit.routing.examples import classification, registration, uid
from tests.unit.routing.stage import Stage

pytestmark = pytest.mark.rule("6.8")


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.crew("near")
    stage.crew("far", 3000)
    stage.request("lead")
    return stage


def ride(name: str = "request", sequence: int = 2) -> Ride:
    return Ride(uid(name), uid("outage"), "17", uid("lead"), sequence)


def register(stage: Stage, riding: Ride | None) -> None:
    told = registration(uid("request"), number="request", ride=riding)
    events.note_registration(stage.work, stage.desk, told)


def classify(stage: Stage, *hazards: str) -> None:
    told = classification(uid("request"), hazards=hazards)
    events.note_classification(stage.work, stage.desk, told)


def test_what_rides_from_the_first_is_never_sent(stage: Stage) -> None:
    register(stage, ride(sequence=1))
    classify(stage)
    assert stage.case().status is Status.IDLE
    assert stage.asked() == []
    stage.round()
    assert stage.asked() == []


@pytest.mark.parametrize("registered_first", [True, False])
def test_danger_of_its_own_is_sent_at_once_whether_intake_has_split_it_or_not(
    stage: Stage, registered_first: bool
) -> None:
    for step in (1, 2) if registered_first else (2, 1):
        if step == 1:
            register(stage, ride(sequence=1))
        else:
            classify(stage, "electric_shock")
    assert stage.holder() == uid("far")
    assert stage.case().own_hazards == ("electric_shock",)
    events.note_split(stage.work, stage.desk, uid("request"), 5)
    assert stage.asked() == [uid("far")], "the split that follows sends nobody a second time"


def test_a_danger_that_the_lead_has_too_is_the_lead_s_crew_s(stage: Stage) -> None:
    events.note_classification(
        stage.work, stage.desk, classification(uid("cold"), hazards=("frost_no_heat",))
    )
    register(stage, Ride(uid("request"), uid("outage"), "17", uid("cold"), 1))
    classify(stage, "frost_no_heat")
    assert stage.asked() == []


def test_an_offer_that_nobody_has_accepted_is_withdrawn_from_what_joins(stage: Stage) -> None:
    stage.request()
    assert stage.holder() == uid("far")
    assert events.note_ride(stage.work, stage.desk, ride())
    assert stage.holder() is None
    assert stage.case().status is Status.IDLE
    assert stage.told("assignment.withdrawn")[-1]["reason"] == "joined_outage"


def test_a_crew_that_has_accepted_keeps_it(stage: Stage) -> None:
    stage.request()
    stage.report(State.ACCEPTED)
    assert not events.note_ride(stage.work, stage.desk, ride())
    assert stage.holder() == uid("far")


def test_what_waits_for_a_crew_waits_no_longer_when_it_joins(stage: Stage) -> None:
    stage.request("second")
    stage.request()
    assert stage.case().status is Status.WAITING
    events.note_ride(stage.work, stage.desk, ride())
    assert stage.case().status is Status.IDLE
    assert [alarm for alarm in stage.alarms() if "request" in str(alarm.subject)] == []


def test_split_off_it_is_handed_over_anew_and_sent(stage: Stage) -> None:
    stage.request()
    events.note_ride(stage.work, stage.desk, ride(sequence=2))
    events.note_split(stage.work, stage.desk, uid("request"), 3)
    assert stage.holder() == uid("far")
    transfers = [
        told for told in stage.told("request.transferred") if told["request_id"] == str(uid("request"))
    ]
    assert len(transfers) == 2


def test_late_news_of_a_ride_that_is_over_changes_nothing(stage: Stage) -> None:
    events.note_split(stage.work, stage.desk, uid("request"), 4)
    register(stage, ride(sequence=1))
    events.note_ride(stage.work, stage.desk, ride(sequence=3))
    classify(stage)
    assert stage.holder() == uid("far")


def test_what_the_journal_says_of_joining_takes_no_crew_away(stage: Stage) -> None:
    register(stage, ride(sequence=1))
    classify(stage, "gas")
    assert not stage.state("joined")
    assert stage.holder() == uid("far")
