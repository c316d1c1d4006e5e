"""Two replicas, many messages about one house at the same moment, a real PostgreSQL: one outage, one lead."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.intake.domain.outages import Outage, OutageFilter, State
from services.intake.domain.standing import Standing
from services.intake.schemas.partners import state_text
from services.intake.schemas.phones import read_phone
from services.intake.store import UnitOfWork
from services.intake.usecases import incidents
from services.intake.usecases.conversations import Sms, receive_sms
from services.intake.usecases.ports import Phone
from services.intake.usecases.progress import note_state
from shared.clock import SystemClock
from shared.db import TransactionContext, make_engine
from tests.support.database import count
from tests.support.sealing import SEALER
from tests.support.waiting import AT_ONCE_S
from tests.unit.intake.examples import NOON, listener
from tests.unit.intake.town import BOOK, CATALOG

pytestmark = [pytest.mark.servers, pytest.mark.rule("6.8")]
AT_ONCE = 16


class Replicas:
    """Two processes' worth of connections on one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engines = [make_engine(url, pool_size=AT_ONCE) for _ in range(2)]
        self._contexts = [
            TransactionContext(engine, SystemClock(), "intake", lambda: None, SEALER)
            for engine in self.engines
        ]
        self._turn = 0

    def uow(self) -> UnitOfWork:
        self._turn += 1
        return UnitOfWork(self._contexts[self._turn % 2])

    def text(self, body: str, number: int) -> float:
        """Seconds until the answer."""
        sms = Sms(f"SM{uuid4().hex}", Phone(f"+7701{number:07}", True), body)
        started = monotonic()
        receive_sms(self.uow(), listener(), CATALOG, read_phone, sms)
        return monotonic() - started

    def texts(self, bodies: list[str]) -> list[float]:
        """All of them, sixteen at a time, let go together."""
        barrier = threading.Barrier(AT_ONCE)

        def run(numbered: tuple[int, str]) -> float:
            if numbered[0] < AT_ONCE:
                barrier.wait(60)
            return self.text(numbered[1], numbered[0])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(run, enumerate(bodies)))

    def outages(self, *states: State) -> list[Outage]:
        with self.uow() as uow:
            return list(uow.outages.listed(OutageFilter(states=states)))

    def rows(self, sql: str) -> list[Any]:
        with self.engines[0].connect() as connection:
            return list(connection.execute(sa.text(sql)))


@pytest.fixture
def replicas(service_database: Callable[[str], str]) -> Iterator[Replicas]:
    made = Replicas(service_database("intake"))
    yield made
    for engine in made.engines:
        engine.dispose()


def test_forty_messages_at_once_about_one_house_are_one_outage(replicas: Replicas) -> None:
    took = replicas.texts([f"Нет света, Абая 12, кв {flat}" for flat in range(40)])
    (outage,) = replicas.outages()
    assert outage.state is State.OPEN
    parts = Counter(row.part for row in replicas.rows("SELECT part FROM riders"))
    assert parts == {"lead": 1, "member": 39}
    registered = replicas.rows("SELECT body->'data' AS data FROM outbox WHERE type = 'request.registered'")
    alone = [row.data["request_id"] for row in registered if "outage_id" not in row.data]
    joined = replicas.rows("SELECT body->'data'->>'request_id' FROM outbox WHERE type = 'request.joined'")
    assert set(alone) - {row[0] for row in joined} == {str(outage.lead_request_id)}
    assert max(took) < AT_ONCE_S


def test_two_houses_and_two_troubles_at_once_stay_apart(replicas: Replicas) -> None:
    bodies = [
        f"{trouble}, {house}, кв {flat}"
        for flat in range(12)
        for trouble in ("Нет света", "Нет отопления")
        for house in ("Абая 12", "Гоголя 2")
    ]
    replicas.texts(bodies)
    found = Counter((outage.symptom, len(outage.houses)) for outage in replicas.outages(State.OPEN))
    assert found == {("no_power", 1): 2, ("no_heat", 1): 2}
    leads = replicas.rows("SELECT outage_id, count(*) FROM riders WHERE part = 'lead' GROUP BY 1")
    assert [row[1] for row in leads] == [1] * 4


def test_splits_and_joins_and_the_end_at_once_neither_lose_nor_lock_up(replicas: Replicas) -> None:
    replicas.texts([f"Нет света, Абая 12, кв {flat}" for flat in range(32)])
    members = [row[0] for row in replicas.rows("SELECT request_id FROM riders WHERE part = 'member'")]
    lead = replicas.outages()[0].lead_request_id
    assert lead is not None

    def endanger(request_id: UUID) -> None:
        incidents.refine(replicas.uow(), BOOK, request_id, "power_none", frozenset({"gas"}))

    def close() -> None:
        note_state(replicas.uow(), BOOK, Standing(lead, "closed", NOON, 9, "fixed"), state_text)

    works: list[Callable[[], object]] = [partial(endanger, one) for one in members[:10]]
    works += [partial(replicas.text, f"Нет света, Абая 12, кв {n}", n) for n in range(100, 110)]
    works += [close, lambda: incidents.end_rides(replicas.uow(), 5)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result(timeout=240)
    while incidents.end_rides(replicas.uow(), 50):
        pass
    assert count(replicas.url, "outages", "state = 'closed'") == 1
    over = "ended_at IS NULL AND outage_id IN (SELECT id FROM outages WHERE state = 'closed')"
    assert count(replicas.url, "riders", over) == 0
    assert count(replicas.url, "requests") == 42
    split = count(replicas.url, "outbox", "type = 'request.split'")
    ended = count(replicas.url, "outbox", "type = 'request.ride_ended'")
    assert split + ended >= len(members)
