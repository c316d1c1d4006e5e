"""Open311 GeoReport v2 over the wire, held against the community's own swagger file and JSON schemas."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import requests
from jsonschema import Draft4Validator

from shared.config import ROOT
from tests.integration.test_intake_service import NOWHERE, bearer, put_city
from tests.support.database import count
from tests.support.processes import ServiceProcess

pytestmark = pytest.mark.servers
HOME = "/open311/v2"
SWAGGER = json.loads((ROOT / "tests/data/open311/georeport_v2.swagger.json").read_text(encoding="utf-8"))
MORE_SCHEMAS = os.environ.get("AVARIYKA_OPEN311_SCHEMAS", "")
"""A directory with the community's JSON schemas, which have no licence and so are not kept here."""
REPORT = {
    "service_code": "water-leak",
    "jurisdiction_id": "almaty",
    "lat": "43.2402",
    "long": "76.9451",
    "phone": "8 701 555 11 22",
    "first_name": "Айгуль",
    "description": "Заливает с потолка, кв 917",
    "attribute[flat]": "917",
    "attribute[danger][]": "water_on_wires",
}


@pytest.fixture
def intake(service_database: Callable[[str], str], tmp_path: Path) -> Iterator[ServiceProcess]:
    url = service_database("intake")
    put_city(url)
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, NOWHERE) as process:
        yield process


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


def new_key(intake: ServiceProcess, *options: str) -> str:
    said = command(intake, "api-key", "add", "city app", "--scope", "open311", *options)
    return next(word for word in said.split() if word.startswith("avr_"))


@pytest.fixture
def key(intake: ServiceProcess) -> str:
    return new_key(intake)


def report(
    intake: ServiceProcess,
    key: str,
    changes: Mapping[str, str] | None = None,
    format_: str = "json",
    **kw: Any,
) -> requests.Response:
    return intake.post(f"{HOME}/requests.{format_}", data={"api_key": key, **REPORT, **(changes or {})}, **kw)


def fits(name: str, content: Any) -> None:
    """The swagger file knows no null, though its own examples show it: such a field is left out here."""
    schema = {"$ref": f"#/definitions/{name}", "definitions": SWAGGER["definitions"]}
    Draft4Validator(schema).validate({k: v for k, v in content.items() if v is not None})


def fits_too(name: str, content: Any) -> None:
    if MORE_SCHEMAS:
        schema = json.loads((Path(MORE_SCHEMAS) / f"{name}.json").read_text(encoding="utf-8"))
        Draft4Validator(schema).validate(content)


def xml(answer: requests.Response) -> ElementTree.Element:
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    return ElementTree.fromstring(answer.content)


def error(answer: requests.Response) -> tuple[int, int, str]:
    (told,) = answer.json()
    return answer.status_code, told["code"], told["description"]


def test_discovery_names_the_endpoint(intake: ServiceProcess) -> None:
    told = intake.get(f"{HOME}/discovery.json").json()
    (endpoint,) = told["endpoints"]
    assert endpoint["url"] == f"{intake.url}{HOME}"
    assert endpoint["formats"] == ["application/json", "text/xml"]
    root = xml(intake.get(f"{HOME}/discovery.xml"))
    assert (root.tag, root.findtext("endpoints/endpoint/formats/format")) == ("discovery", "application/json")


def test_services_and_their_definitions_fit_the_swagger(intake: ServiceProcess) -> None:
    services = intake.get(f"{HOME}/services.json").json()
    assert len(services) > 20
    for service in services:
        fits("Service", service)
        fits_too("service", service)
        definition = intake.get(f"{HOME}/services/{service['service_code']}.json").json()
        fits("ServiceDefinition", definition)
        fits_too("service-definition", definition)
    kazakh = intake.get(f"{HOME}/services.xml", headers={"Accept-Language": "kk"})
    names = [service.findtext("service_name") for service in xml(kazakh).iterfind("service")]
    assert "Су жоқ" in names
    assert len(names) == len(services)


def test_a_report_gets_its_number_and_is_followed(intake: ServiceProcess, key: str) -> None:
    answer = report(intake, key)
    (receipt,) = answer.json()
    assert answer.status_code == 200
    fits("RequestResponse", receipt)
    assert receipt["service_request_id"] == "1001"
    assert receipt["service_notice"] == "Заявка № 1001 принята и передана диспетчеру."
    (shown,) = intake.get(f"{HOME}/requests/1001.json").json()
    fits("Request", shown)
    fits_too("request", shown)
    assert (shown["status"], shown["address"], shown["service_code"]) == (
        "open",
        "проспект Абая",
        "water-leak",
    )
    assert shown["status_notes"] == "Принята"
    assert intake.get(f"{HOME}/requests.json?service_request_id=1001,77").json() == [shown]
    listed = xml(intake.get(f"{HOME}/requests.xml?status=open&service_code=water-leak,other"))
    assert [r.findtext("service_request_id") for r in listed.iterfind("request")] == ["1001"]
    assert intake.get(f"{HOME}/requests.json?status=closed").json() == []


@pytest.mark.rule("D-1.1-U7")
def test_the_public_and_other_systems_see_no_person(intake: ServiceProcess, key: str) -> None:
    report(intake, key)
    other = new_key(intake)
    for who in ("", f"?api_key={other}"):
        text = (
            intake.get(f"{HOME}/requests.json{who}").text + intake.get(f"{HOME}/requests/1001.xml{who}").text
        )
        assert [word for word in ("701", "5551122", "Айгуль", "917", "потолка") if word in text] == []
    (own,) = intake.get(f"{HOME}/requests/1001.json?api_key={key}").json()
    assert own["description"] == "Заливает с потолка, кв ***"
    assert "5551122" not in intake.log.read_text(encoding="utf-8")


@pytest.mark.rule("6.1")
def test_an_incomplete_report_gets_a_token_that_an_operator_turns_into_a_number(
    intake: ServiceProcess, key: str
) -> None:
    (receipt,) = report(intake, key, {"phone": ""}).json()
    fits("RequestResponse", receipt)
    assert "service_request_id" not in receipt
    token = receipt["token"]
    assert receipt["service_notice"].startswith("Сообщение у диспетчера. Не хватает: телефон для связи.")
    assert intake.get(f"{HOME}/tokens/{token}.json").json() == [{"token": token}]
    (draft,) = intake.get("/v1/requests?status=draft", headers=bearer()).json()["requests"]
    assert (draft["request_id"], draft["needs_operator"]) == (token, True)
    seen = {**bearer(), "If-Match": f'"{draft["version"]}"'}
    done = requests.patch(
        f"{intake.url}/v1/requests/{token}", json={"phone": "87015551122"}, headers=seen, timeout=60
    )
    assert done.status_code == 200
    (known,) = intake.get(f"{HOME}/tokens/{token}.json").json()
    fits("TokenResponse", known)
    assert known == {"service_request_id": "1001", "token": token}
    assert xml(intake.get(f"{HOME}/tokens/{token}.xml")).findtext("request/service_request_id") == "1001"


def test_the_same_report_many_times_at_once_is_one_request(intake: ServiceProcess, key: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: report(intake, key).json(), range(6)))
    assert answers == [answers[0]] * 6
    assert count(intake.database_url, "requests") == count(intake.database_url, "reports") == 1


def test_an_idempotency_key_is_kept_to_its_report(intake: ServiceProcess, key: str) -> None:
    headers = {"Idempotency-Key": "r-1"}
    first = report(intake, key, headers=headers)
    assert report(intake, key, headers=headers).json() == first.json()
    status, code, _ = error(report(intake, key, {"description": "другое"}, headers=headers))
    assert (status, code) == (422, 422)


def test_errors_have_the_shape_of_the_specification(intake: ServiceProcess, key: str) -> None:
    assert error(report(intake, "")) == error(report(intake, "avr_wrong"))
    assert error(report(intake, ""))[:2] == (403, 403)
    assert error(report(intake, key, {"service_code": ""}))[:2] == (400, 400)
    assert error(report(intake, key, {"service_code": "ufo"})) == (
        404,
        404,
        "Услуги «ufo» нет: список – в services.",
    )
    assert error(report(intake, key, {"jurisdiction_id": "mars"}))[0] == 404
    assert error(report(intake, key, {"lat": "север"})) == (400, 400, "lat: Здесь должно быть число.")
    assert error(report(intake, key, {"description": "я" * 40_000}))[0] == 413
    for path in ("services", "requests", "requests/1001", "services/water-leak", f"tokens/{uuid4()}"):
        assert error(intake.get(f"{HOME}/{path}.json?jurisdiction_id=mars"))[:2] == (404, 404)
    for path in ("services/ufo", "requests/77", "requests/x", "tokens/x", f"tokens/{uuid4()}"):
        assert error(intake.get(f"{HOME}/{path}.json"))[:2] == (404, 404)
    assert error(intake.get(f"{HOME}/services.csv"))[0] == 404
    bad = intake.get(f"{HOME}/requests.xml?start_date=x", headers={"Accept-Language": "kk"})
    (told,) = xml(bad)
    assert (bad.status_code, told.tag, told.findtext("code")) == (400, "error", "400")
    long = intake.get(f"{HOME}/requests.json?start_date=2025-01-01T00:00:00Z&end_date=2026-01-01T00:00:00Z")
    assert error(long)[:2] == (400, 400)
    assert count(intake.database_url, "requests") == 0


def test_a_key_is_bounded_and_can_be_taken_back(intake: ServiceProcess) -> None:
    key = new_key(intake, "--per-minute", "2")
    for number in (1, 2):
        assert report(intake, key, {"description": str(number)}).status_code == 200
    late = report(intake, key, {"description": "3"})
    assert error(late)[0] == 429
    assert 0 < int(late.headers["Retry-After"]) <= 31
    listed = command(intake, "api-key", "list")
    assert key not in listed
    other = new_key(intake)
    newest = re.search(r"[0-9a-f-]{36}", command(intake, "api-key", "list"))
    assert newest is not None
    command(intake, "api-key", "revoke", newest.group())
    assert error(report(intake, other))[0] == 403


def test_a_report_by_a_system_with_a_telephone_needs_none_of_its_own(intake: ServiceProcess) -> None:
    key = new_key(intake, "--phone", "87017770000")
    (receipt,) = report(intake, key, {"phone": ""}).json()
    assert receipt["service_request_id"] == "1001"
