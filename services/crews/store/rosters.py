"""Rosters, their history, and the shifts that count."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.rosters import (
    Changes,
    DutyShift,
    PlannedShift,
    Roster,
    RosterAct,
    RosterKind,
    RosterState,
    RosterStep,
    Side,
)
from services.crews.store.tables import duty_shifts, roster_acts, rosters
from shared.encoding import plain

_SHIFT_COLUMNS = ("id", "starts_at", "ends_at", "crew_id", "leader", "post", "note")
_DUTY_COLUMNS = ("roster_id", "organisation_id", "begun_at", "ended_at", "confirmed_at", "confirmed_by")


class Rosters:
    """Rosters by id; duty shifts by time."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Wait until nobody else changes rosters: their rules span all of them."""
        key = sa.func.hashtextextended("rosters", 0)
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def get(self, roster_id: UUID) -> Roster | None:
        query = sa.select(rosters).where(rosters.c.id == roster_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _roster(row)

    def put(self, roster: Roster) -> None:
        row = {**vars(roster), "shifts": plain(list(map(asdict, roster.shifts)))}
        row["agreed"] = {side.value: by for side, by in roster.agreed.items()}
        statement = insert(rosters).values(row).on_conflict_do_update(index_elements=["id"], set_=row)
        self._connection.execute(statement)

    def between(self, since: date, until: date) -> list[Roster]:
        """The rosters with a day between two days, both included, the earliest first."""
        query = sa.select(rosters).where(rosters.c.ends_on >= since, rosters.c.starts_on <= until)
        rows = self._connection.execute(query.order_by(rosters.c.starts_on, rosters.c.id)).mappings()
        return [_roster(row) for row in rows]

    def note(self, act: RosterAct) -> None:
        row = {**vars(act), "changes": plain(asdict(act.changes))}
        self._connection.execute(roster_acts.insert().values(row))

    def history(self, roster_id: UUID) -> list[RosterAct]:
        """What was done to a roster, the earliest first."""
        query = sa.select(roster_acts).where(roster_acts.c.roster_id == roster_id).order_by(roster_acts.c.id)
        return [_act(row) for row in self._connection.execute(query).mappings()]

    def published(self, since: datetime, until: datetime) -> list[DutyShift]:
        """The shifts that have a part between two moments, the earliest first."""
        return self._duty(duty_shifts.c.ends_at > since, duty_shifts.c.starts_at < until)

    def published_of(self, roster_id: UUID) -> list[DutyShift]:
        return self._duty(duty_shifts.c.roster_id == roster_id)

    def duty(self, shift_id: UUID) -> DutyShift | None:
        """One shift, locked until this transaction ends."""
        query = sa.select(duty_shifts).where(duty_shifts.c.id == shift_id).with_for_update()
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _duty_shift(row)

    def put_duty(self, shift: DutyShift) -> None:
        planned = {**{name: getattr(shift.shift, name) for name in _SHIFT_COLUMNS}}
        row = {**planned, **{name: getattr(shift, name) for name in _DUTY_COLUMNS}}
        row["people"] = list(shift.shift.people)
        statement = insert(duty_shifts).values(row).on_conflict_do_update(index_elements=["id"], set_=row)
        self._connection.execute(statement)

    def drop_duty(self, shift_id: UUID) -> None:
        self._connection.execute(duty_shifts.delete().where(duty_shifts.c.id == shift_id))

    def take_due(self, now: datetime, limit: int) -> list[DutyShift]:
        """Shifts to begin or to end now, locked; those that another replica has in hand are left to it."""
        begins = sa.and_(duty_shifts.c.begun_at.is_(None), duty_shifts.c.starts_at <= now)
        due = sa.or_(begins, duty_shifts.c.ends_at <= now)
        query = sa.select(duty_shifts).where(duty_shifts.c.ended_at.is_(None), due)
        ordered = query.order_by(duty_shifts.c.ends_at, duty_shifts.c.id).limit(limit)
        locked = ordered.with_for_update(skip_locked=True)
        return [_duty_shift(row) for row in self._connection.execute(locked).mappings()]

    def take_unconfirmed(self, begun_before: datetime) -> list[DutyShift]:
        """Shifts of crews that run since ``begun_before`` or longer and that nobody confirmed, locked; those
        that another replica has in hand are left to it."""
        running = sa.and_(duty_shifts.c.begun_at.is_not(None), duty_shifts.c.ended_at.is_(None))
        late = sa.and_(duty_shifts.c.starts_at <= begun_before, duty_shifts.c.confirmed_at.is_(None))
        query = sa.select(duty_shifts).where(running, late, duty_shifts.c.crew_id.is_not(None))
        locked = query.order_by(duty_shifts.c.starts_at, duty_shifts.c.id).with_for_update(skip_locked=True)
        return [_duty_shift(row) for row in self._connection.execute(locked).mappings()]

    def _duty(self, *conditions: sa.ColumnElement[bool]) -> list[DutyShift]:
        query = sa.select(duty_shifts).where(*conditions).order_by(duty_shifts.c.starts_at, duty_shifts.c.id)
        return [_duty_shift(row) for row in self._connection.execute(query).mappings()]


def _roster(row: sa.RowMapping) -> Roster:
    values = {
        **row,
        "kind": RosterKind(row["kind"]),
        "state": RosterState(row["state"]),
        "shifts": tuple(map(_planned, row["shifts"])),
        "agreed": {Side(side): by for side, by in row["agreed"].items()},
    }
    return Roster(**values)


def _planned(stored: dict[str, Any]) -> PlannedShift:
    values = {
        **stored,
        "id": UUID(stored["id"]),
        "starts_at": datetime.fromisoformat(stored["starts_at"]),
        "ends_at": datetime.fromisoformat(stored["ends_at"]),
        "people": tuple(map(UUID, stored["people"])),
        "crew_id": UUID(stored["crew_id"]) if stored["crew_id"] else None,
        "leader": UUID(stored["leader"]) if stored["leader"] else None,
    }
    return PlannedShift(**values)


def _duty_shift(row: sa.RowMapping) -> DutyShift:
    shift = PlannedShift(**{name: row[name] for name in _SHIFT_COLUMNS}, people=tuple(row["people"]))
    return DutyShift(shift, **{name: row[name] for name in _DUTY_COLUMNS})


def _act(row: sa.RowMapping) -> RosterAct:
    changes = Changes(**{name: tuple(map(UUID, ids)) for name, ids in row["changes"].items()})
    values = {name: value for name, value in row.items() if name != "id"}
    return RosterAct(**{**values, "step": RosterStep(row["step"]), "changes": changes})
