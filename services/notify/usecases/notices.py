"""One outage, many residents: who joined is told, and all who ride on it hear when its end changes.

A notice goes out in bounded batches, one message for one number and one fact, however many requests it made.
"""

from datetime import tzinfo
from uuid import UUID, uuid4

from services.notify.domain import outages as words
from services.notify.domain.bulletins import Bulletin
from services.notify.domain.messages import Message
from services.notify.domain.outages import Outage, Ride
from services.notify.usecases import alerting
from services.notify.usecases.alert_ports import Shipped
from services.notify.usecases.ports import Transaction


def note_ride(uow: Transaction, ride: Ride, zone: tzinfo) -> None:
    """Somebody who has had a confirmation already hears that the request rides on an outage now."""
    with uow:
        if uow.rides.put(ride):
            telling = words.of_joining(ride, zone)
            uow.messages.add(Message.queued(uuid4(), ride.request_id, telling, uow.now))
        uow.commit()


def note_split(uow: Transaction, ride: Ride, reason: str) -> None:
    """On its own again; who asked for it by answering us has had the answer already."""
    with uow:
        if uow.rides.put(ride) and reason not in words.SELF_MADE:
            uow.messages.add(Message.queued(uuid4(), ride.request_id, words.of_split(ride), uow.now))
        uow.commit()


def note_outage(
    uow: Transaction,
    outage: Outage,
    zone: tzinfo,
    bulletin: Bulletin | None = None,
    shipped: Shipped | None = None,
    lead: UUID | None = None,
) -> None:
    """Keep what is known of an outage; what concerns its residents becomes a notice, what the public may
    know its bulletin."""
    with uow:
        before = uow.outages.lock(outage.id)
        if before is None or before.version < outage.version:
            uow.outages.put(outage)
            if bulletin is not None:
                uow.bulletins.put(bulletin)
                alerting.on_outage(uow, shipped or {}, bulletin, lead)
            for notice in words.notices(before, outage, zone):
                uow.outages.announce(notice)
        uow.commit()


def spread_notices(uow: Transaction, batch: int) -> int:
    """Queue the next ``batch`` messages of the oldest notice; returns how many there were."""
    with uow:
        notice = uow.outages.claim_notice()
        if notice is None:
            return 0
        heard = uow.rides.next_contacts(notice.outage_id, notice.after_contact, batch)
        for _, request_id in heard:
            uow.messages.add(Message.queued(uuid4(), request_id, notice.telling, uow.now))
        uow.outages.advance(notice, heard[-1][0] if len(heard) == batch else None)
        uow.commit()
    return len(heard)
