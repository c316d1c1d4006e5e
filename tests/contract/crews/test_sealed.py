"""What people wrote is nowhere readable without a key, and keys can be changed (rule 6.11)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.crews.domain.messages import Message
from services.crews.domain.notes import Note
from services.crews.domain.orders import Stage
from services.crews.domain.records import Kind
from services.crews.store import SEALED, UnitOfWork
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from shared.resealing import rotate
from shared.sealing import INDEX_KEY, KEYS, Sealer, Unreadable, new_key
from tests.contract.crews.test_talk_store import SOS
from tests.support.database import everything
from tests.support.sealing import SEALER, SEALING_ENVIRONMENT
from tests.unit.crews.examples import ASSIGNMENT, CREW, NOON, command, media, order, record, step

pytestmark = [pytest.mark.servers, pytest.mark.rule("6.11"), pytest.mark.rule("D-1.1-U7")]
WORDS = "Ахметова просила позвонить"
ORDER = order(text=WORDS, reason=WORDS, address={"text": WORDS, "lat": 43.2, "lon": 76.9})
STEP = step(Stage.SUSPENDED, reason=WORDS, note=WORDS)
NOTE = Note.of(command("note", "key", note=WORDS), NOON, NOON)
RECORD = record(Kind.WORK, text=WORDS)
VIDEO = replace(media(), shot=replace(media().shot, note=WORDS))
SIGNAL = replace(SOS, note=WORDS, answer=WORDS)
MESSAGE = Message(UUID(int=7), CREW, None, True, "crew-7", WORDS, NOON, NOON)


@pytest.fixture
def url(service_database: Callable[[str], str]) -> str:
    """A database in which people have written in every way they can."""
    url = service_database("crews")
    for uow in _transaction(url, SEALER):
        uow.orders.put(ORDER)
        uow.orders.add_step(ASSIGNMENT, STEP)
        uow.notes.add(NOTE)
        uow.records.add(RECORD)
        uow.media.put(VIDEO)
        uow.signals.save(SIGNAL)
        uow.messages.add(MESSAGE)
        uow.commit()
    return url


def _transaction(url: str, sealer: Sealer) -> Iterator[UnitOfWork]:
    engine = make_engine(url, pool_size=1)
    with UnitOfWork(TransactionContext(engine, FixedClock(NOON), "crews", lambda: None, sealer)) as uow:
        yield uow
    engine.dispose()


def _check_all_is_readable(uow: UnitOfWork) -> None:
    assert uow.orders.get(ASSIGNMENT) == replace(ORDER, change=1)
    assert uow.orders.steps(ASSIGNMENT) == [STEP]
    assert uow.notes.on([ASSIGNMENT], CREW) == [NOTE]
    assert uow.records.of(ASSIGNMENT) == [RECORD]
    assert uow.media.get(VIDEO.id) == VIDEO
    assert uow.signals.get(SIGNAL.id) == SIGNAL
    assert uow.messages.many([MESSAGE.id]) == [MESSAGE]


def test_no_table_holds_what_people_wrote_in_plain(url: str) -> None:
    assert WORDS not in everything(url)
    for uow in _transaction(url, SEALER):
        _check_all_is_readable(uow)


def test_a_new_key_reads_everything_and_the_old_one_nothing(url: str) -> None:
    fresh, index = new_key(), SEALING_ENVIRONMENT[INDEX_KEY]
    both = Sealer.from_environment({KEYS: f"{fresh},{SEALING_ENVIRONMENT[KEYS]}", INDEX_KEY: index})
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    assert [rotate(engine, both, SEALED) for _ in range(2)] == [7, 0]
    for uow in _transaction(url, Sealer.from_environment({KEYS: fresh, INDEX_KEY: index})):
        _check_all_is_readable(uow)
    for uow in _transaction(url, SEALER):
        with pytest.raises(Unreadable):
            uow.orders.get(ASSIGNMENT)
