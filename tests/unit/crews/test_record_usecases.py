"""What a crew records on site: kept once, never lost, and what of it counts."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.crews.domain.gate import Before
from services.crews.domain.orders import Stage, Step
from services.crews.domain.records import Kind, Record, standing
from services.crews.errors import AssignmentNotFound, RecordDiffers, SafetyGateClosed
from services.crews.usecases.commands import perform
from services.crews.usecases.notes import correct_order
from services.crews.usecases.orders import receive_order, report_stage, withdraw_order
from services.crews.usecases.records import Checklist, keep_record, list_records, show_checklist
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.crews.examples import ASSIGNMENT, CREW, GATE, NOON, command, order, record, safety, step
from tests.unit.crews.fakes import FakeUnitOfWork

TO_SITE = (Stage.ACCEPTED, Stage.DEPARTED, Stage.ARRIVED)
CLEAN = {"kind": "gas", "value": 0.0, "unit": "%LEL"}


@pytest.fixture
def uow() -> FakeUnitOfWork:
    uow = FakeUnitOfWork(FixedClock(NOON))
    receive_order(uow, order(place="well").card)
    return uow


def keep(uow: FakeUnitOfWork, *records: Record, crew_id: UUID = CREW) -> list[dict[str, Any]]:
    """The receipts of records sent one by one, each under a key of its own."""
    return [
        perform(uow, command("record", crew_id=crew_id), partial(keep_record, record=one)) for one in records
    ]


def report(uow: FakeUnitOfWork, stage: Stage, *records: Record, **details: Any) -> dict[str, Any]:
    told = step(stage, **{"readings": (), "safety": None, **details})
    work = partial(report_stage, step=told, gate=GATE, records=records)
    return perform(uow, command(stage.value), work)


def shown(uow: FakeUnitOfWork) -> Checklist:
    return show_checklist(uow, CREW, ASSIGNMENT, GATE)


def done(uow: FakeUnitOfWork) -> set[str]:
    return {checked.item.id for checked in shown(uow).items if checked.done}


def briefing(*signed: bool, **details: Any) -> Record:
    people = [{"name": "x", "signed_at": NOON.isoformat() if ok else None} for ok in signed]
    return record(Kind.BRIEFING, by="бригадир", topics=[], people=people, **details)


def everything() -> list[Record]:
    confirmed = [safety(name) for name in ("ventilation", "ppe", "lighting", "observer_outside")]
    return [
        *confirmed,
        safety("gas_reading", reading=CLEAN),
        safety("people_on_site", amount=2),
        briefing(True, True),
    ]


@pytest.mark.rule("6.6")
def test_work_starts_when_everything_was_recorded(uow: FakeUnitOfWork) -> None:
    for stage in TO_SITE:
        report(uow, stage)
    with pytest.raises(SafetyGateClosed):
        report(uow, Stage.WORKING)
    keep(uow, *everything())
    assert report(uow, Stage.WORKING)["stage"] == "working"


@pytest.mark.rule("6.6")
def test_answers_may_come_with_the_command_to_start(uow: FakeUnitOfWork) -> None:
    for stage in TO_SITE:
        report(uow, stage)
    brought = everything()
    with pytest.raises(SafetyGateClosed):
        report(uow, Stage.WORKING, *brought[1:])
    assert list_records(uow, CREW, ASSIGNMENT) == [], "refused: nothing happened, the device keeps it"
    assert report(uow, Stage.WORKING, *brought)["stage"] == "working"
    assert list_records(uow, CREW, ASSIGNMENT) == brought


def test_a_record_sent_again_is_kept_once_and_answered_the_same(uow: FakeUnitOfWork) -> None:
    first = safety("ppe")
    again = replace(first, at=NOON + timedelta(minutes=5))
    [kept, same] = keep(uow, first, again)
    assert kept == same
    assert kept["id"] == str(first.id)
    assert list_records(uow, CREW, ASSIGNMENT) == [first]


def test_an_id_belongs_to_one_record(uow: FakeUnitOfWork) -> None:
    first = safety("ppe")
    keep(uow, first)
    with pytest.raises(RecordDiffers):
        keep(uow, safety("lighting", id=first.id))
    assert done(uow) == {"ppe"}


def test_what_comes_late_is_kept_whatever_became_of_the_order(uow: FakeUnitOfWork) -> None:
    withdraw_order(uow, ASSIGNMENT, Step(Stage.WITHDRAWN, "dispatcher-1", NOON, reason="dispatcher"))
    late = record(Kind.WORK, text="Перекрыта задвижка", quantity=None, unit=None)
    keep(uow, late)
    assert list_records(uow, None, ASSIGNMENT) == [late]


def test_another_crews_order_does_not_exist_for_this_one_but_does_for_a_master(uow: FakeUnitOfWork) -> None:
    with pytest.raises(AssignmentNotFound):
        keep(uow, safety("ppe"), crew_id=uuid4())
    with pytest.raises(AssignmentNotFound):
        list_records(uow, uuid4(), ASSIGNMENT)
    with pytest.raises(AssignmentNotFound):
        show_checklist(uow, None, uuid4(), GATE)
    assert list_records(uow, None, ASSIGNMENT) == []


def test_a_replaced_record_stays_and_does_not_count(uow: FakeUnitOfWork) -> None:
    alone = safety("people_on_site", amount=1)
    two = safety("people_on_site", amount=2, replaces=alone.id)
    keep(uow, alone)
    assert "people_on_site" not in done(uow)
    keep(uow, two)
    assert "people_on_site" in done(uow)
    keep(uow, record(Kind.RETRACTION, note=None, replaces=two.id))
    assert "people_on_site" not in done(uow)
    assert len(list_records(uow, CREW, ASSIGNMENT)) == 3
    assert standing(list_records(uow, CREW, ASSIGNMENT)) == []


def test_a_gas_reading_counts_wherever_it_was_written_down(uow: FakeUnitOfWork) -> None:
    keep(uow, record(Kind.READING, place=None, **CLEAN))
    assert done(uow) == {"gas_reading"}


def test_the_pressure_in_a_pipe_is_no_answer_about_the_air(uow: FakeUnitOfWork) -> None:
    keep(uow, record(Kind.READING, place="ввод", kind="pressure", value=4.5, unit="bar"))
    assert [checked.answers for checked in shown(uow).items if checked.answers] == []


@pytest.mark.rule("M-1.2-U2")
def test_a_briefing_waits_for_the_last_signature(uow: FakeUnitOfWork) -> None:
    first = briefing(True, False)
    keep(uow, first)
    assert "briefing" not in done(uow)
    keep(uow, briefing(True, True, replaces=first.id))
    assert "briefing" in done(uow)


@pytest.mark.rule("6.7")
def test_gas_found_on_site_brings_its_script(uow: FakeUnitOfWork) -> None:
    before = shown(uow)
    keep(uow, record(Kind.DANGER, hazard="gas", place=None, note="запах"))
    after = shown(uow)
    assert [script.id for script in before.scripts] == ["confined_space"]
    assert [script.id for script in after.scripts] == ["gas", "confined_space"]
    assert {c.item.id for c in after.items if c.item.before is Before.LOCALISED} >= {"staircase_readings"}


@pytest.mark.rule("6.6")
def test_what_was_answered_before_a_suspension_is_asked_again() -> None:
    clock = FixedClock(NOON)
    uow = FakeUnitOfWork(clock)
    receive_order(uow, order(place="well").card)
    keep(uow, *everything())
    for stage in (Stage.ACCEPTED, Stage.SUSPENDED):
        clock.advance(timedelta(hours=1))
        report(uow, stage)
    assert done(uow) == set()
    keep(uow, safety("ppe"))
    assert done(uow) == {"ppe"}


@pytest.mark.rule("6.6")
def test_a_place_corrected_on_site_brings_its_script(uow: FakeUnitOfWork) -> None:
    perform(uow, command("correct", place="trench", note="надо копать"), correct_order)
    assert {script.id for script in shown(uow).scripts} == {"confined_space", "excavation"}


@pytest.mark.rule("M-1.1-U4")
def test_whom_the_crew_told_is_told_to_the_journal_once(uow: FakeUnitOfWork) -> None:
    call = {"who": "104", "channel": "phone", "at": NOON.isoformat(), "received_by": "дежурный"}
    first = safety("called_104", told=call)
    keep(uow, first, first, safety("ppe"))
    [event] = [event for event in uow.emitted if event.type == "alert.recorded"]
    contracts.check("crews", event.type, event.data)
    assert (event.data["told"], event.data["told_at"]) == ("104", NOON.isoformat())
