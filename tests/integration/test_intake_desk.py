"""The operator's form over HTTP: versions, races, late entries; nothing of it in plain in the tables."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.integration.test_intake_service import FORM, bearer, events, intake, send
from tests.integration.test_intake_service import text as said
from tests.support import contracts
from tests.support.database import count, everything
from tests.support.processes import ServiceProcess

__all__ = ["intake"]
pytestmark = pytest.mark.servers


def begun(intake: ServiceProcess, **typed: Any) -> requests.Response:
    return intake.post("/v1/requests", json={"register": False, **typed}, headers=bearer())


def patch(
    intake: ServiceProcess, request_id: str, version: str | None, operator: str = "operator-1", **typed: Any
) -> requests.Response:
    headers = {**bearer(actor_id=operator), **({"If-Match": version} if version else {})}
    url = f"{intake.url}/v1/requests/{request_id}"
    return requests.patch(url, json=typed, headers=headers, timeout=60)


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_form_is_saved_as_typed_and_nothing_is_lost(intake: ServiceProcess) -> None:
    first = begun(intake, phone="8 701 5")
    request_id, version = first.json()["request_id"], first.headers["ETag"]
    assert (first.status_code, version) == (201, '"1"')
    for typed in ({"phone": "8 701 555 11 2"}, {"text": "Лифт заст"}, {"name": "Анна"}):
        saved = patch(intake, request_id, version, register=False, **typed)
        assert saved.status_code == 200
        version = saved.headers["ETag"]
    path = f"/v1/requests/{request_id}"
    again = intake.get(path, params={"why": "form"}, headers=bearer())
    assert again.headers["ETag"] == version == '"4"'
    assert (again.json()["person"]["phone"], again.json()["person"]["name"]) == ("8 701 555 11 2", "Анна")
    refused = patch(intake, request_id, version, phone="8 701 555 11 2")
    assert code(refused) == (400, "invalid_input")
    done = patch(intake, request_id, version, **dict[str, Any](FORM))
    assert (done.json()["status"], done.json()["missing"]) == ("registered", [])


def test_a_change_names_its_version(intake: ServiceProcess) -> None:
    request_id = begun(intake, text="Нет во").json()["request_id"]
    assert code(patch(intake, request_id, None, register=False, text="Нет воды")) == (428, "version_required")
    assert code(patch(intake, request_id, "*", register=False, text="x")) == (428, "version_required")
    assert patch(intake, request_id, 'W/"1"', register=False, text="Нет воды").status_code == 200
    stale = patch(intake, request_id, '"1"', register=False, text="Нет света")
    assert (code(stale), stale.json()["details"]) == ((412, "draft_changed"), {"version": 2})
    assert "версия 2" in stale.json()["title"]


def test_of_many_who_save_at_once_one_wins_and_the_others_are_told(intake: ServiceProcess) -> None:
    request_id = begun(intake).json()["request_id"]

    def save(operator: int) -> requests.Response:
        return patch(intake, request_id, '"1"', f"operator-{operator}", register=False, text=f"№ {operator}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(save, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert intake.get(f"/v1/requests/{request_id}", headers=bearer()).json()["text"] == won["text"]


def test_one_draft_registered_by_many_at_once_gets_one_number(intake: ServiceProcess) -> None:
    request_id = begun(intake, **FORM).json()["request_id"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: patch(intake, request_id, '"1"', text="Нет воды"), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    assert count(intake.database_url, "outbox", "type = 'request.registered'") == 1


@pytest.mark.rule("D-1.1-U2")
def test_a_late_entry_over_http(intake: ServiceProcess) -> None:
    paper = {"number": "17/3", "written_at": "2020-01-01T00:00:00Z"}
    assert code(intake.post("/v1/requests", json={**FORM, "paper": paper}, headers=bearer())) == (
        400,
        "bad_paper_time",
    )
    card = begun(intake).json()
    fresh = {"number": "17/3", "written_at": card["received_at"]}
    taken = intake.post("/v1/requests", json={**FORM, "paper": fresh}, headers=bearer()).json()
    assert (taken["received_at"], taken["desk"]["paper"]["number"]) == (card["received_at"], "17/3")
    [told] = [event for event in events(intake) if event["type"] == "request.registered"]
    contracts.check("intake", "request.registered", told["data"])
    assert told["data"]["late_entry"]["paper_number"] == "17/3"


@pytest.mark.rule("6.11")
def test_the_form_s_own_part_is_sealed_and_does_not_leave(intake: ServiceProcess) -> None:
    secret = {"name": "Анна Иванова", "second_phone": "8 701 222 33 44", "answer": "спросите Петра"}
    door = {"kind": "code", "note": "К4321"}
    taken = intake.post("/v1/requests", json={**FORM, **secret, "intercom": door}, headers=bearer())
    copy = intake.post(f"/v1/requests/{taken.json()['request_id']}/copy", headers=bearer())
    assert (copy.status_code, copy.json()["status"], copy.headers["ETag"]) == (201, "draft", '"1"')
    kept = everything(intake.database_url)
    for text in ("Анна", "Иванова", "2223344", "222 33 44", "Петра"):
        assert text not in kept
    assert "К4321" not in everything(intake.database_url, "requests", "idempotency")


def test_requests_are_searched_page_by_page_and_nobody_s_number_is_in_a_list(intake: ServiceProcess) -> None:
    for flat in ("1", "2", "3"):
        address = {"text": "Абая 12", "flat": flat}
        intake.post("/v1/requests", json={**FORM, "address": address}, headers=bearer())
    draft = begun(intake, phone="8 701 555 11 22", address={"text": "Абая 12", "flat": "1"}).json()

    def found(**query: Any) -> Any:
        answer = intake.get("/v1/requests", params=query, headers=bearer())
        assert answer.status_code == 200, answer.text
        assert "5551122" not in answer.text
        return answer.json()

    first = found(phone="87015551122", limit=2)
    rest = found(phone="87015551122", limit=2, after=first["next"])
    numbers = [request["number"] for page in (first, rest) for request in page["requests"]]
    assert (numbers, rest["next"]) == (["1003", "1002", "1001"], None)
    assert [request["number"] for request in found(number="1002")["requests"]] == ["1002"]
    assert [r["request_id"] for r in found(address="Абая 12", status="draft", limit=5)["requests"]] == [
        draft["request_id"]
    ]
    assert found(status="draft")["requests"][0]["request_id"] == draft["request_id"]
    assert code(intake.get("/v1/requests?after=x", headers=bearer())) == (422, "bad_cursor")
    assert code(intake.get("/v1/requests?phone=abc", headers=bearer())) == (400, "invalid_input")
    around = intake.get(f"/v1/requests/{draft['request_id']}/around", headers=bearer())
    assert "5551122" not in around.text
    card = around.json()
    assert [one["number"] for one in card["theirs"]] == ["1003", "1002", "1001"]
    assert [one["same_flat"] for one in card["here"]] == [False, False, True]
    assert [notice["code"] for notice in card["warnings"]] == ["open_here"]
    assert card["warnings"][0]["text"].startswith("По этой квартире")


@pytest.fixture
def few_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVARIYKA_INTAKE_STRANGERS_MOST", "1")


@pytest.mark.usefixtures("few_strangers")
def test_what_a_flood_held_back_is_taken_up_over_http(intake: ServiceProcess) -> None:
    assert said(send(intake, "алло", phone="+77010000002"))
    assert not said(send(intake, "Нет воды, мой номер 87015551122", sid="SMheld"))
    (held,) = intake.get("/v1/held-messages", headers=bearer()).json()["messages"]
    assert held["message_id"] == "SMheld"
    assert "5551122" not in held["text"]
    taken = intake.post("/v1/held-messages/SMheld/request", headers=bearer()).json()
    card = intake.get(f"/v1/requests/{taken['request_id']}", headers=bearer()).json()
    assert (card["status"], card["missing"]) == ("draft", ["address"])
    assert intake.get("/v1/held-messages", headers=bearer()).json()["messages"] == []
    assert code(intake.post("/v1/held-messages/SMno/put-aside", headers=bearer())) == (
        404,
        "held_message_not_found",
    )
