"""Decisions, corrections and faults found in PostgreSQL."""

from datetime import datetime
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert

from services.triage.domain.corrections import Corrected, Correction, FaultFound, Judged
from services.triage.domain.model import Alternative, Category, Decision, Hazard, Place, Reason, System
from shared.db import Transaction, bus_tables

metadata = sa.MetaData()
bus_tables(metadata)

_TIME = sa.TIMESTAMP(timezone=True)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("hazards", JSONB, nullable=False),
    sa.Column("reasons", JSONB, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("needs_person", sa.Boolean, nullable=False),
    sa.Column("rules_version", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("norm", sa.Text, nullable=True),
    sa.Column("questions", JSONB, nullable=False),
    sa.Column("alternatives", JSONB, nullable=False),
    sa.Column("model_version", sa.Text, nullable=True),
    sa.Column("decided_at", _TIME, nullable=False),
)
corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("request_id", sa.Uuid, nullable=False, index=True),
    sa.Column("category_before", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
)


faults_found = sa.Table(
    "faults_found",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("request_id", sa.Uuid, nullable=False, index=True),
    sa.Column("fault", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
)


class UnitOfWork(Transaction):
    """One transaction of triage."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.decisions = Decisions(self)
        self.corrections = Corrections(self)
        self.faults_found = FaultsFound(self)
        return self


class Decisions:
    """What triage decided, once for each request and for ever."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def add(self, request_id: UUID, decision: Decision) -> bool:
        """Keep the decision; False if this request already has one, which stays."""
        row = {
            "request_id": request_id,
            "category": decision.category.value,
            "system": decision.system.value,
            "fault": decision.fault,
            "place": decision.place.value,
            "hazards": [hazard.value for hazard in decision.hazards],
            "reasons": [{"rule": why.rule, "evidence": list(why.evidence)} for why in decision.reasons],
            "confidence": decision.confidence,
            "needs_person": decision.needs_person,
            "rules_version": decision.rules_version,
            "language": decision.language,
            "norm": decision.norm,
            "questions": list(decision.questions),
            "alternatives": [vars(one) for one in decision.alternatives],
            "model_version": decision.model_version,
            "decided_at": self._work.now,
        }
        kept = self._work.connection.execute(insert(decisions).values(row).on_conflict_do_nothing())
        return kept.rowcount == 1

    def get(self, request_id: UUID) -> Decision | None:
        found = sa.select(decisions).where(decisions.c.request_id == request_id)
        row = self._work.connection.execute(found).one_or_none()
        return None if row is None else _decision(row)

    def decided_at(self, request_id: UUID) -> datetime | None:
        found = sa.select(decisions.c.decided_at).where(decisions.c.request_id == request_id)
        return self._work.connection.execute(found).scalar_one_or_none()


class Corrections:
    """What dispatchers changed, and why: kept beside the decision, never instead of it (D-1.2-U5)."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def add(self, correction: Correction) -> None:
        self._work.connection.execute(insert(corrections).values(vars(correction)))

    def of(self, request_id: UUID) -> list[Correction]:
        """The corrections of one request in the order they were made."""
        of_request = sa.select(corrections).where(corrections.c.request_id == request_id)
        in_order = of_request.order_by(corrections.c.at, corrections.c.id)
        return [_correction(row) for row in self._work.connection.execute(in_order)]

    def since(self, start: datetime) -> list[Corrected]:
        """Corrections from ``start`` on with what had been decided, in the order they were made."""
        found = (
            sa.select(corrections, decisions.c.fault, decisions.c.reasons)
            .join(decisions, decisions.c.request_id == corrections.c.request_id, isouter=True)
            .where(corrections.c.at >= start)
            .order_by(corrections.c.at, corrections.c.id)
        )
        return [
            Corrected(_correction(row), row.fault, tuple(why["rule"] for why in row.reasons or ()))
            for row in self._work.connection.execute(found)
        ]


class FaultsFound:
    """What crews found on site, kept beside the decision."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def add(self, found: FaultFound) -> None:
        self._work.connection.execute(insert(faults_found).values(vars(found)))

    def of(self, request_id: UUID) -> list[FaultFound]:
        """What was found at one request in the order of finding."""
        found = sa.select(faults_found).where(faults_found.c.request_id == request_id)
        in_order = found.order_by(faults_found.c.at, faults_found.c.id)
        return [_found(row) for row in self._work.connection.execute(in_order)]

    def since(self, start: datetime) -> list[Judged]:
        """The latest of each request from ``start`` on, with the fault decided, in the order of finding."""
        latest = (
            sa.select(faults_found, decisions.c.fault.label("decided"))
            .join(decisions, decisions.c.request_id == faults_found.c.request_id, isouter=True)
            .where(faults_found.c.at >= start)
            .ext(distinct_on(faults_found.c.request_id))
            .order_by(faults_found.c.request_id, faults_found.c.at.desc(), faults_found.c.id.desc())
        )
        judged = [Judged(_found(row), row.decided) for row in self._work.connection.execute(latest)]
        return sorted(judged, key=lambda one: one.found.at)


def _found(row: sa.Row[tuple[object, ...]]) -> FaultFound:
    return FaultFound(request_id=row.request_id, fault=row.fault, by=row.by, at=row.at)


def _decision(row: sa.Row[tuple[object, ...]]) -> Decision:
    return Decision(
        category=Category(row.category),
        system=System(row.system),
        fault=row.fault,
        place=Place(row.place),
        hazards=tuple(Hazard(hazard) for hazard in row.hazards),
        reasons=tuple(Reason(why["rule"], tuple(why["evidence"])) for why in row.reasons),
        confidence=row.confidence,
        needs_person=row.needs_person,
        rules_version=row.rules_version,
        language=row.language,
        norm=row.norm,
        questions=tuple(row.questions),
        alternatives=tuple(Alternative(**one) for one in row.alternatives),
        model_version=row.model_version,
    )


def _correction(row: sa.Row[tuple[object, ...]]) -> Correction:
    return Correction(
        request_id=row.request_id,
        category_before=Category(row.category_before),
        category=Category(row.category),
        reason=row.reason,
        by=row.by,
        at=row.at,
    )
