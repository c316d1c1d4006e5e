"""Others' events read tolerantly, dispatchers' input read strictly, answers in the caller's language."""

import re
from functools import partial
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from services.routing.domain.alarms import AlarmCode, Audit
from services.routing.domain.assignment import State
from services.routing.domain.case import Deadline
from services.routing.domain.words import Kept, Merit, Refusal, Unroutable
from services.routing.schemas import answers, events, http, outages, signals
from services.routing.usecases import events as following
from services.routing.usecases import views
from shared import encoding, topology
from shared.i18n import LANGUAGES, Catalog
from tests.support import contracts
from tests.unit.routing.examples import GAS_SERVICE, NOW, ROOM, uid
from tests.unit.routing.fakes import FakeJournal
from tests.unit.routing.stage import Stage

READERS: dict[str, type[Schema]] = {
    "crew.signalled": signals.CrewSignalled,
    "crew.wrote": signals.CrewWrote,
    "assignment.corrected": signals.AssignmentCorrected,
    "assignment.leave_changed": signals.LeaveChanged,
    "outage.changed": outages.OutageChanged,
    "delivery.changed": outages.DeliveryChanged,
    "alert.progressed": signals.AlertProgressed,
    "request.registered": events.RequestRegistered,
    "request.joined": events.RequestJoined,
    "request.split": events.RequestSplit,
    "request.supplemented": events.RequestSupplemented,
    "request.classified": events.RequestClassified,
    "assignment.progressed": events.AssignmentProgressed,
    "organisation.changed": events.OrganisationChanged,
    "crew.changed": events.CrewChanged,
    "crew.shift_changed": events.CrewShiftChanged,
    "crew.positions_changed": events.CrewPositionsChanged,
    "crew.position_changed": events.CrewPositionChanged,
    "request.state_changed": events.RequestStateChanged,
    "request.cancellation_asked": events.CancellationAsked,
    "deadline.escalated": events.DeadlineEscalated,
    "audit.completed": events.AuditCompleted,
}
CATALOG = Catalog(ROOM / "locale")


def test_every_event_of_the_topology_has_its_reader() -> None:
    assert {s.type for s in topology.subscriptions() if s.reader == "routing"} == set(READERS)


@pytest.mark.parametrize("told", [s for s in topology.subscriptions() if s.reader == "routing"])
def test_the_contracts_example_is_read_and_what_is_new_in_it_is_ignored(told: topology.Subscription) -> None:
    reader = READERS[told.type]()
    example = contracts.example(told.source, told.type)
    assert reader.load({**example, "something_new": 1}) == reader.load(example)


def test_a_job_card_survives_the_way_through() -> None:
    read = events.RequestRegistered().load(contracts.example("intake", "request.registered"))
    assert read.address == contracts.example("intake", "request.registered")["address"]


@pytest.mark.parametrize(
    "place",
    [{}, {"lat": 91, "lon": 0}, {"lat": 43.2}, {"lat": None, "lon": None}, {"lat": float("nan"), "lon": 76.9},
     {"lat": "north", "lon": []}],
)  # fmt: skip
def test_a_request_without_coordinates_is_not_lost(place: dict[str, Any]) -> None:
    example = contracts.example("intake", "request.registered")
    told = events.RequestRegistered().load({**example, "address": {"text": "ул. Абая, 12", **place}})
    assert told.address == {"text": "ул. Абая, 12", "lat": None, "lon": None}


@pytest.mark.parametrize(
    ("source", "type_", "changes"),
    [
        ("intake", "request.registered", {"address": "Абая 12"}),
        ("intake", "request.registered", {"registered_at": "2026-11-24T18:01:02"}),
        ("triage", "request.classified", {"category": "apocalyptic"}),
        ("triage", "request.classified", {"system": ""}),
        ("crews", "assignment.progressed", {"stage": "asleep"}),
        ("crews", "crew.position_changed", {"lat": float("nan")}),
        ("crews", "organisation.changed", {"name": ""}),
    ],
)
def test_what_nobody_can_work_with_is_refused(source: str, type_: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READERS[type_]().load({**contracts.example(source, type_), **changes})


@pytest.mark.parametrize(
    ("schema", "body", "field"),
    [
        (http.Withdraw, {}, "reason"),
        (http.Withdraw, {"reason": "   "}, "reason"),
        (http.Withdraw, {"reason": "a\0b"}, "reason"),
        (http.Withdraw, {"reason": "\ud800"}, "reason"),
        (http.Withdraw, {"reason": "x" * 1001}, "reason"),
        (http.Urgency, {"category": "emergency"}, "reason"),
        (http.Urgency, {"category": "red", "reason": "x"}, "category"),
        (http.Assign, {"crew_id": "7"}, "crew_id"),
        (http.Assign, {"crew_id": str(uid("crew-7")), "version": "1"}, "version"),
        (http.Assign, {"crew_id": str(uid("crew-7")), "version": 2**60}, "version"),
        (http.Assign, {"crew_id": str(uid("crew-7")), "force": True}, "force"),
        (http.Acknowledge, {"channel": "pigeon"}, "channel"),
        (http.Login, {"login": "x"}, "password"),
        (http.RequestsQuery, {"limit": "0"}, "limit"),
        (http.RequestsQuery, {"limit": "201"}, "limit"),
        (http.RequestsQuery, {"category": "red"}, "category"),
        (http.CrewsQuery, {"on_shift": "perhaps"}, "on_shift"),
    ],
)
def test_bad_input_is_named_field_by_field(schema: type[Schema], body: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        schema().load(body)
    assert isinstance(refused.value.messages, dict)
    assert set(refused.value.messages) == {field}


def test_a_whole_request_is_shown_with_everything() -> None:
    stage = Stage()
    stage.crew("near", 500)
    stage.request()
    stage.report(State.DECLINED)
    following.note_deadline(stage.work, uid("request"), Deadline("localise", "approaching", NOW, NOW))
    found = views.show_request(stage.work, FakeJournal(), uid("request"), "kk")
    body = answers.whole(found.dossier, found.timeline, partial(CATALOG.text, "ru"))
    shown = answers.WholeRequest().dump(body)
    assert encoding.dumps(shown)
    assert set(shown) == {f.data_key or name for name, f in answers.WholeRequest().fields.items()}
    assert (shown["partial"], shown["timeline"]) == (True, None)
    assert (shown["number"], shown["category"], shown["status"]) == ("request", "emergency", "waiting")
    assert shown["unroutable"]["reason"] == "no_suitable_crew"
    assert shown["unroutable"]["text"] == CATALOG.text("ru", "unroutable.no_suitable_crew")
    assert shown["deadline"]["level"] == "approaching"
    assert shown["attempts"][0]["moves"][0]["to_state"] == "declined"
    assert shown["attempts"][0]["crew_name"] == "near"


def test_crews_are_shown_with_their_position() -> None:
    stage = Stage()
    stage.crew("near")
    everybody = answers.crews(list(stage.work.roster.free()))
    (shown,) = answers.Crews().dump(everybody)["crews"]
    assert shown["base"]["lat"] == pytest.approx(43.249, abs=0.001)
    assert shown["specialisations"] == ["sewer", "water"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_alarms_are_said_in_the_callers_language(language: str) -> None:
    stage = Stage()
    stage.organisation(GAS_SERVICE)
    stage.request("1042", system="gas", hazards=("gas",))
    stage.request("1043", system="power")
    shown = answers.Alarms().dump(answers.alarms(stage.alarms(), partial(CATALOG.text, language)))["alarms"]
    assert encoding.dumps(shown)
    texts = {alarm["code"]: alarm["text"] for alarm in shown}
    assert GAS_SERVICE.name in texts["call_organisation"]
    assert "1042" in texts["call_organisation"]
    assert "1043" in texts["unroutable"]
    assert not any(re.search("[{}]", text) for text in texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finding_of_the_audit_names_the_request_or_the_service(language: str) -> None:
    stage = Stage()
    stage.crew("near")
    stage.request("1042")
    unknown, known = str(uid("of-nobody")), str(uid("1042"))
    about = {"unapplied": unknown, "unclosed": known, "peer_silent": "triage"}
    found = [{"code": code, "subject": of, "since": NOW, "detail": ""} for code, of in about.items()]
    following.note_audit(stage.work, Audit(NOW, found))
    shown = answers.Alarms().dump(answers.alarms(stage.alarms(), partial(CATALOG.text, language)))["alarms"]
    texts = {alarm["subject"]: alarm for alarm in shown}
    assert (texts[known]["request_id"], texts[unknown]["request_id"]) == (known, None)
    assert "№ 1042" in texts[known]["text"]
    assert "triage" in texts["triage"]["text"]
    assert [text for alarm in shown if "finding." in (text := alarm["text"])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_a_dispatcher_reads_has_words(language: str) -> None:
    spoken = [
        *(f"refusal.{code}" for code in Refusal),
        *(f"merit.{code}" for code in Merit),
        *(f"kept.{code}" for code in Kept),
        *(f"unroutable.{code}" for code in Unroutable),
        *(f"alarm.{code}" for code in AlarmCode),
        *(f"deadline.{level}" for level in ("approaching", "missed")),
        *(f"error.{code}" for code in ("request_not_done", "result_required", "delay_reason_required")),
    ]
    assert [msgid for msgid in spoken if not CATALOG.has(language, msgid)] == []
