"""The HTTP edge of a running service: what callers send and what they are told."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate as validate_openapi

from tests.support.edge import GOOD, THING, bearer, change, problem
from tests.support.keys import token
from tests.support.processes import ServiceProcess

pytestmark = pytest.mark.servers
LIMIT = 64 * 1024


# A good call


def test_a_good_call_is_decoded_and_answered_through_its_schemas(edge: ServiceProcess) -> None:
    answer = change(edge, f"{THING}?limit=5")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert answer.json() == GOOD | {"actor_id": "dispatcher-1", "limit": 5, "thing_id": THING.split("/")[-1]}


def test_defaults_of_the_schemas_apply(edge: ServiceProcess) -> None:
    answer = change(edge, json={"text": "x"}).json()
    assert (answer["count"], answer["limit"]) == (1, 50)


# No such thing


@pytest.mark.parametrize("path", ["/", "/no/such", "/things/not-a-uuid", "/live/", "/live//", "/%00", "/%ff"])
def test_an_unknown_path_is_a_problem_like_any_other(edge: ServiceProcess, path: str) -> None:
    problem(edge.get(path, allow_redirects=False), 404, "not_found")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "OPTIONS"])
def test_a_wrong_method_is_told_which_are_right(edge: ServiceProcess, method: str) -> None:
    answer = requests.request(method, edge.url + THING, timeout=60)
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


def test_head_is_answered_without_a_body(edge: ServiceProcess) -> None:
    answer = requests.head(edge.url + "/live", timeout=60)
    assert (answer.status_code, answer.content) == (200, b"")


# What callers send


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"{'text': 1}", b"[" * 50_000, b'{"text": 1}}', b'{"n": 1' + b"0" * 5_000 + b"}"],
    ids=["cut", "no text", "python", "deep", "trailing", "huge number"],
)
def test_invalid_json_is_the_callers_mistake(edge: ServiceProcess, body: bytes) -> None:
    problem(change(edge, data=body), 400, "invalid_json")


@pytest.mark.parametrize("text", ["\0", "а\0б", "\ud800"])
def test_text_that_no_database_keeps_is_the_callers_mistake(edge: ServiceProcess, text: str) -> None:
    problem(change(edge, data=json.dumps({"text": text}).encode()), 400, "invalid_input")
    problem(change(edge, data=json.dumps({"text": "x", text: 1}).encode()), 400, "invalid_input")


def test_a_zero_byte_in_the_query_is_the_callers_mistake(edge: ServiceProcess) -> None:
    problem(change(edge, f"{THING}?after=%00"), 400, "invalid_input")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"5"])
def test_json_that_is_no_object_is_invalid_input(edge: ServiceProcess, body: bytes) -> None:
    problem(change(edge, data=body), 400, "invalid_input")


def test_an_empty_body_is_an_empty_object(edge: ServiceProcess) -> None:
    assert problem(change(edge, data=b""), 400, "invalid_input")["errors"].keys() == {"text"}


@pytest.mark.parametrize(
    ("language", "missing", "range_", "unknown", "title"),
    [
        (
            "ru",
            "Обязательное поле не заполнено.",
            "Должно быть от 1 до 17 включительно.",
            "Неизвестное поле.",
            "Проверьте введённые данные: ошибки перечислены по полям.",
        ),
        (
            "kk-KZ,ru;q=0.5",
            "Міндетті өріс толтырылмаған.",
            "1 мен 17 аралығында болуы керек (шектері қоса).",
            "Белгісіз өріс.",
            "Енгізілген деректерді тексеріңіз: қателер өрістер бойынша көрсетілген.",
        ),
    ],
)
def test_errors_of_fields_are_said_in_the_callers_language(
    edge: ServiceProcess, language: str, missing: str, range_: str, unknown: str, title: str
) -> None:
    answer = change(edge, json={"count": 18, "x": 1}, headers={"Accept-Language": language})
    body = problem(answer, 400, "invalid_input")
    assert body["errors"] == {"text": [missing], "count": [range_], "x": [unknown]}
    assert body["title"] == title


def test_errors_of_the_query_are_told_by_field(edge: ServiceProcess) -> None:
    body = problem(change(edge, f"{THING}?limit=many&x=1"), 400, "invalid_input")
    assert body["errors"] == {"limit": ["Здесь должно быть целое число."], "x": ["Неизвестное поле."]}


# How much they send


def sized(size: int) -> bytes:
    """A good body of exactly so many bytes."""
    frame = json.dumps({"text": ""}).encode()
    return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]


def in_chunks(body: bytes, size: int = 10_000) -> Iterator[bytes]:
    """The body without its length said in advance (``Transfer-Encoding: chunked``)."""
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize("send", [bytes, in_chunks], ids=["announced", "chunked"])
def test_a_body_up_to_the_limit_is_read_whole(edge: ServiceProcess, send: Callable[[bytes], Any]) -> None:
    answer = change(edge, data=send(sized(LIMIT)))
    assert (answer.status_code, len(answer.json().get("text", ""))) == (200, LIMIT - len(sized(0)))


@pytest.mark.parametrize("size", [LIMIT + 1, 40 * LIMIT])
@pytest.mark.parametrize("send", [bytes, in_chunks], ids=["announced", "chunked"])
def test_a_larger_body_is_refused(edge: ServiceProcess, send: Callable[[bytes], Any], size: int) -> None:
    body = problem(change(edge, data=send(sized(size))), 413, "too_large")
    assert "64" in body["title"]


@pytest.mark.parametrize("send", [bytes, in_chunks], ids=["announced", "chunked"])
def test_a_form_obeys_the_same_limit(edge: ServiceProcess, send: Callable[[bytes], Any]) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert edge.post("/form", data=send(b"text=" + b"x" * 1_000), headers=headers).text == "1000"
    answer = edge.post("/form", data=send(b"text=" + b"x" * LIMIT), headers=headers)
    problem(answer, 413, "too_large")


def upload(edge: ServiceProcess, *sizes: int, text: int = 10, send: Callable[[bytes], Any] = bytes) -> str:
    files = [("file", (f"{size}.bin", b"\0" * size)) for size in sizes]
    request = requests.Request("POST", f"{edge.url}/upload", data={"text": "x" * text}, files=files).prepare()
    body = request.body
    assert isinstance(body, bytes)
    headers = {"Content-Type": request.headers["Content-Type"]}
    answer = edge.post("/upload", data=send(body), headers=headers)
    return answer.text


@pytest.mark.parametrize("send", [bytes, in_chunks], ids=["announced", "chunked"])
def test_an_endpoint_may_take_more_in_files(edge: ServiceProcess, send: Callable[[bytes], Any]) -> None:
    assert upload(edge, 100_000, 150_000, send=send) == "[100000, 150000] 10"
    assert upload(edge, 100_000, 250_000, send=send) == "page: too_large"
    assert upload(edge, 9_000_000, send=send) == "page: too_large"


def test_a_field_of_a_form_is_bounded_as_every_body(edge: ServiceProcess) -> None:
    assert upload(edge, 1, text=LIMIT) == f"[1] {LIMIT}"
    assert upload(edge, 1, text=LIMIT + 1) == "page: too_large"


def test_a_form_of_very_many_parts_is_refused(edge: ServiceProcess) -> None:
    assert upload(edge, *[1] * 1_100) == "page: too_large"


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"--x\r\nContent-Disposition: form-data\r\n\r\n", b"\xff" * 100]
)
def test_a_broken_form_is_an_empty_one(edge: ServiceProcess, body: bytes) -> None:
    answer = edge.post("/upload", data=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.text == "[] 0"
    answer = edge.post("/upload", data=body, headers={"Content-Type": "multipart/form-data"})
    assert answer.text == "[] 0"


# Who calls


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "unauthenticated"),
        ("", "unauthenticated"),
        ("Bearer", "unauthenticated"),
        ("Basic b3A6cHc=", "unauthenticated"),
        ("Bearer garbage", "token_invalid"),
        ("Bearer a.b.c", "token_invalid"),
        ("Bearer \xfc\xfe", "token_invalid"),
        (f"Bearer {token()}x", "token_invalid"),
        (f"Bearer {token(expires_in=-timedelta(minutes=5))}", "token_expired"),
    ],
)
def test_without_a_valid_token_the_door_is_closed(
    edge: ServiceProcess, authorization: str | None, code: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    problem(edge.post(THING, json=GOOD, headers=headers), 401, code)


def test_a_token_of_another_role_is_forbidden(edge: ServiceProcess) -> None:
    problem(change(edge, headers=bearer(roles=("crew", "fitter"))), 403, "forbidden")
    assert change(edge, headers=bearer(roles=("crew", "master"))).status_code == 200


def test_who_may_not_enter_learns_nothing_of_his_input(edge: ServiceProcess) -> None:
    problem(edge.post(THING, data=b"{"), 401, "unauthenticated")


# One story


@pytest.mark.parametrize("path", ["/story", "/no/such"])
def test_a_correlation_id_is_echoed(edge: ServiceProcess, path: str) -> None:
    answer = edge.get(path, headers={"X-Correlation-Id": "story-0001"})
    assert answer.headers["X-Correlation-Id"] == answer.json()["correlation_id"] == "story-0001"


@pytest.mark.parametrize("given", [None, "short", "x" * 65, "with space", "semi;colon", '"quoted-one"'])
def test_without_a_proper_one_it_is_made(edge: ServiceProcess, given: str | None) -> None:
    answers = [edge.get("/story", headers={"X-Correlation-Id": given} if given else {}) for _ in range(2)]
    made = [answer.headers["X-Correlation-Id"] for answer in answers]
    assert [answer.json()["correlation_id"] for answer in answers] == made
    assert made[0] != made[1]
    assert given not in made


# What every service answers


def test_live_and_ready_tell_the_truth_when_all_is_well(edge: ServiceProcess) -> None:
    assert edge.get("/live").json() == {"status": "live"}
    facts = edge.facts()
    assert (facts["status"], facts["database"], facts["broker"]) == ("ready", "ok", "ok")
    assert facts["outbox"] == {"pending": 0, "oldest_age_s": 0.0}


def test_metrics_count_answers_by_route_and_not_by_path(edge: ServiceProcess) -> None:
    change(edge)
    figures = edge.get("/metrics").text
    assert 'http_requests_total{method="POST",route="/things/<uuid:thing_id>",status="200"}' in figures
    assert THING not in figures


def test_the_api_document_is_valid_and_complete(edge: ServiceProcess) -> None:
    document = edge.get("/openapi.json").json()
    validate_openapi(document)
    assert {"/live", "/ready", "/metrics", "/openapi.json", "/things/{thing_id}"} <= document["paths"].keys()


def test_a_bug_in_a_handler_tells_the_caller_nothing_and_the_log_everything(edge: ServiceProcess) -> None:
    answer = edge.get("/bug", headers={"X-Correlation-Id": "story-of-the-bug"})
    body = problem(answer, 500, "internal_error")
    assert body.keys() == {"type", "title", "status", "code", "correlation_id"}
    assert not {"hunter2", "RuntimeError", "Traceback"} & set(answer.text.replace('"', " ").split())
    lines = [line for line in edge.tail(200).splitlines() if "story-of-the-bug" in line]
    assert any("RuntimeError" in json.loads(line)["exception"] for line in lines if "http_failed" in line)
    assert "77011234567" not in edge.tail(200)
