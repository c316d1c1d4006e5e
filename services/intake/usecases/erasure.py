"""Forgetting people: who asked for it, and who has not been heard of for long.

What the law wants kept stays: the request with its number, place, times and category. The person goes:
number, name, messages, photos, and what was written is kept without phone numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.errors import ContactAwaitsCall, ContactNotFound, ContactStillNeeded
from services.intake.usecases.ports import UnitOfWork

_BATCH = 200
_NOBODY = UUID(int=0)


@dataclass
class Report:
    """What a retention run did."""

    erased: int = 0
    still_needed: int = 0
    access_rows: int = 0


def erase_by_phone(uow: UnitOfWork, phone: str) -> UUID:
    """Forget whoever has this number; returns their reference. Raises ContactNotFound."""
    with uow:
        contact = uow.contacts.by_phone(phone)
    if contact is None:
        raise ContactNotFound
    erase_contact(uow, contact.ref)
    return contact.ref


def erase_contact(uow: UnitOfWork, contact_ref: UUID) -> bool:
    """Forget one person; False if that was done before. Raises ContactNotFound, and ContactStillNeeded while
    one of their requests is open: somebody may have to call them."""
    with uow:
        contact = uow.contacts.by_ref(contact_ref)
        if contact is None:
            raise ContactNotFound
        if contact.is_erased:
            return False
        _check_not_needed(uow, contact_ref)
        for request in uow.requests.of_contact(contact_ref):
            uow.requests.save(request.without_person())
            uow.links.forget(request.id)
            uow.reports.forget(request.id)
            uow.photos.forget(request.id)
            uow.cards.forget(request.id)
            uow.deliveries.forget(request.id)
        uow.messages.forget(contact_ref)
        uow.calls.forget(contact_ref)
        uow.contacts.forget(contact_ref, uow.now)
        uow.emit("contact.erased", str(contact_ref), {"contact_ref": contact_ref, "at": uow.now})
        uow.commit()
    return True


def retire(transaction: Callable[[], UnitOfWork], before: datetime) -> Report:
    """Forget everybody not heard of since ``before``, one transaction each; safe to stop and to repeat."""
    report, last = Report(), _NOBODY
    while idle := _idle(transaction(), before, last):
        for last in idle:
            _retire_one(transaction(), last, report)
    with transaction() as uow:
        report.access_rows = uow.access_log.drop(before)
        uow.commit()
    return report


def _idle(uow: UnitOfWork, before: datetime, after: UUID) -> list[UUID]:
    with uow:
        return uow.contacts.idle(before, after, _BATCH)


def _retire_one(uow: UnitOfWork, contact_ref: UUID, report: Report) -> None:
    try:
        report.erased += erase_contact(uow, contact_ref)
    except ContactStillNeeded:
        report.still_needed += 1


def _check_not_needed(uow: UnitOfWork, contact_ref: UUID) -> None:
    if uow.callbacks.open_of(contact_ref) is not None:
        raise ContactAwaitsCall
    numbers = []
    for request in uow.requests.of_contact(contact_ref):
        standing = uow.standings.get(request.id)
        if not request.is_draft and (standing is None or not standing.is_finished):
            numbers.append(str(request.number))
    if numbers:
        raise ContactStillNeeded(numbers=", ".join(numbers))
