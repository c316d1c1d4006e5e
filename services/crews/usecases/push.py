"""Phones that want to be woken, and waking them."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from services.crews.domain.push import Fate, Push, Subscription, next_try
from services.crews.usecases.ports import Pusher, Transactions, UnitOfWork

_LEASE = timedelta(seconds=60)
_AT_ONCE = 50


def subscribe(uow: UnitOfWork, phone: Subscription) -> UUID:
    """Wake this phone from now on; returns the subscription's id."""
    with uow:
        known = uow.pushes.subscribe(phone, uow.now)
        uow.commit()
    return known


def unsubscribe(uow: UnitOfWork, crew_id: UUID, subscription_id: UUID) -> None:
    """Wake it no more."""
    with uow:
        uow.pushes.unsubscribe(subscription_id, crew_id)
        uow.commit()


def send_pushes(transactions: Transactions, pusher: Pusher) -> int:
    """Send what is due, with no transaction open; returns how many phones were reached.

    Claimed under a lease: what a process that dies had claimed is sent again, and the phone shows it once.
    """
    with transactions() as uow:
        now = uow.now
        claimed = uow.pushes.claim(now, _LEASE, _AT_ONCE)
        if not claimed:
            return 0
        uow.commit()
    fates = pusher.send([push for push in claimed if push.expires_at > now], now)
    with transactions() as uow:
        for push in claimed:
            _settle(uow, push, fates)
        uow.commit()
    return list(fates.values()).count(Fate.SENT)


def _settle(uow: UnitOfWork, push: Push, fates: Mapping[int, Fate]) -> None:
    fate = fates.get(push.id, Fate.SENT)  # none: nobody wants to know any more
    if fate is Fate.GONE:
        uow.pushes.unsubscribe(push.subscription.id)
    elif fate is Fate.LATER and next_try(push.attempts, uow.now) < push.expires_at:
        uow.pushes.postpone(push.id, next_try(push.attempts, uow.now))
    else:
        uow.pushes.done(push.id)
