"""Triage's store in memory: the same promises, held against the real one in tests/contract/triage."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from services.triage.domain.corrections import Corrected, Correction, FaultFound, Judged
from services.triage.domain.model import Decision
from shared.clock import Clock
from tests.support.fakes import FakeTransaction


@dataclass
class Tables:
    """What is stored; a transaction works on a copy."""

    decisions: dict[UUID, Decision] = field(default_factory=dict)
    decided_at: dict[UUID, datetime] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
    faults_found: list[FaultFound] = field(default_factory=list)


class FakeDecisions:
    def __init__(self, tables: Tables, now: datetime) -> None:
        self._tables = tables
        self._now = now

    def add(self, request_id: UUID, decision: Decision) -> bool:
        self._tables.decided_at.setdefault(request_id, self._now)
        return self._tables.decisions.setdefault(request_id, decision) is decision

    def decided_at(self, request_id: UUID) -> datetime | None:
        return self._tables.decided_at.get(request_id)

    def get(self, request_id: UUID) -> Decision | None:
        return self._tables.decisions.get(request_id)


class FakeCorrections:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, correction: Correction) -> None:
        self._tables.corrections.append(correction)

    def of(self, request_id: UUID) -> list[Correction]:
        own = (correction for correction in self._tables.corrections if correction.request_id == request_id)
        return sorted(own, key=lambda correction: correction.at)

    def since(self, start: datetime) -> list[Corrected]:
        made = sorted(self._tables.corrections, key=lambda correction: correction.at)
        return [self._with_decision(correction) for correction in made if correction.at >= start]

    def _with_decision(self, correction: Correction) -> Corrected:
        decision = self._tables.decisions.get(correction.request_id)
        if decision is None:
            return Corrected(correction, None, ())
        return Corrected(correction, decision.fault, tuple(why.rule for why in decision.reasons))


class FakeFaultsFound:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, found: FaultFound) -> None:
        self._tables.faults_found.append(found)

    def of(self, request_id: UUID) -> list[FaultFound]:
        own = (found for found in self._tables.faults_found if found.request_id == request_id)
        return sorted(own, key=lambda found: found.at)

    def since(self, start: datetime) -> list[Judged]:
        made = sorted(self._tables.faults_found, key=lambda found: found.at)
        latest = {found.request_id: found for found in made if found.at >= start}
        return sorted(map(self._with_decision, latest.values()), key=lambda one: one.found.at)

    def _with_decision(self, found: FaultFound) -> Judged:
        decision = self._tables.decisions.get(found.request_id)
        return Judged(found, decision.fault if decision is not None else None)


class FakeUnitOfWork(FakeTransaction):
    """One store; what a transaction did stays only if it committed."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.stored = Tables()
        self._open()

    def __enter__(self) -> Self:
        super().__enter__()
        self._open()
        return self

    def commit(self) -> None:
        super().commit()
        self.stored = deepcopy(self._working)

    def _open(self) -> None:
        self._working = deepcopy(self.stored)
        self.decisions = FakeDecisions(self._working, self.now)
        self.corrections = FakeCorrections(self._working)
        self.faults_found = FakeFaultsFound(self._working)
