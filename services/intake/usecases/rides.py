"""What a request's ride on an outage looks like to the other services: the events, and the moves behind them.

Callers own the transaction and hold the family of the symptom (``uow.outages.serialise``).
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.intake.domain.outages import Outage, State
from services.intake.domain.riders import Left, Part, Rider
from services.intake.usecases.ports import UnitOfWork

SYSTEM = "system"
_TOLD = (
    "kind",
    "state",
    "symptoms",
    "level",
    "lead_request_id",
    "cause",
    "course",
    "started_at",
    "ends_by",
    "ended_at",
    "organisation",
    "author",
    "reason",
    "version",
)


def ride_of(outage: Outage) -> dict[str, Any]:
    """What everybody who hears of a joined request must know of its outage."""
    return {
        "outage_id": outage.id,
        "outage_number": str(outage.number),
        "outage_kind": outage.kind,
        "symptom": outage.symptom,
        "lead_request_id": outage.lead_request_id,
        "ends_by": outage.ends_by,
    }


def join(uow: UnitOfWork, outage: Outage, rider: Rider, by: str = SYSTEM) -> Rider:
    """The rider rides on the outage from now on, and everybody hears of it."""
    riding = board(uow, outage, rider)
    told = {**ride_of(outage), "request_id": rider.request_id, "by": by, "at": uow.now}
    uow.emit("request.joined", str(rider.request_id), told)
    return riding


def board(uow: UnitOfWork, outage: Outage, rider: Rider) -> Rider:
    """The same for a request that is being registered: ``request.registered`` itself tells of the ride."""
    riding = rider.joined(outage.id, Part.MEMBER, uow.now)
    uow.riders.save(riding)
    uow.outages.touch(outage.id, uow.now)
    return riding


def split(
    uow: UnitOfWork, rider: Rider, because: Left, by: str = SYSTEM, hazards: frozenset[str] = frozenset()
) -> Rider:
    """The rider is worked on by itself from now on, at once."""
    alone = rider.left(because, uow.now)
    uow.riders.save(alone)
    _tell_split(uow, rider, because, by, hazards)
    return alone


def lead(uow: UnitOfWork, outage: Outage, rider: Rider) -> Outage:
    """The outage with this member in front: it gets the crew that the one before it no longer has."""
    uow.riders.save(replace(rider, part=Part.LEAD))
    _tell_split(uow, rider, Left.LEADS, SYSTEM, frozenset())
    return replace(outage, lead_request_id=rider.request_id, hazards=rider.hazards)


def put_in_front(uow: UnitOfWork, outage: Outage, rider: Rider) -> Outage:
    """The outage led by this request, which was on its own and keeps the crew it has or gets."""
    uow.riders.save(rider.joined(outage.id, Part.LEAD, uow.now))
    return replace(outage, lead_request_id=rider.request_id, hazards=rider.hazards)


def hand_over(uow: UnitOfWork, outage: Outage, reason: str) -> Outage:
    """The outage after its lead is gone without having solved it; called off if nobody rides on it."""
    members = uow.riders.riding(outage.id)
    successor = next((rider for rider in members if rider.part is Part.MEMBER), None)
    if successor is None:
        return outage.moved(State.CALLED_OFF, uow.now, reason)
    return lead(uow, outage, successor)


def store(uow: UnitOfWork, outage: Outage, is_new: bool = False) -> Outage:
    """Keep what changed in an outage and announce it."""
    changed = replace(outage, updated_at=uow.now)
    if is_new:
        uow.outages.add(changed)
    else:
        changed = uow.outages.save(changed)
    uow.emit("outage.changed", str(changed.id), _outage(changed))
    return changed


def end_ride(uow: UnitOfWork, rider: Rider, outage: Outage) -> None:
    """The outage is over, and so is the request."""
    uow.riders.save(rider.ended(Left.SOLVED, uow.now))
    told = {
        "request_id": rider.request_id,
        "outage_id": outage.id,
        "outage_number": str(outage.number),
        "result": outage.reason or "fixed",
        "at": outage.ended_at,
    }
    uow.emit("request.ride_ended", str(rider.request_id), told)


def _tell_split(uow: UnitOfWork, rider: Rider, because: Left, by: str, hazards: frozenset[str]) -> None:
    outage_id: UUID | None = rider.outage_id
    told = {
        "request_id": rider.request_id,
        "outage_id": outage_id,
        "reason": because,
        "hazards": sorted(hazards),
        "by": by,
        "at": uow.now,
    }
    uow.emit("request.split", str(rider.request_id), told)


def _outage(outage: Outage) -> dict[str, Any]:
    return {
        **{name: getattr(outage, name) for name in _TOLD},
        "outage_id": outage.id,
        "number": str(outage.number),
        "hazards": sorted(outage.hazards),
        "tell": {language: outage.tell.get(language, "") for language in ("ru", "kk")},
        "houses": [
            {
                "building": house.key,
                "address": house.label,
                "entrances": list(house.entrances),
                "flats": list(house.flats),
                "state": house.state,
            }
            for house in outage.houses
        ],
        "changed_at": outage.updated_at,
    }
