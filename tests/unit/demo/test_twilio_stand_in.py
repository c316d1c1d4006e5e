"""The stand-in refuses what Twilio refuses, answers as Twilio answers, and signs its callbacks."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.request_validator import RequestValidator

from demo.twilio_contract.contract import Contract
from demo.twilio_contract.extract import extract
from demo.twilio_messages import Behaviour
from demo.twilio_stand_in import StandIn
from tests.support.waiting import eventually

ACCOUNT = "AC" + "0" * 32
TOKEN = "not-a-secret"
FORM = {"To": "+77010000001", "From": "+77270000000", "Body": "Заявка №1042 принята."}


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with StandIn(ACCOUNT, TOKEN, callback_delay_s=0.01) as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(running: StandIn) -> Iterator[StandIn]:
    yield running
    running.behave(Behaviour())


def post(stand_in: StandIn, form: Any, auth: tuple[str, str] = (ACCOUNT, TOKEN)) -> requests.Response:
    url = f"{stand_in.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    return requests.post(url, data=form, auth=auth, timeout=60)


def get(stand_in: StandIn, path: str = "Messages.json", **query: Any) -> requests.Response:
    url = f"{stand_in.url}/2010-04-01/Accounts/{ACCOUNT}/{path}"
    return requests.get(url, params=query, auth=(ACCOUNT, TOKEN), timeout=60)


class Receiver:
    """Keeps the callbacks it gets, with their signatures."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                receiver.got.append((form, self.headers["X-Twilio-Signature"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/twilio/status?message_id=m-1"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def statuses(self, sid: str) -> list[str]:
        return [form["MessageStatus"] for form, _ in self.got if form["MessageSid"] == sid]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_takes_a_message_and_answers_with_twilios_resource(stand_in: StandIn) -> None:
    answer = post(stand_in, FORM)
    assert answer.status_code == 201
    resource = answer.json()
    Contract().check_message(resource)
    assert (resource["to"], resource["body"], resource["status"]) == (FORM["To"], FORM["Body"], "queued")
    fetched = get(stand_in, f"Messages/{resource['sid']}.json").json()
    assert fetched["sid"] == resource["sid"]
    Contract().check_message(fetched)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": None}, 21604),
        ({"From": None}, 21603),
        ({"Body": None}, 21602),
        ({"Body": ""}, 21602),
        ({"To": "87010000001"}, 21211),
        ({"To": "+7 701 000 00 01"}, 21211),
        ({"From": "вовсе не номер"}, 21212),
        ({"From": FORM["To"]}, 21266),
        ({"Body": "ы" * 1601}, 21617),
        ({"StatusCallback": "not a url"}, 21609),
        ({"StatusCallback": "https://example.com/status"}, 21609),
        ({"ValidityPeriod": "soon"}, 20001),
        ({"ContentRetention": "perhaps"}, 20001),
        ({"Text": "no such field"}, 20001),
    ],
)
def test_refuses_what_the_contract_does_not_allow(
    stand_in: StandIn, change: Mapping[str, str | None], code: int
) -> None:
    before = len(stand_in.messages.all())
    answer = post(stand_in, {name: value for name, value in {**FORM, **change}.items() if value is not None})
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["more_info"].endswith(str(code))
    assert len(stand_in.messages.all()) == before


@pytest.mark.parametrize(
    "extra",
    [{"ValidityPeriod": "3600"}, {"SmartEncoded": "true"}, {"MaxPrice": "0.5"}, {"SendAsMms": "False"}],
)
def test_knows_the_types_of_form_fields(stand_in: StandIn, extra: Mapping[str, str]) -> None:
    assert post(stand_in, {**FORM, **extra}).status_code == 201


def test_asks_for_the_auth_token(stand_in: StandIn) -> None:
    answer = post(stand_in, FORM, auth=(ACCOUNT, "guess"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_a_form_is_a_form(stand_in: StandIn) -> None:
    url = f"{stand_in.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.post(url, json=FORM, auth=(ACCOUNT, TOKEN), timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_unknown_things_are_not_found(stand_in: StandIn) -> None:
    for path in (f"Messages/SM{'0' * 32}.json", "Recordings.json"):
        assert get(stand_in, path).status_code == 404


def test_lists_newest_first_page_by_page(stand_in: StandIn) -> None:
    sids = [post(stand_in, {**FORM, "To": "+77010000077"}).json()["sid"] for _ in range(5)]
    seen: list[str] = []
    page = get(stand_in, To="+77010000077", PageSize=2).json()
    while True:
        Contract().check_listing(page)
        seen += [message["sid"] for message in page["messages"]]
        if page["next_page_uri"] is None:
            break
        page = requests.get(stand_in.url + page["next_page_uri"], auth=(ACCOUNT, TOKEN), timeout=60).json()
    assert seen == sids[::-1]


def test_lists_by_sender_and_day(stand_in: StandIn) -> None:
    sid = post(stand_in, {**FORM, "From": "ALMATY ADS"}).json()["sid"]
    eventually(lambda: get(stand_in, f"Messages/{sid}.json").json()["date_sent"], what="sent")

    def found(**query: str) -> list[str]:
        return [message["sid"] for message in get(stand_in, From="ALMATY ADS", **query).json()["messages"]]

    assert found() == [sid]
    assert found(**{"DateSent>": "2020-01-01"}) == [sid]
    assert found(**{"DateSent<": "2020-01-01"}) == []
    assert get(stand_in, Since="yesterday").status_code == 400


def test_reports_delivery_by_signed_callbacks(stand_in: StandIn, receiver: Receiver) -> None:
    sid = post(stand_in, {**FORM, "StatusCallback": receiver.url}).json()["sid"]
    eventually(lambda: receiver.statuses(sid) == ["sent", "delivered"], what="both callbacks")
    for form, signature in receiver.got:
        assert RequestValidator(TOKEN).validate(receiver.url, form, signature)
    assert get(stand_in, f"Messages/{sid}.json").json()["status"] == "delivered"
    [kept] = [message for message in stand_in.messages.all() if message["sid"] == sid]
    Contract().check_message({name: value for name, value in kept.items() if name != "callbacks"})


@pytest.mark.parametrize(
    ("statuses", "final"),
    [(["delivered", "sent"], "delivered"), (["sent", "sent", "undelivered"], "undelivered")],
)
def test_callbacks_can_come_repeated_and_out_of_order(
    stand_in: StandIn, receiver: Receiver, statuses: list[str], final: str
) -> None:
    requests.post(f"{stand_in.url}/_stand-in/behaviour", json={"callbacks": statuses}, timeout=60)
    sid = post(stand_in, {**FORM, "StatusCallback": receiver.url}).json()["sid"]
    eventually(lambda: receiver.statuses(sid) == statuses)
    assert get(stand_in, f"Messages/{sid}.json").json()["status"] == final


def test_refuses_by_order_so_many_times(stand_in: StandIn) -> None:
    order = {"answer": "refuse", "status": 429, "times": 2}
    assert requests.post(f"{stand_in.url}/_stand-in/behaviour", json=order, timeout=60).status_code == 200
    assert [post(stand_in, FORM).status_code for _ in range(3)] == [429, 429, 201]


@pytest.mark.parametrize("order", [{"answer": "sing"}, {"colour": "red"}, {"callbacks": ["read"]}])
def test_an_unknown_order_is_refused(stand_in: StandIn, order: Mapping[str, Any]) -> None:
    answer = requests.post(f"{stand_in.url}/_stand-in/behaviour", json=order, timeout=60)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("behaviour", "taken"),
    [
        (Behaviour(answer="drop", times=1), 0),
        (Behaviour(answer="drop", times=1, accept_first=True), 1),
        (Behaviour(answer="refuse", status=500, times=1, accept_first=True), 1),
    ],
)
def test_the_client_may_not_know_whether_it_was_taken(
    stand_in: StandIn, behaviour: Behaviour, taken: int
) -> None:
    before = len(stand_in.messages.all())
    stand_in.behave(behaviour)
    try:
        assert post(stand_in, FORM).status_code == 500
    except requests.ConnectionError:
        assert behaviour.answer == "drop"
    assert len(stand_in.messages.all()) == before + taken


def test_hangs_until_told_otherwise(stand_in: StandIn) -> None:
    before = len(stand_in.messages.all())
    stand_in.behave(Behaviour(answer="hang", accept_first=True))
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{stand_in.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            data=FORM,
            auth=(ACCOUNT, TOKEN),
            timeout=0.2,
        )
    eventually(lambda: len(stand_in.messages.all()) == before + 1, what="it was taken all the same")
    stand_in.behave(Behaviour())
    assert post(stand_in, FORM).status_code == 201


def test_a_share_of_messages_fails() -> None:
    with StandIn(ACCOUNT, TOKEN, fail_rate=0.5) as unlucky:
        statuses = {post(unlucky, FORM).status_code for _ in range(20)}
    assert statuses == {201, 503}


def test_many_threads_at_once_lose_nothing(stand_in: StandIn) -> None:
    before = len(stand_in.messages.all())
    threads = [threading.Thread(target=post, args=(stand_in, FORM)) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = requests.get(f"{stand_in.url}/_stand-in/messages", timeout=60).json()["messages"]
    assert len(listed) == before + 30
    assert len({message["sid"] for message in listed}) == before + 30


def test_the_extract_keeps_what_the_operations_reach() -> None:
    schema = {"type": "string", "example": "left out"}
    operation = {
        "responses": {"200": {"schema": {"$ref": "#/components/schemas/a"}, "headers": {"left": "out"}}}
    }
    document = {
        "openapi": "3.0.1",
        "info": {},
        "servers": [],
        "paths": {
            "/2010-04-01/Accounts/{AccountSid}/Messages.json": {"post": operation, "get": operation},
            "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json": {"get": operation, "delete": {}},
            "/2010-04-01/Accounts/{AccountSid}/Calls.json": {"post": operation, "get": operation},
            "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json": {"post": operation, "get": {}},
        },
        "components": {
            "securitySchemes": {},
            "schemas": {"a": {"items": {"$ref": "#/components/schemas/b"}}, "b": schema, "unreached": schema},
        },
    }
    part = extract(document)
    assert part["components"]["schemas"] == {
        "a": {"items": {"$ref": "#/components/schemas/b"}},
        "b": {"type": "string"},
    }
    assert "delete" not in part["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"]
    assert "left" not in str(part)
