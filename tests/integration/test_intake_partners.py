"""Cards exchanged with partners over the wire: theirs signed and taken once; ours while they are down, slow,
rude, or answer twice."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from nameko.standalone.rpc import ClusterRpcProxy

from services.intake.domain.partners import check_signature, sign
from shared.clock import SystemClock
from shared.config import ROOT
from tests.integration.test_intake_service import bearer, put_city
from tests.support import contracts
from tests.support.bus import publish
from tests.support.database import count
from tests.support.partner import PartnerServer
from tests.support.processes import ServiceProcess
from tests.support.waiting import AT_ONCE_S, eventually

pytestmark = pytest.mark.servers
EXAMPLE: dict[str, Any] = json.loads(
    (ROOT / "contracts/http/partner-card.v1.example.json").read_text(encoding="utf-8")
)


@dataclass
class Partner:
    """A partner as it sees us: its key, the secret we share, its server."""

    intake: ServiceProcess
    key: str
    secret: str
    server: PartnerServer

    def call(
        self, method: str, path: str, told: Mapping[str, Any] | None = None, **wrong: str
    ) -> requests.Response:
        body = b"" if told is None else json.dumps(told, ensure_ascii=False).encode()
        stamp = int(time.time())
        headers = {
            "X-Api-Key": self.key,
            "Avariyka-Timestamp": str(stamp),
            "Avariyka-Signature": sign(self.secret, stamp, body),
            **wrong,
        }
        return requests.request(method, self.intake.url + path, data=body, headers=headers, timeout=60)

    def send(self, **changes: Any) -> dict[str, Any]:
        answer = self.call("POST", "/v1/partner/cards", {**EXAMPLE, **changes})
        assert answer.status_code == 200, answer.text
        status: dict[str, Any] = answer.json()
        return status


def command(intake: ServiceProcess, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "services.intake.commands", *arguments],
        env=intake.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def enrol(intake: ServiceProcess, id_: str, server: PartnerServer, url: str | None = None) -> Partner:
    said = command(intake, "partner", "add", id_, f"Служба {id_}", "--url", url or server.url, "--allow-http")
    secret = said.split()[-1]
    said = command(intake, "api-key", "add", id_, "--scope", "cards", "--partner", id_)
    return Partner(intake, said.split()[-1], secret, server)


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with PartnerServer() as running:
        yield running


@pytest.fixture
def intake(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    url = service_database("intake")
    put_city(url)
    environment = {"AVARIYKA_INTAKE_PARTNER_TIMEOUT_S": "5"}
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, amqp_uri, environment) as process:
        yield process


@pytest.fixture
def partner(intake: ServiceProcess, server: PartnerServer) -> Partner:
    return enrol(intake, "112", server)


def tell_state(intake: ServiceProcess, request_id: str, *states: str) -> None:
    """What journal says of a request, over the bus."""
    told = [
        contracts.event(
            "journal",
            "request.state_changed",
            sequence,
            request_id=request_id,
            to_state=state,
            at=SystemClock().now().isoformat(),
        )
        for sequence, state in enumerate(states, 1)
    ]
    publish(intake.environment["AVARIYKA_AMQP_URI"], *told)


def send_card(intake: ServiceProcess, request_id: str, partner: str = "112") -> dict[str, Any]:
    answer = intake.post(
        f"/v1/requests/{request_id}/cards", json={"partner": partner, "note": "Проверьте"}, headers=bearer()
    )
    assert answer.status_code == 202, answer.text
    delivery: dict[str, Any] = answer.json()
    return delivery


def sent(intake: ServiceProcess, request_id: str) -> list[dict[str, Any]]:
    cards = intake.get(f"/v1/requests/{request_id}/cards", headers=bearer()).json()["sent"]
    return [card for card in cards if card["kind"] == "card"]


def hurry(intake: ServiceProcess) -> None:
    """Everything that waits is due now: tests do not wait for pauses."""
    engine = sa.create_engine(intake.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE deliveries SET due_at = now() WHERE progress = 'waiting'"))


def test_a_signed_card_becomes_a_request_and_its_news_come_back(partner: Partner) -> None:
    status = partner.send()
    assert (status["number"], status["state"], status["missing"]) == ("1001", "registered", [])
    tell_state(partner.intake, status["request_id"], "registered", "transferred", "in_work")
    eventually(lambda: len(partner.server.bodies("state")) == 3, what="three states came back")
    news = sorted(partner.server.bodies("state"), key=lambda told: told["sequence"])
    assert [told["state"] for told in news] == ["registered", "transferred", "in_work"]
    assert {told["external_id"] for told in news} == {EXAMPLE["external_id"]}
    for came in partner.server.received:
        stamp, signature = (came.headers[f"Avariyka-{name}"] for name in ("Timestamp", "Signature"))
        check_signature(partner.secret, stamp, signature, came.body, SystemClock().now())
    followed = partner.call("GET", f"/v1/partner/cards/{EXAMPLE['external_id']}").json()
    assert (followed["state"], followed["number"]) == ("in_work", "1001")


def test_one_card_many_times_at_once_is_one_request(partner: Partner) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: partner.send(), range(6)))
    assert answers == [answers[0]] * 6
    assert count(partner.intake.database_url, "requests") == 1
    changed = partner.call("POST", "/v1/partner/cards", {**EXAMPLE, "text": "другое"})
    assert (changed.status_code, changed.json()["code"]) == (409, "card_revision_reused")


def test_a_draft_lists_what_is_missing_and_a_revision_completes_it(partner: Partner) -> None:
    draft = partner.send(place=None)
    assert (draft["number"], draft["state"], draft["missing"]) == (None, "draft", ["address"])
    assert partner.send(revision=2)["number"] == "1001"


def test_what_is_unsigned_parties_a_partner_is_refused_and_nothing_is_kept(partner: Partner) -> None:
    def code(**wrong: str) -> tuple[int, str]:
        answer = partner.call("POST", "/v1/partner/cards", EXAMPLE, **wrong)
        return answer.status_code, answer.json()["code"]

    assert code(**{"X-Api-Key": "avr_none"}) == (403, "api_key_refused")
    assert code(**{"Avariyka-Signature": "v1=0"}) == (403, "card_signature_invalid")
    assert code(**{"Avariyka-Timestamp": str(int(time.time()) - 1000)}) == (403, "card_signature_invalid")
    stranger = Partner(partner.intake, partner.key, "another secret", partner.server)
    assert stranger.call("POST", "/v1/partner/cards", EXAMPLE).status_code == 403
    bad = partner.call("POST", "/v1/partner/cards", {"card_version": 2, "place": {"lat": 91, "lon": 0}})
    assert (bad.status_code, set(bad.json()["errors"])) == (400, {"card_version", "external_id", "place"})
    unknown = partner.call("GET", "/v1/partner/cards/none")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "card_not_found")
    command(partner.intake, "partner", "retire", "112")
    assert code() == (403, "card_signature_invalid")
    assert count(partner.intake.database_url, "requests") == 0


def test_a_dispatchers_card_goes_out_and_is_acknowledged_twice(partner: Partner) -> None:
    request_id = partner.send()["request_id"]
    delivery = send_card(partner.intake, request_id)
    (body,) = eventually(lambda: partner.server.bodies("card"), what="the card came")
    assert (body["applicant"]["phone"], body["number"]) == ("+77010000001", "1001")
    eventually(lambda: sent(partner.intake, request_id)[0]["progress"] == "delivered")
    path = f"/v1/partner/deliveries/{delivery['delivery_id']}/acknowledgement"
    first, again = (partner.call("POST", path, {"reference": "K-7"}).json() for _ in range(2))
    assert first == again
    assert (first["reference"], bool(first["acknowledged_at"])) == ("K-7", True)
    log = requests.get(
        f"{partner.intake.url}/v1/access-log", headers=bearer(roles=("administrator",)), timeout=60
    ).json()
    assert [(entry["why"], entry["through"]) for entry in log["entries"]] == [("transfer", "card:112")]


def test_a_partner_who_answers_twice_and_acknowledges_at_once(partner: Partner) -> None:
    partner.server.answer = lambda _: (409, {}, b'{"acknowledged": true, "reference": "K-9"}')
    request_id = partner.send()["request_id"]
    send_card(partner.intake, request_id)
    (card,) = eventually(lambda: [c for c in sent(partner.intake, request_id) if c["acknowledged_at"]])
    assert (card["progress"], card["reference"], card["attempts"]) == ("delivered", "K-9", 1)


def test_a_partner_who_is_down_gets_everything_when_it_is_back(
    intake: ServiceProcess, server: PartnerServer
) -> None:
    partner = enrol(intake, "104", server, url="http://127.0.0.1:1/cards")
    request_id = partner.send()["request_id"]
    send_card(intake, request_id, "104")
    (waiting,) = eventually(lambda: [c for c in sent(intake, request_id) if c["trouble"]])
    assert (waiting["progress"], waiting["trouble"]) == ("waiting", "no_connection")
    command(intake, "partner", "change", "104", "--url", server.url, "--allow-http")
    hurry(intake)
    eventually(lambda: sent(intake, request_id)[0]["progress"] == "delivered", what="it arrived")
    assert sent(intake, request_id)[0]["attempts"] == 2
    assert len(server.bodies("card")) == 1


def test_a_slow_partner_holds_up_nobody_else(partner: Partner) -> None:
    intake = partner.intake
    partner.server.gate.clear()
    with PartnerServer() as quick_server:
        quick = enrol(intake, "109", quick_server)
        slow_id = partner.send()["request_id"]
        for _ in range(5):
            send_card(intake, slow_id)
        eventually(lambda: partner.server.received, what="the slow one was called")
        started = time.monotonic()
        quick_id = quick.send(external_id="q1")["request_id"]
        send_card(intake, quick_id, "109")
        eventually(lambda: quick_server.bodies("card"), what="the quick one has its card")
        assert intake.get("/live").status_code == 200
        assert time.monotonic() - started < 3 * AT_ONCE_S, "the slow one's six cards take longer to give up"
    eventually(lambda: [c for c in sent(intake, slow_id) if c["trouble"] == "timeout"])
    partner.server.gate.set()
    hurry(intake)
    eventually(lambda: all(c["progress"] == "delivered" for c in sent(intake, slow_id)), 20)


def test_what_a_partner_refuses_is_shown_to_a_person_who_tries_again(partner: Partner, amqp_uri: str) -> None:
    intake = partner.intake
    partner.server.answer = lambda _: (422, {}, b"no")
    request_id = partner.send()["request_id"]
    delivery = send_card(intake, request_id)
    eventually(lambda: intake.facts()["partner_deliveries"]["failed"] == 1, what="seen by whoever watches")
    (failed,) = intake.get("/v1/partner-deliveries", headers=bearer()).json()["deliveries"]
    assert (failed["delivery_id"], failed["trouble"]) == (delivery["delivery_id"], "http_422")
    partner.server.answer = lambda _: (200, {}, b"")
    path = f"/v1/partner-deliveries/{delivery['delivery_id']}/retry"
    assert intake.post(path, headers=bearer()).json()["progress"] == "waiting"
    eventually(lambda: sent(intake, request_id)[0]["progress"] == "delivered")
    assert intake.post(path, headers=bearer()).status_code == 409
    with ClusterRpcProxy({"AMQP_URI": amqp_uri}, timeout=60) as cluster:  # as the dispatchers' console asks
        answer = cluster.intake.retry_partner_delivery(delivery["delivery_id"])
    assert answer == {"error": "nothing_to_retry"}


def test_a_process_that_dies_on_the_way_leaves_the_card_to_the_next(partner: Partner) -> None:
    intake = partner.intake
    request_id = partner.send()["request_id"]
    partner.server.gate.clear()
    send_card(intake, request_id)
    eventually(lambda: partner.server.received, what="it is on its way")
    intake.kill()
    partner.server.gate.set()
    intake.start()
    hurry(intake)
    eventually(lambda: sent(intake, request_id)[0]["progress"] == "delivered")
    keys = {came.headers["Idempotency-Key"] for came in partner.server.received}
    assert len(keys) == 1, "the partner can tell that it is the same"


def test_who_may_not_sees_and_sends_nothing(partner: Partner) -> None:
    intake = partner.intake
    request_id = partner.send()["request_id"]
    for headers, status in (({}, 401), (bearer(roles=("crew",)), 403)):
        path = f"{intake.url}/v1/requests/{request_id}/cards"
        assert requests.get(path, headers=headers, timeout=60).status_code == status
        body = {"partner": "112"}
        assert requests.post(path, json=body, headers=headers, timeout=60).status_code == status
    silent = intake.post(f"/v1/requests/{request_id}/cards", json={"partner": "none"}, headers=bearer())
    assert (silent.status_code, silent.json()["code"]) == (404, "partner_not_found")
    listed = intake.get("/v1/partners", headers=bearer()).json()["partners"]
    assert listed == [{"partner": "112", "name": "Служба 112", "listens": True}]


@pytest.mark.rule("6.11")
def test_nothing_confidential_lies_open(partner: Partner) -> None:
    request_id = partner.send()["request_id"]
    send_card(partner.intake, request_id)
    eventually(lambda: partner.server.bodies("card"))
    log = partner.intake.log.read_text(encoding="utf-8")
    engine = sa.create_engine(partner.intake.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = [
            str(row)
            for table in ("partners", "partner_cards", "deliveries", "api_keys")
            for row in connection.execute(sa.text(f"SELECT * FROM {table}"))
        ]
    for text in (log, *rows):
        assert not re.search(r"7010000001|Айгуль|Хлопок", text)
        assert partner.secret not in text
        assert partner.key not in text
