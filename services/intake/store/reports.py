"""Reports of Open311 in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.intake.domain.open311 import CLOSED, Report, Seen
from services.intake.domain.outages import LIVE
from services.intake.domain.requests import State
from services.intake.domain.standing import Standing
from services.intake.store import exchange_tables, tables
from services.intake.store.requests import Requests
from services.intake.store.standings import read_standing
from shared.sealing import Sealer

_p, _r, _s = exchange_tables.reports.c, tables.requests.c, tables.standings.c
_SEALED = ("description", "media_url")
_o, _w = tables.outages.c, tables.riders.c
_EXPECTED = (
    sa.select(_o.ends_by)
    .join(tables.riders, _w.outage_id == _o.id)
    .where(_w.request_id == _p.request_id, _w.ended_at.is_(None), _o.state.in_(sorted(LIVE)))
    .scalar_subquery()
    .label("expected_at")
)
_STANDING = tuple(column.label(f"s_{column.name}") for column in _s)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:text, 0))")


class Reports:
    """What Open311 adds to requests. What the applicant wrote is sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def twin(self, key_id: UUID, repeat_key: str, since: datetime) -> Report | None:
        """The same report if it came before. A concurrent twin waits here until this transaction ends."""
        self._connection.execute(_LOCK, {"text": f"{key_id} {repeat_key}"})
        query = (
            sa.select(exchange_tables.reports)
            .where(_p.key_id == key_id, _p.repeat_key == repeat_key, _p.received_at > since)
            .order_by(_p.received_at.desc())
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return self._report(row._asdict()) if row is not None else None

    def add(self, report: Report) -> None:
        sealed = {name: self._sealer.seal(getattr(report, name)) for name in _SEALED}
        self._connection.execute(sa.insert(exchange_tables.reports).values({**asdict(report), **sealed}))

    def get(self, request_id: UUID) -> Report | None:
        query = sa.select(exchange_tables.reports).where(_p.request_id == request_id)
        row = self._connection.execute(query).one_or_none()
        return self._report(row._asdict()) if row is not None else None

    def forget(self, request_id: UUID) -> None:
        """Drop what the applicant wrote; that there was a report stays."""
        gone = {"description": "", "media_url": "", "account_id": ""}
        self._connection.execute(
            sa.update(exchange_tables.reports).where(_p.request_id == request_id).values(gone)
        )

    def registered(self, numbers: Sequence[int]) -> Sequence[Seen]:
        """Reports whose requests have these numbers, in their order."""
        found = {seen.request.number: seen for seen in self._seen(_r.number.in_(numbers), len(numbers))}
        return [found[number] for number in dict.fromkeys(numbers) if number in found]

    def search(
        self,
        service_codes: Sequence[str],
        start: datetime,
        end: datetime,
        statuses: frozenset[str],
        limit: int,
    ) -> Sequence[Seen]:
        """Registered ones of the time, the newest first; no codes or statuses means every one."""
        is_closed = sa.func.coalesce(_s.state, "").in_(CLOSED)
        wanted = sa.and_(
            _p.received_at.between(start, end),
            _p.service_code.in_(service_codes) if service_codes else sa.true(),
            (is_closed if "closed" in statuses else ~is_closed) if len(statuses) == 1 else sa.true(),
        )
        return self._seen(wanted, limit)

    def _seen(self, condition: sa.ColumnElement[bool], limit: int) -> Sequence[Seen]:
        query = (
            sa.select(exchange_tables.reports, _EXPECTED, *_STANDING)
            .join(tables.requests, _r.id == _p.request_id)
            .outerjoin(tables.standings, _s.request_id == _p.request_id)
            .where(_r.state == State.REGISTERED.value, condition)
            .order_by(_p.received_at.desc(), _p.request_id)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        requests = Requests(self._connection, self._sealer).many([row.request_id for row in rows])
        return [
            Seen(self._report(_own(row)), requests[row.request_id], _standing(row), row.expected_at)
            for row in rows
        ]

    def _report(self, row: dict[str, Any]) -> Report:
        return Report(**{**row, **{name: self._sealer.open(row[name]) for name in _SEALED}})


def _own(row: sa.Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name in _p}


def _standing(row: sa.Row[Any]) -> Standing | None:
    told = {name[2:]: value for name, value in row._asdict().items() if name.startswith("s_")}
    return read_standing(told) if told["request_id"] is not None else None
