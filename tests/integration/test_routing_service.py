"""routing as a process on a real broker and database: events in and out, the dispatchers' API."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import shapefile
import yaml
from kombu import Connection

from services.routing.commands import __main__ as commands
from shared.envelope import Event
from shared.topology import dead_letter_queue_name
from tests.support import contracts
from tests.support.bus import waiting
from tests.support.database import count
from tests.support.routing import (
    COMPETENCE,
    ORGANISATION,
    REGISTERED,
    REQUEST,
    Make,
    Routing,
    request,
    routing_services,
)
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
QUICK = {"AVARIYKA_ROUTING_RESPOND_WITHIN_S": "{emergency: 2, urgent: 2, planned: 2}"}


@pytest.fixture
def make(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Make]:
    with routing_services(service_database("routing"), amqp_uri, tmp_path) as start:
        yield start


@pytest.mark.rule("D-1.3-U1")
def test_a_request_becomes_an_offer_and_the_offer_a_crew_at_work(make: Make) -> None:
    routing = make()
    near, far = str(uuid4()), str(uuid4())
    routing.has_crew(far, 5000)
    routing.has_crew(near, 500)
    request(routing)
    [transferred] = routing.told("request.transferred", 1)
    [made] = routing.told("assignment.made", 1, reader="crews")
    assert transferred.data["organisation_id"] == ORGANISATION
    assert (made.data["crew_id"], made.data["number"]) == (near, REGISTERED["number"])
    assert made.data["address"] == REGISTERED["address"]
    for stage in ("accepted", "departed", "arrived", "working", "localised", "completed"):
        ids = {"assignment_id": made.data["assignment_id"], "crew_id": near}
        routing.hear(routing.event("crews", "assignment.progressed", stage=stage, **ids))
    [acknowledged] = routing.told("transfer.acknowledged", 1)
    assert acknowledged.data["by"] == f"crew:{near}"
    eventually(lambda: routing.shown()["status"] == "idle", what="the work is done")
    (attempt,) = routing.shown()["attempts"]
    assert [move["to_state"] for move in attempt["moves"] if move["applied"]][-1] == "completed"


def test_everything_twice_and_in_the_wrong_order_sends_one_crew(make: Make) -> None:
    routing = make()
    routing.has_crew(str(uuid4()))
    routing.has_crew(str(uuid4()))
    classified = routing.event("triage", "request.classified")
    registered = routing.event("intake", "request.registered")
    routing.hear(classified, classified, registered, registered, classified)
    routing.told("assignment.made", 1)
    eventually(lambda: count(routing.database_url, "inbox", "handler LIKE 'note_reg%'") == 1)
    assert count(routing.database_url, "assignments") == 1


@pytest.mark.rule("F45-1.1-U3")
def test_a_crew_on_site_is_asked_and_leaves_its_work_when_it_accepts(make: Make) -> None:
    routing, crew_id, lesser = make(), str(uuid4()), str(uuid4())
    routing.has_crew(crew_id)
    routing.hear(routing.event("intake", "request.registered", request_id=lesser, number="1041"))
    planned = {"request_id": lesser, "category": "planned", "priority": "P3", "place": "flat", "hazards": []}
    routing.hear(routing.event("triage", "request.classified", **planned))
    (held,) = routing.told("assignment.made", 1, "crews")
    ids = {"assignment_id": held.subject, "request_id": lesser, "crew_id": crew_id}
    routing.hear(
        routing.event("crews", "assignment.progressed", stage="working", **ids),
        routing.event(
            "crews", "assignment.leave_changed", holds=[], can=None, why=None, may_leave=True, **ids
        ),
    )
    eventually(lambda: routing.ask(f"/v1/requests/{lesser}").json()["assignment"]["state"] == "working")
    request(routing)
    (asked,) = routing.told("assignment.made", 1, "crews")
    assert (asked.data["crew_id"], asked.data["request_id"]) == (crew_id, REQUEST)
    assert routing.ask(f"/v1/requests/{lesser}").json()["assignment"]["crew_id"] == crew_id
    ids = {"assignment_id": asked.subject, "request_id": REQUEST, "crew_id": crew_id}
    routing.hear(routing.event("crews", "assignment.progressed", stage="accepted", **ids))
    (left,) = routing.told("assignment.withdrawn", 1, "crews")
    assert (left.subject, left.data["reason"]) == (held.subject, "preempted")


def test_an_unanswered_offer_goes_to_the_next_crew_by_itself(make: Make) -> None:
    routing = make(**QUICK)
    first, second = str(uuid4()), str(uuid4())
    routing.has_crew(second, 4000)
    routing.has_crew(first, 500)

    def tried() -> list[str]:
        return [attempt["crew_id"] for attempt in routing.shown()["attempts"]]

    request(routing)
    eventually(lambda: second in tried(), what="the next one is asked")
    assert tried()[:2] == [first, second]
    bus = (routing.amqp_uri, "routing", "assignment.withdrawn", "crews")
    withdrawn = eventually(lambda: waiting(*bus), what="the first one is told")[0]
    assert (withdrawn.data["crew_id"], withdrawn.data["reason"]) == (first, "no_response")


def test_a_waiting_request_is_sent_as_soon_as_a_crew_comes(make: Make) -> None:
    routing = make(AVARIYKA_ROUTING_WAITING_EVERY_S="60")
    request(routing)
    eventually(lambda: routing.shown()["status"] == "waiting", what="nobody to send")
    # The organisation has no crews at first, so it was to be told by phone.
    assert routing.shown()["transfer"]["channel"] == "phone"
    routing.has_crew(str(uuid4()))
    eventually(lambda: routing.shown()["assignment"], 5, "sent without waiting for the next round")


def test_new_competences_are_taken_over_while_running(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    routing = make(AVARIYKA_ROUTING_REFERENCE_EVERY_S="0.2")
    routing.has_crew(str(uuid4()), specialisations=["power"])
    request(routing, system="power", fault="no_light")
    routing.told("request.unroutable", 1)
    wider = {"competences": [{**COMPETENCE["competences"][0], "systems": ["power"]}]}
    (tmp_path / "wider.yml").write_text(yaml.safe_dump(wider))
    assert commands.main(["seed", str(tmp_path / "wider.yml")]) == 0
    eventually(lambda: routing.shown()["assignment"], what="sent by the new competence")
    assert commands.main(["zones", "check"]) == 0
    assert "water: nobody answers for it" in capsys.readouterr().out


def test_a_dispatcher_sees_and_decides(make: Make) -> None:
    routing = make()
    first, second = str(uuid4()), str(uuid4())
    routing.has_crew(first, 500)
    routing.has_crew(second, 900, name="Бригада 9")
    request(routing, category="urgent", priority="P2")
    routing.told("assignment.made", 1)
    [listed] = routing.ask(f"/v1/requests?number={REGISTERED['number']}&category=urgent").json()["requests"]
    assert listed["assignment"]["crew_id"] == first
    assert routing.ask("/v1/requests?state=closed").json() == {"requests": [], "next_cursor": None}
    changed = routing.order("urgency", category="emergency", reason="Вода идёт в щитовую").json()
    assert (changed["category"], changed["proposed_category"], changed["priority"]) == (
        "emergency",
        "urgent",
        "P1",
    )
    routing.told("request.urgency_overridden", 1, reader="triage")
    assigned = routing.order("assign", crew_id=second, version=changed["version"]).json()
    assert assigned["assignment"]["crew_name"] == "Бригада 9"
    stale = routing.order("withdraw", reason="x", version=changed["version"])
    assert (stale.status_code, stale.json()["code"]) == (412, "request_changed")
    withdrawn = routing.order("withdraw", reason="Другой вызов").json()
    assert withdrawn["unroutable"]["reason"] == "no_suitable_crew"
    assert withdrawn["status"] == "waiting"
    alarms = routing.ask("/v1/alarms", role="operator", language="kk").json()["alarms"]
    assert [(alarm["code"], alarm["number"]) for alarm in alarms] == [("unroutable", REGISTERED["number"])]
    assert "Лайықты бригада жоқ" in alarms[0]["text"]
    heard = routing.order("acknowledge", channel="phone", unit="мастер").json()
    assert heard["transfer"]["acknowledged_by"] == "dispatcher-1"
    whole = routing.shown()
    assert [attempt["state"] for attempt in whole["attempts"]] == ["withdrawn", "withdrawn"]
    assert whole["overrides"][0]["reason"] == "Вода идёт в щитовую"


def test_a_dispatcher_is_recommended_crews_and_pins_one(make: Make) -> None:
    routing = make(AVARIYKA_ROUTING_PLAN_EVERY_S="0.5")
    near, far = str(uuid4()), str(uuid4())
    routing.has_crew(near, 500)
    routing.has_crew(far, 900, name="Бригада 9")
    routing.has_crew(str(uuid4()), specialisations=["lift"])
    request(routing, category="planned", priority="P3")
    routing.told("assignment.made", 1)
    advised = routing.ask(f"/v1/requests/{REQUEST}/recommendation", role="operator").json()
    assert [(row["crew_id"], row["way"]) for row in advised["ranked"]] == [(near, "now"), (far, "now")]
    assert advised["refused"][0]["reasons"][0]["text"] == "Другая специализация"
    pinned = routing.order("pin", version=routing.shown()["version"])
    assert (pinned.status_code, pinned.json()["assignment"]["crew_id"]) == (200, near)
    queue = routing.ask(f"/v1/queues?organisation_id={ORGANISATION}").json()["turns"]
    assert [(turn["crew_id"], turn["pinned_by"]) for turn in queue] == [(near, "dispatcher-1")]
    elsewhere = routing.order("pin", crew_id=far)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "assigned_elsewhere")
    assert routing.order("unpin").status_code == 200
    assert routing.order("unpin").json()["code"] == "not_pinned"
    headers = routing.headers()
    assert routing.post(f"/v1/crews/{near}/available", headers=headers).status_code == 204
    assert routing.post(f"/v1/crews/{uuid4()}/available", headers=headers).status_code == 404


def test_an_unsuitable_crew_is_refused_in_the_dispatchers_language(make: Make) -> None:
    routing = make()
    lifts = str(uuid4())
    routing.has_crew(lifts, specialisations=["lift"], grades=[3], leader_grade=None)
    request(routing)
    eventually(lambda: routing.shown()["status"] == "waiting", what="nobody to send")
    refused = routing.order("assign", crew_id=lifts)
    assert (refused.status_code, refused.json()["code"]) == (409, "crew_unsuitable")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "Другая специализация" in refused.json()["errors"]["crew_id"]
    assert (
        "Мамандануы басқа"
        in routing.order("assign", language="kk", crew_id=lifts).json()["errors"]["crew_id"]
    )


def test_other_services_being_silent_refuses_no_more_than_it_must(make: Make) -> None:
    routing = make()
    request(routing)
    eventually(lambda: routing.ask(f"/v1/requests/{REQUEST}").status_code == 200, what="the request is known")
    whole = routing.shown()
    assert (whole["partial"], whole["timeline"]) == (True, None)
    closing = routing.order("close", note="готово")
    assert (closing.status_code, closing.json()["code"]) == (503, "journal_unavailable")
    login = routing.post("/v1/login", json={"login": "dispatcher", "password": "secret"})
    assert (login.status_code, login.json()["code"]) == (503, "crews_unavailable")
    assert "secret" not in routing.log.read_text(errors="replace")


def test_bad_input_gets_a_clear_error_with_a_stable_code(make: Make) -> None:
    routing = make()
    unknown = f"/v1/requests/{uuid4()}"
    headers = routing.headers()
    answers = {
        "unauthenticated": (401, routing.get("/v1/requests")),
        "token_invalid": (401, routing.get("/v1/requests", headers={"Authorization": "Bearer x.y.z"})),
        "forbidden": (403, routing.order("withdraw", role="operator", reason="x")),
        "request_not_found": (404, routing.ask(unknown)),
        "not_found": (404, routing.ask("/v1/requests/7")),
        "bad_cursor": (422, routing.ask("/v1/requests?cursor=%D0%BD%D0%B5%D1%82")),
        "invalid_input": (400, routing.post(f"{unknown}/assign", json={"crew_id": "7"}, headers=headers)),
        "invalid_json": (400, routing.post(f"{unknown}/assign", data=b"{", headers=headers)),
        "too_large": (413, routing.post(f"{unknown}/close", data=b"x" * 70_000, headers=headers)),
        "method_not_allowed": (405, routing.post("/v1/alarms", headers=headers)),
    }
    assert {code: answer.json()["code"] for code, (_, answer) in answers.items()} == {c: c for c in answers}
    assert {code: answer.status_code for code, (_, answer) in answers.items()} == {
        code: status for code, (status, _) in answers.items()
    }


def test_what_nobody_can_read_is_kept_as_a_dead_letter(make: Make) -> None:
    routing = make()
    good = contracts.event("triage", "request.classified")
    poison = Event(**{**vars(good), "id": str(uuid4()), "data": {**good.data, "category": "apocalyptic"}})
    unmade = routing.event("crews", "assignment.progressed")
    routing.hear(poison, unmade)
    with Connection(routing.amqp_uri) as connection:
        channel = connection.default_channel
        queue = dead_letter_queue_name("routing")

        def depth() -> bool:
            declared = channel.queue_declare(queue, passive=True)
            return bool(declared.message_count == 2)

        eventually(depth, what="two dead letters")


def test_it_describes_itself(make: Make) -> None:
    routing = make()
    assert routing.facts()["competence"]["systems"] == ["other", "water"]
    document = routing.get("/openapi.json").json()
    assert "/v1/requests/{request_id}/urgency" in document["paths"]
    assert document["components"]["schemas"]["WholeRequest"]["properties"]["partial"]["type"] == "boolean"
    assert "http_requests_total" in routing.get("/metrics").text


def river(home: Path) -> str:
    """Roads where the crew 500 m north must go round by a bridge; the one in the south need not."""
    lat, lon = REGISTERED["address"]["lat"], 76.9264
    north, bridge = lat + 500 / 111_195, lon + 0.03
    file = home / "roads"
    with shapefile.Writer(str(file)) as writer:
        for name, kind, size in (("fclass", "C", 28), ("oneway", "C", 1), ("maxspeed", "N", 3)):
            writer.field(name, kind, size)
        round_about = [(lon, lat), (bridge, lat), (bridge, north), (lon, north)]
        for line in (round_about, [(lon, lat), (lon, lat - 2000 / 111_195)]):
            writer.line([line])
            writer.record("residential", "B", 0)
    return f"{file}.shp"


def test_the_crew_that_is_nearest_by_road_goes(make: Make, tmp_path: Path) -> None:
    assert commands.main(["import-roads", river(tmp_path)]) == 0
    routing = make()
    beyond_the_river, south = str(uuid4()), str(uuid4())
    routing.has_crew(beyond_the_river, 500)
    routing.has_crew(south, -1500)
    eventually(lambda: routing.get("/ready").json()["roads"]["crossings"] == 3, what="the roads are known")
    request(routing)
    [made] = routing.told("assignment.made", 1, reader="crews")
    assert made.data["crew_id"] == south
    assert made.data["distance_m"] == pytest.approx(1500, abs=60)
    assert routing.shown()["assignment"]["method"] == "roads"


def test_a_dispatcher_says_how_the_roads_are(make: Make, tmp_path: Path) -> None:
    assert commands.main(["import-roads", river(tmp_path)]) == 0
    routing = make()
    routing.has_crew(str(uuid4()), -1500)
    snow = {"factor": 3.0, "reason": "Снег и гололёд"}
    said = report(routing, snow)
    assert said.status_code == 200, said.text
    assert (said.json()["conditions"]["factor"], said.json()["map"]["crossings"]) == (3.0, 3)
    assert routing.ask("/v1/roads").json()["conditions"]["by"] == "dispatcher-1"
    request(routing)
    [made] = routing.told("assignment.made", 1, reader="crews")
    dry_minutes = 1500 / (28 / 3.6) / 60  # by night, when roads are quickest
    assert made.data["eta_minutes"] >= 2.5 * dry_minutes
    for wrong in ({"factor": 9, "reason": "?"}, {"factor": 1.2}, {"factor": 0.5, "reason": "?"}):
        assert report(routing, wrong).status_code == 400
    assert report(routing, snow, role="fitter").status_code == 403


def report(routing: Routing, conditions: dict[str, Any], role: str = "dispatcher") -> requests.Response:
    url = f"{routing.url}/v1/roads/conditions"
    return requests.put(url, json=conditions, headers=routing.headers(role), timeout=60)
