"""Triage as a process on real servers: requests, corrections and questions in, decisions out."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import sqlalchemy as sa
from nameko.standalone.rpc import ClusterRpcProxy

from shared.config import ROOT
from shared.envelope import Event
from tests.support import contracts
from tests.support.bus import publish, waiting
from tests.support.database import count
from tests.support.keys import token
from tests.support.processes import ServiceProcess
from tests.support.waiting import eventually
from tests.unit.triage.shipped import engine

pytestmark = pytest.mark.servers
VERSION = engine().book.version
STATISTICS = engine().statistics
assert STATISTICS is not None
MODEL = STATISTICS.version


class Triage(ServiceProcess):
    """The service, spoken to by the bus and by an operator."""

    def __init__(self, home: Path, database_url: str, amqp_uri: str) -> None:
        super().__init__(["shared.run", "triage"], "triage", home, database_url, amqp_uri)
        self.amqp_uri = amqp_uri

    def hear(self, *told: Event) -> None:
        publish(self.amqp_uri, *told)

    def told(self) -> list[Event]:
        """What waits for routing now, each event held against its contract."""
        return waiting(self.amqp_uri, "triage", "request.classified", "routing")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        reading = sa.create_engine(self.database_url, poolclass=sa.NullPool)
        with reading.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(sa.text(sql))]

    def ask(self, text: Any, role: str = "operator", language: str = "ru", **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token(roles=(role,))}", "Accept-Language": language}
        return self.post("/v1/classify", json={"text": text, **more}, headers=headers)


@pytest.fixture
def triage(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Triage]:
    with Triage(tmp_path, service_database("triage"), amqp_uri) as service:
        yield service


@pytest.mark.rule("D-1.2-U5")
def test_a_request_told_twice_is_decided_and_announced_once(triage: Triage) -> None:
    registered = contracts.event("intake", "request.registered", text="Запах газа в подвале, боимся")
    triage.hear(registered, registered)
    told = eventually(triage.told, what="the decision is announced")
    eventually(lambda: count(triage.database_url, "inbox") == 1, what="handled once")
    (row,) = triage.rows("SELECT * FROM decisions")
    assert (row["category"], row["fault"], row["place"]) == ("emergency", "gas_smell", "basement")
    assert (row["hazards"], row["rules_version"]) == (["gas"], VERSION)
    assert row["reasons"][0] == {"rule": "gas.smell", "evidence": ["запах", "газа"]}
    (event,) = told + triage.told()
    assert (event.subject, event.sequence) == (registered.subject, 1)
    assert (event.causation_id, event.correlation_id) == (registered.id, registered.correlation_id)
    assert event.data["priority"] == "P1"
    assert count(triage.database_url, "outbox") == 1


def test_the_same_request_under_another_event_is_not_decided_anew(triage: Triage) -> None:
    request_id = str(uuid4())
    for text in ("нет воды", "запах газа"):
        triage.hear(contracts.event("intake", "request.registered", request_id=request_id, text=text))
    eventually(lambda: count(triage.database_url, "inbox") == 2, what="both handled")
    assert len(triage.rows("SELECT * FROM decisions")) == 1
    assert count(triage.database_url, "outbox") == 1


@pytest.mark.rule("6.2")
def test_a_dispatchers_correction_is_kept_with_its_reason(triage: Triage, tmp_path: Path) -> None:
    override = contracts.event("routing", "request.urgency_overridden")
    triage.hear(override, override)
    eventually(lambda: count(triage.database_url, "corrections") == 1, what="kept")
    eventually(lambda: count(triage.database_url, "inbox") == 1, what="once")
    (row,) = triage.rows("SELECT * FROM corrections")
    assert (row["category_before"], row["category"]) == ("urgent", "emergency")
    assert (row["reason"], row["by"]) == ("Вода идёт в щитовую", "dispatcher-1")
    assert count(triage.database_url, "corrections") == 1
    written = tmp_path / "corrections.jsonl"
    command = [sys.executable, "-m", "services.triage.commands", "corrections", "--days", "3650"]
    ran = subprocess.run(
        [*command, "--output", str(written)],
        cwd=ROOT,
        env=triage.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 corrections in 3650 days" in ran.stdout
    assert json.loads(written.read_text(encoding="utf-8"))["category"] == "emergency"


def test_an_unreadable_request_is_a_dead_letter_and_the_next_is_served(triage: Triage) -> None:
    broken = contracts.event("intake", "request.registered")
    triage.hear(Event(**{**vars(broken), "data": {"request_id": "nonsense"}}))
    triage.hear(contracts.event("intake", "request.registered"))
    eventually(lambda: count(triage.database_url, "decisions") == 1, what="the next is decided")
    eventually(lambda: "event_dead_lettered" in triage.log.read_text(), what="the first is put aside")


def test_a_decision_by_rpc_is_the_one_of_the_event(triage: Triage) -> None:
    with ClusterRpcProxy({"AMQP_URI": triage.amqp_uri}, timeout=60) as cluster:
        decided = cluster.triage.classify("су жоқ", "kk")
        placed = cluster.triage.classify("прорвало трубу", None, place="well")
        refused = [
            cluster.triage.classify(""),
            cluster.triage.classify("x", "en"),
            cluster.triage.classify("x", place="moon"),
        ]
    contracts.check("triage", "request.classified", {"request_id": str(uuid4()), **decided})
    assert (decided["fault"], decided["rules_version"], placed["place"]) == ("water_none", VERSION, "well")
    assert refused == [{"error": "invalid_input"}] * 3


def test_an_operator_asks_over_http(triage: Triage) -> None:
    answer = triage.ask("Үйде газ иісі бар")
    shown = answer.json()
    assert (answer.status_code, shown["category"], shown["fault_name"]) == (
        200,
        "emergency",
        "Запах газа, утечка газа",
    )
    assert (shown["language"], shown["standing"]) == ("kk", "standard")
    assert any("104" in step and "қоңырау" in step for step in shown["script"])
    assert triage.ask("нет воды", "senior_dispatcher", place="flat").json()["place"] == "flat"


def test_an_operator_hears_what_to_ask(triage: Triage) -> None:
    shown = triage.ask("лифт жұмыс істемейді").json()
    assert {"id": "lift_people_inside", "text": "Лифт кабинасында адам бар ма?"} in shown["ask"]
    assert (shown["norm"], shown["alternatives"][0]["fault"]) == ("ru-170.lift", "lift_stopped")
    assert shown["model_version"] == triage.facts()["model_version"] == MODEL


@pytest.mark.rule("D-1.2-U3")
@pytest.mark.rule("D-1.2-U5")
def test_a_decision_is_explained_with_sources_and_corrections(triage: Triage) -> None:
    registered = contracts.event("intake", "request.registered", text="Запах газа в подвале")
    request_id = registered.data["request_id"]
    triage.hear(registered)
    eventually(lambda: count(triage.database_url, "decisions") == 1, what="decided")
    triage.hear(contracts.event("routing", "request.urgency_overridden", request_id=request_id))
    eventually(lambda: count(triage.database_url, "corrections") == 1, what="corrected")
    headers = {"Authorization": f"Bearer {token(roles=('dispatcher',))}"}
    answer = triage.get(f"/v1/decisions/{request_id}", headers=headers)
    shown = answer.json()
    assert (answer.status_code, shown["fault"], shown["rules_version"]) == (200, "gas_smell", VERSION)
    assert "М-1.3" in shown["rests_on"]["gas.smell"]
    assert [one["category"] for one in shown["corrections"]] == ["emergency"]
    assert triage.get(f"/v1/decisions/{uuid4()}", headers=headers).status_code == 404
    assert triage.get(f"/v1/decisions/{request_id}").status_code == 401
    with ClusterRpcProxy({"AMQP_URI": triage.amqp_uri}, timeout=60) as cluster:
        explained = cluster.triage.explain(request_id, "kk")
        refused = [cluster.triage.explain(str(uuid4())), cluster.triage.explain("nonsense")]
        listed = cluster.triage.catalogue("kk")
    assert (explained["fault_name"], explained["corrections"][0]["by"]) == (
        "Газ иісі, газдың шығуы",
        "dispatcher-1",
    )
    assert refused == [{"error": "not_found"}, {"error": "invalid_input"}]
    assert {fault["id"] for fault in listed["faults"]} == set(engine().book.faults)


def test_the_process_stays_small(triage: Triage) -> None:
    """Design §7: a service stays within 150 MB resident, rules, word forms and model included."""
    for _ in range(50):
        assert triage.ask("Прорвало трубу, топит подвал, нет света").status_code == 200
    assert triage.resident_mb() <= 150


def test_a_bad_model_stops_the_start(
    service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path
) -> None:
    service = Triage(tmp_path, service_database("triage"), amqp_uri)
    (tmp_path / "model.npz").write_bytes(b"no model")
    service.environment["AVARIYKA_TRIAGE_MODEL_FILE"] = str(tmp_path / "model.npz")
    service.start(wait_ready=False)
    try:
        eventually(service.ended, 30, "it gives up")
        assert "model.npz" in service.log.read_text()
    finally:
        service.kill()


@pytest.mark.parametrize(
    ("text", "role", "status", "code"),
    [
        ("", "operator", 400, "invalid_input"),
        (None, "operator", 400, "invalid_input"),
        ("а" * 10_001, "operator", 400, "invalid_input"),
        ("а" * 70_000, "operator", 413, "too_large"),
        ("нет воды", "crew", 403, "forbidden"),
        ("нет воды", "fitter", 403, "forbidden"),
    ],
)
def test_bad_questions_get_a_stable_code(
    triage: Triage, text: Any, role: str, status: int, code: str
) -> None:
    answer = triage.ask(text, role)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert triage.post("/v1/classify", json={"text": "нет воды"}).status_code == 401


def test_the_catalogue_is_shown_in_the_callers_language(triage: Triage) -> None:
    for language, name in (("ru", "Нет воды"), ("kk", "Су жоқ")):
        headers = {"Authorization": f"Bearer {token(roles=('dispatcher',))}", "Accept-Language": language}
        shown = triage.get("/v1/catalogue", headers=headers).json()
        assert {fault["id"]: fault["name"] for fault in shown["faults"]}["water_none"] == name
    assert shown["rules_version"] == VERSION == triage.facts()["rules_version"]
    assert triage.get("/v1/catalogue").status_code == 401


def test_bad_rules_stop_the_start_and_name_the_line(
    service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path
) -> None:
    service = Triage(tmp_path, service_database("triage"), amqp_uri)
    (tmp_path / "rules").mkdir()
    for name in ("catalogue.yml", "scripts.yml", "questions.yml", "rules.yml"):
        (tmp_path / "rules" / name).write_text("nothing: here\n", encoding="utf-8")
    service.environment["AVARIYKA_TRIAGE_RULES_DIR"] = str(tmp_path / "rules")
    service.start(wait_ready=False)
    try:
        eventually(service.ended, 30, "it gives up")
        assert "catalogue.yml:1: missing: sources, handling, faults" in service.log.read_text()
    finally:
        service.kill()
