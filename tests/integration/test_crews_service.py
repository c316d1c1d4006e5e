"""crews as a process on a real broker and database: events in and out, its HTTP edge, tokens by RPC."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import yaml
from kombu import Connection
from nameko.standalone.rpc import ClusterRpcProxy

from services.crews import commands
from shared.auth import TokenReader
from shared.clock import SystemClock
from shared.envelope import Event
from shared.keyring import read_keys
from tests.support import contracts
from tests.support.bus import publish, take
from tests.support.database import count
from tests.support.keys import key_pair, token
from tests.support.processes import ServiceProcess
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
EXAMPLE = contracts.example("routing", "assignment.made")
CREW, ASSIGNMENT = EXAMPLE["crew_id"], EXAMPLE["assignment_id"]
PASSWORD = "a password of the test"
SEED: dict[str, Any] = {
    "organisations": [
        {
            "key": "water",
            "id": EXAMPLE["organisation_id"],
            "name": "Водоканал",
            "kind": "water",
            "people": [
                {
                    "key": "ann",
                    "name": "Первая",
                    "grade": 5,
                    "access": {"login": "dispatcher-1", "roles": ["dispatcher"], "password": PASSWORD},
                },
            ],
            "crews": [
                {
                    "key": "seven",
                    "id": CREW,
                    "name": "Бригада 7",
                    "specialisations": ["water"],
                    "members": ["ann"],
                    "base": {"lat": 43.24, "lon": 76.91},
                    "access": {"login": "crew-7", "password": PASSWORD},
                    "shift": {"hours": 12},
                }
            ],
        }
    ]
}
GATE: dict[str, Any] = {
    "readings": [{"kind": "gas", "value": 0, "unit": "%LEL"}],
    "safety": {"ventilation": True, "ppe": True},
}
BRIEFING = {"by": "Бригадир", "people": [{"name": "Слесарь", "signed_at": "2026-11-24T18:05:00+05:00"}]}
OTHER_ANSWERS: list[dict[str, Any]] = [
    {"kind": "safety", "safety": {"item": "lighting"}},
    {"kind": "safety", "safety": {"item": "observer_outside"}},
    {"kind": "safety", "safety": {"item": "people_on_site", "amount": 2}},
    {"kind": "briefing", "briefing": BRIEFING},
]


class Crews(ServiceProcess):
    """The service with the crew of the seed, spoken to as the crew's device."""

    def __init__(self, home: Path, database_url: str, amqp_uri: str) -> None:
        environment = {"AVARIYKA_CREWS_SAFETY_ENFORCED": "scripts"}
        super().__init__(["shared.run", "crews"], "crews", home, database_url, amqp_uri, environment)
        self.amqp_uri = amqp_uri

    def headers(self, **others: str) -> dict[str, str]:
        bearer = token("crew-7", ("crew",), CREW, EXAMPLE["organisation_id"])
        return {"Authorization": f"Bearer {bearer}", "Idempotency-Key": str(uuid4()), **others}

    def send(self, verb: str, id_: str = ASSIGNMENT, **details: Any) -> requests.Response:
        body = {"at": "2026-11-24T18:05:00+05:00", **details}
        return self.post(f"/v1/assignments/{id_}/{verb}", json=body, headers=self.headers())

    def record(self, id_: str = ASSIGNMENT, **content: Any) -> requests.Response:
        body = {"id": str(uuid4()), "at": "2026-11-24T18:05:00+05:00", **content}
        return self.post(f"/v1/assignments/{id_}/records", json=body, headers=self.headers())

    def put(self, path: str, body: Mapping[str, Any]) -> requests.Response:
        return requests.put(self.url + path, json=body, headers=self.headers(), timeout=60)

    def show(self, id_: str = ASSIGNMENT) -> requests.Response:
        return self.get(f"/v1/assignments/{id_}", headers=self.headers())

    def orders(self, query: str = "") -> dict[str, Any]:
        answer = self.get(f"/v1/assignments{query}", headers=self.headers())
        assert answer.status_code == 200, answer.text
        listed: dict[str, Any] = answer.json()
        return listed

    def hear(self, *told: Event) -> None:
        """Put events on the bus as routing would."""
        publish(self.amqp_uri, *told)

    def offered(self, **changes: Any) -> None:
        """An order has arrived, the contract's example with some fields changed."""
        made = contracts.event("routing", "assignment.made", **changes)
        self.hear(made)
        eventually(
            lambda: self.show(made.data["assignment_id"]).status_code == 200, what="the order is shown"
        )

    def told(self, type_: str, reader: str, total: int) -> list[Event]:
        """Take ``total`` events of a type out of a reader's queue, each checked against its contract."""
        return take(self.amqp_uri, "crews", type_, reader, total)


@pytest.fixture
def crews(
    service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Crews]:
    """A running service that was seeded by its command line."""
    service = Crews(tmp_path, service_database("crews"), amqp_uri)
    file = tmp_path / "seed.yml"
    file.write_text(yaml.safe_dump(SEED, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("AVARIYKA_CREWS_DATABASE_URL", service.database_url)
    assert commands.main(["seed", str(file)]) == 0
    with service:
        yield service


def test_what_is_sown_reaches_routing_through_the_outbox(crews: Crews) -> None:
    [organisation] = crews.told("organisation.changed", "routing", 1)
    [crew] = crews.told("crew.changed", "routing", 1)
    [shift] = crews.told("crew.shift_changed", "routing", 1)
    assert organisation.subject == EXAMPLE["organisation_id"]
    assert (crew.subject, crew.data["grades"]) == (CREW, [5])
    assert (shift.subject, shift.data["on_shift"]) == (CREW, True)


@pytest.mark.rule("D-2.B-U2")
def test_an_order_goes_from_the_bus_through_all_stages_and_back_to_the_bus(crews: Crews) -> None:
    crews.offered(place="basement")
    [shown] = crews.orders()["assignments"]
    assert {key: shown[key] for key in ("number", "text", "address", "needs_gate")} == {
        "number": EXAMPLE["number"],
        "text": EXAMPLE["text"],
        "address": EXAMPLE["address"],
        "needs_gate": True,
    }
    for content in OTHER_ANSWERS:
        assert crews.record(**content).status_code == 200
    walk: list[tuple[str, dict[str, Any]]] = [
        ("accept", {}),
        ("depart", {}),
        ("arrive", {}),
        ("start", GATE),
        ("localise", {"note": "Перекрыт стояк"}),
        ("complete", {"result": "fixed"}),
    ]
    for verb, details in walk:
        answer = crews.send(verb, **details)
        assert answer.status_code == 200, answer.text
    for reader in ("routing", "notify", "journal"):
        told = crews.told("assignment.progressed", reader, 6)
        stages = [event.data["stage"] for event in sorted(told, key=lambda event: event.sequence)]
        assert stages == ["accepted", "departed", "arrived", "working", "localised", "completed"]
        assert {event.subject for event in told} == {ASSIGNMENT}
    assert [step["stage"] for step in crews.show().json()["steps"]][-1] == "completed"
    assert crews.orders()["assignments"] == []
    assert crews.orders("?after=0")["assignments"][0]["stage"] == "completed"


def test_events_twice_and_in_the_wrong_order_have_effect_once(crews: Crews) -> None:
    withdrawn = contracts.event("routing", "assignment.withdrawn")
    made = contracts.event("routing", "assignment.made")
    crews.hear(withdrawn, withdrawn)
    eventually(lambda: count(crews.database_url, "steps") == 1, what="the withdrawal is remembered")
    crews.hear(made, made)
    eventually(lambda: crews.show().status_code == 200, what="the order is shown")
    eventually(lambda: 'outcome="repeated"} 1.0' in crews.get("/metrics").text, what="repeats told apart")
    assert crews.show().json()["stage"] == "withdrawn"
    assert crews.send("accept").json()["code"] == "assignment_withdrawn"
    assert count(crews.database_url, "steps") == 2


def test_an_event_that_cannot_be_read_is_kept_as_a_dead_letter(crews: Crews) -> None:
    crews.hear(Event("bad", "routing", "assignment.made", "x", SystemClock().now(), {"number": 7}, 1, "c"))
    with Connection(crews.amqp_uri) as connection:
        channel = connection.default_channel
        letter = eventually(
            lambda: channel.basic_get("dead-letters.crews", no_ack=True), what="a dead letter"
        )
    assert "ValidationError" in letter.headers["x-reason"]


def test_a_command_is_safe_to_send_twice(crews: Crews) -> None:
    crews.offered()
    path, headers = f"/v1/assignments/{ASSIGNMENT}/accept", crews.headers()
    first, second = (crews.post(path, json={"at": "2026-11-24T18:05:00Z"}, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    crews.told("assignment.progressed", "routing", 1)
    other_body = crews.post(path, json={"at": "2026-11-24T18:06:00Z"}, headers=headers)
    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency_key_reused")
    other_command = path.replace("accept", "depart")
    again = crews.post(other_command, json={"at": "2026-11-24T18:05:00Z"}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.rule("6.6")
def test_the_refusal_at_the_safety_gate_says_what_is_missing_in_the_callers_language(crews: Crews) -> None:
    crews.offered(place="well")
    for verb in ("accept", "depart", "arrive"):
        crews.send(verb)
    body = {"at": "2026-11-24T18:05:00Z", "safety": {"ventilation": True}}
    path = f"/v1/assignments/{ASSIGNMENT}/start"
    refused = crews.post(path, json=body, headers=crews.headers(**{"Accept-Language": "kk"}))
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "safety_gate_closed"
    assert problem["details"]["missing"] == [
        "gas_reading",
        "lighting",
        "ppe",
        "people_on_site",
        "observer_outside",
        "briefing",
    ]
    assert problem["details"]["why"]["gas_reading"] == "F23-1.1-U2"
    assert problem["errors"]["ppe"] == ["Жеке қорғаныш құралдарын растаңыз."]
    for content in OTHER_ANSWERS:
        assert crews.record(**content).status_code == 200
    assert crews.send("start", **GATE).json()["stage"] == "working"


@pytest.mark.rule("6.7")
def test_the_checklist_is_shown_as_far_as_it_is_answered_to_the_crew_and_its_master(crews: Crews) -> None:
    crews.offered(place="flat", hazards=["gas"])
    told = {"who": "104", "channel": "phone", "at": "2026-11-24T18:04:00+05:00", "received_by": "диспетчер 3"}
    first: dict[str, Any] = {
        "id": str(uuid4()),
        "kind": "safety",
        "safety": {"item": "called_104", "told": told},
    }
    assert crews.record(**first).json() == crews.record(**first).json()
    assert crews.record(**{**first, "safety": {"item": "airing"}}).json()["code"] == "record_differs"
    path = f"/v1/assignments/{ASSIGNMENT}"
    master = {"Authorization": f"Bearer {token('master-1', ('master',))}", "Accept-Language": "kk"}
    for headers in (crews.headers(), master):
        shown = crews.get(f"{path}/safety", headers=headers).json()
        done = {item["id"]: item["done"] for item in shown["items"]}
        assert {name for name, is_done in done.items() if is_done} == {"called_104"}
        assert (shown["may_start"], shown["may_localise"]) == (False, False)
    assert shown["scripts"] == [{"id": "gas", "title": "Газдану"}]
    [kept] = crews.get(f"{path}/records", headers=master).json()["records"]
    assert kept["data"]["told"] == {**told, "at": "2026-11-24T18:04:00+05:00"}
    stranger = {"Authorization": f"Bearer {STRANGER}"}
    assert crews.get(f"{path}/safety", headers=stranger).json()["code"] == "assignment_not_found"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"kind": "material"}, "material"),
        ({"kind": "material", "material": {"quantity": 1, "unit": "шт"}}, "material"),
        ({"kind": "retraction", "retraction": {}}, "replaces"),
        ({"kind": "magic"}, "kind"),
        ({"kind": "reading", "reading": {"kind": "gas", "value": "много", "unit": "%LEL"}}, "reading"),
    ],
    ids=str,
)
def test_a_record_that_says_nothing_is_refused_by_field(
    crews: Crews, content: dict[str, Any], field: str
) -> None:
    crews.offered()
    refused = crews.record(**content)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert field in refused.json()["errors"]


def test_a_forbidden_stage_is_refused_with_what_is_true_now(crews: Crews) -> None:
    crews.offered()
    refused = crews.send("arrive")
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["details"] == {
        "stage": "offered",
        "wanted": "arrived",
        "allowed": ["accepted", "declined"],
    }
    assert problem["errors"] == {"stage": ["Наряд предложен бригаде и ждёт ответа."]}


Bad = tuple[dict[str, str], bytes, int, str]
AT = b'{"at": "2026-11-24T18:05:00Z"}'
EXPIRED = token("crew-7", ("crew",), CREW, expires_in=timedelta(minutes=-5))
STRANGER = token("crew-8", ("crew",), str(uuid4()))
BAD: dict[str, Bad] = {
    "no token": ({"Authorization": ""}, AT, 401, "unauthenticated"),
    "expired token": ({"Authorization": f"Bearer {EXPIRED}"}, AT, 401, "token_expired"),
    "forged token": ({"Authorization": f"Bearer {EXPIRED[:-4]}AAAA"}, AT, 401, "token_invalid"),
    "wrong role": ({"Authorization": f"Bearer {token()}"}, AT, 403, "forbidden"),
    "another crew": ({"Authorization": f"Bearer {STRANGER}"}, AT, 404, "assignment_not_found"),
    "no key": ({"Idempotency-Key": ""}, AT, 400, "idempotency_key_required"),
    "endless key": ({"Idempotency-Key": "k" * 201}, AT, 400, "idempotency_key_required"),
    "no JSON": ({}, b'{"at": ', 400, "invalid_json"),
    "a list": ({}, b"[]", 400, "invalid_input"),
    "no time": ({}, b"{}", 400, "invalid_input"),
    "unknown result": ({}, b'{"at": "2026-11-24T18:05:00Z", "result": "magic"}', 400, "invalid_input"),
    "NUL in text": ({}, b'{"at": "2026-11-24T18:05:00Z", "note": "a\\u0000b"}', 400, "invalid_input"),
    "year 1": ({}, b'{"at": "0001-01-01T00:00:00+05:00"}', 400, "invalid_input"),
    "too long": ({}, b"[" + b" " * 70_000 + b"]", 413, "too_large"),
}


def test_bad_input_gets_a_stable_code_in_words_and_changes_nothing(crews: Crews) -> None:
    crews.offered()
    answers = {
        name: crews.post(f"/v1/assignments/{ASSIGNMENT}/accept", data=body, headers=crews.headers(**headers))
        for name, (headers, body, _, _) in BAD.items()
    }
    assert {name: (answer.status_code, answer.json()["code"]) for name, answer in answers.items()} == {
        name: (status, code) for name, (_, _, status, code) in BAD.items()
    }
    assert [name for name, answer in answers.items() if answer.json()["title"] == answer.json()["code"]] == []
    assert crews.show().json()["stage"] == "offered"
    assert crews.show(str(uuid4())).json()["code"] == "assignment_not_found"
    assert crews.show("no-uuid").status_code == 404


def test_logging_in_by_http_and_by_rpc_gives_tokens_the_suite_reads(crews: Crews) -> None:
    reader = TokenReader(key_pair().public_pem, SystemClock())
    by_http = crews.post("/v1/tokens", json={"login": "crew-7", "password": PASSWORD})
    assert by_http.status_code == 200
    assert by_http.headers["Cache-Control"] == "no-store"
    assert reader.read(by_http.json()["access_token"]).crew_id == CREW
    with ClusterRpcProxy({"AMQP_URI": crews.amqp_uri}, timeout=60) as cluster:
        by_rpc = cluster.crews.issue_token(login="Dispatcher-1", password=PASSWORD)
        wrong = cluster.crews.issue_token(login="dispatcher-1", password="wrong")
        nonsense = cluster.crews.issue_token(login=None, password=["x"])
        again = cluster.crews.refresh_token(refresh_token=by_rpc["refresh_token"])
        lost = cluster.crews.refresh_token(refresh_token="nonsense")
    assert by_rpc.keys() == again.keys() == by_http.json().keys()
    assert (reader.read(again["access_token"]).id, lost) == ("dispatcher-1", {"error": "session_ended"})
    assert reader.read(by_rpc["access_token"]).roles == {"dispatcher"}
    assert (wrong, nonsense) == ({"error": "bad_credentials"}, {"error": "invalid_input"})


def test_a_phone_is_paired_stays_in_and_is_put_out(crews: Crews) -> None:
    master = {"Authorization": f"Bearer {token('dispatcher-1', ('dispatcher',))}"}
    wish = {"crew_id": CREW}
    assert crews.post("/v1/pairing-codes", json=wish, headers=crews.headers()).json()["code"] == "forbidden"
    issued = crews.post("/v1/pairing-codes", json=wish, headers=master)
    assert (issued.status_code, issued.headers["Cache-Control"]) == (201, "no-store")
    code = issued.json()["code"]
    typed = {"code": f"{code[:4]} {code[4:]}", "name": "Redmi"}
    paired = crews.post("/v1/devices", json=typed)
    assert paired.status_code == 201, paired.text
    assert crews.post("/v1/devices", json=typed).json()["code"] == "pairing_code_invalid"
    again = crews.post("/v1/tokens/refresh", json={"refresh_token": paired.json()["refresh_token"]}).json()
    bearer = {"Authorization": f"Bearer {again['access_token']}"}
    assert crews.get("/v1/me", headers=bearer).json()["crew"]["id"] == CREW
    [device] = crews.get("/v1/devices", headers=master).json()["devices"]
    assert (device["label"], device["started_by"]) == ("Redmi", "dispatcher-1")
    gone = requests.delete(f"{crews.url}/v1/devices/{device['id']}", headers=master, timeout=60)
    assert gone.status_code == 204
    dead = crews.post("/v1/tokens/refresh", json={"refresh_token": again["refresh_token"]})
    assert (dead.status_code, dead.json()["code"]) == (401, "session_ended")
    eventually(lambda: crews.get("/v1/me", headers=bearer).status_code == 401, what="its last token is dead")
    chief = {"Authorization": f"Bearer {token('chief', ('administrator',))}"}
    log = crews.get("/v1/access-log?limit=3", headers=chief).json()
    assert [act["act"] for act in log["acts"]] == ["refresh_refused", "session_revoked", "pairing_refused"]
    older = crews.get(f"/v1/access-log?before={log['before']}", headers=chief).json()
    assert [act["act"] for act in older["acts"]] == ["device_paired", "code_issued"]
    assert crews.get("/v1/sessions", headers=chief).json() == {"sessions": []}
    assert [key["kid"] for key in crews.get("/v1/keys").json()["keys"]] == list(
        read_keys(key_pair().public_pem)
    )
    assert code not in crews.log.read_text()


def test_master_data_is_kept_over_http_and_routing_hears_of_it(crews: Crews) -> None:
    chief = {"Authorization": f"Bearer {token('chief', ('administrator',))}", "Accept-Language": "kk"}
    crews.told("crew.changed", "routing", 1)
    pump = {"organisation_id": EXAMPLE["organisation_id"], "kind": "pump", "name": "Помпа", "crew_id": CREW}
    url = f"{crews.url}/v1/equipment/{uuid4()}"

    def put(body: dict[str, Any], version: str | None = None) -> requests.Response:
        headers = {**chief, **({"If-Match": version} if version else {})}
        return requests.put(url, json=body, headers=headers, timeout=60)

    made = put(pump)
    assert made.status_code == 201, made.text
    assert crews.told("crew.changed", "routing", 1)[0].data["equipment"] == ["pump"]
    overdue = {**pump, "check_due": "2020-01-01"}
    assert (put(overdue).status_code, put(overdue, '"stale"').status_code) == (428, 412)
    assert put(overdue, made.headers["ETag"]).status_code == 200
    assert crews.told("crew.changed", "routing", 1)[0].data["equipment"] == []
    listed = crews.get("/v1/equipment?limit=1", headers=chief).json()
    assert [thing["check_due"] for thing in listed["equipment"]] == ["2020-01-01"]
    concerns = crews.get("/v1/concerns", headers=chief).json()["concerns"]
    assert [concern["concern"] for concern in concerns] == [
        "crew_too_small",
        "crew_without_leader",
        "check_overdue",
    ]
    assert "2020" in concerns[-1]["text"]
    [ann] = crews.get("/v1/people", headers=chief).json()["people"]
    away = {"person_id": ann["id"], "kind": "sick", "starts_at": "2024-01-01T00:00:00Z"}
    absence = f"{crews.url}/v1/absences/{uuid4()}"
    assert requests.put(absence, json=away, headers=chief, timeout=60).status_code == 204
    assert crews.told("crew.changed", "routing", 1)[0].data["active"] is False
    assert requests.delete(absence, headers=chief, timeout=60).status_code == 204
    assert crews.told("crew.changed", "routing", 1)[0].data["active"] is True
    login = {"organisation_id": EXAMPLE["organisation_id"], "roles": ["master"], "person_id": ann["id"]}
    made = requests.put(f"{crews.url}/v1/logins/Ann-Master", json=login, headers=chief, timeout=60)
    assert (made.status_code, made.json()["name"]) == (201, "ann-master")
    password = crews.post("/v1/logins/ann-master/password", headers=chief).json()["password"]
    assert crews.post("/v1/tokens", json={"login": "ann-master", "password": password}).status_code == 200


def test_a_published_roster_puts_the_crew_on_shift_by_itself(crews: Crews) -> None:
    crews.told("crew.shift_changed", "routing", 1)
    assert crews.put("/v1/me/shift", {"on": False}).json()["on"] is False
    crews.told("crew.shift_changed", "routing", 1)
    chief = {"Authorization": f"Bearer {token('chief', ('administrator',))}", "Accept-Language": "ru"}
    [ann] = crews.get("/v1/people", headers=chief).json()["people"]
    ben = f"{crews.url}/v1/people/{uuid4()}"
    person = {"organisation_id": EXAMPLE["organisation_id"], "name": "Второй", "grade": 4}
    helper = requests.put(ben, json=person, headers=chief, timeout=60).json()
    now = SystemClock().now()
    shift = {
        "id": str(uuid4()),
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(hours=8)).isoformat(),
        "crew_id": CREW,
        "people": [ann["id"]],
        "leader": ann["id"],
    }
    body = {
        "organisation_id": EXAMPLE["organisation_id"],
        "kind": "crews",
        "starts_on": (now - timedelta(days=1)).date().isoformat(),
        "ends_on": (now + timedelta(days=1)).date().isoformat(),
        "shifts": [shift],
    }
    url = f"{crews.url}/v1/rosters/{uuid4()}"
    draft = requests.put(url, json=body, headers=chief, timeout=60)
    assert draft.status_code == 200, draft.text
    assert draft.json()["objections"][0]["text"].endswith(". В смене 1 чел., нужно не меньше 2.")
    refused = requests.post(
        f"{url}/publish", headers={**chief, "If-Match": draft.headers["ETag"]}, timeout=60
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "roster_refused")
    [why] = refused.json()["details"]["objections"]
    assert why["text"].endswith(". В смене 1 чел., нужно не меньше 2.")
    shift["people"].append(helper["id"])
    better = requests.put(url, json=body, headers={**chief, "If-Match": '"1"'}, timeout=60)
    assert [o["refuses"] for o in better.json()["objections"]] == [False, False]
    published = requests.post(f"{url}/publish", headers={**chief, "If-Match": '"2"'}, timeout=60)
    assert published.json()["state"] == "published", published.text
    table = crews.get(f"{url.removeprefix(crews.url)}/table.csv", headers=chief)
    assert "Первая; Второй" in table.content.decode()
    by_file = {**chief, "If-Match": table.headers["ETag"]}
    same = requests.put(f"{url}/table.csv", data=table.content, headers=by_file, timeout=60)
    assert (same.status_code, same.json()["state"]) == (200, "published"), same.text
    wrong = requests.put(f"{url}/calendar.ics", data=b"no calendar", headers=by_file, timeout=60)
    assert wrong.json()["errors"] == {"file": ["Это не календарь iCalendar."]}
    [on] = crews.told("crew.shift_changed", "routing", 1)
    assert (on.data["on_shift"], on.data["ends_at"] is not None) == (True, True)
    [own] = crews.get("/v1/me/duty", headers=crews.headers()).json()["shifts"]
    confirmed = crews.post(f"/v1/me/duty/{own['id']}/confirm", headers=crews.headers()).json()
    assert confirmed["confirmed_by"] == "crew-7"
    assert [s["id"] for s in crews.get("/v1/duty", headers=chief).json()["shifts"]] == [shift["id"]]


def test_logging_out_ends_the_session(crews: Crews) -> None:
    given = crews.post("/v1/tokens", json={"login": "crew-7", "password": PASSWORD}).json()
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    assert crews.post("/v1/logout", headers=bearer).status_code == 204
    dead = crews.post("/v1/tokens/refresh", json={"refresh_token": given["refresh_token"]})
    assert dead.json()["code"] == "session_ended"


def test_a_guesser_is_made_to_wait_and_nothing_of_the_guess_is_logged(crews: Crews) -> None:
    guess = {"login": "crew-7", "password": "secret guess"}
    answers = [crews.post("/v1/tokens", json=guess) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < answers[-1].json()["details"]["retry_after_s"] <= 60
    assert "secret guess" not in crews.log.read_text()


def test_a_crews_day_shift_and_positions(crews: Crews) -> None:
    crews.told("crew.shift_changed", "routing", 1)
    assert crews.get("/v1/me", headers=crews.headers()).json()["shift"]["on"] is True
    assert crews.put("/v1/me/shift", {"on": False}).json()["on"] is False
    [off] = crews.told("crew.shift_changed", "routing", 1)
    assert off.data["on_shift"] is False
    assert crews.put("/v1/me/shift", {"on": True, "ends_at": "2020-01-01T00:00:00Z"}).status_code == 422
    told = [crews.put("/v1/me/position", {"lat": 43.24 + n * 0.001, "lon": 76.91}).json() for n in range(3)]
    assert told == [{"told": True}, {"told": False}, {"told": True}]
    assert len(crews.told("crew.position_changed", "routing", 2)) == 2
    assert crews.put("/v1/me/position", {"lat": 91, "lon": 0}).json()["code"] == "invalid_input"


def test_a_dispatchers_token_has_no_crew(crews: Crews) -> None:
    bearer = {"Authorization": f"Bearer {token()}"}
    assert crews.get("/v1/me", headers=bearer).json() == {
        "actor_id": "dispatcher-1",
        "roles": ["dispatcher"],
        "organisation_id": None,
        "crew": None,
        "shift": None,
    }
    assert crews.get("/v1/assignments", headers=bearer).json()["code"] == "forbidden"


def test_commands_set_passwords_and_shifts(
    crews: Crews, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    capsys.readouterr()
    assert commands.main(["password", "crew-7", "--generate"]) == 0
    generated = capsys.readouterr().out.strip()
    login = {"login": "crew-7", "password": generated}
    assert crews.post("/v1/tokens", json=login).status_code == 200
    assert commands.main(["shift", CREW, "off"]) == 0
    assert commands.main(["shift", CREW, "on", "--hours", "8"]) == 0
    assert crews.get("/v1/me", headers=crews.headers()).json()["shift"]["ends_at"] is not None
    assert commands.main(["shift", str(uuid4()), "on"]) == 1
    assert commands.main(["password", "nobody", "--generate"]) == 1
    assert commands.main(["seed", "nowhere.yml"]) == 1
    monkeypatch.setenv("AVARIYKA_CREWS_DATABASE_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    assert commands.main(["shift", CREW, "off"]) == 1
    assert "the database does not answer" in capsys.readouterr().err


def test_the_process_needs_a_signing_key_and_says_so(crews: Crews, tmp_path: Path) -> None:
    keyless = Crews(tmp_path, crews.database_url, crews.amqp_uri)
    keyless.environment["AVARIYKA_TOKEN_PRIVATE_KEY_FILE"] = str(tmp_path / "nowhere.pem")
    keyless.start(wait_ready=False)
    eventually(keyless.ended, 20, "it ends")
    assert "AVARIYKA_TOKEN_PRIVATE_KEY_FILE" in keyless.tail()
