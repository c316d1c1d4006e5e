"""The service as a process, on a real bus and database, with the Twilio stand-in: everybody is told, once."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import yaml
from twilio.request_validator import RequestValidator

from demo.twilio_messages import Behaviour
from demo.twilio_stand_in import StandIn
from services.notify import commands
from tests.support import contracts
from tests.support.database import count, scalar
from tests.support.fakes import NOON
from tests.support.keys import token
from tests.support.notify import (
    ARRIVED,
    PHONE,
    TOKEN,
    Story,
    bodies,
    nothing_pending,
    states,
)
from tests.support.processes import ServiceProcess
from tests.support.sms_gateway import KEY, SmsGateway
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.mark.rule("D-2.B-U4")
def test_a_whole_job_is_told_stage_by_stage_and_delivered(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    with notify:
        story.publish(*story.known(), story.classified(hazards=["gas"], system="gas", fault="gas_smell"))
        story.publish(
            story.stage("accepted"),
            story.stage("departed", eta_minutes=9),
            story.stage("arrived"),
            story.stage("working"),
            story.stage("localised"),
            story.stage("completed", result="fixed"),
        )
        eventually(lambda: states(notify) == " ".join(["delivered"] * 6), what="six messages delivered")
        assert [text for text in bodies(stand_in) if "ГАЗ" not in text] == [
            "Заявка №1042: бригада назначена, готовится к выезду.",
            "Заявка №1042: бригада выехала, будет около 17:11.",
            ARRIVED,
            "Заявка №1042: авария остановлена, ремонт продолжается.",
            "Заявка №1042 выполнена. Исправлено? Ответьте: 1 – да, 2 – нет",
        ]
        assert len(bodies(stand_in)) == 6
        announced = scalar(
            notify.database_url,
            "SELECT count(*) FROM outbox WHERE type = 'message.progressed' AND published_at IS NOT NULL",
        )
        assert announced == 12, "sent and delivered, each once"
        body = scalar(
            notify.database_url, "SELECT body FROM outbox WHERE type = 'message.progressed' LIMIT 1"
        )
        contracts.check("notify", "message.progressed", body["data"])


def test_kazakh_speakers_read_kazakh_in_their_letters(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    with notify:
        registered = story.registered(channel="phone", registered_at=NOON.isoformat())
        story.publish(story.contact(language="kk"), registered)
        eventually(lambda: states(notify) == "delivered")
        story.publish(story.contact(language="kk", script="latin", at="2030-01-01T00:00:00Z"))
        story.publish(story.stage("arrived"))
        eventually(lambda: states(notify) == "delivered delivered")
    assert bodies(stand_in) == [
        "№1042 өтінім қабылданды. Жұмыс барысын SMS-пен хабарлаймыз.",
        "N1042 otinim: brigada keldi, jumysqa kiristi.",
    ]


def test_events_twice_and_in_reverse_order_tell_once(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    known, arrived = story.known(), story.stage("arrived")
    with notify:
        story.publish(arrived, arrived)
        eventually(lambda: states(notify) == "queued", what="it waits for its request")
        story.publish(*reversed(known), *known, arrived)
        eventually(lambda: states(notify) == "delivered")
        repeated = 'events_handled_total{handler="on_crews_assignment_progressed",outcome="repeated"} 2.0'
        eventually(lambda: repeated in notify.get("/metrics").text)
    assert bodies(stand_in) == [ARRIVED]


def test_kill_between_provider_and_commit_tells_once(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    """Twilio has the message, our process dies before it learns of it."""
    stand_in.behave(Behaviour(answer="hang", accept_first=True, callbacks=()))
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: bodies(stand_in) == [ARRIVED], what="the provider has taken it")
        notify.kill()
    assert scalar(notify.database_url, "SELECT state || provider_sid IS NULL FROM messages")
    stand_in.behave(Behaviour())
    with notify:
        eventually(lambda: states(notify) == "sent", what="adopted, not sent again")
    assert bodies(stand_in) == [ARRIVED]
    [taken] = stand_in.messages.all()
    assert scalar(notify.database_url, "SELECT provider_sid FROM messages") == taken["sid"]
    assert count(notify.database_url, "outbox", "type = 'message.progressed'") == 1


def test_kill_before_the_provider_took_it_tells_once(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    stand_in.behave(Behaviour(answer="hang"))
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "sending", what="in the provider's hands")
        notify.kill()
    assert bodies(stand_in) == []
    stand_in.behave(Behaviour())
    with notify:
        eventually(lambda: states(notify) == "delivered", what="looked for, not found, sent")
    assert bodies(stand_in) == [ARRIVED]


def test_an_answer_lost_on_the_way_tells_once(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    stand_in.behave(Behaviour(answer="drop", accept_first=True, times=1, callbacks=()))
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "sent")
    assert bodies(stand_in) == [ARRIVED]
    assert scalar(notify.database_url, "SELECT attempt FROM messages") == 2


def test_a_troubled_provider_is_tried_again_and_nobody_is_forgotten_or_told_twice(
    notify: ServiceProcess, stand_in: StandIn, amqp_uri: str
) -> None:
    """429, then 500s of which the message was taken all the same, then lost connections."""
    stories = [Story(amqp_uri, str(2000 + n), f"+770100010{n:02}") for n in range(20)]
    stand_in.behave(Behaviour(answer="refuse", status=429))
    with notify:
        for one in stories:
            one.publish(*one.known(), one.stage("arrived"))
        eventually(lambda: scalar(notify.database_url, "SELECT count(*) FROM messages WHERE attempt > 0") > 5)
        stand_in.behave(Behaviour(answer="refuse", status=500, accept_first=True, times=7))
        eventually(lambda: stand_in.behaviour.times == 0, what="seven answers were errors")
        stand_in.behave(Behaviour(answer="drop", times=5))
        eventually(lambda: nothing_pending(notify), 60, "all settled")
    told = [message["to"] for message in stand_in.messages.all()]
    assert sorted(told) == sorted(f"+770100010{n:02}" for n in range(20))
    assert count(notify.database_url, "messages", "state IN ('sent', 'delivered')") == 20


def test_two_replicas_share_the_work_and_tell_once(
    notify: ServiceProcess, stand_in: StandIn, amqp_uri: str, tmp_path: Path
) -> None:
    twin = ServiceProcess(
        ["shared.run", "notify"], "notify", tmp_path, notify.database_url, amqp_uri, notify.environment
    )
    twin.environment["AVARIYKA_NOTIFY_BIND"] = f"127.0.0.1:{twin.port}"
    with notify, twin:
        for number in range(30):
            one = Story(amqp_uri, str(3000 + number), f"+770100020{number:02}")
            one.publish(*one.known(), one.stage("accepted"), one.stage("arrived"))
        settled = "state = 'delivered' OR error_code = 'overtaken'"
        eventually(lambda: count(notify.database_url, "messages", settled) == 60, 30, "sixty settled")
    told = [(message["to"], message["body"]) for message in stand_in.messages.all()]
    assert len(told) == len(set(told)) == count(notify.database_url, "messages", "state = 'delivered'")
    assert {phone for phone, _ in told} == {f"+770100020{number:02}" for number in range(30)}
    assert "sms_attempted" in notify.log.read_text()
    assert "sms_attempted" in twin.log.read_text()


def test_at_night_only_what_must_be_told_is_told(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    now = datetime.now(UTC)
    night = {"FROM": now - timedelta(hours=1), "UNTIL": now + timedelta(hours=1)}
    for name, moment in night.items():
        notify.environment[f"AVARIYKA_NOTIFY_QUIET_{name}"] = f"'{moment:%H:%M}'"
    notify.environment["AVARIYKA_NOTIFY_TIMEZONE"] = "UTC"
    held = "SELECT count(*) FROM messages WHERE state = 'queued' AND held_until > now()"
    with notify:
        story.publish(*story.known(), story.classified(category="planned", hazards=[], fault="lamp"))
        story.publish(story.stage("arrived"))
        eventually(lambda: scalar(notify.database_url, held) == 1, what="waits for the morning")
        assert notify.get("/ready").json()["messages"]["held"] == 1
        story.publish(story.overridden("emergency"))
        eventually(lambda: states(notify) == "delivered", what="a dispatcher says that it must not wait")
    assert bodies(stand_in) == [ARRIVED]


def test_who_said_stop_is_left_in_peace(notify: ServiceProcess, stand_in: StandIn, story: Story) -> None:
    with notify:
        story.publish(story.contact(sms_allowed=False), story.registered(), story.stage("arrived"))
        eventually(lambda: states(notify) == "suppressed")
    assert bodies(stand_in) == []


def callback(
    notify: ServiceProcess, query: str = "", signed_with: str = TOKEN, **form: str
) -> requests.Response:
    path = f"/twilio/status{query}"
    signature = RequestValidator(signed_with).compute_signature(notify.url + path, form)
    return notify.post(path, data=form, headers={"X-Twilio-Signature": signature})


def test_receipts_must_be_signed_known_and_whole(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    unknown = {"MessageSid": "SM" + "f" * 32, "MessageStatus": "delivered"}
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "delivered")
        forged = callback(notify, signed_with="guess", **unknown)
        stranger = callback(notify, **unknown)
        broken = callback(notify, MessageSid="nonsense", MessageStatus="sent")
        strange = callback(notify, "?message_id=nonsense", **unknown)
        known = {"MessageSid": stand_in.messages.all()[0]["sid"], "MessageStatus": "failed"}
        late = callback(notify, **known)
        assert states(notify) == "delivered"
    assert (forged.status_code, forged.json()["code"]) == (403, "twilio_signature_invalid")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "message_unknown")
    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_input")
    assert (strange.status_code, strange.json()["code"]) == (400, "invalid_input")
    assert late.status_code == 204


@pytest.mark.parametrize("callbacks", [("delivered", "sent"), ("sent", "sent", "delivered", "delivered")])
def test_receipts_repeated_and_out_of_order(
    notify: ServiceProcess, stand_in: StandIn, story: Story, callbacks: tuple[str, ...]
) -> None:
    stand_in.behave(Behaviour(callbacks=callbacks))
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: len(stand_in.messages.all()[0]["callbacks"]) == len(callbacks))
        assert states(notify) == "delivered"
    assert {made["answered"] for made in stand_in.messages.all()[0]["callbacks"]} == {204}
    assert count(notify.database_url, "outbox", "body -> 'data' ->> 'state' = 'delivered'") == 1


def test_who_was_not_reached_is_called_by_an_operator(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    stand_in.behave(Behaviour(callbacks=("sent", "undelivered")))
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "failed")
        bearer = {"Authorization": f"Bearer {token('operator-1', ('operator',))}"}
        [call] = notify.get("/v1/calls-to-make", headers=bearer).json()["calls"]
        one = f"/v1/calls-to-make/{call['call_id']}"
        other = {"Authorization": f"Bearer {token('operator-2', ('operator',))}"}
        taken = notify.post(f"{one}/take", headers=bearer).json()
        refused = notify.post(f"{one}/take", headers=other)
        ended = notify.post(f"{one}/result", json={"result": "told"}, headers=bearer)
        assert notify.get("/v1/calls-to-make", headers=bearer).json() == {"calls": []}
    assert scalar(notify.database_url, "SELECT error_code FROM messages") == "twilio_30003"
    assert (call["to"], call["text"], call["why"]) == ("+7701***0001", ARRIVED, "twilio_30003")
    assert taken["to"] == PHONE
    assert (refused.status_code, refused.json()["code"]) == (409, "call_taken")
    assert (ended.status_code, ended.json()["state"]) == (200, "told")
    assert count(notify.database_url, "outbox", "body -> 'data' ->> 'channel' = 'voice'") == 1
    assert PHONE not in notify.log.read_text()


def test_an_operator_with_an_http_interface_carries_messages_and_reports(
    notify: ServiceProcess, story: Story
) -> None:
    send = {"url": "", "headers": {"X-Key": "{secret_key}"}}
    send["fields"] = {"recipient": "{digits}", "text": "{text}", "ref": "{id}", "report": "{callback}"}
    with SmsGateway() as gateway:
        dialect = {
            "send": {**send, "url": f"{gateway.url}/send"},
            "id_at": "data.messageId",
            "code_at": "code",
        }
        notify.environment |= {
            "AVARIYKA_NOTIFY_PROVIDER": "http",
            "AVARIYKA_NOTIFY_HTTP_SMS": yaml.safe_dump(dialect),
            "AVARIYKA_SMS_KEY": KEY,
            "AVARIYKA_SMS_RECEIPT_SECRET": "another-secret",
        }
        with notify:
            story.publish(*story.known(), story.stage("arrived"))
            eventually(lambda: states(notify) == "sent")
            [taken] = gateway.sent
            forged = requests.post(taken["report"] + "0", json={"id": 1, "status": "delivered"}, timeout=60)
            assert (forged.status_code, forged.json()["code"]) == (403, "receipt_key_invalid")
            report = requests.post(taken["report"], json={"id": 1, "status": "delivered"}, timeout=60)
            assert report.status_code == 204
            assert states(notify) == "delivered"
    assert (taken["recipient"], taken["text"]) == (PHONE.lstrip("+"), ARRIVED)


def test_dispatchers_read_what_was_said_with_masked_numbers(
    notify: ServiceProcess, stand_in: StandIn, story: Story
) -> None:
    def ask(roles: tuple[str, ...], **query: str) -> requests.Response:
        bearer = {"Authorization": f"Bearer {token(roles=roles)}", "Accept-Language": "kk"}
        return notify.get("/v1/messages", params=query, headers=bearer)

    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "delivered")
        answer = ask(("dispatcher",), request_id=story.request_id)
        nobody = notify.get("/v1/messages", params={"request_id": story.request_id})
        fitter = ask(("crew",), request_id=story.request_id)
        strange = ask(("operator",), request_id="1042")
        other = ask(("operator",), request_id=str(uuid4()))
    [shown] = answer.json()["messages"]
    assert (shown["to"], shown["text"], shown["state"]) == ("+7701***0001", ARRIVED, "delivered")
    assert PHONE not in answer.text
    assert [nobody.status_code, fitter.status_code, strange.status_code] == [401, 403, 400]
    assert other.json() == {"messages": []}
    assert PHONE not in notify.log.read_text(), "no number in the log"


def test_without_a_provider_messages_fail_openly(notify: ServiceProcess, story: Story) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN"):
        del notify.environment[f"AVARIYKA_TWILIO_{name}"]
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "failed")
        assert callback(notify, MessageSid="SM" + "f" * 32, MessageStatus="sent").status_code == 403
    assert scalar(notify.database_url, "SELECT error_code FROM messages") == "no_provider"
    assert "sms_provider_not_configured" in notify.log.read_text()


def test_ready_tells_what_waits(notify: ServiceProcess, stand_in: StandIn, story: Story) -> None:
    stand_in.behave(Behaviour(answer="refuse", status=429))
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: notify.facts()["messages"]["waiting"] == 1)
        assert notify.facts()["messages"]["oldest_age_s"] >= 0


def test_a_receipt_that_never_came_is_asked_for(notify: ServiceProcess, story: Story) -> None:
    notify.environment |= {
        "AVARIYKA_NOTIFY_PUBLIC_URL": "http://127.0.0.1:1",
        "AVARIYKA_NOTIFY_ASK_AFTER_S": "0.1",
    }
    with notify:
        story.publish(*story.known(), story.stage("arrived"))
        eventually(lambda: states(notify) == "delivered", 30, "the provider was asked")


def test_an_announcement_reaches_each_number_once_through_a_crash_and_lets_advice_pass(
    notify: ServiceProcess,
    stand_in: StandIn,
    story: Story,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A list is imported, a house is told; the process dies in the middle and goes on."""
    lines = [f"+7701100{n:04},osm-w1,{'kk' if n % 2 else 'ru'}" for n in range(60)]
    rows = ["phone,building_id,language", *lines, "+77011000001,osm-w1,kk", "+77019999999,osm-w2,ru"]
    (tmp_path / "list.csv").write_text("\n".join(rows), encoding="utf-8")
    for name, value in notify.environment.items():
        monkeypatch.setenv(name, value)
    assert commands.main(["subscribers", str(tmp_path / "list.csv")]) == 0
    assert commands.main(["subscribers", str(tmp_path / "nowhere.csv")]) == 1
    master = {"Authorization": f"Bearer {token('master-1', ('master',))}"}
    path = f"/v1/announcements/{uuid4()}"
    wish = {
        "kind": "planned_works",
        "texts": {"ru": "Воды не будет до 18:00", "kk": "Су 18:00-ге дейін болмайды"},
        "buildings": [{"building_id": "osm-w1"}],
        "start": True,
    }

    def progress() -> dict[str, Any]:
        return dict(notify.get(path, headers=master).json())

    def everybody_heard() -> bool:
        """A receipt that came while nobody was there is gone, as the provider sends none twice."""
        heard = progress()["messages"]
        assert heard.get("delivered", 0) + heard.get("sent", 0) == 60, heard
        return True

    with notify:
        assert requests.put(notify.url + path, json=wish, headers=master, timeout=60).status_code == 200
        eventually(lambda: progress()["told"] >= 15, what="some are told")
        notify.kill()
    with notify:
        story.publish(*story.known(), story.classified(hazards=["gas"], system="gas", fault="gas_smell"))
        eventually(everybody_heard, within_s=90)
        assert progress()["stage"] == "done"
        story.publish(contracts.event("intake", "outage.changed"))
        eventually(lambda: "холодной воды" in notify.get("/public/outages.atom").text)
        link = re.search(r'/public/outages/[^"]+\.cap', notify.get("/public/outages.atom").text)
        assert link is not None
        assert "<msgType>Alert</msgType>" in notify.get(link.group()).text
    told = [one["to"] for one in stand_in.messages.all() if "18:00" in one["body"]]
    assert sorted(told) == sorted(line.split(",")[0] for line in lines)
    order = [one["to"] for one in stand_in.messages.all()]
    assert order.index(PHONE) < len(order) - 1, "advice did not wait for the end of the announcement"
