"""The journal as a process on a real broker and database: every event in, HTTP and RPC out, its loops."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from nameko.standalone.rpc import ClusterRpcProxy

from scripts.servers import RabbitMQ
from shared.clock import SystemClock
from shared.envelope import Event
from tests.support.bus import publish, waiting
from tests.support.database import count
from tests.support.keys import token
from tests.support.processes import ServiceProcess
from tests.support.waiting import eventually
from tests.unit.journal.events import Wire

pytestmark = pytest.mark.servers
QUICK = {
    "AVARIYKA_JOURNAL_AUDIT_EVERY_S": "0.3",
    "AVARIYKA_JOURNAL_ESCALATE_EVERY_S": "0.3",
    "AVARIYKA_JOURNAL_ALLOW_CLASSIFY_S": "0.5",
    "AVARIYKA_JOURNAL_ALLOW_SILENCE_S": "0.5",
    "AVARIYKA_JOURNAL_PEERS": "triage=http://127.0.0.1:1",
}


class Journal(ServiceProcess):
    """The service, spoken to as a dispatcher."""

    def __init__(self, home: Path, database_url: str, amqp_uri: str) -> None:
        super().__init__(["shared.run", "journal"], "journal", home, database_url, amqp_uri, QUICK)
        self.amqp_uri = amqp_uri

    def hear(self, *told: Event) -> None:
        publish(self.amqp_uri, *told)

    def ask(self, path: str, roles: tuple[str, ...] = ("dispatcher",), language: str = "ru") -> Any:
        headers = {"Authorization": f"Bearer {token(roles=roles)}", "Accept-Language": language}
        return self.get(path, headers=headers)

    def timeline(self, request_id: str) -> dict[str, Any]:
        answer = self.ask(f"/v1/requests/{request_id}/timeline")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def close(
        self, request_id: str, roles: tuple[str, ...] = ("dispatcher",), **body: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token(roles=roles)}"}
        return self.post(f"/v1/requests/{request_id}/close", json=body, headers=headers)

    def state(self, request_id: str) -> str:
        return str(self.timeline(request_id)["state"])

    def findings(self) -> dict[str, str]:
        return {finding["code"]: finding["subject"] for finding in self.ask("/v1/audit").json()["findings"]}

    def told(self, type_: str, reader: str) -> list[Event]:
        """What waits in a reader's queue now, each event held against its contract."""
        return waiting(self.amqp_uri, "journal", type_, reader)


@pytest.fixture
def journal(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path, service_database("journal"), amqp_uri) as service:
        yield service


def now_wire() -> Wire:
    return Wire(SystemClock().now() - timedelta(seconds=20))


def overdue_life() -> tuple[Wire, list[Event]]:
    """An emergency whose localisation took an hour longer than its norm."""
    wire = Wire(SystemClock().now() - timedelta(hours=2))
    events = [*wire.dispatched(), *(wire.stage(name) for name in ("accepted", "arrived", "working"))]
    wire.now += timedelta(hours=1)
    return wire, [*events, wire.stage("localised"), wire.stage("completed", "fixed")]


def test_lives_delivered_shuffled_and_twice_end_closed_and_whole(journal: Journal) -> None:
    wires = [now_wire() for _ in range(5)]
    lives = [wire.life() for wire in wires]
    deliveries = [event for life in lives for event in life] * 2
    random.Random(416).shuffle(deliveries)
    journal.hear(*deliveries)
    for wire, life in zip(wires, lives, strict=True):
        eventually(lambda wire=wire: journal.state(wire.request_id) == "closed", what="closed")  # type: ignore[misc]
        eventually(lambda wire=wire, life=life: whole(journal, wire, life), what="every event once")  # type: ignore[misc]
    moves = Moves(journal)
    eventually(lambda: moves.all_closed({wire.request_id for wire in wires}), what="announced")
    for events in moves.seen.values():
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert count(journal.database_url, "entries") == sum(map(len, lives))


def whole(journal: Journal, wire: Wire, life: list[Event]) -> bool:
    lines = journal.timeline(wire.request_id)["entries"]
    reported = [line["id"] for line in lines if line["origin"] == "reported"]
    return reported == [event.id for event in life] and all(line["applied"] for line in lines)


class Moves:
    """The moves told to routing, collected as they come."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.seen: dict[str, list[Event]] = {}

    def all_closed(self, requests_: set[str]) -> bool:
        """Whether the last move of every request, by its sequence, is the closing."""
        for event in self._journal.told("request.state_changed", "routing"):
            self.seen.setdefault(event.subject, []).append(event)
        for events in self.seen.values():
            events.sort(key=lambda event: event.sequence)
        return requests_ == {
            name for name, events in self.seen.items() if events[-1].data["to_state"] == "closed"
        }


@pytest.mark.rule("6.4")
@pytest.mark.rule("D-2.B-U3")
def test_an_overdue_request_is_closed_over_http_with_a_reason_only(journal: Journal) -> None:
    wire, events = overdue_life()
    journal.hear(*events)
    eventually(lambda: journal.state(wire.request_id) == "done", what="done")
    refused = journal.close(wire.request_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "delay_reason_required")
    assert "причину задержки" in refused.json()["title"]
    assert journal.close(wire.request_id, ("operator",), delay_reason="x").status_code == 403
    assert journal.close(wire.request_id, delay_reason="   ").json()["code"] == "invalid_input"
    assert journal.close(wire.request_id, delay_reason="a\x00b").json()["code"] == "invalid_input"
    closed = journal.close(wire.request_id, delay_reason="Пробки")
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert journal.close(wire.request_id).json()["state"] == "closed"
    last = journal.timeline(wire.request_id)["entries"][-1]
    assert (last["actor"], last["reason"], last["state"]) == ("dispatcher-1", "Пробки", "closed")


def test_timeline_and_closing_over_rpc(journal: Journal) -> None:
    wire, events = overdue_life()
    journal.hear(*events)
    eventually(lambda: journal.state(wire.request_id) == "done", what="done")
    with ClusterRpcProxy({"AMQP_URI": journal.amqp_uri}, timeout=60) as cluster:
        ask = cluster.journal
        assert ask.timeline(str(uuid4())) == {"error": "request_not_found"}
        assert ask.timeline("nonsense") == {"error": "request_not_found"}
        shown = ask.timeline(wire.request_id, language="kk")
        refused = ask.close_request(wire.request_id, by="dispatcher-1")
        nonsense = ask.close_request("nonsense", by="dispatcher-1")
        wish = {"request_id": wire.request_id, "by": "dispatcher-1", "key": "k1"}
        closed, again = (ask.close_request(**wish, delay_reason="traffic") for _ in range(2))
        other = ask.close_request(**wish, delay_reason="another")
        unknown = ask.close_request(str(uuid4()), by="dispatcher-1")
    assert (shown["request_id"], shown["state"]) == (wire.request_id, "done")
    alarms = {"deadline.escalated.missed", "deadline.escalated.approaching"}
    assert len([line for line in shown["entries"] if line["what"] not in alarms]) == 9
    assert shown["entries"][0]["text"].startswith("№ 1042 өтінім тіркелді")
    assert {clock["clock"] for clock in shown["clocks"]} == {"acknowledge", "arrive", "localise", "complete"}
    assert (refused["error"], nonsense["error"]) == ("delay_reason_required", "invalid_input")
    assert (closed, again, unknown["error"]) == ({"state": "closed"}, closed, "request_not_found")
    assert other["error"] == "idempotency_key_reused"


def test_missed_deadlines_are_raised_once_each_and_told_to_routing(journal: Journal) -> None:
    wire = Wire(SystemClock().now() - timedelta(hours=1))
    journal.hear(*wire.dispatched())

    def raised() -> bool:
        return count(journal.database_url, "clocks", "missed_at IS NOT NULL") == 3

    eventually(raised, what="acknowledgement, arrival and localisation missed")
    eventually(
        lambda: count(journal.database_url, "outbox", "published_at IS NULL") == 0, what="all is published"
    )
    told = journal.told("deadline.escalated", "routing")
    assert sorted((event.data["clock"], event.data["level"]) for event in told) == [
        ("acknowledge", "missed"),
        ("arrive", "missed"),
        ("localise", "missed"),
    ]
    kinds = [line["what"] for line in journal.timeline(wire.request_id)["entries"]]
    assert kinds.count("deadline.escalated.missed") == 3


def test_a_stuck_step_and_a_silent_peer_are_raised_and_told(journal: Journal) -> None:
    wire = Wire(SystemClock().now())
    journal.hear(wire.registered())
    expected = {"unclassified": wire.request_id, "peer_silent": "triage"}
    eventually(lambda: journal.findings() == expected, what="both are found")
    assert journal.ask("/v1/audit", language="kk").json()["findings"][0]["text"]
    assert 'journal_audit_findings{code="unclassified"} 1.0' in journal.get("/metrics").text
    assert journal.facts()["audit"]["open_findings"] == 2
    assert "audit_finding_opened" in journal.log.read_text()
    journal.hear(wire.classified("consultation", priority=None))
    eventually(lambda: journal.findings() == {"peer_silent": "triage"}, what="the step is cleared")

    def told_of() -> bool:
        told = journal.told("audit.completed", "routing")
        return any(finding["code"] == "unclassified" for event in told for finding in event.data["findings"])

    eventually(told_of, what="told to routing")


def test_the_audit_goes_on_without_the_broker(journal: Journal, rabbitmq: RabbitMQ) -> None:
    wire = Wire(SystemClock().now())
    journal.hear(wire.registered())
    eventually(lambda: journal.state(wire.request_id) == "registered", what="registered")
    rabbitmq.stop()
    try:
        eventually(
            lambda: {"broker_silent", "unclassified"} <= journal.findings().keys(), 30, "found without a bus"
        )
    finally:
        rabbitmq.start()
    eventually(lambda: "broker_silent" not in journal.findings(), 30, "the broker is back")
    eventually(lambda: journal.told("audit.completed", "routing"), 30, "the runs are told after all")


def test_dead_letters_of_any_service_are_raised(journal: Journal) -> None:
    broken = Event("bad", "intake", "request.registered", "x", SystemClock().now(), {"number": 7}, 1, "c")
    journal.hear(broken)
    eventually(lambda: journal.findings().get("dead_letters") == "journal", what="the dead letter is seen")


def test_the_list_goes_by_state_and_by_pages(journal: Journal) -> None:
    wires = [now_wire() for _ in range(3)]
    journal.hear(*(wire.registered() for wire in wires))
    eventually(lambda: count(journal.database_url, "requests", "state = 'registered'") == 3, what="all there")
    first = journal.ask("/v1/requests?state=registered&limit=2").json()
    rest = journal.ask(f"/v1/requests?state=registered&limit=2&cursor={first['next_cursor']}").json()
    found = [one["request_id"] for one in first["requests"] + rest["requests"]]
    assert sorted(found) == sorted(wire.request_id for wire in wires)
    assert rest["next_cursor"] is None
    assert journal.ask("/v1/requests?state=closed").json()["requests"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/requests?state=lost", 400, "invalid_input"),
        ("/v1/requests?limit=0", 400, "invalid_input"),
        ("/v1/requests?limit=many", 400, "invalid_input"),
        ("/v1/requests?cursor=x", 422, "bad_cursor"),
        ("/v1/requests/nonsense/timeline", 404, "not_found"),
        (f"/v1/requests/{UUID(int=7)}/timeline", 404, "request_not_found"),
    ],
)
def test_bad_questions_get_a_stable_code(journal: Journal, path: str, status: int, code: str) -> None:
    answer = journal.ask(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["title"] != code


@pytest.mark.rule("6.11")
def test_only_the_dispatch_reads_timelines(journal: Journal) -> None:
    wire = now_wire()
    journal.hear(wire.registered())
    eventually(lambda: journal.state(wire.request_id), what="registered")
    for path in (f"/v1/requests/{wire.request_id}/timeline", "/v1/requests", "/v1/audit"):
        assert journal.get(path).status_code == 401
        assert journal.ask(path, ("crew",)).status_code == 403
        assert journal.ask(path, ("operator",)).status_code == 200
