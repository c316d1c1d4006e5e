"""What goes out to partners: cards on a dispatcher's word, news of their own cards by themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

from services.intake.domain.deliveries import Delivery, Kind, Progress
from services.intake.domain.partners import Partner
from services.intake.domain.requests import Contact, Request
from services.intake.domain.standing import Standing
from services.intake.errors import (
    DeliveryNotFound,
    NothingToRetry,
    PartnerAway,
    PartnerNotFound,
    PartnerRefused,
    PartnerSilent,
    RequestNotFound,
)
from services.intake.usecases.disclosure import Reader, Shown, disclose
from services.intake.usecases.ports import UnitOfWork

MOST_IN_A_ROUND = 20
"""Deliveries to one partner before others' turn is looked at again."""


@dataclass(frozen=True)
class Receipt:
    """What a partner answered: perhaps at once that it works on it, under a reference of its own."""

    acknowledged: bool = False
    reference: str = ""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: it arrived, or not now, or (``is_final``) never."""

    receipt: Receipt | None = None
    trouble: str = ""
    is_final: bool = False

    def applied(self, delivery: Delivery, now: datetime) -> Delivery:
        if self.receipt is None:
            return delivery.refused(self.trouble) if self.is_final else delivery.postponed(now, self.trouble)
        if self.receipt.acknowledged:
            return delivery.acknowledged(now, self.receipt.reference)
        return delivery.delivered(now)


class Courier(Protocol):
    """Takes one body to a partner."""

    def deliver(self, partner: Partner, delivery: Delivery) -> Receipt:
        """Raises PartnerAway when trying later is right, PartnerRefused when it is not."""


Encode = Callable[[Request, Shown | None, str, int], str]
"""Writes a card: the request, its person, a note of the dispatcher, the revision."""


class EncodeState(Protocol):
    """Writes the news of a card."""

    def __call__(self, external_id: str, request: Request, standing: Standing) -> str: ...


def send_card(
    uow: UnitOfWork, request_id: UUID, partner_id: str, note: str, reader: Reader, encode: Encode
) -> Delivery:
    """A card of a request, on its way to a partner with the person to call; that the number was given is on
    record. Raises RequestNotFound, PartnerNotFound, PartnerSilent (no address of theirs is known)."""
    with uow:
        request, contact = _with_contact(uow, request_id)
        partner = uow.partners.get(partner_id)
        if partner is None or not partner.is_active:
            raise PartnerNotFound
        if not partner.listens:
            raise PartnerSilent(partner=partner_id)
        person = disclose(uow, contact, reader, f"card:{partner_id}", request_id) if contact else None
        sent = [d for d in uow.deliveries.of_request(request_id) if _is_card_to(d, partner_id)]
        revision = len(sent) + 1
        body = encode(request, person, note, revision)
        delivery = _delivery(uow, partner_id, Kind.CARD, request_id, str(revision), body, reader.actor_id)
        uow.deliveries.add(delivery)
        uow.commit()
    return delivery


def _with_contact(uow: UnitOfWork, request_id: UUID) -> tuple[Request, Contact | None]:
    """Both locked, the person first, as everywhere."""
    request = uow.requests.get(request_id)
    if request is None:
        raise RequestNotFound
    contact = uow.contacts.by_ref(request.contact_ref) if request.contact_ref else None
    return uow.requests.get(request_id, lock=True) or request, contact


def echo_state(uow: UnitOfWork, standing: Standing, encode: EncodeState) -> None:
    """Tell the partners whose cards became this request how far it is; inside the caller's transaction."""
    told = {(card.partner_id, card.external_id) for card in uow.cards.of_request(standing.request_id)}
    request = uow.requests.get(standing.request_id) if told else None
    if request is None:
        return
    for partner_id, external_id in sorted(told):
        partner = uow.partners.get(partner_id)
        if partner is not None and partner.listens:
            body = encode(external_id, request, standing)
            mark = f"{external_id} {standing.sequence}"
            uow.deliveries.add(_delivery(uow, partner_id, Kind.STATE, request.id, mark, body, "journal"))


def deliver_due(transaction: Callable[[], UnitOfWork], courier: Courier, partner_id: str) -> int:
    """Take what is due to one partner, the oldest first, until nothing is left or the partner is away.
    No transaction is open while a body is on its way. Returns how many arrived."""
    arrived = 0
    for _ in range(MOST_IN_A_ROUND):
        job = _take(transaction(), partner_id)
        if job is None:
            break
        outcome = _attempt(courier, *job)
        settle(transaction(), job[1], outcome)
        if outcome.receipt is not None:
            arrived += 1
        elif not outcome.is_final:
            break
    return arrived


def _take(uow: UnitOfWork, partner_id: str) -> tuple[Partner, Delivery] | None:
    with uow:
        delivery = uow.deliveries.take(partner_id, uow.now)
        partner = uow.partners.get(partner_id)
        if delivery is None or partner is None:
            return None
        uow.commit()
    return partner, delivery


def _attempt(courier: Courier, partner: Partner, delivery: Delivery) -> Outcome:
    try:
        return Outcome(courier.deliver(partner, delivery))
    except PartnerAway as away:
        return Outcome(trouble=away.trouble)
    except PartnerRefused as refused:
        return Outcome(trouble=refused.trouble, is_final=True)


def settle(uow: UnitOfWork, attempted: Delivery, outcome: Outcome) -> None:
    """Keep the outcome of an attempt. A failure counts only while nobody has begun another attempt, and never
    against an arrival."""
    with uow:
        kept = uow.deliveries.get(attempted.id, lock=True)
        if kept is None:
            return
        is_overtaken = kept.progress is not Progress.WAITING or kept.attempts != attempted.attempts
        if is_overtaken and outcome.receipt is None:
            return
        _keep(uow, kept, outcome.applied(kept, uow.now))
        uow.commit()


def acknowledge(uow: UnitOfWork, partner: Partner, delivery_id: UUID, reference: str) -> Delivery:
    """The partner has read what we sent; saying so twice changes nothing. Raises DeliveryNotFound."""
    with uow:
        kept = uow.deliveries.get(delivery_id, lock=True)
        if kept is None or kept.partner_id != partner.id:
            raise DeliveryNotFound
        acknowledged = kept.acknowledged(uow.now, reference)
        _keep(uow, kept, acknowledged)
        uow.commit()
    return acknowledged


def retry(uow: UnitOfWork, delivery_id: UUID) -> Delivery:
    """Try a failed one again; raises DeliveryNotFound, NothingToRetry."""
    with uow:
        kept = uow.deliveries.get(delivery_id, lock=True)
        if kept is None:
            raise DeliveryNotFound
        if kept.progress is not Progress.FAILED:
            raise NothingToRetry
        waiting = kept.again(uow.now)
        _keep(uow, kept, waiting)
        uow.commit()
    return waiting


def deliveries_of(uow: UnitOfWork, request_id: UUID) -> Sequence[Delivery]:
    """What went out about a request, the oldest first."""
    with uow:
        return uow.deliveries.of_request(request_id)


def list_deliveries(uow: UnitOfWork, progress: Progress, limit: int) -> Sequence[Delivery]:
    """What waits, has arrived or has failed, the newest first."""
    with uow:
        return uow.deliveries.by_progress(progress, limit)


def partners_due(uow: UnitOfWork) -> Sequence[str]:
    """For whom something is due."""
    with uow:
        return uow.deliveries.partners_due(uow.now)


def count_deliveries(uow: UnitOfWork) -> dict[str, int]:
    """How many wait and how many have failed."""
    with uow:
        return uow.deliveries.counts()


def _keep(uow: UnitOfWork, before: Delivery, after: Delivery) -> None:
    """Store it; that it was given up, or is given up no more, dispatchers hear."""
    uow.deliveries.save(after)
    if (before.progress is Progress.FAILED) is (after.progress is Progress.FAILED):
        return
    partner = uow.partners.get(after.partner_id)
    told = {
        "delivery_id": after.id,
        "request_id": after.request_id,
        "partner": partner.name if partner is not None else after.partner_id,
        "kind": after.kind,
        "state": after.progress,
        "trouble": after.trouble,
        "attempts": after.attempts,
        "at": uow.now,
    }
    uow.emit("delivery.changed", str(after.id), told)


def _is_card_to(delivery: Delivery, partner_id: str) -> bool:
    return delivery.kind is Kind.CARD and delivery.partner_id == partner_id


def _delivery(
    uow: UnitOfWork, partner_id: str, kind: Kind, request_id: UUID, mark: str, body: str, author: str
) -> Delivery:
    return Delivery(
        id=uuid4(),
        partner_id=partner_id,
        kind=kind,
        request_id=request_id,
        mark=mark,
        body=body,
        created_at=uow.now,
        due_at=uow.now,
        author=author,
    )
