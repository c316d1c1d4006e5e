"""What crews call dispatchers for."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.routing.domain.alarms import AlarmCode
from services.routing.domain.signals import Correction, CrewMessage, CrewSignal
from services.routing.domain.words import Out
from services.routing.errors import CrewNotFound, SignalNotFound
from services.routing.schemas.signals import AssignmentCorrected, CrewSignalled, CrewWrote, live_signal
from services.routing.usecases import live, signals
from tests.support import contracts
from tests.unit.routing.examples import NOW, uid
from tests.unit.routing.stage import Stage


def heard(stage: Stage, sequence: int = 1, **changes: object) -> CrewSignal:
    data = contracts.example("crews", "crew.signalled", **changes)
    signal = CrewSignal(**CrewSignalled().load(data), sequence=sequence)
    signals.note_signal(stage.work, signal)
    return signal


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_an_sos_is_the_first_alarm_until_a_person_takes_it_on(stage: Stage) -> None:
    heard(stage, signal_id=str(uuid4()), kind="help", at="2026-11-24T10:00:00Z", request_id=None)
    sos = heard(stage, request_id=None)
    first, second = stage.alarms()[:2]
    assert (first.code, first.subject) == (AlarmCode.CREW_SOS, str(sos.signal_id))
    assert (second.code, second.reason) == (AlarmCode.CREW_SIGNAL, "help")
    taken = signals.acknowledge_signal(stage.work, sos.signal_id, "dispatcher-1", "Едем")
    again = signals.acknowledge_signal(stage.work, sos.signal_id, "dispatcher-2", None)
    assert taken == again
    told = [event for event in stage.work.emitted if event.type == "signal.acknowledged"]
    assert len(told) == 1
    contracts.check("routing", "signal.acknowledged", told[0].data)
    assert [alarm.code for alarm in stage.alarms()].count(AlarmCode.CREW_SOS) == 0


def test_screens_see_a_signal_with_its_alarm_until_it_is_taken_on(stage: Stage) -> None:
    sos = heard(stage, request_id=None)

    def seen() -> dict[str, Any]:
        sight = live.look_at(stage.work, live.Subjects(signals=[sos.signal_id]), timedelta(hours=1), NOW)
        return live_signal(*sight.signals[sos.signal_id], lambda msgid, **_: msgid)

    assert [alarm["text"] for alarm in seen()["alarms"]] == ["alarm.crew_sos"]
    signals.acknowledge_signal(stage.work, sos.signal_id, "dispatcher-1", None)
    assert (seen()["alarms"], seen()["acknowledged_by"]) == ([], "dispatcher-1")


def test_a_crew_that_is_out_is_seen_with_its_alarm(stage: Stage) -> None:
    crew = stage.crew("crew-7")
    with stage.work as work:
        work.roster.put_out(crew, Out.SILENT, uid("request"), NOW)
        work.commit()
    sight = live.look_at(stage.work, live.Subjects(crews=[crew]), timedelta(hours=1), NOW)
    assert [alarm.code for alarm in sight.crews[crew][1]] == [AlarmCode.CREW_SILENT]


def test_silence_of_the_journal_is_news_once(stage: Stage) -> None:
    def noticed() -> bool:
        return live.notice_silent_journal(stage.work, timedelta(minutes=3), NOW)

    assert not noticed()
    stage.later(minutes=4)
    assert [noticed(), noticed()] == [True, False]
    sight = live.look_at(stage.work, live.Subjects(), timedelta(minutes=3), NOW)
    assert [alarm.code for alarm in sight.audit] == [AlarmCode.AUDIT_SILENT]


def test_late_news_of_a_signal_changes_nothing_and_does_not_open_it_again(stage: Stage) -> None:
    sos = heard(stage, sequence=2, level=2)
    heard(stage, sequence=1, level=1)
    assert [alarm.details["level"] for alarm in stage.alarms() if alarm.code is AlarmCode.CREW_SOS] == [2]
    signals.acknowledge_signal(stage.work, sos.signal_id, "dispatcher-1", None)
    heard(stage, sequence=3, level=3)
    assert AlarmCode.CREW_SOS not in [alarm.code for alarm in stage.alarms()]


def test_a_signal_nobody_sent_is_not_found(stage: Stage) -> None:
    with pytest.raises(SignalNotFound):
        signals.acknowledge_signal(stage.work, uuid4(), "dispatcher-1", None)


def test_messages_go_both_ways(stage: Stage) -> None:
    crew = stage.crew("crew-7")
    wrote: CrewMessage = CrewWrote().load(
        contracts.example("crews", "crew.wrote", crew_id=str(crew), at="2026-11-24T09:00:00Z")
    )
    for _ in range(2):
        signals.note_message(stage.work, wrote)
    sent = signals.write_to_crew(stage.work, crew, "dispatcher-1", "Ключи у старшей", None)
    assert signals.list_messages(stage.work, crew) == [wrote, sent]
    contracts.check("routing", "crew.messaged", stage.work.emitted[-1].data)
    with pytest.raises(CrewNotFound):
        signals.write_to_crew(stage.work, uuid4(), "dispatcher-1", "…", None)


def test_what_a_crew_corrected_is_on_the_board(stage: Stage) -> None:
    told: Correction = AssignmentCorrected().load(contracts.example("crews", "assignment.corrected"))
    signals.note_correction(stage.work, told)
    with stage.work as work:
        case = work.cases.get(UUID(str(told.request_id)))
    assert case is not None
    assert (case.place, case.fault) == ("basement", "riser_leak")
