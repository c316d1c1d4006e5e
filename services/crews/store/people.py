"""Organisations, people and crews; who is on shift, and where the crews are."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, astuple
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.fitness import Absence, AbsenceKind, Equipment, Permit
from services.crews.domain.oncall import OnCallList, OnCallStep
from services.crews.domain.people import Crew, Organisation, Person, Position, Shift, Staff
from services.crews.store.tables import (
    absences,
    crews,
    equipment,
    on_call_lists,
    organisations,
    people,
    positions,
    shifts,
    told_crews,
)
from shared.encoding import plain

_PLACE = ("lat", "lon", "accuracy_m", "at")
_STEP_IDS = ("person_id", "crew_id", "organisation_id")
_SEQUENCES = ("specialisations", "members", "equipment", "languages")
_COLUMNS = ("crew_id", *_PLACE, *(f"told_{name}" for name in _PLACE))
_PUT_POSITIONS = sa.text(
    f"""
    INSERT INTO positions ({", ".join(_COLUMNS)})
    SELECT told.* FROM unnest(
        CAST(:crew_id AS uuid[]),
        CAST(:lat AS float8[]), CAST(:lon AS float8[]), CAST(:accuracy_m AS float8[]),
        CAST(:at AS timestamptz[]),
        CAST(:told_lat AS float8[]), CAST(:told_lon AS float8[]), CAST(:told_accuracy_m AS float8[]),
        CAST(:told_at AS timestamptz[])
    ) AS told (id) JOIN crews ON crews.id = told.id
    ON CONFLICT (crew_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])}
    RETURNING crew_id
    """  # noqa: S608 - names of our own columns
)


class StaffRegister:
    """Master data, read and written as a whole: it is small and changes seldom."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def everything(self) -> Staff:
        return Staff(
            {row["id"]: Organisation(**row) for row in self._rows(organisations)},
            {row["id"]: _person(row) for row in self._rows(people)},
            {row["id"]: _crew(row) for row in self._rows(crews)},
            {row["id"]: Equipment(**row) for row in self._rows(equipment)},
            {row["id"]: _absence(row) for row in self._rows(absences)},
            {row["id"]: _on_call(row) for row in self._rows(on_call_lists)},
        )

    def lock(self) -> None:
        """Wait until nobody else changes master data: it is small, and its rules span all of it."""
        key = sa.func.hashtextextended("staff", 0)
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def told(self) -> dict[UUID, dict[str, Any]]:
        """What routing was told last of each crew."""
        return {row["crew_id"]: row["body"] for row in self._rows(told_crews)}

    def note_told(self, crew_id: UUID, told: Mapping[str, Any]) -> None:
        values = {"crew_id": crew_id, "body": told}
        statement = insert(told_crews).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["crew_id"], set_={"body": told})
        )

    def drop_absence(self, absence_id: UUID) -> None:
        self._connection.execute(absences.delete().where(absences.c.id == absence_id))

    def crew(self, crew_id: UUID) -> Crew | None:
        rows = self._rows(crews, crews.c.id == crew_id)
        return _crew(rows[0]) if rows else None

    def save(self, staff: Staff) -> None:
        """Insert or replace everything in ``staff``, owners before what they own."""
        self._upsert(organisations, map(asdict, staff.organisations.values()))
        self._upsert(people, map(_person_row, staff.people.values()))
        self._upsert(crews, map(_crew_row, staff.crews.values()))
        self._upsert(equipment, map(asdict, staff.equipment.values()))
        self._upsert(absences, map(asdict, staff.absences.values()))
        self._upsert(on_call_lists, map(_on_call_row, staff.on_call.values()))

    def _rows(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
        found = self._connection.execute(sa.select(table).where(*conditions)).mappings()
        return [dict(row) for row in found]

    def _upsert(self, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            statement = insert(table).values(row).on_conflict_do_update(index_elements=["id"], set_=row)
            self._connection.execute(statement)


class Duty:
    """The shift and the position of each crew."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def shift(self, crew_id: UUID) -> Shift | None:
        """The crew's latest shift, locked until this transaction ends."""
        return self._shift(sa.select(shifts).where(shifts.c.crew_id == crew_id).with_for_update())

    def shift_now(self, crew_id: UUID) -> Shift | None:
        """The same for reading only: waits for nobody."""
        return self._shift(sa.select(shifts).where(shifts.c.crew_id == crew_id))

    def set_shift(self, crew_id: UUID, shift: Shift) -> None:
        self._upsert(shifts, crew_id, on_shift=shift.on, starts_at=shift.starts_at, ends_at=shift.ends_at)

    def positions(self, crew_id: UUID) -> tuple[Position, Position] | None:
        """The crew's latest position and the one told last, locked until this transaction ends."""
        query = sa.select(positions).where(positions.c.crew_id == crew_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _both(row)

    def position_now(self, crew_id: UUID) -> Position | None:
        """The crew's latest position, for reading only."""
        row = self._connection.execute(sa.select(positions).where(positions.c.crew_id == crew_id)).first()
        return None if row is None else Position(row.lat, row.lon, row.accuracy_m, row.at)

    def set_positions(self, crew_id: UUID, latest: Position, told: Position) -> None:
        told_columns = {f"told_{name}": value for name, value in asdict(told).items()}
        self._upsert(positions, crew_id, **asdict(latest), **told_columns)

    def many_positions(self, crew_ids: Collection[UUID]) -> dict[UUID, tuple[Position, Position]]:
        """The latest position of each crew and the one told last, locked until this transaction ends."""
        query = sa.select(positions).where(positions.c.crew_id.in_(crew_ids))
        locked = query.order_by(positions.c.crew_id).with_for_update()
        return {row.crew_id: _both(row) for row in self._connection.execute(locked)}

    def put_positions(self, rows: Mapping[UUID, tuple[Position, Position]]) -> set[UUID]:
        """Keep the latest and the told position of many crews in one statement; returns the crews that there
        are: what comes for others is not kept."""
        if not rows:
            return set()
        values = [(id_, *astuple(latest), *astuple(told)) for id_, (latest, told) in sorted(rows.items())]
        columns = {
            name: list(column) for name, column in zip(_COLUMNS, zip(*values, strict=True), strict=True)
        }
        return set(self._connection.scalars(_PUT_POSITIONS, columns))

    def _shift(self, query: sa.Select[Any]) -> Shift | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Shift(row.on_shift, row.starts_at, row.ends_at)

    def _upsert(self, table: sa.Table, crew_id: UUID, **values: Any) -> None:
        statement = insert(table).values(crew_id=crew_id, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["crew_id"], set_=values))


def _both(row: Any) -> tuple[Position, Position]:
    latest = Position(row.lat, row.lon, row.accuracy_m, row.at)
    return latest, Position(row.told_lat, row.told_lon, row.told_accuracy_m, row.told_at)


def _person(row: dict[str, Any]) -> Person:
    return Person(**{**row, "permits": tuple(map(_permit, row["permits"]))})


def _permit(stored: dict[str, Any]) -> Permit:
    expires = stored["expires_on"]
    return Permit(stored["kind"], stored["number"], date.fromisoformat(expires) if expires else None)


def _person_row(person: Person) -> dict[str, Any]:
    return {**asdict(person), "permits": plain([asdict(permit) for permit in person.permits])}


def _absence(row: dict[str, Any]) -> Absence:
    return Absence(**{**row, "kind": AbsenceKind(row["kind"])})


def _on_call(row: dict[str, Any]) -> OnCallList:
    steps = tuple(map(_step, row["steps"]))
    return OnCallList(**{**row, "purposes": tuple(row["purposes"]), "steps": steps})


def _step(stored: dict[str, Any]) -> OnCallStep:
    ids = {name: UUID(stored[name]) if stored[name] else None for name in _STEP_IDS}
    return OnCallStep(**{**stored, **ids})


def _on_call_row(each: OnCallList) -> dict[str, Any]:
    steps = plain([asdict(step) for step in each.steps])
    return {**asdict(each), "purposes": list(each.purposes), "steps": steps}


def _crew(row: dict[str, Any]) -> Crew:
    return Crew(**{**row, **{name: tuple(row[name]) for name in _SEQUENCES}})


def _crew_row(crew: Crew) -> dict[str, Any]:
    row = asdict(crew)
    return {**row, **{name: list(row[name]) for name in _SEQUENCES}}
