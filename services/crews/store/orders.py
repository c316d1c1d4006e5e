"""Work orders and the steps they went through."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.feed import Topic
from services.crews.domain.orders import FINAL, JobCard, Result, Stage, Step, WorkOrder
from services.crews.domain.safety import Reading, SafetyAnswers
from services.crews.domain.tracking import Site
from services.crews.store.feed import Feed
from services.crews.store.sealed import SealedRows
from services.crews.store.tables import documents, media, notes, records, steps, work_orders
from shared.encoding import plain
from shared.sealing import Sealer

_FORGOTTEN_AT_ONCE = 10_000
_CARD_COLUMNS = tuple(field.name for field in fields(JobCard))


class Orders:
    """The work orders of all crews; what was written and the address are sealed, the point is not."""

    def __init__(self, connection: sa.Connection, sealer: Sealer, feed: Feed) -> None:
        self._connection = connection
        self._rows = SealedRows(work_orders, sealer, as_json=("address",))
        self._steps = SealedRows(steps, sealer)
        self._feed = feed

    def lock(self, assignment_id: UUID) -> None:
        """Wait until nobody else works on this assignment, whether it is stored yet or not."""
        key = sa.func.hashtextextended(str(assignment_id), 0)
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def get(self, assignment_id: UUID) -> WorkOrder | None:
        found = self._select(work_orders.c.assignment_id == assignment_id)
        return found[0] if found else None

    def put(self, order: WorkOrder) -> WorkOrder:
        """Store the order under the next change number of its crew, which it is returned with."""
        number = self._feed.touch(order.card.crew_id, Topic.ORDER, order.card.assignment_id)
        numbered = replace(order, change=number)
        row = self._rows.sealed(_order_row(numbered))
        statement = insert(work_orders).values(row)
        moving = {name: row[name] for name in ("stage", "stage_at", "reached", "change", "arrival_seen_at")}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["assignment_id"], set_=moving)
        )
        return numbered

    def open(self, crew_id: UUID) -> list[WorkOrder]:
        """The orders of a crew which have not ended, the latest change last."""
        return self._select(
            work_orders.c.crew_id == crew_id, work_orders.c.stage.not_in([stage.value for stage in FINAL])
        )

    def changed(self, crew_id: UUID, after: int, limit: int) -> list[WorkOrder]:
        """The orders of a crew changed after number ``after``, the earliest change first."""
        return self._select(work_orders.c.crew_id == crew_id, work_orders.c.change > after, limit=limit)

    def many(self, assignment_ids: Collection[UUID]) -> list[WorkOrder]:
        """These orders, the latest change last."""
        return self._select(work_orders.c.assignment_id.in_(assignment_ids))

    def sites(self, crew_ids: Collection[UUID]) -> list[Site]:
        """Where those of these crews that have departed are expected, and were not seen yet."""
        order = work_orders.c
        query = sa.select(order.assignment_id, order.crew_id, order.lat, order.lon).where(
            order.crew_id.in_(crew_ids),
            order.stage == Stage.DEPARTED.value,
            order.arrival_seen_at.is_(None),
            order.lat.is_not(None),
            order.lon.is_not(None),
        )
        return [Site(*row) for row in self._connection.execute(query)]

    def add_step(self, assignment_id: UUID, step: Step) -> None:
        row = self._steps.sealed(_step_row(step))
        self._connection.execute(steps.insert().values(assignment_id=assignment_id, **row))

    def steps(self, assignment_id: UUID) -> list[Step]:
        """What happened to an assignment, in the order in which it was recorded."""
        return self.histories([assignment_id]).get(assignment_id, [])

    def histories(self, assignment_ids: Collection[UUID]) -> dict[UUID, list[Step]]:
        """The same for many assignments at once."""
        query = sa.select(steps).where(steps.c.assignment_id.in_(assignment_ids)).order_by(steps.c.id)
        found: dict[UUID, list[Step]] = {}
        for row in self._connection.execute(query).mappings():
            found.setdefault(row["assignment_id"], []).append(_step(self._steps.opened(row)))
        return found

    def forget_before(self, moment: datetime) -> int:
        """Drop orders that ended before, with all that was recorded on them, but none that has a document or
        a picture; returns how many, at most ``_FORGOTTEN_AT_ONCE``. Notes on no order go by their own age."""
        order = work_orders.c
        ended = sa.and_(order.stage.in_([stage.value for stage in FINAL]), order.stage_at < moment)
        naming = (table.c.assignment_id == order.assignment_id for table in (documents, media))
        unnamed = (~sa.exists().where(names) for names in naming)
        old = self._connection.scalars(
            sa.select(order.assignment_id).where(ended, *unnamed).limit(_FORGOTTEN_AT_ONCE)
        ).all()
        for table in (steps, records, notes, work_orders):
            self._connection.execute(table.delete().where(table.c.assignment_id.in_(old)))
        known = sa.exists().where(order.assignment_id == notes.c.assignment_id)
        self._connection.execute(notes.delete().where(notes.c.recorded_at < moment, ~known))
        return len(old)

    def _select(self, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> list[WorkOrder]:
        query = sa.select(work_orders).where(*conditions).order_by(work_orders.c.change).limit(limit)
        return [_order(self._rows.opened(row)) for row in self._connection.execute(query).mappings()]


def _order_row(order: WorkOrder) -> dict[str, Any]:
    card = {name: getattr(order.card, name) for name in _CARD_COLUMNS}
    return {
        **card,
        **{name: order.card.address.get(name) for name in ("lat", "lon")},
        "hazards": list(order.card.hazards),
        "stage": order.stage,
        "stage_at": order.stage_at,
        "reached": sorted(order.reached),
        "change": order.change,
        "arrival_seen_at": order.arrival_seen_at,
    }


def _order(row: dict[str, Any]) -> WorkOrder:
    card = {name: row[name] for name in _CARD_COLUMNS}
    return WorkOrder(
        card=JobCard(**{**card, "hazards": tuple(row["hazards"])}),
        stage=Stage(row["stage"]),
        stage_at=row["stage_at"],
        reached=frozenset(map(Stage, row["reached"])),
        change=row["change"],
        arrival_seen_at=row["arrival_seen_at"],
    )


def _step_row(step: Step) -> dict[str, Any]:
    row = {field.name: getattr(step, field.name) for field in fields(Step)}
    safety = None if step.safety is None else asdict(step.safety)
    return {**row, "readings": plain(_as_dicts(step.readings)), "safety": safety}


def _as_dicts(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    return [asdict(reading) for reading in readings]


def _step(row: dict[str, Any]) -> Step:
    return Step(
        stage=Stage(row["stage"]),
        by=row["by"],
        at=row["at"],
        recorded_at=row["recorded_at"],
        device_at=row["device_at"],
        reason=row["reason"],
        note=row["note"],
        result=None if row["result"] is None else Result(row["result"]),
        readings=tuple(Reading(**reading) for reading in row["readings"]),
        safety=None if row["safety"] is None else SafetyAnswers(**row["safety"]),
    )
