"""Routing's own copies of organisations and crews, fed by events; older news never overwrites newer."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.assignment import State
from services.routing.domain.board import CrewFilter
from services.routing.domain.crews import Crew, Holding, Position, Profile, Shift
from services.routing.domain.organisations import Organisation
from services.routing.domain.words import OTHER, Category, Out
from services.routing.store.assignments import LIVE_STATES, read_leave
from services.routing.store.tables import assignments, cases, crews, organisations, turns

_WAY = sa.cast(sa.func.make_interval(0, 0, 0, 0, 0, assignments.c.eta_minutes), sa.Interval)
_live = (
    sa.select(
        assignments.c.crew_id,
        assignments.c.request_id.label("held_request_id"),
        assignments.c.assignment_id.label("held_assignment_id"),
        assignments.c.state.label("held_state"),
        sa.func.coalesce(assignments.c.changed_at, assignments.c.offered_at).label("held_since"),
        (assignments.c.offered_at + _WAY).label("held_there_at"),
        cases.c.number.label("held_number"),
        cases.c.category.label("held_category"),
        cases.c.place.label("held_place"),
        cases.c.hazards.label("held_hazards"),
        cases.c.address.label("held_address"),
        cases.c.preempted.label("held_preempted"),
        turns.c.pinned_by.is_not(None).label("held_pinned"),
        assignments.c.leave.label("held_leave"),
    )
    .join(cases, cases.c.request_id == assignments.c.request_id)
    .outerjoin(turns, turns.c.request_id == assignments.c.request_id)
    .where(assignments.c.state.in_(LIVE_STATES), assignments.c.instead_of.is_(None))
    .subquery("live")
)
_CREWS = (
    sa.select(crews, *(column for column in _live.c if column.name != "crew_id"))
    .outerjoin(_live, _live.c.crew_id == crews.c.crew_id)
    .where(crews.c.profile_sequence > 0)
)
_FREE = _CREWS.where(crews.c.active, crews.c.on_shift, crews.c.out.is_(None), _live.c.crew_id.is_(None))
_BACK = {"out": None, "out_since": None, "out_on": None}
_HAS_CREWS = (
    sa.exists()
    .where(crews.c.organisation_id == organisations.c.organisation_id, crews.c.active)
    .label("has_crews")
)


class Roster:
    """Crews: master data, shifts, positions, present work."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put_profile(self, crew_id: UUID, profile: Profile, sequence: int) -> bool:
        """Store master data; False if newer ones are known."""
        row: dict[str, Any] = {**vars(profile), "profile_sequence": sequence}
        base: Position | None = row.pop("base")
        row["base_lat"], row["base_lon"] = (None, None) if base is None else (base.lat, base.lon)
        return self._put(crew_id, row, crews.c.profile_sequence < sequence)

    def put_shift(self, crew_id: UUID, shift: Shift, sequence: int) -> bool:
        """Store whether the crew is on shift, which puts it back in service; False if newer news is known."""
        row = {
            "on_shift": shift.on_shift,
            "shift_starts_at": shift.starts_at,
            "shift_ends_at": shift.ends_at,
            "shift_sequence": sequence,
            **_BACK,
        }
        return self._put(crew_id, row, crews.c.shift_sequence < sequence)

    def put_position(self, crew_id: UUID, position: Position) -> bool:
        """Store where the crew is; False if a later position is known."""
        row = {"lat": position.lat, "lon": position.lon, "position_at": position.at}
        newer = sa.or_(crews.c.position_at.is_(None), crews.c.position_at < position.at)
        return self._put(crew_id, row, newer)

    def put_positions(self, positions: Mapping[UUID, Position]) -> None:
        """The same for many crews in one statement."""
        rows = [
            {"crew_id": crew_id, "lat": here.lat, "lon": here.lon, "position_at": here.at}
            for crew_id, here in sorted(positions.items())
        ]
        put = insert(crews).values(rows)
        moving = {name: put.excluded[name] for name in ("lat", "lon", "position_at")}
        newer = sa.or_(crews.c.position_at.is_(None), crews.c.position_at < put.excluded.position_at)
        self._connection.execute(
            put.on_conflict_do_update(index_elements=["crew_id"], set_=moving, where=newer)
        )

    def put_out(self, crew_id: UUID, why: Out, request_id: UUID, at: datetime) -> None:
        """The crew gets no work until it is back."""
        gone = {"out": why.value, "out_since": at, "out_on": request_id}
        self._connection.execute(crews.update().where(crews.c.crew_id == crew_id).values(gone))

    def put_back(self, crew_id: UUID, *why: Out) -> bool:
        """The crew gets work again, if it was out for one of these reasons; whether it was."""
        row = sa.and_(crews.c.crew_id == crew_id, crews.c.out.in_([reason.value for reason in why]))
        return self._connection.execute(crews.update().where(row).values(_BACK)).rowcount == 1

    def out(self) -> list[Crew]:
        """Active crews that get no work for now, the longest first."""
        return self._crews(_CREWS.where(crews.c.active, crews.c.out.is_not(None)).order_by(crews.c.out_since))

    def crew(self, crew_id: UUID) -> Crew | None:
        row = self._connection.execute(_CREWS.where(crews.c.crew_id == crew_id)).mappings().one_or_none()
        return None if row is None else _crew(row)

    def crews(self, crew_ids: Collection[UUID]) -> list[Crew]:
        """Those of the crews that are known, in no order."""
        return self._crews(_CREWS.where(crews.c.crew_id.in_(crew_ids))) if crew_ids else []

    def crews_of(self, organisation_id: UUID) -> list[Crew]:
        """Every crew of an organisation, at work or not."""
        return self._crews(_CREWS.where(crews.c.organisation_id == organisation_id, crews.c.active))

    def free(self) -> list[Crew]:
        """Crews on shift without a live assignment."""
        return self._crews(_FREE)

    def free_for(self, organisation_id: UUID, system: str) -> list[Crew]:
        """Those of an organisation that know ``system`` (``other``: any); the hot path reads no others."""
        own = _FREE.where(crews.c.organisation_id == organisation_id)
        return self._crews(own if system == OTHER else own.where(crews.c.specialisations.contains([system])))

    def listed(self, wanted: CrewFilter) -> list[Crew]:
        """Crews as a dispatcher asks for them, by name."""
        query = _CREWS
        if wanted.organisation_id is not None:
            query = query.where(crews.c.organisation_id == wanted.organisation_id)
        if wanted.on_shift is not None:
            query = query.where(crews.c.on_shift == wanted.on_shift)
        if not wanted.inactive:
            query = query.where(crews.c.active)
        return self._crews(query.order_by(crews.c.name, crews.c.crew_id))

    def _crews(self, query: sa.Select[Any]) -> list[Crew]:
        return [_crew(row) for row in self._connection.execute(query).mappings()]

    def _put(self, crew_id: UUID, row: Mapping[str, Any], newer: sa.ColumnElement[bool]) -> bool:
        statement = insert(crews).values(crew_id=crew_id, **row)
        upsert = statement.on_conflict_do_update(index_elements=["crew_id"], set_=dict(row), where=newer)
        return self._connection.execute(upsert).rowcount == 1


class Organisations:
    """Who there is to hand a request to."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, organisation: Organisation, sequence: int) -> bool:
        """Store master data; False if newer ones are known."""
        row = {name: getattr(organisation, name) for name in ("name", "kind", "active")} | {
            "sequence": sequence
        }
        statement = insert(organisations).values(organisation_id=organisation.organisation_id, **row)
        upsert = statement.on_conflict_do_update(
            index_elements=["organisation_id"], set_=row, where=organisations.c.sequence < sequence
        )
        return self._connection.execute(upsert).rowcount == 1

    def find(self, ids: Collection[UUID]) -> dict[UUID, Organisation]:
        """The organisations among ``ids`` that are known here."""
        return self._by_id(organisations.c.organisation_id.in_(ids))

    def every(self) -> dict[UUID, Organisation]:
        return self._by_id(sa.true())

    def _by_id(self, condition: sa.ColumnElement[bool]) -> dict[UUID, Organisation]:
        columns = [organisations.c[name] for name in ("organisation_id", "name", "kind", "active")]
        rows = self._connection.execute(sa.select(*columns, _HAS_CREWS).where(condition)).mappings()
        return {row["organisation_id"]: Organisation(**row) for row in rows}


def _crew(row: sa.RowMapping) -> Crew:
    return Crew(
        crew_id=row["crew_id"],
        organisation_id=row["organisation_id"],
        name=row["name"],
        specialisations=frozenset(row["specialisations"]),
        grades=tuple(row["grades"]),
        leader_grade=row["leader_grade"],
        equipment=frozenset(row["equipment"]),
        languages=frozenset(row["languages"]),
        base=_position(row["base_lat"], row["base_lon"]),
        active=row["active"],
        on_shift=row["on_shift"],
        shift_starts_at=row["shift_starts_at"],
        shift_ends_at=row["shift_ends_at"],
        position=_position(row["lat"], row["lon"], row["position_at"]),
        busy_with=row["held_request_id"],
        holding=_holding(row),
        out=None if row["out"] is None else Out(row["out"]),
        out_since=row["out_since"],
        out_on=row["out_on"],
    )


def _holding(row: sa.RowMapping) -> Holding | None:
    address, category = row["held_address"], row["held_category"]
    if address is None or category is None:
        return None
    plain = ("request_id", "assignment_id", "number", "since", "there_at", "preempted", "pinned")
    return Holding(
        **{name: row[f"held_{name}"] for name in plain},
        state=State(row["held_state"]),
        category=Category(category),
        place=row["held_place"] or "",
        hazards=tuple(row["held_hazards"]),
        lat=float(address["lat"]),
        lon=float(address["lon"]),
        leave=read_leave(row["held_leave"]),
    )


def _position(lat: float | None, lon: float | None, at: Any = None) -> Position | None:
    return None if lat is None or lon is None else Position(lat, lon, at)
