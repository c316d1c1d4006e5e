"""The crews' mobile API on a real broker and database: synchronising, offline queues, signals, positions."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.clock import SystemClock
from tests.integration.test_crews_service import (  # noqa: F401 - the fixture
    ASSIGNMENT,
    GATE,
    OTHER_ANSWERS,
    Crews,
    crews,
)
from tests.support import contracts
from tests.support.database import count
from tests.support.screens import Screen
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


def queued(command: str, minutes_ago: float, key: str | None = None, **body: Any) -> dict[str, Any]:
    """A command as a device keeps it; the device's clock is a day wrong."""
    at = SystemClock().now() - timedelta(days=1, minutes=minutes_ago)
    body = {"at": at.isoformat(), **body}
    return {
        "key": key or str(uuid4()),
        "command": command,
        "assignment_id": body.pop("id", ASSIGNMENT),
        "body": body,
    }


def sync(crews: Crews, *commands: dict[str, Any], **others: Any) -> dict[str, Any]:  # noqa: F811
    now = SystemClock().now() - timedelta(days=1)
    body = {"sent_at": now.isoformat(), "commands": commands, **others}
    answer = crews.post("/v1/sync", json=body, headers=crews.headers())
    assert answer.status_code == 200, answer.text
    synced: dict[str, Any] = answer.json()
    return synced


def test_a_shift_without_network_goes_in_at_once_and_comes_back_as_what_is_true(crews: Crews) -> None:  # noqa: F811
    crews.offered()
    whole = sync(crews)
    assert (whole["changes"]["whole"], whole["changes"]["shift"]["on"]) == (True, True)
    assert -86_460 < whole["clock"]["skew_s"] < -86_340
    records = [
        {"id": str(uuid4()), "at": (SystemClock().now() - timedelta(days=1)).isoformat(), **content}
        for content in OTHER_ANSWERS
    ]
    queue = [
        queued("accept", 50),
        queued("depart", 45),
        queued("arrive", 30),
        queued("complete", 20, result="fixed", note="Забыл нажать «работаем»"),
        queued("start", 20, **GATE, records=records),
        queued("localise", 10),
        queued("dance", 5),
        queued("complete", 1, result="magic"),
        queued("complete", 1, result="fixed"),
    ]
    synced = sync(crews, *queue, after=whole["changes"]["cursor"])
    codes = [answer["code"] for answer in synced["answers"]]
    refused = {3: "move_not_allowed", 6: "unknown_command", 7: "invalid_input"}
    assert codes == [refused.get(number) for number in range(len(queue))]
    assert synced["answers"][3]["details"]["stage"] == "arrived"
    assert synced["answers"][3]["title"].startswith("Сейчас этот шаг невозможен")
    assert synced["answers"][7]["errors"]["result"][0].startswith("Допустимо одно из")
    [order] = synced["changes"]["assignments"]
    assert order["stage"] == "completed"
    assert {note["refused"] for note in order["notes"]} == set(refused.values())
    again = sync(crews, *queue, after=synced["changes"]["cursor"])
    assert again["answers"] == synced["answers"]
    assert again["changes"]["assignments"] == []
    told = crews.told("assignment.progressed", "journal", 6)
    stages = {event.data["stage"]: event.data for event in told}
    assert stages["arrived"]["at"] < stages["completed"]["at"] < stages["arrived"]["recorded_at"]
    crews.told("assignment.noted", "journal", 3)


def test_what_was_entered_on_a_withdrawn_order_is_there_for_everybody(crews: Crews) -> None:  # noqa: F811
    crews.offered()
    crews.hear(contracts.event("routing", "assignment.withdrawn"))
    eventually(lambda: crews.show().json()["stage"] == "withdrawn", what="the order is withdrawn")
    synced = sync(crews, queued("accept", 3), queued("note", 1, note="Уже перекрыли стояк"), after=0)
    assert [answer["code"] for answer in synced["answers"]] == ["assignment_withdrawn", None]
    [order] = synced["changes"]["assignments"]
    assert [note["entered"].get("note") for note in order["notes"]] == [None, "Уже перекрыли стояк"]
    assert crews.show().json()["notes"] == order["notes"]
    assert count(crews.database_url, "notes") == 2


def test_an_sos_reaches_the_bus_at_once_and_rises_until_a_person_answers(crews: Crews) -> None:  # noqa: F811
    crews.offered()
    at = SystemClock().now()
    here = {"lat": 43.24, "lon": 76.91, "accuracy_m": 8, "at": at.isoformat()}
    answers = [
        crews.post(path, json={"at": at.isoformat(), "position": here}, headers=crews.headers())
        for path in ("/v1/sos", f"/v1/assignments/{ASSIGNMENT}/sos")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    first, again = crews.told("crew.signalled", "routing", 2)
    assert (first.data["lat"], first.data["repeats"], again.data["repeats"]) == (43.24, 0, 1)
    taken = contracts.event(
        "routing", "signal.acknowledged", signal_id=first.data["signal_id"], crew_id=first.data["crew_id"]
    )
    crews.hear(taken, contracts.event("routing", "crew.messaged"))

    def answered() -> bool:
        changes = sync(crews, after=0)["changes"]
        return bool(changes["messages"]) and changes["signals"][0]["acknowledged_by"] == "dispatcher-1"

    eventually(answered, what="the crew sees who took its signal on, and what the dispatcher wrote")


def test_batches_of_positions_are_written_and_told_within_seconds(crews: Crews) -> None:  # noqa: F811
    now = SystemClock().now()
    fixes = [
        {"lat": 43.24 + n / 1000, "lon": 76.91, "at": (now - timedelta(days=1, seconds=9 - n)).isoformat()}
        for n in range(9)
    ]
    body = {"sent_at": (now - timedelta(days=1)).isoformat(), "fixes": fixes}
    answer = crews.post("/v1/me/positions", json=body, headers=crews.headers())
    assert (answer.status_code, answer.json()) == (202, {"taken": 9})
    [told] = crews.told("crew.positions_changed", "routing", 1)
    assert told.data["positions"][0]["lat"] == fixes[-1]["lat"]
    assert count(crews.database_url, "positions") == 1


def test_an_offer_reaches_the_device_live_and_a_device_that_was_cut_off_misses_nothing(
    crews: Crews,  # noqa: F811
) -> None:
    def device(last: int | None = None) -> Screen:
        return Screen(f"{crews.url}/v1/stream", crews.headers(), last)

    before = sync(crews)["changes"]["cursor"]
    with device() as first:
        assert first.next().event == "ready"
        crews.hear(contracts.event("routing", "assignment.made"))
        told = first.until(lambda news: news.event == "changed" and news.data["cursor"] > before)[-1]
        changes = sync(crews, after=before)["changes"]
        assert told.data["cursor"] == changes["cursor"]
        assert [order["assignment_id"] for order in changes["assignments"]] == [ASSIGNMENT]
    assert crews.send("accept").status_code == 200
    with device(first.last) as second:
        missed = second.until(lambda news: news.event == "changed")[-1]
    assert missed.data["cursor"] == changes["cursor"] + 1
