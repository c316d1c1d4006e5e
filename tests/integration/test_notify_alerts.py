"""Alerts of the running service, on a real bus and database, with the Twilio stand-in's telephones."""

import re
from typing import Any

import pytest
import requests

from demo.twilio_messages import Behaviour
from demo.twilio_stand_in import StandIn
from tests.support import contracts
from tests.support.bus import publish
from tests.support.database import scalar
from tests.support.keys import token
from tests.support.notify import Story
from tests.support.processes import ServiceProcess
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
GAS, MASTER, BOSS, RESERVE = "+77272581104", "+77010000021", "+77010000022", "+77010000023"
LINK = re.compile(r"http://\S+/a/\S+")


def names(text: str) -> dict[str, str]:
    return {"ru": text, "kk": text}


LIST = {
    "names": {"ru": "Запах газа", "kk": "Газ иісі"},
    "starts": {"hazards": ["gas"]},
    "steps": [
        {
            "mode": "everyone",
            "addressees": [
                {"code": "104", "names": names("104"), "languages": ["ru", "kk"], "numbers": [GAS]},
                {"code": "management", "names": names("Руководство"), "means": "sms", "numbers": [BOSS]},
            ],
        },
        {
            "mode": "until_one",
            "wait_s": 600,
            "addressees": [
                {"code": "master", "names": names("Мастер"), "purpose": "gas", "numbers": [MASTER]},
                {"code": "management", "names": names("Руководство"), "means": "sms", "numbers": [BOSS]},
            ],
        },
    ],
}


class Desk:
    """A senior dispatcher at the service's API."""

    def __init__(self, service: ServiceProcess) -> None:
        self._service = service
        self._headers = {"Authorization": f"Bearer {token('senior-1', ('senior_dispatcher',))}"}

    def edits(self, body: dict[str, Any], version: int, event: str = "gas") -> requests.Response:
        headers = {**self._headers, "If-Match": f'"{version}"'}
        url = f"{self._service.url}/v1/alert-lists/{event}"
        return requests.put(url, json=body, headers=headers, timeout=60)

    def record(self, story: Story) -> dict[str, Any]:
        """The one alert of the story's request."""
        answer = self._service.get(f"/v1/alerts?request_id={story.request_id}", headers=self._headers)
        found = answer.json()["alerts"]
        return dict(found[0]) if found else {}

    def newest(self) -> dict[str, Any]:
        return dict(self._service.get("/v1/alerts", headers=self._headers).json()["alerts"][0])

    def states(self) -> list[str]:
        return [attempt["state"] for attempt in self.newest()["attempts"]]

    def lines(self, story: Story) -> list[tuple[str, int, str]]:
        attempts = self.record(story).get("attempts", [])
        return [(one["addressee"], one["round"], one["state"]) for one in attempts]


def gas(story: Story) -> None:
    story.publish(*story.known(), story.classified(hazards=["gas"], system="gas", fault="gas_smell"))


@pytest.mark.rule("6.7")
@pytest.mark.rule("M-1.1-U1")
@pytest.mark.rule("M-1.1-U4")
def test_a_smell_of_gas_is_told_to_the_whole_list_with_the_times_on_record(
    notify: ServiceProcess,
    stand_in: StandIn,
    amqp_uri: str,
) -> None:
    """104 acknowledges by key; nobody answers for crews, so the master's fixed number rings: a mailbox; then
    management acknowledges by the link of its message. Another caller from the same house wakes nobody."""
    story, neighbour = Story(amqp_uri), Story(amqp_uri, "1043", "+77010000002")
    stand_in.calls.telephones[MASTER] = "machine"
    with notify:
        desk = Desk(notify)
        assert desk.edits(LIST, 0).status_code == 200
        assert desk.edits(LIST, 0).status_code == 409
        gas(story)
        told = [("104", 1, "acknowledged"), ("management", 1, "delivered"), ("master", 1, "machine")]
        waiting = ("management", 1, "delivered")
        eventually(lambda: desk.lines(story) == [*told, waiting], 30, "the second message to management")
        gas(neighbour)
        texts = [message["body"] for message in stand_in.messages.all() if message["to"] == BOSS]
        link = LINK.findall(texts[-1])[0]
        page = requests.get(link, timeout=60)
        assert (page.status_code, "Запах газа. Адрес: улица Абая, 12. Заявка 1042." in page.text) == (
            200,
            True,
        )
        assert desk.record(story)["stage"] == "running", "looking at the page is no acknowledgement"
        unsigned = (
            f"{notify.url}/twilio/alert/answer?attempt_id={desk.record(story)['attempts'][3]['attempt_id']}"
        )
        assert requests.post(unsigned, data={"Digits": "1"}, timeout=60).status_code == 403
        assert requests.post(f"{link[:-1]}{'B' if link[-1] != 'B' else 'C'}", timeout=60).status_code == 404
        assert desk.record(story)["stage"] == "running", "nobody else acknowledges"
        assert "спасибо" in requests.post(link, timeout=60).text
        eventually(lambda: desk.record(story)["stage"] == "told")
        record = desk.record(story)
        eventually(lambda: desk.record(neighbour).get("stage") == "covered")
        first, second, third, last = record["attempts"]
        assert (first["received_by"], last["received_by"]) == ("key", "link")
        assert first["placed_at"] <= first["answered_at"] <= first["acknowledged_at"]
        assert (third["note"], third["number"], second["number"]) == (
            "on_call_no_answer",
            "+7701***0021",
            "+7701***0022",
        )
        assert record["untold"] == []
    assert [call["to"] for call in stand_in.calls.all()] == [GAS, MASTER]
    assert stand_in.calls.all()[0]["spoken"][0].startswith(
        "Внимание. Говорит диспетчерская, АДС. Запах газа."
    )
    told_of = "SELECT string_agg(body->'data'->>'what', ' ' ORDER BY id) FROM outbox"
    whats = str(scalar(notify.database_url, f"{told_of} WHERE type = 'alert.progressed'")).split()
    assert (whats[0], whats.count("acknowledged"), whats.count("told")) == ("started", 2, 1)
    body = "SELECT body FROM outbox WHERE type = 'alert.progressed' ORDER BY id LIMIT 1"
    contracts.check("notify", "alert.progressed", scalar(notify.database_url, body)["data"])
    kept = scalar(notify.database_url, "SELECT string_agg(number || body, '') FROM alert_attempts, alerts")
    assert GAS not in kept


@pytest.mark.rule("M-1.1-U1")
def test_an_sos_rings_and_writes_once_until_a_dispatcher_takes_it_on(
    notify: ServiceProcess,
    stand_in: StandIn,
    amqp_uri: str,
) -> None:
    """The signal comes three times: pressed again and raised a level, it is still one. A wrong key is no
    acknowledgement: the text is said again. Where it still rings, it is hung up in the end."""
    stand_in.calls.telephones |= {MASTER: "press:7", RESERVE: "ring"}
    master = {"code": "master", "names": names("Мастер"), "numbers": [MASTER]}
    others = [{**master, "code": "sms", "means": "sms"}, {**master, "code": "reserve", "numbers": [RESERVE]}]
    steps = [{"mode": "everyone", "addressees": [master, *others]}]
    lists = {"names": names("SOS бригады"), "starts": {"signals": ["sos"]}, "steps": steps}
    signals = [contracts.event("crews", "crew.signalled", repeats=n, request_id=None) for n in range(3)]
    with notify:
        desk = Desk(notify)
        assert desk.edits(lists, 0, "crew_sos").status_code == 200
        publish(amqp_uri, *signals, signals[0])
        eventually(lambda: desk.states()[:3] == ["unacknowledged", "delivered", "placed"])
        publish(amqp_uri, contracts.event("routing", "signal.acknowledged"))
        eventually(lambda: desk.newest()["stage"] == "stopped")
        eventually(lambda: desk.states()[2] == "dropped")
    assert stand_in.calls.to(RESERVE)[0]["status"] == "canceled"
    (call,) = stand_in.calls.to(MASTER)
    assert {"status": "key 7", "answered": 200} in call["callbacks"]
    (sms,) = stand_in.messages.all()
    map_ = "https://www.openstreetmap.org/?mlat=43.23890&mlon=76.92640"
    assert sms["body"].startswith("SOS бригады. Бригада 7. Сообщение: Обвал в траншее. " + map_)


def test_a_crash_between_the_call_and_our_commit_calls_once(
    notify: ServiceProcess,
    stand_in: StandIn,
    amqp_uri: str,
) -> None:
    story = Story(amqp_uri)
    stand_in.calls.telephones[GAS] = "listen"
    only = {**LIST, "steps": [{**LIST["steps"][0], "addressees": LIST["steps"][0]["addressees"][:1]}]}  # type: ignore[index]
    stand_in.behave(Behaviour(answer="hang", on="call", accept_first=True))
    with notify:
        assert Desk(notify).edits(only, 0).status_code == 200
        gas(story)
        eventually(lambda: len(stand_in.calls.to(GAS)) == 1, what="the provider has taken it")
        notify.kill()
    stand_in.behave(Behaviour())
    with notify:
        desk = Desk(notify)
        eventually(lambda: desk.lines(story)[0][2] not in ("planned", "placing"), what="adopted")
        (call,) = stand_in.calls.to(GAS)
        assert scalar(notify.database_url, "SELECT provider_sid FROM alert_attempts") == call["sid"]
