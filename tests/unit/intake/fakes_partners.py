"""Partners, their cards and deliveries in memory, with the promises of the ones in PostgreSQL."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain.cards import KeptCard
from services.intake.domain.deliveries import Delivery, Progress
from services.intake.domain.partners import Partner
from services.intake.errors import PartnerAway, PartnerRefused
from services.intake.usecases.deliveries import Receipt


class FakePartners:
    def __init__(self) -> None:
        self.rows: dict[str, Partner] = {}

    def get(self, id_: str) -> Partner | None:
        return self.rows.get(id_)

    def put(self, partner: Partner) -> None:
        self.rows[partner.id] = partner

    def every(self) -> Sequence[Partner]:
        return [self.rows[id_] for id_ in sorted(self.rows)]


class FakeCards:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, int], KeptCard] = {}

    def revisions(self, partner_id: str, external_id: str, lock: bool = False) -> Sequence[KeptCard]:
        return self._sorted(card for key, card in self.rows.items() if key[:2] == (partner_id, external_id))

    def of_request(self, request_id: UUID) -> Sequence[KeptCard]:
        return self._sorted(card for card in self.rows.values() if card.request_id == request_id)

    def add(self, card: KeptCard) -> None:
        key = (card.partner_id, card.external_id, card.revision)
        assert key not in self.rows
        self.rows[key] = card

    def forget(self, request_id: UUID) -> None:
        for key, card in self.rows.items():
            if card.request_id == request_id:
                self.rows[key] = replace(card, content="")

    def _sorted(self, cards: Iterable[KeptCard]) -> list[KeptCard]:
        return sorted(cards, key=lambda card: (card.received_at, card.revision))


class FakeDeliveries:
    def __init__(self) -> None:
        self.rows: dict[UUID, Delivery] = {}

    def add(self, delivery: Delivery) -> bool:
        if any(_same(delivery, known) for known in self.rows.values()):
            return False
        self.rows[delivery.id] = delivery
        return True

    def save(self, delivery: Delivery) -> None:
        assert delivery.id in self.rows
        self.rows[delivery.id] = delivery

    def get(self, id_: UUID, lock: bool = False) -> Delivery | None:
        return self.rows.get(id_)

    def of_request(self, request_id: UUID) -> Sequence[Delivery]:
        return [d for d in self._oldest_first() if d.request_id == request_id]

    def by_progress(self, progress: Progress, limit: int) -> Sequence[Delivery]:
        found = [d for d in self.rows.values() if d.progress is progress]
        return sorted(found, key=lambda d: (-d.created_at.timestamp(), d.id))[:limit]

    def partners_due(self, now: datetime) -> Sequence[str]:
        return sorted({d.partner_id for d in self.rows.values() if _is_due(d, now)})

    def take(self, partner_id: str, now: datetime) -> Delivery | None:
        due = [d for d in self._oldest_first() if _is_due(d, now) and d.partner_id == partner_id]
        if not due:
            return None
        taken = due[0].taken(now)
        self.save(taken)
        return taken

    def counts(self) -> dict[str, int]:
        names = (Progress.WAITING, Progress.FAILED)
        return {name.value: sum(d.progress is name for d in self.rows.values()) for name in names}

    def forget(self, request_id: UUID) -> None:
        for delivery in self.of_request(request_id):
            if delivery.progress is not Progress.WAITING:
                self.rows[delivery.id] = replace(delivery, body="")

    def _oldest_first(self) -> list[Delivery]:
        return sorted(self.rows.values(), key=lambda d: (d.created_at, d.id))


def _same(one: Delivery, other: Delivery) -> bool:
    def key(d: Delivery) -> tuple[str, str, UUID, str]:
        return (d.partner_id, d.kind.value, d.request_id, d.mark)

    return key(one) == key(other)


def _is_due(delivery: Delivery, now: datetime) -> bool:
    return delivery.progress is Progress.WAITING and delivery.due_at <= now


class FakeCourier:
    """Answers as it is told, and remembers what it was given."""

    def __init__(self, answer: Callable[[Delivery], tuple[int, Any]]) -> None:
        self._answer = answer
        self.given: list[Delivery] = []

    def deliver(self, partner: Partner, delivery: Delivery) -> Receipt:
        if not partner.listens:
            raise PartnerRefused("no_url")
        self.given.append(delivery)
        status, content = self._answer(delivery)
        if status in (400, 410, 413, 422):
            raise PartnerRefused(f"http_{status}")
        if status not in (200, 201, 202, 409):
            raise PartnerAway(f"http_{status}")
        told = content if isinstance(content, dict) else {}
        reference = told.get("reference")
        return Receipt(
            acknowledged=told.get("acknowledged") is True,
            reference=reference if isinstance(reference, str) else "",
        )
