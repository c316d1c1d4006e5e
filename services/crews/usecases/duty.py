"""A crew's day: who it is, whether it works, where it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.crews.domain.feed import Topic
from services.crews.domain.people import (
    Crew,
    Position,
    Shift,
    Thinning,
    begin_shift,
    end_shift,
    noticeable,
)
from services.crews.errors import CrewNotFound
from services.crews.usecases.lineups import lineups_at
from services.crews.usecases.ports import UnitOfWork


@dataclass(frozen=True)
class ShiftWish:
    """To be on shift, until a time if known; or to be off it."""

    on: bool
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Mate:
    """One of a crew, as its own people know each other."""

    name: str
    leader: bool


def describe_crew(uow: UnitOfWork, crew_id: UUID) -> tuple[Crew, Shift | None]:
    """A crew and its latest shift."""
    with uow:
        return _crew(uow, crew_id), uow.duty.shift_now(crew_id)


def people_now(uow: UnitOfWork, crew_id: UUID) -> list[Mate]:
    """Who is in the crew now, its leader first."""
    with uow:
        staff, lineup = uow.staff.everything(), lineups_at(uow, uow.now).get(crew_id)
    if crew_id not in staff.crews:
        raise CrewNotFound
    team = staff.team(crew_id, uow.now, lineup)
    mates = [Mate(staff.people[id_].name, id_ == team.leader) for id_ in team.members]
    return sorted(mates, key=lambda mate: not mate.leader)


def change_shift(uow: UnitOfWork, crew_id: UUID, wish: ShiftWish, longest: timedelta) -> Shift | None:
    """Begin, prolong or end the shift; says nothing to others if it is so already. None: never on shift."""
    with uow:
        _crew(uow, crew_id)
        shift = put_shift(uow, crew_id, wish, longest)
        uow.commit()
    return shift


def put_shift(uow: UnitOfWork, crew_id: UUID, wish: ShiftWish, longest: timedelta) -> Shift | None:
    """The same inside a transaction that its caller commits."""
    before = uow.duty.shift(crew_id)
    after = begin_shift(before, uow.now, wish.ends_at, longest) if wish.on else end_shift(before, uow.now)
    if after is not None and after != before:
        uow.duty.set_shift(crew_id, after)
        uow.feed.touch(crew_id, Topic.SHIFT, crew_id)
        _tell_shift(uow, crew_id, after)
    return after


def note_position(uow: UnitOfWork, crew_id: UUID, position: Position, thinning: Thinning) -> bool:
    """Keep where the crew is; tells others, and returns True, only when it moved noticeably.

    A position older than the one known (replayed by a device that was offline) changes nothing; a device
    whose clock runs ahead does not get ahead of ours.
    """
    with uow:
        latest = _not_ahead(position, uow.now)
        known = uow.duty.positions(crew_id) or (None, None)
        if known[0] is not None and latest.at <= known[0].at:
            return False
        told = noticeable(known[1], latest, thinning)
        uow.duty.set_positions(crew_id, latest, latest if told or known[1] is None else known[1])
        if told:
            _tell_position(uow, crew_id, latest)
        uow.commit()
    return told


def _crew(uow: UnitOfWork, crew_id: UUID) -> Crew:
    crew = uow.staff.crew(crew_id)
    if crew is None:
        raise CrewNotFound(f"no crew {crew_id}")
    return crew


def _not_ahead(position: Position, now: datetime) -> Position:
    return Position(position.lat, position.lon, position.accuracy_m, min(position.at, now))


def _tell_shift(uow: UnitOfWork, crew_id: UUID, shift: Shift) -> None:
    data = {
        "crew_id": crew_id,
        "on_shift": shift.on,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "at": uow.now,
    }
    uow.emit("crew.shift_changed", str(crew_id), data)


def _tell_position(uow: UnitOfWork, crew_id: UUID, position: Position) -> None:
    data = {
        "crew_id": crew_id,
        "lat": position.lat,
        "lon": position.lon,
        "accuracy_m": position.accuracy_m,
        "at": position.at,
    }
    uow.emit("crew.position_changed", str(crew_id), data)
