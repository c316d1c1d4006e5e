"""What changed, numbered: rows that live streams follow exactly, over any number of replicas.

A trigger notes each change in the transaction that makes it, without a number. Transactions do not commit in
the order they began: with numbers taken while writing, a reader that has seen 8 would never look for the 7
that commits a moment later. So numbers are given afterwards, to what is committed, by one numberer at a time
(the lock of the one row of ``changes_numbered``): they have no gaps and only ever grow at the end.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

_AT_ONCE = 5000

# Notes the row's column TG_ARGV[1] as a changed thing of the kind TG_ARGV[0]; an update of nothing is none.
NOTE_CHANGE = """
    CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        thing text;
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NULL;
        END IF;
        EXECUTE format('SELECT ($1).%I::text', TG_ARGV[1]) INTO thing USING COALESCE(NEW, OLD);
        IF thing IS NOT NULL THEN
            INSERT INTO changes (kind, subject) VALUES (TG_ARGV[0], thing);
        END IF;
        RETURN NULL;
    END $$
"""


def watch(table: str, kind: str, column: str) -> str:
    """The statement, for a migration, that has every change of a row of ``table`` noted by itself."""
    return (
        f"CREATE TRIGGER note_{kind} AFTER INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION note_change('{kind}', '{column}')"
    )


def change_tables(metadata: sa.MetaData) -> None:
    """Add the tables of changes to a service's own metadata."""
    sa.Table(
        "changes",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("number", sa.BigInteger, unique=True),
        sa.Index("changes_not_numbered", "id", postgresql_where=sa.text("number IS NULL")),
    )
    sa.Table(
        "changes_numbered",
        metadata,
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
        sa.Column("numbered", sa.BigInteger, nullable=False),
    )


_LOOK = sa.text(
    "SELECT numbered, EXISTS (SELECT FROM changes WHERE number IS NULL) AS waiting FROM changes_numbered"
)
_CLAIM = sa.text("SELECT numbered FROM changes_numbered FOR UPDATE SKIP LOCKED")
_NUMBER = sa.text(
    """
    UPDATE changes SET number = :numbered + fresh.place
    FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS place
        FROM (SELECT id FROM changes WHERE number IS NULL ORDER BY id LIMIT :at_once) AS waiting
    ) AS fresh
    WHERE changes.id = fresh.id
    """
)
_COUNT = sa.text("UPDATE changes_numbered SET numbered = :numbered")
_AFTER = sa.text(
    """
    SELECT kind, subject, max(number) AS number FROM changes
    WHERE number > :after AND number <= :numbered GROUP BY kind, subject ORDER BY 3
    """
)
_KEPT_FROM = sa.text("SELECT min(number) FROM changes")
_FORGET = sa.text(
    """
    DELETE FROM changes WHERE number < COALESCE(
        (SELECT min(number) FROM changes WHERE at >= :before),
        (SELECT numbered + 1 FROM changes_numbered)
    )
    """
)


@dataclass(frozen=True)
class Change:
    """Something of this kind changed; ``number`` is its latest change's."""

    kind: str
    subject: str
    number: int


@dataclass(frozen=True)
class News:
    """What changed up to ``position``, each thing once, in the order of its latest change."""

    position: int
    changes: list[Change]


class Changes:
    """The changes of one service's database. Every method is a transaction of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def latest(self) -> int:
        """The number of the last change that is committed."""
        with self._engine.begin() as connection:
            return _numbered(connection)

    def after(self, position: int) -> News | None:
        """What changed since ``position``; None if that is further back, or ahead, than anybody remembers."""
        with self._engine.begin() as connection:
            numbered = _numbered(connection)
            if position == numbered:
                return News(numbered, [])
            rows = connection.execute(_AFTER, {"after": position, "numbered": numbered}).mappings().all()
            # Looked at last: whatever was forgotten while reading makes the answer None, not incomplete.
            kept_from = connection.scalar(_KEPT_FROM) or numbered + 1
        is_kept = kept_from - 1 <= position < numbered
        return News(numbered, [Change(**row) for row in rows]) if is_kept else None

    def forget(self, before: datetime) -> int:
        """Drop what changed before that moment; returns how many rows."""
        with self._engine.begin() as connection:
            _numbered(connection)
            return connection.execute(_FORGET, {"before": before}).rowcount


def _numbered(connection: sa.Connection) -> int:
    """The last number, after numbering what has come in; what a rival is numbering now is left to it."""
    look = connection.execute(_LOOK).one()
    if not look.waiting:
        return int(look.numbered)
    claimed = connection.scalar(_CLAIM)
    if claimed is None:
        return int(look.numbered)
    added = connection.execute(_NUMBER, {"numbered": claimed, "at_once": _AT_ONCE}).rowcount
    connection.execute(_COUNT, {"numbered": claimed + added})
    return int(claimed) + added
