"""The HTTP edge under load, with rude callers, without its servers, and at its end."""

import http.client
import json
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from scripts.servers import PostgreSQL, RabbitMQ
from tests.support.edge import THING, change, problem
from tests.support.processes import ServiceProcess
from tests.support.waiting import AT_ONCE_S, eventually

pytestmark = pytest.mark.servers
Toy = Callable[..., ServiceProcess]


# Connections


def test_nobody_else_may_listen_where_a_service_does(edge: ServiceProcess, toy: Toy) -> None:
    second = toy("intake", AVARIYKA_INTAKE_BIND=f"127.0.0.1:{edge.port}").start(wait_ready=False)
    eventually(second.ended, 20, "the second gives up")
    assert f"intake did not start at 127.0.0.1:{edge.port}" in second.tail()


def test_a_connection_is_kept_through_good_and_bad_answers(edge: ServiceProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=60)
    sent: list[tuple[str, str, bytes | None, int]] = [
        ("GET", "/live", None, 200),
        ("POST", "/no/such", b"x" * 500, 404),
        ("POST", THING, b"{" * 500, 401),
        ("POST", "/form", b"x" * 200_000, 413),
        ("GET", "/bug", None, 500),
        ("GET", "/live", None, 200),
    ]
    ports = set()
    for method, path, body, status in sent:
        connection.request(method, path, body)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
        ports.add(connection.sock.getsockname()[1])
    connection.close()
    assert len(ports) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x16\x03\x01 no http at all\r\n\r\n",
        b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Le",
        b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\ntext=",
        b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFF\r\ntext=",
        b"POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
        b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
    ],
    ids=["nothing", "tls", "half head", "half body", "negative", "half chunk", "no chunk", "no reading"],
)
@pytest.mark.parametrize("abruptly", [False, True])
def test_a_caller_who_leaves_in_the_middle_disturbs_nobody(
    edge: ServiceProcess, said: bytes, abruptly: bool
) -> None:
    with socket.create_connection(("127.0.0.1", edge.port), timeout=60) as caller:
        caller.sendall(said)
        if abruptly:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert change(edge).status_code == 200


def test_a_caller_who_does_not_wait_for_the_answer_disturbs_nobody(
    edge: ServiceProcess, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{edge.url}/hold?gate={gate}", timeout=0.2)
    gate.unlink()
    assert change(edge).status_code == 200


def test_the_log_is_one_json_object_a_line_and_repeats_nothing_of_a_broken_client(
    edge: ServiceProcess,
) -> None:
    with socket.create_connection(("127.0.0.1", edge.port), timeout=60) as caller:
        caller.sendall(b"GET /?phone=87011234567 is broken\r\n\r\n")
    eventually(lambda: "http_malformed" in edge.tail(), what="it is in the log")
    assert all(json.loads(line) for line in edge.tail(1000).splitlines())
    assert "is broken" not in edge.tail(1000)


def test_fifty_callers_at_once_are_all_answered(edge: ServiceProcess) -> None:
    with ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(lambda number: change(edge, f"{THING}?limit={number}"), range(50)))
    assert [answer.json()["limit"] for answer in answers] == list(range(50))


def test_slow_work_does_not_hold_up_the_others(edge: ServiceProcess, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    with ThreadPoolExecutor(5) as callers:
        slow = [callers.submit(edge.get, f"/hold?gate={gate}") for _ in range(5)]
        eventually(gate.with_suffix(".inside").exists, what="the slow calls are inside")
        assert change(edge).status_code == 200
        gate.unlink()
        assert [call.result().status_code for call in slow] == [200] * 5


# When something is away


def test_without_its_database_a_service_is_alive_but_not_ready(toy: Toy, postgres: PostgreSQL) -> None:
    with toy("intake") as intake:
        postgres.stop()
        ready = intake.get("/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, "down")
        assert intake.get("/live").status_code == 200
        assert change(intake).status_code == 200, "what needs no database goes on"
        problem(intake.post("/emit", json={}), 503, "unavailable")
        postgres.start()
        eventually(intake.ready, what="ready again by itself")
        assert intake.post("/emit", json={}).status_code == 201


def test_without_the_broker_a_service_is_ready_and_says_that_it_is_degraded(
    toy: Toy, rabbitmq: RabbitMQ
) -> None:
    with toy("intake") as intake:
        rabbitmq.stop()
        ready = intake.get("/ready")
        assert (ready.status_code, ready.json()["status"], ready.json()["broker"]) == (
            200,
            "degraded",
            "down",
        )
        assert intake.post("/emit", json={}).status_code == 201
        assert intake.facts()["outbox"]["pending"] == 1
        rabbitmq.start()
        eventually(lambda: intake.facts()["outbox"]["pending"] == 0, 30, "sent when the broker is back")


# The end


def seconds_to_end(process: ServiceProcess) -> float:
    started = time.monotonic()
    assert process.end(signal.SIGTERM) == 0
    return time.monotonic() - started


def closed(process: ServiceProcess) -> bool:
    try:
        process.get("/live")
    except requests.ConnectionError:
        return True
    return False


@pytest.mark.parametrize("service", ["intake", "triage"])
def test_an_idle_service_ends_soon(toy: Toy, service: str) -> None:
    process = toy(service).start()
    eventually(lambda: "service_started" in process.tail(), what="every part has started")
    assert seconds_to_end(process) < AT_ONCE_S


def test_a_service_told_to_end_while_it_starts_ends(toy: Toy) -> None:
    assert seconds_to_end(toy("triage", AVARIYKA_TRIAGE_STOP_WITHIN_S="1").start()) < AT_ONCE_S


def test_a_call_in_flight_is_answered_before_the_end(toy: Toy, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    process = toy("intake").start()
    pid = process.get("/hold", params={"gate": str(tmp_path / "open")}).json()["pid"]
    with ThreadPoolExecutor(1) as caller:
        in_flight = caller.submit(process.get, f"/hold?gate={gate}")
        eventually(gate.with_suffix(".inside").exists, what="the call is inside")
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: closed(process), what="no new calls are taken")
        assert not in_flight.done()
        gate.unlink()
        assert in_flight.result().json() == {"pid": pid}
        assert in_flight.result().headers["Connection"] == "close"
    assert seconds_to_end(process) < AT_ONCE_S


def test_a_call_that_never_ends_does_not_keep_the_service_from_ending(toy: Toy, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    process = toy("intake", AVARIYKA_INTAKE_STOP_WITHIN_S="0.5").start()
    with ThreadPoolExecutor(1) as caller:
        stuck = caller.submit(process.get, f"/hold?gate={gate}")
        eventually(gate.with_suffix(".inside").exists, what="the call is inside")
        assert seconds_to_end(process) < AT_ONCE_S
        assert isinstance(stuck.exception(), requests.ConnectionError)
