"""Reading for the dispatchers' screens: the board, one request, what is wrong."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.routing.domain.board import Attempt, Dossier, Entry, Order, Place, Supplements, Wanted, rank_of
from services.routing.domain.case import OVER, Status
from services.routing.domain.deliveries import Undelivered
from services.routing.store.assignments import (
    LIVE_STATES,
    Assignments,
    Transfers,
    read_assignment,
    read_transfer,
)
from services.routing.store.calls import Calls
from services.routing.store.cases import Cases, read_case
from services.routing.store.outages import undelivered
from services.routing.store.tables import assignments, cases, crews, supplements, transfers
from services.routing.store.untold import read_untold, untold

_T, _A, _S = "transfer__", "assignment__", "supplements__"
_rank = sa.func.coalesce(cases.c.rank, rank_of(None))
_latest_transfer = (
    sa.select(transfers)
    .where(transfers.c.request_id == cases.c.request_id)
    .order_by(transfers.c.turn.desc())
    .limit(1)
    .correlate(cases)
    .lateral("latest_transfer")
)
_live = sa.select(assignments).where(assignments.c.state.in_(LIVE_STATES)).subquery("live")
_TOLD = tuple(field.name for field in fields(Undelivered))
_undelivered = (
    sa.select(sa.func.jsonb_agg(sa.func.to_jsonb(undelivered.table_valued())))
    .where(undelivered.c.request_id == cases.c.request_id, undelivered.c.failed)
    .correlate(cases)
    .scalar_subquery()
)
_untold = (
    sa.select(sa.func.jsonb_agg(sa.func.to_jsonb(untold.table_valued())))
    .where(untold.c.request_id == cases.c.request_id, untold.c.someone)
    .correlate(cases)
    .scalar_subquery()
)
_ENTRIES = (
    sa.select(
        cases,
        *(column.label(_T + column.name) for column in _latest_transfer.c),
        *(column.label(_A + column.name) for column in _live.c),
        crews.c.name.label("crew_name"),
        *(column.label(_S + column.name) for column in supplements.c),
        _undelivered.label("undelivered"),
        _untold.label("untold"),
    )
    .select_from(cases)
    .outerjoin(supplements, supplements.c.request_id == cases.c.request_id)
    .outerjoin(_latest_transfer, sa.true())
    .outerjoin(_live, _live.c.request_id == cases.c.request_id)
    .outerjoin(crews, crews.c.crew_id == _live.c.crew_id)
    .where(cases.c.registered_at.is_not(None))
)


class Board:
    """What dispatchers see. Nothing here locks."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def page(self, wanted: Wanted) -> list[Entry]:
        """Up to ``limit`` requests that fit, in the order asked for."""
        query = _ENTRIES.where(*_conditions(wanted)).order_by(*_order(wanted.order)).limit(wanted.limit)
        return self._entries(query)

    def entry(self, request_id: UUID) -> Entry | None:
        found = self._entries(_ENTRIES.where(cases.c.request_id == request_id))
        return found[0] if found else None

    def entries(self, request_ids: Collection[UUID]) -> list[Entry]:
        """Those of the requests that are on the board, in no order."""
        return self._entries(_ENTRIES.where(cases.c.request_id.in_(request_ids))) if request_ids else []

    def dossier(self, request_id: UUID) -> Dossier | None:
        """One request with every attempt to send somebody and every override."""
        entry = self.entry(request_id)
        if entry is None:
            return None
        overrides = Cases(self._connection).overrides(request_id)
        spoken = Calls(self._connection).of_request(request_id)
        history = Transfers(self._connection).history(request_id)
        return Dossier(entry, self._attempts(request_id), overrides, spoken, history)

    def troubled(self) -> list[Entry]:
        """Open requests with a transfer unacknowledged, no crew to be had, or a deadline near."""
        trouble = sa.or_(
            sa.and_(
                _latest_transfer.c.transfer_id.is_not(None),
                _latest_transfer.c.acknowledged_at.is_(None),
                _latest_transfer.c.refused_at.is_(None),
            ),
            cases.c.unroutable.is_not(None),
            cases.c.deadline_clock.is_not(None),
            cases.c.cancellation_asked_at.is_not(None),
            cases.c.advice_crew_id.is_not(None),
            cases.c.resumed_at.is_not(None),
            _live.c.silent_at.is_not(None),
            sa.exists().where(untold.c.request_id == cases.c.request_id, untold.c.someone),
            sa.exists().where(undelivered.c.request_id == cases.c.request_id, undelivered.c.failed),
        )
        is_open = sa.or_(cases.c.state.is_(None), cases.c.state.not_in(sorted(OVER)))
        rides = sa.and_(cases.c.outage_id.is_not(None), sa.func.cardinality(cases.c.own_hazards) == 0)
        return self._entries(
            _ENTRIES.where(is_open, ~rides, trouble).order_by(_rank, cases.c.registered_at).limit(500)
        )

    def waiting_count(self) -> int:
        query = sa.select(sa.func.count()).select_from(cases).where(cases.c.status == Status.WAITING.value)
        return self._connection.scalar(query) or 0

    def _entries(self, query: sa.Select[Any]) -> list[Entry]:
        return [_entry(row) for row in self._connection.execute(query).mappings()]

    def _attempts(self, request_id: UUID) -> list[Attempt]:
        query = (
            sa.select(assignments, crews.c.name.label("crew_name"))
            .outerjoin(crews, crews.c.crew_id == assignments.c.crew_id)
            .where(assignments.c.request_id == request_id)
            .order_by(assignments.c.attempt)
        )
        rows = self._connection.execute(query).mappings().all()
        moves = Assignments(self._connection).moves
        return [Attempt(read_assignment(row), row["crew_name"], moves(row["assignment_id"])) for row in rows]


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    equal = {
        cases.c.state: wanted.state,
        cases.c.status: wanted.status,
        cases.c.category: wanted.category,
        cases.c.organisation_id: wanted.organisation_id,
        cases.c.number: wanted.number,
        cases.c.outage_id: wanted.outage_id,
        cases.c.system: wanted.system,
        cases.c.address["district"].astext: wanted.district,
        _live.c.crew_id: wanted.crew_id,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    conditions += _further(wanted)
    return conditions if wanted.after is None else [*conditions, _beyond(wanted.order, wanted.after)]


def _further(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Filters that compare with more than a column."""
    over = cases.c.state.in_(sorted(OVER))
    missed = sa.and_(sa.func.coalesce(cases.c.deadline_level, "") == "missed", ~sa.func.coalesce(over, False))
    further = []
    if wanted.text is not None:
        further.append(_mentions(wanted.text))
    if wanted.is_overdue is not None:
        further.append(missed if wanted.is_overdue else ~missed)
    if wanted.is_open is not None:
        further.append(~sa.func.coalesce(over, False) if wanted.is_open else over)
    return further


def _mentions(text: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        cases.c.number.startswith(text, autoescape=True),
        cases.c.text.icontains(text, autoescape=True),
        cases.c.address["text"].astext.icontains(text, autoescape=True),
    )


def _order(order: Order) -> list[Any]:
    if order is Order.OLDEST:
        return [cases.c.registered_at, cases.c.request_id]
    latest = [cases.c.registered_at.desc(), cases.c.request_id.desc()]
    return latest if order is Order.NEWEST else [_rank, *latest]


def _beyond(order: Order, place: Place) -> sa.ColumnElement[bool]:
    here = sa.tuple_(sa.literal(place.registered_at), sa.literal(place.request_id, sa.Uuid))
    moment = sa.tuple_(cases.c.registered_at, cases.c.request_id)
    if order is Order.OLDEST:
        return moment > here
    if order is Order.NEWEST:
        return moment < here
    return sa.or_(_rank > place.rank, sa.and_(_rank == place.rank, moment < here))


def _entry(row: sa.RowMapping) -> Entry:
    transfer = read_transfer(row, _T) if row[_T + "transfer_id"] else None
    assignment = read_assignment(row, _A) if row[_A + "assignment_id"] else None
    lost = [_lost(told) for told in row["undelivered"] or ()]
    alerts = [read_untold(told) for told in row["untold"] or ()]
    return Entry(read_case(row), transfer, assignment, row["crew_name"], _supplements(row), lost, alerts)


def _lost(told: Mapping[str, Any]) -> Undelivered:
    values = {name: told[name] for name in _TOLD}
    ids = {name: UUID(told[name]) for name in ("delivery_id", "request_id")}
    return Undelivered(**{**values, **ids, "at": datetime.fromisoformat(told["at"])})


def _supplements(row: sa.RowMapping) -> Supplements:
    if row[_S + "request_id"] is None:
        return Supplements()
    return Supplements(row[_S + "count"], row[_S + "last_at"], row[_S + "photos"])
