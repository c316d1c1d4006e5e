"""Partners, their cards and what goes out to them, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.cards import KeptCard
from services.intake.domain.deliveries import Delivery, Kind, Progress
from services.intake.domain.partners import Partner
from services.intake.store import exchange_tables as tables
from shared.sealing import Sealer

_p, _c, _d = tables.partners.c, tables.partner_cards.c, tables.deliveries.c
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:text, 0))")


class Partners:
    """Who exchanges cards with us; what opens doors is sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, id_: str) -> Partner | None:
        query = sa.select(tables.partners).where(_p.id == id_)
        row = self._connection.execute(query).one_or_none()
        return self._partner(row) if row is not None else None

    def put(self, partner: Partner) -> None:
        """Add or change."""
        row = asdict(partner)
        row |= {name: self._sealer.seal(row[name]) for name in ("secret", "their_key")}
        entry = insert(tables.partners).values(row)
        self._connection.execute(entry.on_conflict_do_update(index_elements=[_p.id], set_=row))

    def every(self) -> Sequence[Partner]:
        query = sa.select(tables.partners).order_by(_p.id)
        return [self._partner(row) for row in self._connection.execute(query)]

    def _partner(self, row: sa.Row[Any]) -> Partner:
        opened = {name: self._sealer.open(getattr(row, name)) for name in ("secret", "their_key")}
        return Partner(**{**row._asdict(), **opened})


class Cards:
    """Cards of partners as they came, every revision, sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def revisions(self, partner_id: str, external_id: str, lock: bool = False) -> Sequence[KeptCard]:
        """Every revision of one card, the oldest first. With ``lock`` others who take this very card wait
        until the transaction ends."""
        if lock:
            self._connection.execute(_LOCK, {"text": f"card {partner_id} {external_id}"})
        return self._found(sa.and_(_c.partner_id == partner_id, _c.external_id == external_id))

    def of_request(self, request_id: UUID) -> Sequence[KeptCard]:
        """The cards that a request came from, the oldest first."""
        return self._found(_c.request_id == request_id)

    def add(self, card: KeptCard) -> None:
        row = {"id": uuid4(), **asdict(card), "content": self._sealer.seal(card.content)}
        self._connection.execute(sa.insert(tables.partner_cards).values(row))

    def forget(self, request_id: UUID) -> None:
        """Drop what the cards said; that they came stays."""
        self._connection.execute(
            sa.update(tables.partner_cards).where(_c.request_id == request_id).values(content="")
        )

    def _found(self, condition: sa.ColumnElement[bool]) -> list[KeptCard]:
        query = sa.select(tables.partner_cards).where(condition).order_by(_c.received_at, _c.revision)
        return [self._card(row._asdict()) for row in self._connection.execute(query)]

    def _card(self, row: dict[str, Any]) -> KeptCard:
        told = {name: value for name, value in row.items() if name != "id"}
        return KeptCard(**{**told, "content": self._sealer.open(row["content"])})


class Deliveries:
    """What goes out to partners; bodies are sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, delivery: Delivery) -> bool:
        """False if the same was added before."""
        entry = insert(tables.deliveries).values(self._row(delivery))
        unique = [_d.partner_id, _d.kind, _d.request_id, _d.mark]
        return self._connection.execute(entry.on_conflict_do_nothing(index_elements=unique)).rowcount == 1

    def save(self, delivery: Delivery) -> None:
        row = self._row(delivery)
        self._connection.execute(sa.update(tables.deliveries).where(_d.id == delivery.id).values(row))

    def get(self, id_: UUID, lock: bool = False) -> Delivery | None:
        query = sa.select(tables.deliveries).where(_d.id == id_)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return self._delivery(row) if row is not None else None

    def of_request(self, request_id: UUID) -> Sequence[Delivery]:
        """The oldest first."""
        query = sa.select(tables.deliveries).where(_d.request_id == request_id)
        return self._all(query.order_by(_d.created_at, _d.id))

    def by_progress(self, progress: Progress, limit: int) -> Sequence[Delivery]:
        """The newest first."""
        query = sa.select(tables.deliveries).where(_d.progress == progress.value)
        return self._all(query.order_by(_d.created_at.desc(), _d.id).limit(limit))

    def partners_due(self, now: datetime) -> Sequence[str]:
        """Partners for whom something waits that is due."""
        query = sa.select(_d.partner_id).where(self._is_due(now)).distinct().order_by(_d.partner_id)
        return list(self._connection.execute(query).scalars())

    def take(self, partner_id: str, now: datetime) -> Delivery | None:
        """The oldest that is due to a partner, leased to the caller; what another process holds is passed."""
        query = (
            sa.select(tables.deliveries)
            .where(self._is_due(now), _d.partner_id == partner_id)
            .order_by(_d.created_at, _d.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        taken = self._delivery(row).taken(now)
        self.save(taken)
        return taken

    def counts(self) -> dict[str, int]:
        """How many are waiting and how many have failed."""
        query = sa.select(_d.progress, sa.func.count()).where(_d.progress != Progress.DELIVERED.value)
        found = {row[0]: row[1] for row in self._connection.execute(query.group_by(_d.progress))}
        return {name.value: found.get(name.value, 0) for name in (Progress.WAITING, Progress.FAILED)}

    def forget(self, request_id: UUID) -> None:
        """Drop the bodies of what has gone; what still waits is needed."""
        self._connection.execute(
            sa.update(tables.deliveries)
            .where(_d.request_id == request_id, _d.progress != Progress.WAITING.value)
            .values(body="")
        )

    def _is_due(self, now: datetime) -> sa.ColumnElement[bool]:
        return sa.and_(_d.progress == Progress.WAITING.value, _d.due_at <= now)

    def _all(self, query: sa.Select[Any]) -> list[Delivery]:
        return [self._delivery(row) for row in self._connection.execute(query)]

    def _row(self, delivery: Delivery) -> dict[str, Any]:
        return asdict(replace(delivery, body=self._sealer.seal(delivery.body)))

    def _delivery(self, row: sa.Row[Any]) -> Delivery:
        told = {
            "kind": Kind(row.kind),
            "progress": Progress(row.progress),
            "body": self._sealer.open(row.body),
        }
        return Delivery(**{**row._asdict(), **told})
