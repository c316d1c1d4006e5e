"""Cases in the database."""

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.advice import Advice
from services.routing.domain.case import Case, Deadline, Override, Status
from services.routing.domain.networks import Network
from services.routing.domain.words import Category, Unroutable
from services.routing.store.tables import cases, urgency_overrides
from shared.encoding import plain

_LISTS = ("hazards", "own_hazards")
_APART = ("version", "deadline", "clocks", "advice", *_LISTS)
_PLAIN = tuple(field.name for field in fields(Case) if field.name not in _APART)
_WORDS: dict[str, type[Category] | type[Unroutable] | type[Network]] = {
    "category": Category,
    "proposed_category": Category,
    "unroutable": Unroutable,
    "network": Network,
}
_DEADLINE = ("clock", "level", "due_at", "at")
_ADVICE = tuple(field.name for field in fields(Advice))
_CHANGING = [column.name for column in cases.columns if column.name not in ("request_id", "version")]

_BLANK = insert(cases).values(request_id=sa.bindparam("request_id"), status=Status.INCOMPLETE.value)
# One statement creates or finds the row, locks it and reads it.
_OPEN = _BLANK.on_conflict_do_update(
    index_elements=["request_id"], set_={"version": cases.c.version}
).returning(cases)
_LOCK = sa.select(cases).where(cases.c.request_id == sa.bindparam("request_id")).with_for_update()
_LOCK_IDLE = (
    sa.select(cases).where(cases.c.request_id == sa.bindparam("request_id")).with_for_update(skip_locked=True)
)
_GET = sa.select(cases).where(cases.c.request_id == sa.bindparam("request_id"))
_RIPE = (
    sa.select(cases)
    .where(cases.c.deferred_until <= sa.bindparam("now"))
    .order_by(cases.c.deferred_until)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_SAVE = (
    cases.update()
    .where(cases.c.request_id == sa.bindparam("key"))
    .values(
        {
            **{name: sa.bindparam(name) for name in _CHANGING},
            "version": cases.c.version + sa.bindparam("step"),
        }
    )
)


class Cases:
    """Routing's copies of requests."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def open(self, request_id: UUID) -> Case:
        """The case, locked until the transaction ends; created if this is the first word of it."""
        row = self._connection.execute(_OPEN, {"request_id": request_id}).mappings().one()
        return read_case(row)

    def lock(self, request_id: UUID) -> Case | None:
        """The case, locked until the transaction ends."""
        row = self._connection.execute(_LOCK, {"request_id": request_id}).mappings().one_or_none()
        return None if row is None else read_case(row)

    def lock_idle(self, request_id: UUID) -> Case | None:
        """The case, locked until the transaction ends; None if anybody else is at it now."""
        row = self._connection.execute(_LOCK_IDLE, {"request_id": request_id}).mappings().one_or_none()
        return None if row is None else read_case(row)

    def get(self, request_id: UUID) -> Case | None:
        """The case as it is, not locked."""
        row = self._connection.execute(_GET, {"request_id": request_id}).mappings().one_or_none()
        return None if row is None else read_case(row)

    def claim_deferred(self, now: datetime) -> Case | None:
        """A request whose deferral is over, locked; rivals take another."""
        row = self._connection.execute(_RIPE, {"now": now}).mappings().one_or_none()
        return None if row is None else read_case(row)

    def save(self, case: Case, new_version: bool = True) -> Case:
        """Store a locked case; returns it with its version, a new one unless told otherwise."""
        self._connection.execute(_SAVE, {"key": case.request_id, "step": int(new_version), **_row(case)})
        return replace(case, version=case.version + int(new_version))

    def waiting(self, teams: Collection[tuple[UUID, str]], limit: int) -> list[Case]:
        """Waiting cases that one of ``teams`` (organisation, specialisation) could take; most urgent first.

        Not locked: what comes of it must lock and look again.
        """
        team = sa.tuple_(cases.c.organisation_id, cases.c.routed_as)
        return self._waiting(team.in_(list(teams)), limit) if teams else []

    def waiting_of(self, categories: Collection[Category], limit: int) -> list[Case]:
        """Waiting cases of these urgencies that somebody answers for; most urgent first, not locked."""
        wanted = cases.c.category.in_([category.value for category in categories])
        return self._waiting(sa.and_(wanted, cases.c.organisation_id.is_not(None)), limit)

    def numbers(self, request_ids: Collection[UUID]) -> dict[UUID, str]:
        """What people call these requests."""
        query = sa.select(cases.c.request_id, cases.c.number).where(cases.c.request_id.in_(request_ids))
        return {row.request_id: row.number for row in self._connection.execute(query)} if request_ids else {}

    def line_of(self, organisation_id: UUID, limit: int) -> list[Case]:
        """Waiting cases of an organisation; most urgent first, not locked."""
        return self._waiting(cases.c.organisation_id == organisation_id, limit)

    def unclaimed(self, limit: int) -> list[Case]:
        """Waiting cases that no organisation answers for yet; most urgent first, not locked."""
        return self._waiting(cases.c.organisation_id.is_(None), limit)

    def record_override(self, told: Override) -> None:
        """Keep who changed the urgency, from what to what, when and why (D-1.2-U5)."""
        self._connection.execute(urgency_overrides.insert(), vars(told))

    def overrides(self, request_id: UUID) -> list[Override]:
        names = [field.name for field in fields(Override)]
        columns = [urgency_overrides.c[name] for name in names]
        query = sa.select(*columns).where(urgency_overrides.c.request_id == request_id)
        rows = self._connection.execute(query.order_by(urgency_overrides.c.id)).mappings()
        return [_override(row) for row in rows]

    def _waiting(self, condition: sa.ColumnElement[bool], limit: int) -> list[Case]:
        query = (
            sa.select(cases)
            .where(cases.c.status == Status.WAITING.value, condition)
            .order_by(cases.c.rank, cases.c.registered_at, cases.c.request_id)
            .limit(limit)
        )
        return [read_case(row) for row in self._connection.execute(query).mappings()]


def read_case(row: sa.RowMapping) -> Case:
    """A case of its row; the row may have further columns."""
    values = {name: row[name] for name in (*_PLAIN, "version")}
    values["status"] = Status(row["status"])
    values |= {name: tuple(row[name]) for name in _LISTS}
    for name, kind in (
        ("category", Category),
        ("proposed_category", Category),
        ("unroutable", Unroutable),
        ("network", Network),
    ):
        values[name] = None if row[name] is None else kind(row[name])
    clocks = {clock: datetime.fromisoformat(due) for clock, due in row["clocks"].items()}
    return Case(**values, deadline=_deadline(row), advice=_advice(row), clocks=clocks)


def _row(case: Case) -> dict[str, Any]:
    row = {name: getattr(case, name) for name in _PLAIN if name != "request_id"}
    deadline = {f"deadline_{name}": getattr(case.deadline, name, None) for name in _DEADLINE}
    rank = None if case.category is None else case.category.rank
    lists = {name: list(getattr(case, name)) for name in _LISTS}
    advice = {f"advice_{name}": getattr(case.advice, name, None) for name in _ADVICE}
    return {**row, **deadline, **advice, **lists, "rank": rank, "clocks": plain(case.clocks)}


def _deadline(row: sa.RowMapping) -> Deadline | None:
    if row["deadline_clock"] is None:
        return None
    return Deadline(*(row[f"deadline_{name}"] for name in _DEADLINE))


def _advice(row: sa.RowMapping) -> Advice | None:
    if row["advice_crew_id"] is None:
        return None
    return Advice(*(row[f"advice_{name}"] for name in _ADVICE))


def _override(row: sa.RowMapping) -> Override:
    values = dict(row)
    for name in ("proposed_category", "category_before", "category"):
        values[name] = None if values[name] is None else Category(values[name])
    return Override(**values)
