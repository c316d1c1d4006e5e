"""Finding requests, and what is known around one that is being typed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.intake.domain.hearing import Listener
from services.intake.domain.lookup import Found, Notice, Wanted, warnings_of
from services.intake.domain.outages import LIVE, Outage, OutageFilter
from services.intake.domain.requests import Request
from services.intake.domain.riders import house_key
from services.intake.errors import RequestNotFound
from services.intake.usecases.ports import Phone, UnitOfWork

HISTORY = timedelta(days=90)
"""How far back an operator sees what happened in the house."""
_MOST = 20


@dataclass(frozen=True)
class Around:
    """What an operator should know while the caller is on the line."""

    request: Request
    outages: Sequence[Outage]
    here: Sequence[Found]
    theirs: Sequence[Found]
    warnings: Sequence[Notice]


def find_requests(
    uow: UnitOfWork,
    listener: Listener,
    wanted: Wanted,
    phone: Phone | None = None,
    address: str | None = None,
) -> Sequence[Found]:
    """Requests that fit, the newest first. An address that is nowhere and a number that is nobody's have
    none."""
    if address is not None:
        at = _at(listener, wanted, address)
        if at is None:
            return []
        wanted = at
    with uow:
        if phone is not None:
            contact = uow.contacts.by_phone(phone.text)
            if contact is None:
                return []
            wanted = replace(wanted, contact_ref=contact.ref)
        return _found(uow, wanted)


def look_around(uow: UnitOfWork, request_id: UUID) -> Around:
    """Outages at the place, earlier requests there and of this person, what to notice; RequestNotFound."""
    with uow:
        request = uow.requests.get(request_id)
        if request is None:
            raise RequestNotFound
        here, theirs, on_paper = _here(uow, request), _theirs(uow, request), _on_paper(uow, request)
        warnings = warnings_of(request, theirs, here, on_paper, uow.now)
        return Around(request, _outages(uow, request), here, theirs, warnings)


def _at(listener: Listener, wanted: Wanted, text: str) -> Wanted | None:
    """The house that an address means, or the street if it names no house; None if it means nothing here."""
    resolution = listener.resolver.resolve(text)
    known = resolution.best or next(iter(resolution.choices), None)
    if known is None:
        return None
    address = known.address
    if address.building_id is not None:
        return replace(wanted, building_id=address.building_id)
    return replace(wanted, street=address.street, house=address.house)


def _here(uow: UnitOfWork, request: Request) -> Sequence[Found]:
    address = request.address
    if address is None or not (address.building_id or address.house):
        return []
    place = Wanted(building_id=address.building_id)
    if address.building_id is None:
        place = Wanted(street=address.street, house=address.house)
    return _others(uow, request, replace(place, since=uow.now - HISTORY))


def _theirs(uow: UnitOfWork, request: Request) -> Sequence[Found]:
    contact_ref = request.contact_ref
    if contact_ref is None and request.desk.phone:
        contact = uow.contacts.by_phone(request.desk.phone)
        contact_ref = contact.ref if contact is not None else None
    return _others(uow, request, Wanted(contact_ref=contact_ref)) if contact_ref is not None else []


def _on_paper(uow: UnitOfWork, request: Request) -> Sequence[Found]:
    number = request.desk.paper_number
    found = _others(uow, request, Wanted(number=number)) if number else []
    return [other for other in found if other.request.desk.paper_number == number]


def _outages(uow: UnitOfWork, request: Request) -> Sequence[Outage]:
    address = request.full_address
    key = house_key(address) if address is not None else ""
    if address is None or not key:
        return []
    live = uow.outages.listed(OutageFilter(states=tuple(LIVE), house=key))
    return [one for one in live if one.house_by_key[key].contains(address.entrance, address.flat)]


def _others(uow: UnitOfWork, request: Request, wanted: Wanted) -> Sequence[Found]:
    found = _found(uow, replace(wanted, limit=_MOST + 1))
    return [other for other in found if other.request.id != request.id][:_MOST]


def _found(uow: UnitOfWork, wanted: Wanted) -> Sequence[Found]:
    requests = uow.requests.search(wanted)
    standings = uow.standings.of([request.id for request in requests])
    return [Found(request, standings.get(request.id)) for request in requests]
