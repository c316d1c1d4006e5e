"""Changes on PostgreSQL: none is lost, whatever the order in which transactions commit."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shared.changes import NOTE_CHANGE, Change, Changes, change_tables, watch
from shared.db import make_engine

pytestmark = pytest.mark.servers
_ADD = sa.text("INSERT INTO pumps (name, litres) VALUES (:name, 1)")


@pytest.fixture
def engine(empty_database: Callable[[], str]) -> Iterator[sa.Engine]:
    engine = make_engine(empty_database(), pool_size=12)
    metadata = sa.MetaData()
    change_tables(metadata)
    sa.Table("pumps", metadata, sa.Column("name", sa.Text), sa.Column("litres", sa.Integer))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO changes_numbered VALUES (true, 0)"))
        connection.execute(sa.text(NOTE_CHANGE))
        connection.execute(sa.text(watch("pumps", "pump", "name")))
    yield engine
    engine.dispose()


def execute(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def told(changes: Changes, position: int) -> list[Change]:
    news = changes.after(position)
    assert news is not None
    return news.changes


def test_every_kind_of_change_is_noted_and_an_update_of_nothing_is_none(engine: sa.Engine) -> None:
    changes = Changes(engine)
    execute(engine, "INSERT INTO pumps VALUES ('a', 1), ('b', 1), (NULL, 1)")
    assert told(changes, 0) == [Change("pump", "a", 1), Change("pump", "b", 2)]
    execute(engine, "UPDATE pumps SET litres = 1")
    assert told(changes, 2) == []
    execute(engine, "UPDATE pumps SET litres = 2 WHERE name = 'b'", "DELETE FROM pumps WHERE name = 'a'")
    assert told(changes, 2) == [Change("pump", "b", 3), Change("pump", "a", 4)]
    execute(engine, "UPDATE pumps SET litres = 3", "UPDATE pumps SET litres = 4")
    assert told(changes, 4) == [Change("pump", "b", 6)], "each thing once"


def test_what_is_rolled_back_was_never_told_and_leaves_no_gap(engine: sa.Engine) -> None:
    changes = Changes(engine)
    with engine.connect() as connection:
        connection.execute(_ADD, {"name": "never"})
    execute(engine, "INSERT INTO pumps VALUES ('a', 1)")
    assert told(changes, 0) == [Change("pump", "a", 1)]


def test_a_transaction_that_began_first_and_commits_last_is_told_last_and_not_lost(
    engine: sa.Engine,
) -> None:
    """The trap of every cursor over a sequence: 7 becomes visible after somebody has read 8."""
    changes = Changes(engine)
    with engine.connect() as slow:
        slow.execute(_ADD, {"name": "slow"})
        execute(engine, "INSERT INTO pumps VALUES ('quick', 1)")
        assert told(changes, 0) == [Change("pump", "quick", 1)]
        slow.commit()
    assert told(changes, 1) == [Change("pump", "slow", 2)]


def test_many_writers_and_two_readers_lose_nothing_and_read_the_same(engine: sa.Engine) -> None:
    writers, each = 6, 25
    done = threading.Event()

    def write(writer: int) -> None:
        for number in range(each):
            with engine.connect() as connection:
                connection.execute(_ADD, {"name": f"{writer}-{number}"})
                if number % 5 == 4:
                    connection.execute(sa.text("SELECT pg_sleep(0.003)"))
                connection.commit()

    def read() -> list[Change]:
        changes, found, position = Changes(engine), [], 0
        while True:
            last_look = done.is_set()
            news = changes.after(position)
            assert news is not None
            found += news.changes
            position = news.position
            if last_look and not news.changes and position == writers * each:
                return found

    with ThreadPoolExecutor(writers + 2) as hands:
        readers = [hands.submit(read) for _ in range(2)]
        for finished in [hands.submit(write, writer) for writer in range(writers)]:
            finished.result()
        done.set()
        one, other = (reader.result(120) for reader in readers)
    assert one == other
    assert [change.number for change in one] == list(range(1, writers * each + 1))
    assert len({change.subject for change in one}) == writers * each


def test_forgotten_changes_make_a_position_unknown_never_incomplete(engine: sa.Engine) -> None:
    changes = Changes(engine)
    execute(engine, "INSERT INTO pumps VALUES ('a', 1), ('b', 1), ('c', 1)")
    assert changes.latest() == 3
    execute(engine, "UPDATE changes SET at = at - interval '2 hours' WHERE subject <> 'c'")
    assert changes.forget(datetime.now(UTC) - timedelta(hours=1)) == 2
    assert changes.after(1) is None
    assert told(changes, 2) == [Change("pump", "c", 3)]
    assert changes.after(4) is None, "of another database"
    execute(engine, "UPDATE changes SET at = at - interval '2 hours'")
    assert changes.forget(datetime.now(UTC) - timedelta(hours=1)) == 1
    assert changes.after(2) is None
    assert told(changes, 3) == []
