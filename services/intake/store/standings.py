"""Journal's word on each request and its crew's report, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.judging import Judged
from services.intake.domain.standing import CrewReport, Deadline, Standing
from services.intake.store import tables
from shared.encoding import plain

_s, _w = tables.standings.c, tables.crew_reports.c
_NEWS = ("state", "at", "sequence", "result", "overdue", "category", "hazards", "deadlines")
_REPORTED = ("stage", "at", "arrives_at")


class Standings:
    """The newest state of each request, and how far its crew is."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, standing: Standing) -> None:
        """Keep it unless something newer is known."""
        row = {name: getattr(standing, name) for name in ("request_id", *_NEWS)}
        row |= {
            "hazards": list(standing.hazards),
            "deadlines": plain([asdict(d) for d in standing.deadlines]),
        }
        entry = insert(tables.standings).values(row)
        self._connection.execute(
            entry.on_conflict_do_update(
                index_elements=[_s.request_id],
                set_={name: entry.excluded[name] for name in _NEWS},
                where=_s.sequence < entry.excluded.sequence,
            )
        )

    def put_crew(self, report: CrewReport) -> None:
        """Keep what a crew reported unless something later is known."""
        entry = insert(tables.crew_reports).values(asdict(report))
        self._connection.execute(
            entry.on_conflict_do_update(
                index_elements=[_w.request_id],
                set_={name: entry.excluded[name] for name in _REPORTED},
                where=_w.at <= entry.excluded.at,
            )
        )

    def of(self, request_ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        """Journal's word on several requests, without their crews' reports."""
        query = sa.select(tables.standings).where(_s.request_id.in_(list(request_ids)))
        found = [read_standing(row._asdict()) for row in self._connection.execute(query)]
        return {standing.request_id: standing for standing in found}

    def get(self, request_id: UUID) -> Standing | None:
        """Journal's word with the crew's report in it; None until the journal has spoken."""
        row = self._one(tables.standings, _s.request_id == request_id)
        if row is None:
            return None
        crew = self._one(tables.crew_reports, _w.request_id == request_id)
        report = CrewReport(**crew._mapping) if crew is not None else None
        return replace(read_standing(row._asdict()), crew=report)

    def _one(self, table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Row[tuple[object, ...]] | None:
        return self._connection.execute(sa.select(table).where(condition)).one_or_none()


class Judgements:
    """What applicants said of finished work."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, judged: Judged) -> None:
        """The last word counts."""
        entry = insert(tables.judgements).values(asdict(judged))
        news = {name: entry.excluded[name] for name in ("fixed", "at")}
        self._connection.execute(
            entry.on_conflict_do_update(index_elements=[tables.judgements.c.request_id], set_=news)
        )

    def of(self, request_ids: Sequence[UUID]) -> Mapping[UUID, Judged]:
        query = sa.select(tables.judgements).where(tables.judgements.c.request_id.in_(list(request_ids)))
        return {row.request_id: Judged(**row._mapping) for row in self._connection.execute(query)}


def read_standing(row: Mapping[str, Any]) -> Standing:
    """A standing of its row, without the crew's report."""
    deadlines = tuple(_deadline(told) for told in row["deadlines"])
    return Standing(**{**row, "hazards": tuple(row["hazards"]), "deadlines": deadlines})


def _deadline(told: dict[str, str]) -> Deadline:
    return Deadline(told["clock"], datetime.fromisoformat(told["due_at"]))
