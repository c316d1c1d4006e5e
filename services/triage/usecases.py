"""What triage does: decide about a request once, keep what dispatchers and crews corrected, answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from services.triage.domain.corrections import Corrected, Correction, FaultFound, Judged
from services.triage.domain.engine import Engine
from services.triage.domain.model import Decision
from shared.errors import NotFound


class Decisions(Protocol):
    def add(self, request_id: UUID, decision: Decision) -> bool: ...
    def get(self, request_id: UUID) -> Decision | None: ...
    def decided_at(self, request_id: UUID) -> datetime | None: ...


class Corrections(Protocol):
    def add(self, correction: Correction) -> None: ...
    def of(self, request_id: UUID) -> list[Correction]: ...
    def since(self, start: datetime) -> list[Corrected]: ...


class FaultsFound(Protocol):
    def add(self, found: FaultFound) -> None: ...
    def of(self, request_id: UUID) -> list[FaultFound]: ...
    def since(self, start: datetime) -> list[Judged]:
        """The latest of each request, with the fault decided."""


class UnitOfWork(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def corrections(self) -> Corrections: ...
    @property
    def faults_found(self) -> FaultsFound: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def emit(self, type: str, subject: str, data: Mapping[str, Any]) -> None: ...  # noqa: A002
    def commit(self) -> None: ...


def classify_request(
    uow: UnitOfWork, engine: Engine, request_id: UUID, text: str, language: str, answered: bool = False
) -> Decision:
    """Decide about a registered request, keep the decision and announce it (D-1.2-U1, U2).

    The first decision stays: a request told twice under different event ids is not decided anew.
    """
    decision = engine.classify(text, language)
    decision = decision.answered() if answered else decision
    with uow:
        if uow.decisions.add(request_id, decision):
            told = {"request_id": request_id, **facts(decision, uow.now)}
            uow.emit("request.classified", str(request_id), told)
        uow.commit()
    return decision


def keep_correction(uow: UnitOfWork, correction: Correction) -> None:
    """Keep what a dispatcher changed, with author and reason (D-1.2-U5)."""
    with uow:
        uow.corrections.add(correction)
        uow.commit()


def keep_fault_found(uow: UnitOfWork, found: FaultFound) -> None:
    """Keep which fault a crew found on site: the surest label there is."""
    with uow:
        uow.faults_found.add(found)
        uow.commit()


@dataclass(frozen=True)
class Explanation:
    """A kept decision, when it was made, what dispatchers changed since and crews found, each in order."""

    decision: Decision
    decided_at: datetime
    corrections: list[Correction]
    faults_found: list[FaultFound]


def explain_request(uow: UnitOfWork, request_id: UUID) -> Explanation:
    """Why a request was decided as it was; raises :class:`NotFound` for a request never decided about."""
    with uow:
        decision, decided_at = uow.decisions.get(request_id), uow.decisions.decided_at(request_id)
        if decision is None or decided_at is None:
            raise NotFound
        corrections, found = uow.corrections.of(request_id), uow.faults_found.of(request_id)
        return Explanation(decision, decided_at, corrections, found)


def corrections_since(uow: UnitOfWork, start: datetime) -> list[Corrected]:
    """Dispatchers' corrections from ``start`` on, each with the decision it changed."""
    with uow:
        return uow.corrections.since(start)


def faults_found_since(uow: UnitOfWork, start: datetime) -> list[Judged]:
    """Faults that crews found from ``start`` on, the latest of each request, with the fault decided."""
    with uow:
        return uow.faults_found.since(start)


def facts(decision: Decision, decided_at: datetime) -> dict[str, Any]:
    """A decision as the contract of ``request.classified`` names its parts."""
    return {
        "category": decision.category,
        "priority": decision.priority,
        "system": decision.system,
        "fault": decision.fault,
        "place": decision.place,
        "hazards": list(decision.hazards),
        "reasons": [{"rule": why.rule, "evidence": list(why.evidence)} for why in decision.reasons],
        "confidence": decision.confidence,
        "needs_person": decision.needs_person,
        "rules_version": decision.rules_version,
        "norm": decision.norm,
        "questions": list(decision.questions),
        "alternatives": [
            {"fault": one.fault, "probability": one.probability} for one in decision.alternatives
        ],
        "model_version": decision.model_version,
        "decided_at": decided_at,
    }
