"""Contacts and requests as they are stored and told to the other services; callers own the transaction."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.intake.domain.addresses import Address
from services.intake.domain.desk import Desk
from services.intake.domain.hearing import Listener
from services.intake.domain.outages import Outage
from services.intake.domain.requests import Channel, Contact, Missing, Request, Script
from services.intake.errors import Incomplete
from services.intake.usecases import incidents, rides
from services.intake.usecases.ports import Phone, UnitOfWork

_TOLD_OF_ADDRESS = [name for name in Address.__dataclass_fields__ if name not in ("text_kk", "manager")]


def meet(
    uow: UnitOfWork,
    contact: Contact,
    language: str,
    is_new: bool,
    name: str = "",
    script: Script | None = None,
) -> Contact:
    """The contact with the language and letters written now and the name told; notify hears of a new contact
    and of another language or other letters."""
    changed = replace(contact, language=language, name=name or contact.name, script=script or contact.script)
    if changed != contact:
        uow.contacts.save(changed, uow.now)
    if is_new or _reads(changed) != _reads(contact):
        _make_known(uow, changed)
    return changed


def consent(uow: UnitOfWork, contact: Contact, allowed: bool) -> Contact:
    """The contact with their own word on messages from us, which is kept with its time; notify obeys it."""
    changed = replace(contact, sms_allowed=allowed and contact.is_callable, consent_at=uow.now)
    uow.contacts.save(changed, uow.now)
    _make_known(uow, changed)
    return changed


def _reads(contact: Contact) -> tuple[str, Script]:
    return contact.language, contact.script


def _make_known(uow: UnitOfWork, changed: Contact) -> None:
    if changed.is_callable:
        uow.emit(
            "contact.known",
            str(changed.ref),
            {
                "contact_ref": changed.ref,
                "phone": uow.sealer.seal(changed.phone),
                "language": changed.language,
                "sms_allowed": changed.sms_allowed,
                "script": changed.script,
                "at": uow.now,
            },
        )


def contact_at(uow: UnitOfWork, phone: Phone, language: str, name: str = "") -> Contact:
    """The contact of a phone number that was told to us, made known to notify; an empty name changes none."""
    contact, is_new = find_or_add(uow, phone, lambda: language)
    return meet(uow, contact, language, is_new, name)


def find_or_add(uow: UnitOfWork, phone: Phone, language: Callable[[], str]) -> tuple[Contact, bool]:
    """The contact of a sender, locked until the transaction ends, and whether we met just now."""
    known = uow.contacts.by_phone(phone.text)
    if known is not None:
        return known, False
    fresh = Contact(uuid4(), phone.text, language(), phone.is_callable, sms_allowed=phone.is_callable)
    contact = uow.contacts.add(fresh, uow.now)
    return contact, contact.ref == fresh.ref


def after_people(uow: UnitOfWork, request_id: UUID, people: Iterable[Phone | None]) -> Request | None:
    """A request, locked, and before it those of these people whom we know.

    Calls and messages lock in this order too, so that no two transactions wait for each other.
    """
    for number in sorted({phone.text for phone in people if phone is not None}):
        uow.contacts.by_phone(number)
    return uow.requests.get(request_id, lock=True)


def begun(
    uow: UnitOfWork, channel: Channel, language: str, received_at: datetime, sender: Contact | None
) -> Request:
    """An empty draft of a person's own: who is called back is the sender, if they can be called."""
    return Request(
        id=uuid4(),
        channel=channel,
        language=language,
        received_at=received_at,
        updated_at=uow.now,
        sender_ref=sender.ref if sender is not None else None,
        contact_ref=sender.ref if sender is not None and sender.is_callable else None,
    )


def finish(uow: UnitOfWork, listener: Listener, before: Request | None, after: Request) -> Outage | None:
    """Store a request and announce what it became: registered, or a draft that lacks something else now.

    Returns the outage that a registered request rides on, found here and now (rule 6.8).
    """
    if before is None:
        uow.requests.add(after)
    else:
        uow.requests.save(after)
    if not after.is_draft:
        trouble = listener.troubles(after.problem)
        outage = incidents.take_in(uow, listener.troubles.book, after, trouble)
        uow.emit("request.registered", str(after.id), _registered(after, outage))
        return outage
    if before is None or before.missing != after.missing or after.needs_operator > before.needs_operator:
        uow.emit("request.drafted", str(after.id), _drafted(after))
    return None


def _registered(request: Request, outage: Outage | None) -> dict[str, Any]:
    address = request.full_address
    if address is None:
        raise Incomplete(missing=Missing.ADDRESS)
    desk = request.desk
    told = {name: getattr(address, name) for name in _TOLD_OF_ADDRESS}
    if address.manager is not None:
        told["manager"] = address.manager
    return {
        "request_id": request.id,
        "number": str(request.number),
        "channel": request.channel,
        "language": request.language,
        "contact_ref": request.contact_ref,
        "applicant": request.applicant,
        "text": request.public_problem,
        "address": told | ({"access": desk.access} if desk.access else {}),
        "received_at": request.received_at,
        "registered_at": request.registered_at,
        **(rides.ride_of(outage) if outage is not None else {}),
        **({"answered": True} if desk.answer else {}),
        **({"late_entry": _late(desk)} if desk.is_late_entry else {}),
    }


def _late(desk: Desk) -> dict[str, Any]:
    return {"paper_number": desk.paper_number, "entered_at": desk.entered_at}


def _drafted(request: Request) -> dict[str, Any]:
    return {
        "request_id": request.id,
        "channel": request.channel,
        "language": request.language,
        "missing": [Missing(part) for part in request.missing],
        "drafted_at": request.updated_at,
    }
