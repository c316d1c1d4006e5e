"""Crews that do not come after all: somebody else goes, and a dispatcher is told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.alarms import AlarmCode
from services.routing.domain.assignment import State
from services.routing.domain.calls import Direction, Means, Party, Result
from services.routing.domain.choice import recommend
from services.routing.domain.crews import Position, Shift
from services.routing.domain.signals import CrewSignal
from services.routing.domain.words import Category, Out, Refusal
from services.routing.errors import CrewNotFound
from services.routing.schemas.signals import CrewSignalled, CrewWrote
from services.routing.usecases import absence, calling, events, signals
from services.routing.usecases.dispatch import Order
from tests.support import contracts
from tests.unit.routing.examples import LAT, LON, NOW, crew, desk, job, policy, uid
from tests.unit.routing.stage import Stage

OFF = Shift(on_shift=False, starts_at=None, ends_at=NOW)


@pytest.fixture
def stage() -> Stage:
    """A crew under way to an emergency, and another one further away."""
    made = Stage()
    made.crew("near", metres_north=1000)
    made.crew("far", metres_north=9000)
    made.request("burst")
    made.report(State.ACCEPTED, "burst")
    made.report(State.DEPARTED, "burst")
    return made


def position(stage: Stage, name: str) -> bool:
    return events.note_position(stage.work, uid(name), Position(LAT, LON, stage.clock.now()))


def listen(stage: Stage) -> int:
    return absence.replace_silent(lambda: stage.work, stage.desk)


def suspend(stage: Stage, reason: str, name: str = "burst") -> None:
    made = stage.attempts(name)[-1]
    told = events.Progress(
        made.assignment_id,
        made.request_id,
        made.crew_id,
        State.SUSPENDED,
        stage.clock.now(),
        "c",
        reason,
        900,
    )
    events.note_progress(stage.work, stage.desk, told)


def alarms(stage: Stage) -> list[tuple[AlarmCode, str | None]]:
    codes = (AlarmCode.CREW_SILENT, AlarmCode.CREW_OUT)
    return [
        (alarm.code, alarm.entry.case.number if alarm.entry else None)
        for alarm in stage.alarms()
        if alarm.code in codes
    ]


def test_a_crew_that_falls_silent_on_its_way_is_replaced_and_a_dispatcher_calls_it(stage: Stage) -> None:
    position(stage, "near")
    stage.later(minutes=3)
    position(stage, "near")
    stage.later(seconds=599)
    assert listen(stage) == 0
    stage.later(seconds=2)
    assert listen(stage) == 1
    assert stage.holder("burst") == uid("far")
    assert [told["reason"] for told in stage.told("assignment.withdrawn")] == ["crew_silent"]
    assert alarms(stage) == [(AlarmCode.CREW_SILENT, "burst")]


def test_of_a_crew_that_sends_no_positions_nothing_is_expected_before_it_should_be_there(
    stage: Stage,
) -> None:
    eta = timedelta(minutes=stage.attempts("burst")[0].eta_minutes)
    stage.clock.advance(eta + policy().conduct.silent_after[Category.EMERGENCY])
    assert listen(stage) == 0
    stage.later(seconds=1)
    assert listen(stage) == 1


@pytest.mark.parametrize("state", [State.ARRIVED, State.WORKING, State.LOCALISED])
def test_a_crew_on_site_may_be_out_of_reach(stage: Stage, state: State) -> None:
    stage.report(state, "burst")
    stage.later(hours=3)
    assert listen(stage) == 0


def silent_at_work(stage: Stage) -> list[AlarmCode]:
    """The crew works, and then nobody hears anything for long."""
    stage.report(State.WORKING, "burst")
    stage.clock.advance(policy().conduct.silent_in_danger_after)  # it is a basement
    assert absence.notice_silence(stage.work, stage.desk) == 0
    stage.later(seconds=1)
    assert [absence.notice_silence(stage.work, stage.desk) for _ in range(2)] == [1, 0]
    return [alarm.code for alarm in stage.alarms() if alarm.code is AlarmCode.CREW_SILENT_ON_SITE]


def test_a_crew_that_is_silent_at_work_is_called_and_never_replaced(stage: Stage) -> None:
    assert silent_at_work(stage) == [AlarmCode.CREW_SILENT_ON_SITE]
    stage.round()
    assert stage.holder("burst") == uid("near")
    stage.report(State.LOCALISED, "burst")
    assert AlarmCode.CREW_SILENT_ON_SITE not in [alarm.code for alarm in stage.alarms()]


@pytest.mark.parametrize("word", ["message", "signal", "call"])
def test_any_word_of_a_crew_ends_its_silence(stage: Stage, word: str) -> None:
    silent_at_work(stage)
    now = stage.clock.now().isoformat()
    if word == "message":
        told = contracts.example("crews", "crew.wrote", crew_id=str(uid("near")), at=now)
        signals.note_message(stage.work, CrewWrote().load(told))
    elif word == "signal":
        told = contracts.example("crews", "crew.signalled", crew_id=str(uid("near")), at=now)
        signals.note_signal(stage.work, CrewSignal(**CrewSignalled().load(told), sequence=1))
    else:
        call = {"party": Party.CREW, "direction": Direction.OUT, "channel": Means.PHONE, "at": None}
        about = Order("dispatcher-1", uid("burst"))
        for result in (Result.NO_ANSWER, Result.REACHED):
            assert stage.attempts("burst")[0].silent_at is not None
            calling.log_call(stage.work, about, **call, result=result, name=None, note=None)  # type: ignore[arg-type]
    assert stage.attempts("burst")[0].silent_at is None


def test_a_shift_that_a_crew_did_not_confirm_is_no_word_of_it(stage: Stage) -> None:
    silent_at_work(stage)
    now = stage.clock.now().isoformat()
    told = {"crew_id": str(uid("near")), "at": now, "kind": "unconfirmed_shift", "request_id": None}
    loaded = CrewSignalled().load(contracts.example("crews", "crew.signalled", **told))
    signals.note_signal(stage.work, CrewSignal(**loaded, sequence=1))
    assert stage.attempts("burst")[0].silent_at is not None
    assert "unconfirmed_shift" in [alarm.reason for alarm in stage.alarms()]


def test_a_silent_crew_gets_no_work_until_it_is_heard_of(stage: Stage) -> None:
    stage.later(minutes=30)
    listen(stage)
    assert stage.work.roster.out()[0].out is Out.SILENT
    stage.request("second")
    assert stage.holder("second") is None
    assert position(stage, "near")
    assert alarms(stage) == []
    stage.round()
    assert stage.holder("second") == uid("near")


def test_a_batch_of_positions_brings_silent_crews_back_too(stage: Stage) -> None:
    stage.later(minutes=30)
    listen(stage)
    here = Position(LAT, LON, stage.clock.now())
    assert not events.note_positions(stage.work, {uid("far"): here})
    assert events.note_positions(stage.work, {uid("far"): here, uid("near"): here})
    assert stage.work.roster.out() == []


def test_late_news_of_a_crew_that_was_replaced_moves_nothing(stage: Stage) -> None:
    stage.later(minutes=30)
    listen(stage)
    stage.report(State.ARRIVED, "burst", attempt=1)
    assert stage.holder("burst") == uid("far")


@pytest.mark.parametrize(
    "reason", ["Сломалась машина", "поломка насоса", "Көлік бұзылды", "ДТП", "broke down"]
)
def test_a_crew_that_breaks_down_is_replaced_and_out_until_somebody_says_so(
    stage: Stage, reason: str
) -> None:
    suspend(stage, reason)
    assert stage.holder("burst") == uid("far")
    assert alarms(stage) == [(AlarmCode.CREW_OUT, "burst")]
    stage.request("second")
    position(stage, "near")
    stage.round()
    assert stage.holder("second") is None
    absence.mark_available(stage.work, uid("near"))
    stage.round()
    assert stage.holder("second") == uid("near")


def test_a_crew_that_stops_on_its_way_for_another_reason_is_replaced_too(stage: Stage) -> None:
    suspend(stage, "Нет материалов")
    assert stage.holder("burst") == uid("far")
    assert alarms(stage) == []


def test_work_suspended_on_site_stays_with_its_crew_unless_it_broke_down(stage: Stage) -> None:
    stage.report(State.WORKING, "burst")
    suspend(stage, "Ждём материалы")
    assert stage.holder("burst") == uid("near")
    suspended = stage.attempts("burst")[-1]
    assert suspended.state is State.SUSPENDED


def test_a_breakdown_on_site_sends_somebody_else(stage: Stage) -> None:
    stage.report(State.WORKING, "burst")
    suspend(stage, "Травма")
    assert stage.holder("burst") == uid("far")


def test_a_crew_that_goes_home_before_it_arrives_is_replaced(stage: Stage) -> None:
    events.note_shift(stage.work, stage.desk, uid("near"), OFF, 999)
    assert stage.holder("burst") == uid("far")
    assert [told["reason"] for told in stage.told("assignment.withdrawn")] == ["crew_unavailable"]


def test_a_crew_that_ends_its_shift_on_site_finishes(stage: Stage) -> None:
    stage.report(State.WORKING, "burst")
    events.note_shift(stage.work, stage.desk, uid("near"), OFF, 999)
    assert stage.holder("burst") == uid("near")


def test_old_news_of_a_shift_takes_nothing_away(stage: Stage) -> None:
    events.note_shift(stage.work, stage.desk, uid("near"), OFF, 0)
    assert stage.holder("burst") == uid("near")


def test_a_new_shift_puts_a_crew_back_into_service(stage: Stage) -> None:
    suspend(stage, "поломка")
    assert stage.work.roster.out()
    on: dict[str, Any] = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=12)}
    events.note_shift(stage.work, stage.desk, uid("near"), Shift(True, **on), 999)
    assert stage.work.roster.out() == []


def test_nobody_unknown_is_made_available(stage: Stage) -> None:
    with pytest.raises(CrewNotFound):
        absence.mark_available(stage.work, uid("nobody"))


def test_a_dispatcher_reads_why_a_silent_crew_is_not_sent(stage: Stage) -> None:
    gone = [replace(crew(), out=out) for out in Out]
    found = recommend(job(), gone, desk(), NOW)
    assert [entry.reasons for entry in found.refused] == [(Refusal.SILENT,), (Refusal.OUT_OF_SERVICE,)]
