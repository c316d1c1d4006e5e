"""intake as a process: signed webhooks and operators' calls in, rows and events out, without a broker."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import requests
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from services.intake.domain.city import CityBuilder
from services.intake.schemas.lexicon import load_lexicon
from services.intake.store import UnitOfWork
from services.intake.usecases.cities import import_city
from shared.clock import SystemClock
from shared.db import TransactionContext, make_engine
from tests.support import contracts
from tests.support.database import count
from tests.support.keys import token
from tests.support.processes import ServiceProcess
from tests.support.waiting import AT_ONCE_S, eventually
from tests.unit.intake.examples import sources

pytestmark = pytest.mark.servers
TOKEN = "the token of the test account"
NOWHERE = "amqp://nobody:nothing@127.0.0.1:1/none"


def put_city(url: str) -> None:
    engine = make_engine(url, pool_size=1)
    context = TransactionContext(engine, SystemClock(), "intake", lambda: None)
    import_city(UnitOfWork(context), CityBuilder(load_lexicon(), lambda _step: None).build(sources()))
    engine.dispose()


@pytest.fixture
def intake(service_database: Callable[[str], str], tmp_path: Path) -> Iterator[ServiceProcess]:
    """The service with an imported town and no broker in reach."""
    url = service_database("intake")
    put_city(url)
    environment = {"AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN, "AVARIYKA_INTAKE_REGISTRY_CHECK_S": "0.2"}
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, NOWHERE, environment) as process:
        yield process


def send(
    intake: ServiceProcess, body: str, phone: str = "+77010000001", sid: str | None = None, key: str = TOKEN
) -> requests.Response:
    form = {"MessageSid": sid or f"SM{uuid4().hex}", "From": phone, "To": "+15005550006", "Body": body}
    signature = RequestValidator(key).compute_signature(f"{intake.url}/twilio/sms", form)
    return intake.post("/twilio/sms", data=form, headers={"X-Twilio-Signature": signature})


def text(answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/xml")
    return "".join(ElementTree.fromstring(answer.content).itertext())


def bearer(**claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(**{'roles': ('operator',), **claims})}"}


def events(intake: ServiceProcess) -> list[dict[str, Any]]:
    engine = sa.create_engine(intake.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT body FROM outbox ORDER BY id")).scalars())


def test_without_a_broker_a_message_is_taken_numbered_and_confirmed_at_once(intake: ServiceProcess) -> None:
    answer = send(intake, "Прорвало трубу, топит подвал, Абая 12")
    assert text(answer) == "Заявка № 1001 принята: проспект Абая, 12. О ходе работ сообщим."
    assert answer.elapsed < timedelta(seconds=AT_ONCE_S)
    told = events(intake)
    assert {event["type"] for event in told} == {"contact.known", "request.registered"}
    for event in told:
        contracts.check("intake", event["type"], event["data"])
    facts = intake.facts()
    assert (facts["broker"], facts["outbox"]["pending"]) == ("down", 2)
    assert facts["registry"]["buildings"] > 0


def test_a_conversation_over_several_messages(intake: ServiceProcess) -> None:
    assert text(send(intake, "Құбыр жарылды")) == "Мекенжайыңыз қандай? Көше мен үй нөмірін жазыңыз."
    assert text(send(intake, "Абай 12")).startswith("№ 1001 өтінім қабылданды: Абай даңғылы, 12")
    told = [event["type"] for event in events(intake) if event["type"] != "contact.known"]
    assert told == ["request.drafted", "request.registered"]


def test_one_message_delivered_many_times_at_once_is_one_request(intake: ServiceProcess) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: text(send(intake, "Нет воды, Абая 12", sid="SMsame")), range(6)))
    assert len(set(answers)) == 1
    assert count(intake.database_url, "requests") == count(intake.database_url, "messages") == 1


def test_first_messages_of_one_sender_at_once_share_the_contact(intake: ServiceProcess) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: text(send(intake, "Нет воды, Абая 12")), range(6)))
    assert count(intake.database_url, "contacts") == 1
    assert count(intake.database_url, "requests", "state = 'registered'") == 6
    assert sum(event["type"] == "contact.known" for event in events(intake)) == 1


@pytest.mark.parametrize("key", ["a wrong token", ""])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(intake: ServiceProcess, key: str) -> None:
    answer = send(intake, "Нет воды, Абая 12", key=key)
    assert (answer.status_code, answer.json()["code"]) == (403, "invalid_signature")
    unsigned = intake.post("/twilio/sms", data={"MessageSid": "SM1", "From": "+77010000001", "Body": "x"})
    assert unsigned.status_code == 403
    assert count(intake.database_url, "messages") == count(intake.database_url, "outbox") == 0


def test_a_signed_form_without_a_message_id_is_refused(intake: ServiceProcess) -> None:
    form = {"From": "+77010000001", "Body": "Нет воды"}
    signature = RequestValidator(TOKEN).compute_signature(f"{intake.url}/twilio/sms", form)
    answer = intake.post("/twilio/sms", data=form, headers={"X-Twilio-Signature": signature})
    assert (answer.status_code, answer.json()["code"]) == (400, "message_sid_missing")


def test_a_long_message_is_read_and_a_monstrous_one_refused(intake: ServiceProcess) -> None:
    assert "1001" in text(send(intake, "Прорвало трубу, Абая 12. " + "Плохо! " * 700))
    assert "1002" in text(send(intake, "Pipe burst, Abaya 12. " + "x" * 20_000))
    assert count(intake.database_url, "messages", "truncated") == 1
    answer = send(intake, "x" * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_the_registry_is_taken_anew_after_an_import(
    service_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = service_database("intake")
    environment = {"AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN, "AVARIYKA_INTAKE_REGISTRY_CHECK_S": "0.2"}
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, NOWHERE, environment) as intake:
        assert "адрес" in text(send(intake, "Нет воды, Абая 12"))
        put_city(url)
        eventually(lambda: intake.facts()["registry"]["streets"] > 0, 10, "the town is known")
        assert "№ 1001" in text(send(intake, "Абая 12"))


def test_without_an_auth_token_no_webhook_is_believed(
    service_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = service_database("intake")
    environment = {"AVARIYKA_TWILIO_AUTH_TOKEN": ""}
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, NOWHERE, environment) as intake:
        answer = send(intake, "Нет воды, Абая 12", key="")
        assert (answer.status_code, answer.json()["code"]) == (503, "signature_unverifiable")


FORM = {"phone": "8 701 555 11 22", "text": "Лифт застрял, в кабине люди", "address": {"text": "Абая 12"}}


def test_an_operators_form_is_registered_without_triage(intake: ServiceProcess) -> None:
    answer = intake.post("/v1/requests", json=FORM, headers=bearer())
    card = answer.json()
    assert (answer.status_code, card["status"], card["number"]) == (201, "registered", "1001")
    assert (card["classification"], answer.elapsed < timedelta(seconds=AT_ONCE_S)) == (None, True)
    shown = intake.get(f"/v1/requests/{card['request_id']}", headers=bearer()).json()
    assert (shown["person"]["phone"], shown["address"]["text"]) == ("+7 701 *** ** 22", "проспект Абая, 12")


def test_a_draft_is_listed_completed_and_then_closed_to_changes(intake: ServiceProcess) -> None:
    draft = intake.post(
        "/v1/requests", json={**FORM, "address": {"text": "Садовая 5"}}, headers=bearer()
    ).json()
    assert (draft["missing"], len(draft["candidates"])) == (["address"], 2)
    listed = intake.get("/v1/requests?status=draft", headers=bearer()).json()["requests"]
    assert [request["request_id"] for request in listed] == [draft["request_id"]]
    path = f"{intake.url}/v1/requests/{draft['request_id']}"
    seen = {**bearer(), "If-Match": f'"{draft["version"]}"'}
    completed = requests.patch(path, json={"choice": 1}, headers=seen, timeout=60)
    assert (completed.status_code, completed.json()["status"]) == (200, "registered")
    again = requests.patch(path, json={"choice": 1}, headers=seen, timeout=60)
    assert (again.status_code, again.json()["code"]) == (409, "already_registered")


def test_a_repeated_key_repeats_the_answer_and_refuses_another_body(intake: ServiceProcess) -> None:
    headers = {**bearer(), "Idempotency-Key": "form-1"}
    first = intake.post("/v1/requests", json=FORM, headers=headers)
    assert intake.post("/v1/requests", json=FORM, headers=headers).json() == first.json()
    other = intake.post("/v1/requests", json={**FORM, "text": "нет воды"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert count(intake.database_url, "requests") == 1


def test_addresses_are_found_while_typing(intake: ServiceProcess) -> None:
    found = intake.get("/v1/addresses", params={"q": "сатпаева 76а", "limit": 1}, headers=bearer()).json()
    (candidate,) = found["candidates"]
    assert (candidate["text"], candidate["building_id"]) == ("улица Сатпаева, 76А", "osm-w3")


def test_bad_calls_get_stable_codes(intake: ServiceProcess) -> None:
    def code(answer: requests.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]

    url = "/v1/requests"
    raw = {"data": "{nope", "headers": {**bearer(), "Content-Type": "application/json"}}
    assert code(intake.post(url, **raw)) == (400, "invalid_json")
    assert code(intake.post(url, json={"phone": "abc"}, headers=bearer())) == (400, "invalid_input")
    assert code(intake.post(url, json={})) == (401, "unauthenticated")
    assert code(intake.post(url, json={}, headers={"Authorization": "Bearer x"})) == (401, "token_invalid")
    expired = bearer(expires_in=timedelta(hours=-1))
    assert code(intake.post(url, json={}, headers=expired)) == (401, "token_expired")
    assert code(intake.post(url, json={}, headers=bearer(roles=("crew",)))) == (403, "forbidden")
    assert code(intake.get(f"{url}/{uuid4()}", headers=bearer())) == (404, "request_not_found")
    assert code(intake.get(f"{url}/nonsense", headers=bearer())) == (404, "not_found")
    assert code(intake.get("/v1/addresses", headers=bearer())) == (400, "invalid_input")
    kazakh = intake.post(url, json={"phone": "abc"}, headers={**bearer(), "Accept-Language": "kk"}).json()
    assert kazakh["errors"]["phone"] == ["Бұл телефон нөмірі емес. Мысалы: +7 701 000 00 01."]
    assert count(intake.database_url, "requests") == count(intake.database_url, "outbox") == 0


@pytest.mark.rule("D-1.1-U7")
def test_the_log_names_no_phone_number(intake: ServiceProcess) -> None:
    send(intake, "Нет воды, Абая 12, звоните 87015551122")
    send(intake, "Нет воды", key="wrong")
    log = intake.log.read_text(encoding="utf-8")
    assert "7010000001" not in log
    assert "7015551122" not in log


def test_the_import_command_fills_the_registry(
    service_database: Callable[[str], str], tmp_path: Path
) -> None:
    city = Path(__file__).parents[2] / "demo" / "city" / "almaty"
    url = service_database("intake")
    command = [sys.executable, "-m", "services.intake.commands", "import-city", str(city / "almaty.osm.pbf")]
    command += ["--districts", str(city / "almaty_districts.geojson"), "--city", "almaty"]
    environment = {"AVARIYKA_INTAKE_DATABASE_URL": url, "PATH": ""}
    for _ in range(2):
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert "652" in run.stdout
    assert count(url, "buildings") == 652
    assert count(url, "cities") == 1
    assert count(url, "streets", "kind = 'area'") > 5


def test_status_cancelling_and_consent_by_message(intake: ServiceProcess) -> None:
    assert "1001" in text(send(intake, "Не горит лампа в подъезде, Абая 12"))
    assert text(send(intake, "статус 1001")) == "Заявка № 1001. Принята."
    assert "1001" not in text(send(intake, "статус", "+77010000002"))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: text(send(intake, "отмена")), range(4)))
    assert len(set(answers)) == 1
    assert "1001" in answers[0]
    assert "СТАРТ" in text(send(intake, "STOP"))
    told = [event["data"] for event in events(intake) if event["type"] == "request.cancelled"]
    assert [data["needs_person"] for data in told] == [False], "told once, however often it was said"
    contracts.check("intake", "request.cancelled", told[0])
    known = [event["data"] for event in events(intake) if event["type"] == "contact.known"]
    assert known[-1]["sms_allowed"] is False
