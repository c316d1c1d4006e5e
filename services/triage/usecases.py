"""What triage does: decide about a request once, keep dispatchers' corrections, answer questions."""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from services.triage.domain.corrections import Correction
from services.triage.domain.engine import Engine
from services.triage.domain.model import Decision


class Decisions(Protocol):
    def add(self, request_id: UUID, decision: Decision) -> bool: ...
    def get(self, request_id: UUID) -> Decision | None: ...


class Corrections(Protocol):
    def add(self, correction: Correction) -> None: ...
    def of(self, request_id: UUID) -> list[Correction]: ...


class UnitOfWork(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def corrections(self) -> Corrections: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def emit(self, type: str, subject: str, data: Mapping[str, Any]) -> None: ...  # noqa: A002
    def commit(self) -> None: ...


def classify_request(uow: UnitOfWork, engine: Engine, request_id: UUID, text: str, language: str) -> Decision:
    """Decide about a registered request, keep the decision and announce it (D-1.2-U1, U2).

    The first decision stays: a request told twice under different event ids is not decided anew.
    """
    decision = engine.classify(text, language)
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
        "decided_at": decided_at,
    }
