"""Break things, then count rows at both ends: nothing lost, nothing done twice (design §4)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from kombu import Connection

from scripts.servers import PostgreSQL, RabbitMQ
from shared import deadletters
from shared.envelope import CONTENT_TYPE
from shared.publisher import Outgoing, Publisher
from tests.support.bus import publish
from tests.support.contracts import event
from tests.support.database import count, scalar
from tests.support.processes import ServiceProcess
from tests.support.waiting import AT_ONCE_S, eventually

pytestmark = pytest.mark.servers
Toy = Callable[..., ServiceProcess]
QUEUE = "evt-intake-request.registered--triage.on_intake_request_registered"


def emit(intake: ServiceProcess, count: int = 1, text: str = "Нет воды") -> None:
    assert intake.post("/emit", json={"count": count, "text": text}).status_code == 201


def effects(triage: ServiceProcess) -> int:
    """Rows, which must equal distinct events: a second row for one event would be work done twice."""
    rows = count(triage.database_url, "effects")
    distinct = scalar(triage.database_url, "SELECT count(DISTINCT event_id) FROM effects")
    assert rows == distinct, "an event had effect twice"
    return rows


def everything_arrived(
    intake: ServiceProcess, triage: ServiceProcess, total: int, within_s: float = 30
) -> None:
    def settled() -> bool:
        unsent = sum(count(end.database_url, "outbox", "published_at IS NULL") for end in (intake, triage))
        return effects(triage) == total and unsent == 0

    eventually(settled, within_s, f"{total} events handled once")
    assert count(intake.database_url, "outbox") == total
    assert count(triage.database_url, "outbox") == total


def publish_raw(amqp_uri: str, body: str, times: int = 1) -> None:
    publisher = Publisher(amqp_uri)
    for number in range(times):
        message = Outgoing(f"raw-{number}", "intake.events", "request.registered", body, CONTENT_TYPE)
        assert publisher.publish([message]) == {message.id}
    publisher.close()


def test_a_plain_event_has_effect_once(toy: Toy) -> None:
    with toy("intake") as intake, toy("triage") as triage:
        emit(intake, 25)
        everything_arrived(intake, triage, 25)


def test_kill_of_the_consumer_in_mid_handler(toy: Toy, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    with toy("intake") as intake:
        with toy("triage") as triage:
            emit(intake, 1, f"hold:{gate}")
            eventually(gate.with_suffix(".inside").exists, what="the handler is in the middle")
            triage.kill()
        assert effects(triage) == 0, "what was not committed left no trace"
        gate.unlink()
        with toy("triage") as again:
            everything_arrived(intake, again, 1)


def test_kill_between_commit_and_publish(toy: Toy, rabbitmq: RabbitMQ) -> None:
    with toy("triage") as triage:
        with toy("intake") as intake:
            rabbitmq.stop()
            emit(intake, 10)
            intake.kill()
        assert count(intake.database_url, "outbox", "published_at IS NULL") == 10
        rabbitmq.start()
        with toy("intake") as again:
            everything_arrived(again, triage, 10)


def test_death_between_publish_and_mark_publishes_again_and_is_absorbed(toy: Toy) -> None:
    with toy("triage") as triage:
        with toy("intake", TOY_DIE_AFTER_PUBLISH="yes") as intake:
            emit(intake, 5)
            eventually(intake.ended, what="the relay's process died after publishing")
        eventually(lambda: effects(triage) == 5, what="the first publish arrived")
        with toy("intake") as again:
            everything_arrived(again, triage, 5)
        assert "events_handled_total" in triage.get("/metrics").text
        repeated = 'outcome="repeated"} 5.0'
        eventually(lambda: repeated in triage.get("/metrics").text, what="five repeats were told apart")


def test_broker_restart_under_load(toy: Toy, rabbitmq: RabbitMQ) -> None:
    with toy("intake") as intake, toy("triage") as triage:
        for round_ in range(30):
            if round_ == 8:
                rabbitmq.stop()
            if round_ == 16:
                assert intake.facts()["broker"] == "down"
            if round_ == 20:
                rabbitmq.start()
            emit(intake, 10)
        everything_arrived(intake, triage, 300)


def test_broker_crash_under_load(toy: Toy, rabbitmq: RabbitMQ) -> None:
    with toy("intake") as intake, toy("triage") as triage:
        for round_ in range(20):
            if round_ == 8:
                rabbitmq.kill()
            if round_ == 14:
                rabbitmq.start()
            emit(intake, 10)
        everything_arrived(intake, triage, 200, within_s=60)


def test_database_restart_under_load(toy: Toy, postgres: PostgreSQL) -> None:
    accepted = 0
    with toy("intake") as intake, toy("triage") as triage:
        for round_ in range(40):
            if round_ == 10:
                postgres.stop()
            if round_ == 14:
                postgres.start()
            accepted += 5 * (intake.post("/emit", json={"count": 5}).status_code == 201)
        assert 0 < accepted < 200, "some were refused while the database was away, openly"
        everything_arrived(intake, triage, accepted, within_s=60)


def test_every_event_twice_and_out_of_order(toy: Toy, amqp_uri: str) -> None:
    told = [event("intake", "request.registered", sequence=number) for number in range(1, 21)]
    with toy("triage") as triage:
        publish(amqp_uri, *reversed(told), *told)
        eventually(lambda: effects(triage) == 20, what="twenty effects of forty messages")
        repeated = 'outcome="repeated"} 20.0'
        eventually(lambda: repeated in triage.get("/metrics").text, what="twenty repeats")
        assert effects(triage) == 20


def test_retryable_failure_is_tried_again_later(toy: Toy) -> None:
    with toy("intake") as intake, toy("triage") as triage:
        emit(intake, 3, "later:1")
        everything_arrived(intake, triage, 3)
        assert scalar(triage.database_url, "SELECT max(count) FROM attempts") == 2


def test_hopeless_message_becomes_a_dead_letter_and_can_be_replayed(toy: Toy, amqp_uri: str) -> None:
    with toy("intake") as intake, toy("triage") as triage:
        emit(intake, 1, "never")
        eventually(lambda: deadletters.counts(amqp_uri)["triage"] == 1, what="one dead letter")
        [letter] = deadletters.letters(amqp_uri, "triage")
        assert (letter.queue, letter.event_type) == (QUEUE, "request.registered")
        assert "hopeless by order" in letter.reason
        eventually(lambda: deadletters.replay(amqp_uri, "triage", only=letter.id) == 1, what="sent back")
        eventually(lambda: deadletters.counts(amqp_uri)["triage"] == 1, what="it failed again and is kept")
        assert effects(triage) == 0


@pytest.mark.parametrize("body", ["{not json", '"a string"', "[]", '{"specversion": "1.0"}', "\x00"])
def test_poison_message_is_kept_and_blocks_nobody(toy: Toy, amqp_uri: str, body: str) -> None:
    with toy("intake") as intake, toy("triage") as triage:
        publish_raw(amqp_uri, body)
        emit(intake, 5)
        everything_arrived(intake, triage, 5)
        eventually(lambda: deadletters.counts(amqp_uri)["triage"] == 1, what="the poison is kept")
        [letter] = deadletters.letters(amqp_uri, "triage")
        assert letter.queue == QUEUE


def test_queues_exist_before_the_reader_has_ever_run(toy: Toy) -> None:
    with toy("intake") as intake:
        emit(intake, 4)
        eventually(
            lambda: count(intake.database_url, "outbox", "published_at IS NULL") == 0, what="published"
        )
    with toy("triage") as triage:
        eventually(lambda: effects(triage) == 4, what="waited for its reader")


def test_unroutable_event_stays_in_the_outbox(amqp_uri: str) -> None:
    with Connection(amqp_uri) as connection:
        connection.default_channel.queue_unbind(QUEUE, "intake.events", "request.registered")
    publisher = Publisher(amqp_uri)
    stray = Outgoing("stray", "intake.events", "no.such.type", "{}", CONTENT_TYPE)
    known = Outgoing("known", "intake.events", "request.registered", "{}", CONTENT_TYPE)
    assert publisher.publish([stray, known]) == {"known"}
    publisher.close()


def test_rpc_answers(toy: Toy) -> None:
    with toy("triage"), toy("intake") as intake:
        answered = eventually(lambda: intake.get("/ask/echo").json()["answer"] == 0.0, 20, "an answer")
        assert answered


def test_rpc_callee_down(toy: Toy) -> None:
    with toy("intake") as intake:
        answer = intake.get("/ask/echo")
        assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


def test_rpc_callee_slow_then_late_answer_disturbs_nobody(toy: Toy) -> None:
    with toy("triage"), toy("intake") as intake:
        late = intake.get("/ask/echo?seconds=1.0", headers={"Accept-Language": "kk"})
        assert (late.status_code, late.json()["code"]) == (503, "service_unavailable")
        assert late.json()["title"].startswith("Басқа қызмет")
        answers = [intake.get("/ask/echo").json().get("answer", 0.0) for _ in range(5)]
        assert answers == [0.0] * 5, "a slow machine may give none in time, never another's"
        eventually(lambda: intake.get("/ask/echo").json()["answer"] == 0.0, what="an answer again")


def test_rpc_unknown_method(toy: Toy) -> None:
    with toy("triage"), toy("intake") as intake:
        assert intake.get("/ask/no_such_method").json()["code"] == "service_unavailable"


def test_rpc_with_the_broker_down_fails_fast(toy: Toy, rabbitmq: RabbitMQ) -> None:
    with toy("intake") as intake:
        rabbitmq.stop()
        answer = intake.get("/ask/echo")
        rabbitmq.start()
        assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
        assert answer.elapsed.total_seconds() < AT_ONCE_S
