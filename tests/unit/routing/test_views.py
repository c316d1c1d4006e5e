"""What dispatchers look at: the board, alarms, one request with the journal silent or not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.alarms import Alarm, AlarmCode, Audit, audit_alarms
from services.routing.domain.board import CrewFilter, Place, Wanted
from services.routing.domain.case import Deadline
from services.routing.domain.words import Category, Channel
from services.routing.errors import (
    BadCredentials,
    BadCursor,
    CloseRefused,
    CrewsUnavailable,
    JournalUnavailable,
    OutageRefused,
    RequestNotFound,
    RetryRefused,
    SessionEnded,
    TooManyAttempts,
)
from services.routing.usecases import dispatch, events, views
from services.routing.usecases.ports import Closing, OutageMove
from tests.unit.routing.examples import GAS_SERVICE, NOW, case, uid
from tests.unit.routing.fakes import FakeJournal, FakeTokens
from tests.unit.routing.stage import Stage

SILENT = timedelta(minutes=3)


def codes(alarms: list[Alarm]) -> list[AlarmCode]:
    return [alarm.code for alarm in alarms]


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U5")
def test_an_unacknowledged_transfer_is_an_alarm_after_its_norm() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    assert stage.alarms() == []
    stage.later(seconds=181)
    assert AlarmCode.TRANSFER_UNACKNOWLEDGED in codes(stage.alarms(stage.clock.now()))


def test_a_transfer_by_phone_is_an_alarm_at_once_until_confirmed() -> None:
    stage = Stage()
    stage.organisation(GAS_SERVICE)
    stage.request(system="gas", hazards=("gas",))
    (alarm,) = stage.alarms()
    assert alarm.code is AlarmCode.CALL_ORGANISATION
    assert alarm.details == {"unit": GAS_SERVICE.name}
    order = dispatch.Order("dispatcher-1", uid("request"))
    dispatch.acknowledge_transfer(stage.work, order, Channel.PHONE, None)
    assert stage.alarms() == []


def test_an_unroutable_request_is_an_alarm_with_its_reason() -> None:
    stage = Stage()
    stage.request(system="power")
    (alarm,) = stage.alarms()
    assert (alarm.code, alarm.reason) == (AlarmCode.UNROUTABLE, "no_competent_organisation")
    assert alarm.request_id == uid("request")


def test_an_escalated_deadline_is_an_alarm_until_the_request_is_over() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    events.note_deadline(stage.work, uid("request"), Deadline("localise", "missed", NOW, NOW))
    assert codes(stage.alarms()) == [AlarmCode.DEADLINE]
    stage.state("closed")
    assert stage.alarms() == []


def test_an_escalation_may_come_before_the_request() -> None:
    stage = Stage()
    events.note_deadline(stage.work, uid("request"), Deadline("localise", "missed", NOW, NOW))
    assert stage.request().deadline is not None


def test_what_the_audit_found_is_an_alarm() -> None:
    stage = Stage()
    finding = {"code": "unrouted", "subject": "x", "since": NOW, "detail": "120 s"}
    events.note_audit(stage.work, Audit(NOW, [finding]))
    (alarm,) = stage.alarms()
    assert (alarm.code, alarm.reason, alarm.subject) == (AlarmCode.AUDIT_FINDING, "unrouted", "x")


def test_the_journals_silence_is_an_alarm_of_its_own() -> None:
    heard = Audit(NOW, [])
    long_up = NOW - timedelta(hours=1)
    assert audit_alarms(heard, NOW + SILENT, SILENT, long_up) == []
    late = NOW + SILENT + timedelta(seconds=1)
    assert codes(audit_alarms(heard, late, SILENT, long_up)) == [AlarmCode.AUDIT_SILENT]
    assert codes(audit_alarms(None, late, SILENT, NOW)) == [AlarmCode.AUDIT_SILENT]


def test_a_service_that_just_started_gives_the_journal_time() -> None:
    old = Audit(NOW - timedelta(days=2), [])
    assert audit_alarms(old, NOW, SILENT, started_at=NOW) == []
    assert audit_alarms(None, NOW, SILENT, started_at=NOW) == []
    past = NOW + SILENT + timedelta(seconds=1)
    assert codes(audit_alarms(old, past, SILENT, started_at=NOW)) == [AlarmCode.AUDIT_SILENT]


def test_alarms_come_with_the_suites_own_silence_first_then_by_urgency() -> None:
    stage = Stage()
    stage.request("planned", system="power", category=Category.PLANNED)
    stage.later(seconds=1)
    stage.request("emergency", system="power")
    found = stage.alarms(started_at=NOW - timedelta(hours=1))
    assert found[0].code is AlarmCode.AUDIT_SILENT
    assert [alarm.request_id for alarm in found[1:]] == [uid("emergency"), uid("planned")]


def test_pages_follow_one_another_to_the_end() -> None:
    stage = Stage()
    for number in range(5):
        stage.request(f"r{number}")
    first = views.list_requests(stage.work, Wanted(limit=3))
    assert first.next_cursor is not None
    second = views.list_requests(stage.work, Wanted(limit=3, after=Place.read(first.next_cursor)))
    assert second.next_cursor is None
    numbers = {entry.case.number for entry in (*first.entries, *second.entries)}
    assert numbers == {f"r{number}" for number in range(5)}


@given(st.text(max_size=60))
def test_a_cursor_nobody_gave_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        Place.read(text)


def test_a_cursor_reads_back() -> None:
    place = Place.of(case())
    assert Place.read(place.cursor()) == place
    naive = replace(place, registered_at=place.registered_at.replace(tzinfo=None))
    with pytest.raises(BadCursor):
        Place.read(naive.cursor())


def test_a_request_is_shown_with_its_timeline_or_in_part() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    timeline = {"state": "transferred", "entries": [], "clocks": []}
    journal = FakeJournal(timeline)
    assert views.show_request(stage.work, journal, uid("request"), "kk").timeline == timeline
    assert journal.asked == [("timeline", uid("request"), "kk")], "in the dispatcher's language"
    part = views.show_request(stage.work, FakeJournal(), uid("request"), "kk")
    assert part.timeline is None
    assert part.dossier.entry.crew_name == "near"
    with pytest.raises(RequestNotFound):
        views.show_request(stage.work, FakeJournal(timeline), uid("unknown"), "kk")


def test_closing_is_the_journals_decision() -> None:
    journal = FakeJournal({"state": "closed"})
    wish = Closing(uid("request"), "dispatcher-1", "пробки", key="k1")
    assert views.close_request(journal, wish) == "closed"
    assert journal.asked == [("close_request", wish)]


@pytest.mark.rule("6.4")
def test_a_refusal_to_close_is_passed_on_with_its_reason() -> None:
    with pytest.raises(CloseRefused) as refused:
        views.close_request(FakeJournal({"error": "delay_reason_required"}), Closing(uid("request"), "d"))
    assert refused.value.errors == {"request_id": ["error.delay_reason_required"]}
    with pytest.raises(RequestNotFound):
        views.close_request(FakeJournal({"error": "request_not_found"}), Closing(uid("request"), "d"))
    with pytest.raises(JournalUnavailable):
        views.close_request(FakeJournal(), Closing(uid("request"), "d"))


class FakeIntake:
    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def messages(self, request_id: UUID) -> dict[str, Any]:
        return self._answer

    def retry(self, delivery_id: UUID) -> dict[str, Any]:
        return self._answer


def test_what_residents_wrote_and_what_partners_get_is_intakes() -> None:
    assert views.list_messages(FakeIntake({"messages": []}), uid("request")) == {"messages": []}
    with pytest.raises(RequestNotFound):
        views.list_messages(FakeIntake({"error": "request_not_found"}), uid("request"))
    assert views.retry_delivery(FakeIntake({"state": "waiting"}), uid("card")) == "waiting"
    with pytest.raises(RetryRefused) as refused:
        views.retry_delivery(FakeIntake({"error": "nothing_to_retry"}), uid("card"))
    assert refused.value.errors == {"delivery_id": ["error.nothing_to_retry"]}


def test_logging_in_is_the_crews_services_decision() -> None:
    token = {"access_token": "t", "token_type": "Bearer"}
    assert views.log_in(FakeTokens(token), "dispatcher", "secret") == token


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "bad_credentials"}, BadCredentials),
        ({"error": "too_many_attempts"}, TooManyAttempts),
        ({"error": "something new"}, BadCredentials),
        (None, CrewsUnavailable),
    ],
)
def test_every_way_not_to_get_in(answer: dict[str, str] | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        views.log_in(FakeTokens(answer), "dispatcher", "wrong")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "session_ended"}, SessionEnded),
        ({"error": "too_many_attempts"}, TooManyAttempts),
        ({"error": "something new"}, SessionEnded),
        (None, CrewsUnavailable),
    ],
)
def test_every_way_not_to_stay_in(answer: dict[str, str] | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        views.stay_in(FakeTokens(answer), "spent")


def test_staying_in_is_the_crews_services_decision() -> None:
    token = {"access_token": "t", "refresh_token": "r"}
    assert views.stay_in(FakeTokens(token), "earlier") == token


def test_crews_are_listed_with_their_present_work() -> None:
    stage = Stage()
    stage.crew("near")
    stage.request()
    (crew,) = views.list_crews(stage.work, CrewFilter())
    assert crew.busy_with == uid("request")


class FakeOutages:
    """Intake as it answers."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self._answer = answer
        self.asked: list[OutageMove] = []

    def move(self, wish: OutageMove) -> Mapping[str, Any]:
        self.asked.append(wish)
        return self._answer


def test_intake_is_asked_to_join_and_its_refusal_is_told() -> None:
    wish = OutageMove("join", uid("outage"), uid("request"), "dispatcher-1", "k1")
    willing = FakeOutages({"outage_id": str(uid("outage")), "number": "7", "requests": 3})
    assert views.move_request(willing, wish)["requests"] == 3
    assert willing.asked == [wish]
    with pytest.raises(OutageRefused) as refused:
        views.move_request(FakeOutages({"error": "already_riding"}), wish)
    assert refused.value.errors == {"outage_id": ["error.already_riding"]}
