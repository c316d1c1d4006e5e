"""The people of the evening: residents and callers, crews with their phones, a dispatcher at the board."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import requests

from demo.cast import Login
from demo.edges import Client, Edges, Refused, now, number_in
from demo.residents import Appeal
from demo.rosters import come_on
from demo.site import pass_the_gate

_POLL_S = 0.5
_DECLINES = 0.04
_NEXT = {
    "offered": "accept",
    "accepted": "depart",
    "departed": "arrive",
    "arrived": "start",
    "working": "localise",
    "localised": "complete",
}


@dataclass
class Outcome:
    """What one appeal led to, as its resident knows it."""

    appeal: Appeal
    number: str | None = None
    answers: list[str] = field(default_factory=list)
    failure: str | None = None


def tell(edges: Edges, operator: Client, appeal: Appeal) -> Outcome:
    """One resident gets in touch; whatever happens is written down."""
    outcome = Outcome(appeal)
    try:
        _call_in(operator, outcome) if appeal.by_phone else _text_in(edges, outcome)
    except (requests.RequestException, Refused) as failure:
        outcome.failure = str(failure)
    return outcome


def _text_in(edges: Edges, outcome: Outcome) -> None:
    appeal = outcome.appeal
    outcome.answers.append(edges.text(appeal.phone, appeal.text))
    if appeal.split:
        outcome.answers.append(edges.text(appeal.phone, appeal.address))
    outcome.number = number_in(outcome.answers[-1])
    if outcome.number is None and "1)" in outcome.answers[-1]:
        outcome.answers.append(edges.text(appeal.phone, "1"))
        outcome.number = number_in(outcome.answers[-1])


def _call_in(operator: Client, outcome: Outcome) -> None:
    appeal = outcome.appeal
    body = {
        "phone": appeal.phone,
        "text": appeal.text,
        "address": {"text": appeal.address},
        "language": appeal.language,
        "applicant": "person",
        "channel": "phone",
    }
    taken = operator.post("intake", "/v1/requests", body, key=str(uuid4()))
    outcome.number = taken["number"]


class Loop:
    """Something done again and again in a thread; a refusal or a silence is no reason to stop."""

    def __init__(self, step: Callable[[], None], pause_s: float = _POLL_S) -> None:
        self._step = step
        self._pause_s = pause_s
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._end.wait(self._pause_s):
            try:
                self._step()
            except (requests.RequestException, Refused):
                continue


class CrewPhone:
    """A crew's phone in good hands: takes the offer, drives, checks for gas, mends, reports."""

    def __init__(self, edges: Edges, login: Login, dice: random.Random) -> None:
        self._edges = edges
        self._login = login
        self._dice = dice
        self._client: Client | None = None

    def log_in(self) -> None:
        self._client = self._edges.login("crews", "/v1/tokens", self._login.login, self._login.password)
        come_on(self._client)

    def step(self) -> None:
        assert self._client is not None, "log in first"
        for order in self._client.get("crews", "/v1/assignments")["assignments"]:
            if (verb := _NEXT.get(order["stage"])) is not None:
                self._report(self._client, order, verb)

    def _report(self, client: Client, order: dict[str, str], verb: str) -> None:
        if verb == "accept" and self._dice.random() < _DECLINES:
            verb = "decline"
        body: dict[str, object] = {"at": now()}
        if verb == "decline":
            body["reason"] = "Сломалась машина"
        if verb == "start" and order["needs_gate"]:
            pass_the_gate(client, order["assignment_id"])
        if verb == "complete":
            body |= {"result": "fixed", "note": "Сделано"}
        client.post("crews", f"/v1/assignments/{order['assignment_id']}/{verb}", body, key=str(uuid4()))


class DispatcherScreen:
    """A dispatcher who looks at the board and confirms by voice what has no crew of its own."""

    def __init__(self, edges: Edges, login: Login) -> None:
        self._edges = edges
        self._login = login
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = self._edges.login("routing", "/v1/login", self._login.login, self._login.password)
        return self._client

    def step(self) -> None:
        self.client.get("routing", "/v1/alarms")
        self.client.get("routing", "/v1/requests", limit=50)
