"""What dispatchers do with outages: open, change, join, split, close, call off, copy, look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.intake.domain.outages import Kind, Outage, OutageFilter, State
from services.intake.domain.riders import House, HouseState, Left, Part, Rider
from services.intake.domain.spreading import FURTHEST
from services.intake.domain.troubles import Level, TroubleBook
from services.intake.errors import (
    AlreadyRiding,
    ForbiddenOutageMove,
    NotRiding,
    OutageChanged,
    OutageNotFound,
    RequestNotFound,
    UnknownSymptom,
)
from services.intake.usecases import incidents, rides
from services.intake.usecases.forms import Command
from services.intake.usecases.ports import UnitOfWork

MOST_GATHERED = 500
"""How many requests one command takes along at most; the others join when they are heard of again."""


@dataclass(frozen=True)
class Plan:
    """An outage as a dispatcher enters it. ``started_at`` may lie ahead: until then nobody joins."""

    kind: Kind
    symptoms: tuple[str, ...]
    houses: tuple[House, ...]
    started_at: datetime | None = None
    ends_by: datetime | None = None
    cause: str = ""
    course: str = ""
    tell: Mapping[str, str] | None = None
    organisation: str | None = None
    lead_request_id: UUID | None = None


@dataclass(frozen=True)
class Seen:
    """An outage with how many requests belong to it and the number of the one in front."""

    outage: Outage
    requests: int
    lead_number: int | None
    overdue: bool


Encode = Callable[[Seen], Any]


def once(uow: UnitOfWork, command: Command, work: Callable[[UnitOfWork], Seen], encode: Encode) -> Any:
    """Do a command once: the same one coming again gets the same answer and changes nothing."""
    with uow:
        if command.key is not None:
            earlier = uow.idempotency.claim(command.key, command.actor_id, command.fingerprint)
            if earlier is not None:
                return earlier.body
        answer = encode(work(uow))
        if command.key is not None:
            uow.idempotency.answer(command.key, command.actor_id, 200, answer)
        uow.commit()
    return answer


def list_outages(uow: UnitOfWork, wanted: OutageFilter) -> Sequence[Seen]:
    """Outages that fit, the newest first."""
    with uow:
        found = uow.outages.listed(wanted)
        counts = uow.riders.count([outage.id for outage in found])
        return [_seen(uow, outage, counts.get(outage.id, 0)) for outage in found]


def list_at_house(uow: UnitOfWork, house: str) -> Sequence[Seen]:
    """What is known to be wrong at a house now; for whoever has its resident on the line."""
    if not house:
        return []
    wanted = OutageFilter(states=(State.SUSPECTED, State.OPEN), house=house)
    return [seen for seen in list_outages(uow, wanted) if seen.outage.is_on(uow.now)]


def show_ride(uow: UnitOfWork, request_id: UUID) -> Seen | None:
    """The outage that a request belongs to, if any."""
    with uow:
        outage = incidents.ride_of(uow, request_id)
        return None if outage is None else _look(uow, outage)


def show_outage(uow: UnitOfWork, outage_id: UUID) -> Seen:
    """One outage; raises OutageNotFound."""
    with uow:
        return _look(uow, _existing(uow, outage_id))


def list_members(uow: UnitOfWork, outage_id: UUID, after: int, limit: int) -> Sequence[Rider]:
    """The requests of an outage by number, those that ended with it too; raises OutageNotFound."""
    with uow:
        _existing(uow, outage_id)
        return uow.riders.members(outage_id, after, limit)


def open_outage(uow: UnitOfWork, book: TroubleBook, plan: Plan, by: str) -> Seen:
    """Enter an outage; who has reported it already joins, the first of them in front unless it is planned."""
    _check_symptoms(book, plan.symptoms)
    uow.outages.serialise(book.family(name) for name in plan.symptoms)
    outage = Outage(
        id=uuid4(),
        number=uow.outages.next_number(),
        kind=plan.kind,
        state=State.OPEN,
        symptoms=plan.symptoms,
        level=Level.HOUSE,
        started_at=plan.started_at or uow.now,
        created_at=uow.now,
        updated_at=uow.now,
        houses=plan.houses,
        cause=plan.cause,
        course=plan.course,
        tell=plan.tell or {},
        ends_by=plan.ends_by,
        organisation=plan.organisation,
        author=by,
    )
    outage = rides.store(uow, outage, is_new=True)
    if plan.lead_request_id is not None:
        outage = rides.store(uow, rides.put_in_front(uow, outage, _free(uow, plan.lead_request_id)))
    return _look(uow, _gathered(uow, book, outage))


def change_outage(
    uow: UnitOfWork, book: TroubleBook, outage_id: UUID, version: int, changes: Mapping[str, Any]
) -> Seen:
    """Change what is known; who rides at a house that is restored is let go. Raises OutageChanged."""
    _check_symptoms(book, changes.get("symptoms", ()))
    outage = _held(uow, book, outage_id, version, changes.get("symptoms", ()))
    changed = replace(outage, **changes)
    if changed == outage:
        return _look(uow, outage)
    changed = rides.store(uow, changed)
    _let_restored_go(uow, outage, changed)
    return _look(uow, _gathered(uow, book, changed))


def close_outage(uow: UnitOfWork, book: TroubleBook, outage_id: UUID, version: int, result: str) -> Seen:
    """It is over for everybody; requests are let go in batches right after."""
    outage = _held(uow, book, outage_id, version)
    return _look(uow, rides.store(uow, outage.moved(State.CLOSED, uow.now, result)))


def call_off_outage(uow: UnitOfWork, book: TroubleBook, outage_id: UUID, version: int, reason: str) -> Seen:
    """It was none: every request is worked on by itself."""
    outage = _held(uow, book, outage_id, version)
    return _look(uow, rides.store(uow, outage.moved(State.CALLED_OFF, uow.now, reason)))


def copy_outage(uow: UnitOfWork, book: TroubleBook, outage_id: UUID, changes: Plan, by: str) -> Seen:
    """A new outage like another one, with its own times; the other may be over."""
    other = _existing(uow, outage_id)
    houses = tuple(replace(house, state=HouseState.OFF) for house in other.houses)
    plan = Plan(
        kind=changes.kind,
        symptoms=other.symptoms,
        houses=houses,
        started_at=changes.started_at,
        ends_by=changes.ends_by,
        cause=other.cause,
        tell=other.tell,
        organisation=other.organisation,
    )
    return open_outage(uow, book, plan, by)


def join_request(uow: UnitOfWork, book: TroubleBook, outage_id: UUID, request_id: UUID, by: str) -> Seen:
    """A dispatcher finds that a request belongs to an outage, whatever its words say."""
    outage = _held(uow, book, outage_id)
    rider = _free(uow, request_id)
    wider = outage.with_house(rider.at_house(outage.level)) if rider.house else outage
    if wider != outage:
        wider = rides.store(uow, wider)
    rides.join(uow, wider, rider, by)
    return _look(uow, wider)


def split_request(uow: UnitOfWork, book: TroubleBook, outage_id: UUID, request_id: UUID, by: str) -> Seen:
    """A dispatcher finds that a request is another trouble. If it was in front, the next one is now."""
    outage = _held(uow, book, outage_id)
    rider = uow.riders.get(request_id, lock=True)
    if rider is None:
        raise RequestNotFound
    if rider.outage_id != outage_id or not rider.rides:
        raise NotRiding
    if rider.is_member:
        rides.split(uow, rider, Left.DISPATCHER, by)
        return _look(uow, outage)
    uow.riders.save(rider.left(Left.DISPATCHER, uow.now))
    return _look(uow, rides.store(uow, rides.hand_over(uow, outage, "lead_split")))


def _existing(uow: UnitOfWork, outage_id: UUID) -> Outage:
    outage = uow.outages.get(outage_id)
    if outage is None:
        raise OutageNotFound
    return outage


def _held(
    uow: UnitOfWork,
    book: TroubleBook,
    outage_id: UUID,
    version: int | None = None,
    further: Sequence[str] = (),
) -> Outage:
    """A live outage, locked after its families; raises OutageNotFound, OutageChanged, ForbiddenOutageMove."""
    known = _existing(uow, outage_id)
    uow.outages.serialise(book.family(name) for name in (*known.symptoms, *further))
    outage = uow.outages.get(outage_id, lock=True)
    assert outage is not None
    if version is not None and outage.version != version:
        raise OutageChanged(version=outage.version)
    if not outage.is_live:
        raise ForbiddenOutageMove(state=outage.state.value)
    return outage


def _free(uow: UnitOfWork, request_id: UUID) -> Rider:
    rider = uow.riders.get(request_id, lock=True)
    if rider is None:
        raise RequestNotFound
    if rider.rides or rider.ended_at is not None:
        raise AlreadyRiding
    return rider


def _gathered(uow: UnitOfWork, book: TroubleBook, outage: Outage) -> Outage:
    """The outage with the requests that report it already; incidents that the machine found become part."""
    if not outage.is_on(uow.now):
        return outage
    led = outage
    for house in outage.houses:
        for rider in _reported(uow, book, outage, house.key):
            led = _with(uow, book, led, rider)
    return rides.store(uow, led) if led != outage else outage


def _with(uow: UnitOfWork, book: TroubleBook, outage: Outage, rider: Rider) -> Outage:
    """The outage with this request if it belongs there: in front if nobody is, so that somebody goes."""
    current = uow.riders.get(rider.request_id, lock=True)
    if current is None or current.outage_id == outage.id:
        return outage
    if current.outage_id is not None:
        return incidents.merge(uow, outage, current.outage_id) or outage
    if not (outage.accounts_for(current, book, uow.now) and current.may_join):
        return outage
    if outage.wants_lead:
        return rides.put_in_front(uow, outage, current)
    if not incidents.has_crew(uow, current):
        rides.join(uow, outage, current)
    return outage


def _reported(uow: UnitOfWork, book: TroubleBook, outage: Outage, house: str) -> Sequence[Rider]:
    wanted = {
        name for name in book.symptoms if any(book.symptom(own).accounts_for(name) for own in outage.symptoms)
    }
    found = uow.riders.at_house(house, wanted, uow.now - FURTHEST)
    within = [one for one in found if uow.now - one.at <= book.symptom(one.symptom).repeat_within]
    return within[:MOST_GATHERED]


def _let_restored_go(uow: UnitOfWork, before: Outage, after: Outage) -> None:
    was = {key for key, house in before.house_by_key.items() if house.state is HouseState.RESTORED}
    restored = {key for key, house in after.house_by_key.items() if house.state is HouseState.RESTORED} - was
    if not restored:
        return
    for rider in uow.riders.riding(after.id):
        if rider.part is Part.MEMBER and rider.house in restored:
            rides.end_ride(uow, rider, replace(after, ended_at=uow.now, reason="restored"))


def _check_symptoms(book: TroubleBook, symptoms: Sequence[str]) -> None:
    unknown = [name for name in symptoms if name not in book.symptoms]
    if unknown:
        raise UnknownSymptom(symptom=", ".join(unknown))


def _look(uow: UnitOfWork, outage: Outage) -> Seen:
    return _seen(uow, outage, uow.riders.count([outage.id]).get(outage.id, 0))


def _seen(uow: UnitOfWork, outage: Outage, requests: int) -> Seen:
    lead = uow.requests.get(outage.lead_request_id) if outage.lead_request_id else None
    return Seen(outage, requests, lead.number if lead else None, outage.is_overdue(uow.now))
