"""Zones and competences, and what the journal's audit found last."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely
import sqlalchemy as sa
from shapely.geometry import mapping
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.alarms import Audit
from services.routing.domain.competence import Competence
from services.routing.domain.drawing import whole
from services.routing.domain.hours import Hours, Term
from services.routing.domain.networks import Network
from services.routing.domain.zones import Kind, Zone
from services.routing.store.tables import audits, competences, reference, zones
from shared.encoding import plain


class Reference:
    """Who answers for what, where, when."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def version(self) -> int:
        """Goes up with every change; 0 before the first."""
        return self._connection.scalar(sa.select(reference.c.version)) or 0

    def zones(self) -> list[Zone]:
        drawn = sa.cast(zones.c.geometry, sa.Text).label("drawn")
        kept = (zones.c[name] for name in ("name", "kind", "version", "source"))
        rows = self._connection.execute(sa.select(*kept, drawn).order_by(zones.c.name)).all()
        # All at once: ten thousand areas one by one would keep dispatchers waiting for seconds.
        shapes = whole([row.name for row in rows], shapely.from_geojson([row.drawn for row in rows]))
        return [
            Zone(row.name, shape, Kind(row.kind), row.version, row.source)
            for row, shape in zip(rows, shapes, strict=True)
        ]

    def competences(self) -> list[Competence]:
        rows = self._connection.execute(sa.select(competences).order_by(competences.c.id)).mappings()
        return [_competence(row) for row in rows]

    def change(self, put: Sequence[Zone], drop: Collection[str], rules: Sequence[Competence] | None) -> None:
        """Store these zones in the place of their namesakes, forget those named in ``drop``, and take
        ``rules`` instead of all there were; None keeps them."""
        if rules is not None:
            self._connection.execute(competences.delete())
        if drop:
            self._connection.execute(zones.delete().where(zones.c.name.in_(drop)))
        if put:
            self._put([_zone_row(zone) for zone in put])
        if rules:
            self._connection.execute(competences.insert(), [_row(rule) for rule in rules])
        self._bump()

    def _put(self, rows: Sequence[Mapping[str, Any]]) -> None:
        statement = insert(zones)
        newer = {name: statement.excluded[name] for name in ("geometry", "kind", "version", "source")}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=newer), list(rows)
        )

    def _bump(self) -> None:
        first = insert(reference).values(one=True, version=1)
        again = {"version": reference.c.version + 1}
        self._connection.execute(first.on_conflict_do_update(index_elements=["one"], set_=again))


def _zone_row(zone: Zone) -> dict[str, Any]:
    names = ("name", "version", "source")
    kept = {name: getattr(zone, name) for name in names}
    return {**kept, "kind": zone.kind.value, "geometry": mapping(zone.shape)}


def _row(rule: Competence) -> dict[str, Any]:
    names = ("organisation_id", "system", "zone", "network", "houses_of")
    term = {"valid_from": rule.term.begins, "valid_until": rule.term.ends}
    return {**{name: getattr(rule, name) for name in names}, "hours": str(rule.hours), **term}


def _competence(row: sa.RowMapping) -> Competence:
    return Competence(
        organisation_id=row["organisation_id"],
        system=row["system"],
        zone=row["zone"],
        hours=Hours.read(row["hours"]),
        network=None if row["network"] is None else Network(row["network"]),
        houses_of=row["houses_of"],
        term=Term(row["valid_from"], row["valid_until"]),
    )


class Audits:
    """The journal's latest self-audit."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, audit: Audit) -> bool:
        """Keep it unless a newer one is known."""
        row = {"ran_at": audit.ran_at, "findings": plain(audit.findings), "silent_at": None}
        statement = insert(audits).values(one=True, **row)
        upsert = statement.on_conflict_do_update(
            index_elements=["one"], set_=row, where=audits.c.ran_at < audit.ran_at
        )
        return self._connection.execute(upsert).rowcount == 1

    def latest(self) -> Audit | None:
        row = self._connection.execute(sa.select(audits.c.ran_at, audits.c.findings)).mappings().one_or_none()
        return None if row is None else Audit(row["ran_at"], [_finding(entry) for entry in row["findings"]])

    def mark_silent(self, since: datetime, now: datetime) -> bool:
        """Keep that nothing has been heard ``since``, for screens to hear of; False if it is kept already."""
        first = insert(audits).values(one=True, ran_at=since, findings=[], silent_at=now)
        mark = first.on_conflict_do_update(
            index_elements=["one"],
            set_={"silent_at": now},
            where=sa.and_(audits.c.silent_at.is_(None), audits.c.ran_at <= since),
        )
        return self._connection.execute(mark).rowcount == 1


def _finding(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "since": datetime.fromisoformat(entry["since"])}
