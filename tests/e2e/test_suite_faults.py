"""An evening in which everything is broken once: the account must still balance (design §2)."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from demo.edges import number_in
from demo.ledger import Account
from demo.play import Evening, Stage
from demo.residents import appeals
from scripts.servers import PostgreSQL, RabbitMQ
from shared.config import SERVICES
from tests.support.database import count
from tests.support.suite import Suite
from tests.support.waiting import AT_ONCE_S, eventually

pytestmark = pytest.mark.servers


@pytest.fixture
def playing(new_suite: Callable[[], Suite], amqp_uri: str) -> Iterator[tuple[Suite, Stage]]:
    suite = new_suite()
    yield suite, suite.start()
    suite.stop()


def evening(playing: tuple[Suite, Stage], requests: int, seed: int, meanwhile: Callable[[], None]) -> Account:
    """Play while ``meanwhile`` breaks things in another thread; what it raises is raised here."""
    suite, stage = playing
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            eventually(lambda: count(suite.databases["intake"], "outbox") > 6, 60, "the evening has begun")
            meanwhile()
        except BaseException as raised:
            trouble.append(raised)

    thread = threading.Thread(target=run)
    thread.start()
    account = Evening(stage, requests, seed).play(patience_s=900)
    thread.join(240)
    assert not trouble, trouble
    return account


def in_balance(account: Account) -> None:
    assert account.unanswered == []
    assert [f"{entry.number} {entry.state}" for entry in account.open] == []
    assert account.repeated == []
    assert account.dead_letters == 0


def test_every_service_killed_once(playing: tuple[Suite, Stage]) -> None:
    suite, _ = playing

    def kill_each() -> None:
        for name in ("triage", "routing", "crews", "notify", "journal"):
            suite.services[name].kill()
            suite.services[name].start()

    in_balance(evening(playing, 24, 3, kill_each))


def test_broker_restarted_in_the_middle(playing: tuple[Suite, Stage], rabbitmq: RabbitMQ) -> None:
    def restart() -> None:
        rabbitmq.stop()
        rabbitmq.start()

    in_balance(evening(playing, 24, 4, restart))


def test_without_the_broker_requests_are_taken_at_once_and_flow_on_later(
    playing: tuple[Suite, Stage], rabbitmq: RabbitMQ
) -> None:
    suite, stage = playing
    who = stage.login("dispatcher")
    dispatcher = stage.edges.login("routing", "/v1/login", who.login, who.password)
    rabbitmq.stop()
    numbers = []
    for appeal in [appeal for appeal in appeals(30, 5) if not appeal.split][:10]:
        started = time.monotonic()
        numbers.append(number_in(stage.edges.text(appeal.phone, appeal.text)))
        assert time.monotonic() - started < AT_ONCE_S, "confirmed at once"
    assert None not in numbers
    assert len(set(numbers)) == 10
    assert suite.services["intake"].facts()["broker"] == "down"
    rabbitmq.start()

    def on_the_board() -> bool:
        return all(dispatcher.get("routing", "/v1/requests", number=n)["requests"] for n in numbers)

    eventually(on_the_board, 60, "all ten flow on")


def test_databases_restarted_in_the_middle(playing: tuple[Suite, Stage], postgres: PostgreSQL) -> None:
    """Who was refused while the databases were away was told so; who was accepted is served."""

    def restart() -> None:
        postgres.stop()
        postgres.start()

    account = evening(playing, 24, 6, restart)
    assert [f"{entry.number} {entry.state}" for entry in account.open] == []
    assert (account.repeated, account.dead_letters) == ([], 0)


def test_a_stuck_step_is_raised_to_a_person_within_a_minute(playing: tuple[Suite, Stage]) -> None:
    """Design §9: with triage away, the request that nobody classified appears among the alarms."""
    suite, stage = playing
    suite.services["triage"].kill()
    appeal = next(appeal for appeal in appeals(10, 8) if not appeal.split)
    stage.edges.text("+77020000001", appeal.text)
    who = stage.login("dispatcher")
    dispatcher = stage.edges.login("routing", "/v1/login", who.login, who.password)

    def raised() -> bool:
        return bool(dispatcher.get("routing", "/v1/alarms")["alarms"])

    eventually(raised, 60 + 30, "the self-audit raised it")
    assert set(suite.services) == set(SERVICES)
