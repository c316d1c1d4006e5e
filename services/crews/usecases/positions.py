"""Positions from memory to the database and, thinned, to the others; crews that have arrived by them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from services.crews.domain.moments import DeviceTime
from services.crews.domain.notes import Command
from services.crews.domain.orders import CLOSED, Stage, Step
from services.crews.domain.people import Position, Thinning, noticeable
from services.crews.domain.tracking import Site
from services.crews.errors import AssignmentNotFound
from services.crews.usecases.commands import perform
from services.crews.usecases.notes import own_order
from services.crews.usecases.orders import report_stage
from services.crews.usecases.ports import UnitOfWork
from shared.errors import AvariykaError

GEOFENCE = "geofence"
"""Who reports an arrival that no person reported."""


def write_positions(uow: UnitOfWork, latest: Mapping[UUID, Position], thinning: Thinning) -> list[Site]:
    """Keep where crews are, in one statement, and tell the others in one event of those that moved
    noticeably. Returns where those of them that have departed are expected."""
    with uow:
        known = uow.duty.many_positions(latest)
        newer = {id_: now for id_, now in latest.items() if id_ not in known or now.at > known[id_][0].at}
        told = {
            id_: now
            for id_, now in newer.items()
            if noticeable(known[id_][1] if id_ in known else None, now, thinning)
        }
        rows = {id_: (now, now if id_ in told else known[id_][1]) for id_, now in newer.items()}
        kept = uow.duty.put_positions(rows)
        _tell(uow, {id_: now for id_, now in told.items() if id_ in kept})
        sites = uow.orders.sites(kept)
        uow.commit()
    return sites


def propose_arrival(uow: UnitOfWork, site: Site, at: datetime) -> None:
    """Ask the crew to confirm that it has arrived; it keeps the moment for when it does."""
    with uow:
        try:
            order = own_order(uow, site.crew_id, site.assignment_id)
        except AssignmentNotFound:
            return
        if order.stage is Stage.DEPARTED and order.arrival_seen_at is None:
            uow.orders.put(replace(order, arrival_seen_at=at))
            uow.commit()


def record_arrival(uow: UnitOfWork, site: Site, at: datetime, now: datetime) -> None:
    """Report the arrival for the crew, which may have done so meanwhile; the step says that the geofence
    did."""
    step = Step(Stage.ARRIVED, GEOFENCE, at)
    key = f"{site.assignment_id} {at.isoformat()}"
    time = DeviceTime(at, now)
    command = Command("arrive", key, key, site.crew_id, GEOFENCE, {}, site.assignment_id, time)
    with suppress(AvariykaError):
        perform(uow, command, partial(report_stage, step=step, gate=CLOSED))


def _tell(uow: UnitOfWork, moved: Mapping[UUID, Position]) -> None:
    if not moved:
        return
    positions = [{"crew_id": id_, **vars(here)} for id_, here in sorted(moved.items())]
    uow.emit("crew.positions_changed", "crews", {"positions": positions, "at": uow.now})
