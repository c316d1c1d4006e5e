"""The dispatchers' desk over HTTP: versions, keys, roles, filters, maps."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.support.routing import REQUEST, Make, Routing, request, routing_services
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.fixture
def make(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Make]:
    with routing_services(service_database("routing"), amqp_uri, tmp_path) as start:
        yield start


def send(routing: Routing, verb: str, role: str = "dispatcher", **parts: Any) -> requests.Response:
    headers = {**routing.headers(role), **parts.pop("headers", {})}
    return routing.post(f"/v1/requests/{REQUEST}/{verb}", json=parts, headers=headers)


def test_two_dispatchers_on_one_version_and_one_is_told_what_is_true_now(make: Make) -> None:
    routing = make()
    crews = [str(uuid4()), str(uuid4())]
    request(routing)
    eventually(lambda: routing.shown()["status"] == "waiting")
    whole = routing.ask(f"/v1/requests/{REQUEST}")
    tag = whole.headers["ETag"]

    def override(category: str) -> requests.Response:
        return send(routing, "urgency", category=category, reason="так виднее", headers={"If-Match": tag})

    with ThreadPoolExecutor(2) as hands:
        answers = list(hands.map(override, ["urgent", "planned"]))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    truth = lost.json()["details"]["request"]
    assert (lost.json()["code"], truth["category"]) == ("request_changed", won.json()["category"])
    assert won.headers["ETag"] == f'"{truth["version"]}"'
    assert (
        send(routing, "urgency", category="planned", reason="x", headers={"If-Match": "now"}).status_code
        == 400
    )
    for crew in crews:
        routing.has_crew(crew)
    eventually(lambda: routing.shown()["status"] == "assigned")


def test_a_command_sent_twice_is_done_once(make: Make) -> None:
    routing = make()
    request(routing)
    eventually(lambda: routing.shown()["status"] == "waiting")
    key = {"Idempotency-Key": str(uuid4())}
    call: dict[str, Any] = {"party": "resident", "result": "reached", "headers": key}
    first, again = send(routing, "calls", **call), send(routing, "calls", **call)
    assert [first.status_code, again.status_code] == [200, 200]
    other = send(routing, "calls", party="crew", result="busy", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(routing.shown()["calls"]) == 1
    assert len(routing.ask("/v1/calls").json()["calls"]) == 1
    routing.has_crew(str(uuid4()))
    eventually(lambda: routing.shown()["status"] == "assigned")
    for verb in ("pin", "unpin"):
        once = {"Idempotency-Key": str(uuid4())}
        assert [send(routing, verb, headers=once).status_code for _ in range(2)] == [200, 200], verb
    closing = {"Idempotency-Key": str(uuid4())}
    assert send(routing, "close", headers=closing).json()["code"] == "journal_unavailable"


def test_who_has_the_page_already_gets_it_only_when_it_changes(make: Make) -> None:
    routing = make()
    request(routing)
    eventually(lambda: routing.shown()["status"] == "waiting")
    for path in (
        "/v1/requests?open=true&q=%D0%BF%D1%80%D0%BE%D1%80%D0%B2",
        "/v1/crews.geojson",
        "/v1/zones.geojson",
    ):
        page = routing.ask(path)
        assert page.status_code == 200, page.text
        headers = {**routing.headers(), "If-None-Match": page.headers["ETag"]}
        same = routing.get(path, headers=headers)
        assert (same.status_code, same.content) == (304, b"")
    board = routing.ask("/v1/requests?order=oldest&overdue=false")
    assert len(board.json()["requests"]) == 1
    send(routing, "calls", party="crew", result="busy")
    routing.hear(routing.event("intake", "request.supplemented"))
    eventually(lambda: routing.shown()["supplements"]["photos"] == 2)
    headers = {**routing.headers(), "If-None-Match": board.headers["ETag"]}
    assert routing.get("/v1/requests?order=oldest&overdue=false", headers=headers).status_code == 200
    crew = str(uuid4())
    routing.has_crew(crew)
    (point,) = routing.ask("/v1/crews.geojson").json()["features"]
    assert (point["id"], point["geometry"]["type"]) == (crew, "Point")
    assert 76 < point["geometry"]["coordinates"][0] < 78, "longitude first"


def test_an_operator_looks_a_dispatcher_acts_and_a_senior_puts_an_emergency_off(make: Make) -> None:
    routing = make(AVARIYKA_ROUTING_DEFERRED_EVERY_S="0.2")
    request(routing)
    eventually(lambda: routing.shown()["status"] == "waiting")
    later = {"until": "2099-01-01T00:00:00+05:00", "reason": "жильцов нет"}
    assert send(routing, "calls", role="operator", party="crew", result="busy").status_code == 403
    refused = send(routing, "defer", **later)
    assert (refused.status_code, refused.json()["code"]) == (403, "senior_needed")
    assert "старший диспетчер" in refused.json()["title"]
    put_off = send(routing, "defer", role="senior_dispatcher", **later)
    assert (put_off.status_code, put_off.json()["status"]) == (200, "idle")
    assert routing.told("request.deferred", 1)[0].data["reason"] == "жильцов нет"
    assert send(routing, "resume").json()["status"] == "waiting"
