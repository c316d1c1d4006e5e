"""The runs of the self-audit and its findings, with the times at which each was opened and cleared."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.journal.domain.audit import Finding
from services.journal.store.tables import audit_runs, findings
from services.journal.usecases.ports import KeptFinding

_RUN = insert(audit_runs).values(id=1, ran_at=sa.bindparam("now"))
_CLAIM = _RUN.on_conflict_do_update(
    index_elements=["id"],
    set_={"ran_at": _RUN.excluded.ran_at},
    where=audit_runs.c.ran_at <= sa.bindparam("before", type_=audit_runs.c.ran_at.type),
)
_OPEN = sa.select(findings).where(findings.c.cleared_at.is_(None)).order_by(findings.c.since, findings.c.id)
_RAISE = insert(findings).on_conflict_do_nothing()


class Audits:
    """The rows of one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def claim_run(self, now: datetime, gap: timedelta) -> bool:
        """Whether this run is ours: nobody ran the audit within ``gap`` before ``now``."""
        return self._connection.execute(_CLAIM, {"now": now, "before": now - gap}).rowcount == 1

    def last_run(self) -> datetime | None:
        return self._connection.execute(sa.select(audit_runs.c.ran_at)).scalar_one_or_none()

    def open(self) -> list[KeptFinding]:
        """Findings not cleared yet, the longest-standing first."""
        rows = self._connection.execute(_OPEN)
        return [
            KeptFinding(Finding(row.code, row.subject, row.since, row.detail), row.opened_at) for row in rows
        ]

    def raise_findings(self, new: Sequence[Finding], now: datetime) -> None:
        rows = [
            {
                "code": one.code,
                "subject": one.subject,
                "since": one.since,
                "detail": one.detail,
                "opened_at": now,
            }
            for one in new
        ]
        if rows:
            self._connection.execute(_RAISE, rows)

    def clear(self, gone: Sequence[Finding], now: datetime) -> None:
        for one in gone:
            mine = sa.and_(findings.c.code == one.code, findings.c.subject == one.subject)
            still_open = findings.c.cleared_at.is_(None)
            self._connection.execute(sa.update(findings).where(mine, still_open).values(cleared_at=now))
