"""Outages over HTTP: what dispatchers send and are answered, and what residents then hear."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from nameko.standalone.rpc import ClusterRpcProxy

from tests.integration.test_intake_service import NOWHERE, TOKEN, put_city, send, text
from tests.support.keys import token
from tests.support.processes import ServiceProcess
from tests.support.waiting import eventually

pytestmark = [pytest.mark.servers, pytest.mark.rule("6.8")]
WATER: dict[str, Any] = {
    "kind": "accident",
    "symptoms": ["no_cold_water"],
    "houses": [{"building": "osm-w1"}, {"address": "Гоголя 2", "entrances": ["1"]}],
    "cause": "порыв на вводе",
    "tell": {"ru": "Подвоз воды с 14:00.", "kk": "Су тасу 14:00-ден бастап."},
}


@pytest.fixture
def intake(
    service_database: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[ServiceProcess]:
    """The service with an imported town and no broker in reach, unless the test has one."""
    url = service_database("intake")
    put_city(url)
    broker = request.getfixturevalue("amqp_uri") if "amqp_uri" in request.fixturenames else NOWHERE
    environment = {"AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN, "AVARIYKA_INTAKE_END_RIDES_S": "0.2"}
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, broker, environment) as process:
        yield process


def call(
    intake: ServiceProcess, method: str, path: str, body: Any = None, role: str = "dispatcher", **headers: str
) -> requests.Response:
    sent = {
        "Authorization": f"Bearer {token(roles=(role,))}",
        "Idempotency-Key": str(uuid4()),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return requests.request(method, f"{intake.url}{path}", json=body, headers=sent, timeout=60)


def test_from_opening_to_the_end(intake: ServiceProcess) -> None:
    opened = call(intake, "POST", "/v1/outages", WATER)
    assert opened.status_code == 201, opened.text
    outage = opened.json()
    path = f"/v1/outages/{outage['outage_id']}"
    assert [house["address"] for house in outage["houses"]] == ["проспект Абая, 12", "улица Гоголя, 2"]

    answer = text(send(intake, "Нет холодной воды, Абая 12, кв 5"))
    assert f"авария № {outage['number']}: нет холодной воды" in answer
    assert "Подвоз воды с 14:00." in answer
    (member,) = call(intake, "GET", f"{path}/members", role="operator").json()["members"]
    assert (member["part"], member["flat"]) == ("member", "5")

    shown = call(intake, "GET", path, role="operator")
    assert (shown.json()["requests"], shown.headers["ETag"]) == (1, f'"{outage["version"]}"')
    later = {"ends_by": "2099-01-01T12:00:00+00:00"}
    assert call(intake, "PATCH", path, later).status_code == 428
    changed = call(intake, "PATCH", path, later, If_Match=shown.headers["ETag"])
    assert changed.status_code == 200, changed.text
    assert call(intake, "PATCH", path, later, If_Match=shown.headers["ETag"]).status_code == 412
    assert "Устраним до" in text(send(intake, "Нет холодной воды, Абая 12, кв 6", phone="+77010000002"))

    closed = call(intake, "POST", f"{path}/close", {"result": "fixed"}, If_Match=changed.headers["ETag"])
    assert closed.json()["state"] == "closed"

    def let_go() -> bool:
        members = call(intake, "GET", f"{path}/members").json()["members"]
        return all(member["ended_at"] for member in members)

    eventually(let_go, 10, "members are let go")
    assert call(intake, "GET", "/v1/outages?live=true").json() == {"outages": []}
    listed = call(intake, "GET", "/v1/outages?building=osm-w8").json()["outages"]
    assert [one["number"] for one in listed] == [outage["number"]]


def test_the_dispatchers_service_moves_requests_by_rpc(intake: ServiceProcess, amqp_uri: str) -> None:
    outage = call(intake, "POST", "/v1/outages", WATER).json()["outage_id"]
    text(send(intake, "Нет холодной воды, Абая 12, кв 7", phone="+77010000007"))
    (member,) = call(intake, "GET", f"/v1/outages/{outage}/members").json()["members"]
    wish = {"outage_id": outage, "request_id": member["request_id"], "by": "dispatcher-1"}
    with ClusterRpcProxy({"AMQP_URI": amqp_uri}, timeout=60) as cluster:
        alone = cluster.intake.move_request(move="split", key="k1", **wish)
        again = cluster.intake.move_request(move="split", key="k1", **wish)
        assert (alone["requests"], again) == (0, alone), "sent twice, done once"
        assert cluster.intake.move_request(move="split", **wish) == {"error": "not_riding"}
        assert cluster.intake.move_request(move="join", **wish)["requests"] == 1
        assert cluster.intake.move_request(move="marry", **wish) == {"error": "invalid_input"}
        (said,) = cluster.intake.messages(member["request_id"])["messages"]
        assert (said["channel"], said["text"]) == ("sms", "Нет холодной воды, Абая 12, кв 7")
        assert cluster.intake.messages(outage) == {"error": "request_not_found"}


def test_what_is_not_right_is_said_in_the_caller_s_language(intake: ServiceProcess) -> None:
    assert call(intake, "POST", "/v1/outages", WATER, role="operator").status_code == 403
    nowhere = {**WATER, "houses": [{"address": "улица Которой Нет 7"}]}
    refused = call(intake, "POST", "/v1/outages", nowhere, Accept_Language="kk")
    assert refused.status_code == 400
    assert "Тізілімде мұндай үй жоқ" in refused.text
    unknown = call(intake, "POST", "/v1/outages", {**WATER, "symptoms": ["no_luck"]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_symptom")
    missing = call(intake, "GET", f"/v1/outages/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "outage_not_found")


def test_the_operator_sees_what_is_known_of_the_house_while_the_resident_is_on_the_line(
    intake: ServiceProcess,
) -> None:
    call(intake, "POST", "/v1/outages", WATER)
    form = {
        "phone": "+77010000009",
        "text": "Нет холодной воды",
        "address": {"text": "Абая 12"},
        "language": "ru",
        "applicant": "person",
        "channel": "phone",
    }
    card = call(intake, "POST", "/v1/requests", form, role="operator").json()
    assert card["outage"]["symptoms"] == ["no_cold_water"]
    assert [one["number"] for one in card["outages_here"]] == [card["outage"]["number"]]
