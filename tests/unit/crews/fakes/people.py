"""People, their shifts and rosters, in memory."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.crews.domain.people import Crew, Position, Shift, Staff
from services.crews.domain.rosters import DutyShift, Roster, RosterAct
from tests.unit.crews.fakes.tables import Tables


class FakeStaffRegister:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def everything(self) -> Staff:
        return self._tables.staff

    def lock(self) -> None:
        """Nobody else is here."""

    def told(self) -> Mapping[UUID, Mapping[str, Any]]:
        return self._tables.told

    def note_told(self, crew_id: UUID, told: Mapping[str, Any]) -> None:
        self._tables.told[crew_id] = told

    def drop_absence(self, absence_id: UUID) -> None:
        staff = self._tables.staff
        kept = {id_: absence for id_, absence in staff.absences.items() if id_ != absence_id}
        self._tables.staff = replace(staff, absences=kept)

    def crew(self, crew_id: UUID) -> Crew | None:
        return self._tables.staff.crews.get(crew_id)

    def save(self, staff: Staff) -> None:
        self._tables.staff = self._tables.staff.updated(staff)


class FakeDuty:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def shift(self, crew_id: UUID) -> Shift | None:
        return self._tables.shifts.get(crew_id)

    def shift_now(self, crew_id: UUID) -> Shift | None:
        return self.shift(crew_id)

    def set_shift(self, crew_id: UUID, shift: Shift) -> None:
        self._tables.shifts[crew_id] = shift

    def positions(self, crew_id: UUID) -> tuple[Position, Position] | None:
        return self._tables.positions.get(crew_id)

    def position_now(self, crew_id: UUID) -> Position | None:
        known = self.positions(crew_id)
        return known[0] if known else None

    def many_positions(self, crew_ids: Collection[UUID]) -> dict[UUID, tuple[Position, Position]]:
        return {id_: known for id_, known in self._tables.positions.items() if id_ in crew_ids}

    def put_positions(self, rows: Mapping[UUID, tuple[Position, Position]]) -> set[UUID]:
        kept = rows.keys() & self._tables.staff.crews.keys()
        self._tables.positions.update({id_: rows[id_] for id_ in kept})
        return set(kept)

    def set_positions(self, crew_id: UUID, latest: Position, told: Position) -> None:
        self._tables.positions[crew_id] = latest, told


class FakeRosters:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def lock(self) -> None:
        """Nobody else is here."""

    def get(self, roster_id: UUID) -> Roster | None:
        return self._tables.rosters.get(roster_id)

    def put(self, roster: Roster) -> None:
        self._tables.rosters[roster.id] = roster

    def between(self, since: date, until: date) -> list[Roster]:
        found = (r for r in self._tables.rosters.values() if r.ends_on >= since and r.starts_on <= until)
        return sorted(found, key=lambda roster: (roster.starts_on, roster.id))

    def note(self, act: RosterAct) -> None:
        self._tables.roster_acts.append(act)

    def history(self, roster_id: UUID) -> list[RosterAct]:
        return [act for act in self._tables.roster_acts if act.roster_id == roster_id]

    def published(self, since: datetime, until: datetime) -> list[DutyShift]:
        return self._duty(lambda duty: duty.shift.ends_at > since and duty.shift.starts_at < until)

    def published_of(self, roster_id: UUID) -> list[DutyShift]:
        return self._duty(lambda duty: duty.roster_id == roster_id)

    def duty(self, shift_id: UUID) -> DutyShift | None:
        return self._tables.duty.get(shift_id)

    def put_duty(self, shift: DutyShift) -> None:
        self._tables.duty[shift.shift.id] = shift

    def drop_duty(self, shift_id: UUID) -> None:
        self._tables.duty.pop(shift_id, None)

    def take_due(self, now: datetime, limit: int) -> list[DutyShift]:
        def is_due(duty: DutyShift) -> bool:
            begins = duty.begun_at is None and duty.shift.starts_at <= now
            return duty.ended_at is None and (begins or duty.shift.ends_at <= now)

        due = sorted(self._duty(is_due), key=lambda duty: (duty.shift.ends_at, duty.shift.id))
        return due[:limit]

    def take_unconfirmed(self, begun_before: datetime) -> list[DutyShift]:
        return self._duty(
            lambda duty: (
                duty.begun_at is not None
                and duty.ended_at is None
                and duty.confirmed_at is None
                and duty.shift.crew_id is not None
                and duty.shift.starts_at <= begun_before
            )
        )

    def _duty(self, wanted: Callable[[DutyShift], bool]) -> list[DutyShift]:
        found = filter(wanted, self._tables.duty.values())
        return sorted(found, key=lambda duty: (duty.shift.starts_at, duty.shift.id))
