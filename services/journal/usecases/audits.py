"""The self-audit (design §9): look everywhere, keep what was found, tell it, also while the bus is down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.journal.domain.audit import WATCHED, Allowances, Finding, Surroundings, audit
from services.journal.usecases.ports import KeptFinding, UnitOfWork, World

MOST_TOLD = 500
"""Findings in one event: a storm of them is one alarm, and must not become a message of megabytes."""


@dataclass(frozen=True)
class AuditRun:
    """What one run found: all that is wrong now, and what is new or gone since the run before."""

    ran_at: datetime
    findings: tuple[Finding, ...]
    opened: tuple[Finding, ...]
    cleared: tuple[Finding, ...]


@dataclass(frozen=True)
class AuditReport:
    """What a person asks for: when the audit last ran and what is open."""

    ran_at: datetime | None
    findings: tuple[KeptFinding, ...]


def run_audit(
    open_uow: Callable[[], UnitOfWork], world: World, allowed: Allowances, gap: timedelta
) -> AuditRun | None:
    """One run of the audit; None if another replica ran it less than ``gap`` ago."""
    if not _claim(open_uow(), gap):
        return None
    around = world.look()
    return _settle(open_uow(), around, allowed)


def show_audit(uow: UnitOfWork) -> AuditReport:
    """The open findings, oldest first."""
    with uow:
        return AuditReport(uow.audits.last_run(), tuple(uow.audits.open()))


def _claim(uow: UnitOfWork, gap: timedelta) -> bool:
    with uow:
        claimed = uow.audits.claim_run(uow.now, gap)
        uow.commit()
    return claimed


def _settle(uow: UnitOfWork, around: Surroundings, allowed: Allowances) -> AuditRun:
    with uow:
        steps, missed = uow.requests.open_steps(WATCHED), uow.entries.missed_calls(uow.now)
        findings = audit(steps, around, allowed, uow.now, missed)
        run = _compare(uow.audits.open(), findings, uow.now)
        uow.audits.raise_findings(run.opened, uow.now)
        uow.audits.clear(run.cleared, uow.now)
        told = [_wire(finding) for finding in _most_pressing(run)]
        uow.emit("audit.completed", "self-audit", {"ran_at": run.ran_at, "findings": told})
        uow.commit()
    return run


def _compare(known: list[KeptFinding], findings: tuple[Finding, ...], now: datetime) -> AuditRun:
    """What goes on keeps the words and the moment with which it was first seen."""
    kept = {(one.finding.code, one.finding.subject): one.finding for one in known}
    seen = {(finding.code, finding.subject) for finding in findings}
    opened = tuple(finding for finding in findings if (finding.code, finding.subject) not in kept)
    cleared = tuple(finding for key, finding in kept.items() if key not in seen)
    present = tuple(kept.get((finding.code, finding.subject), finding) for finding in findings)
    return AuditRun(now, present, opened, cleared)


def _most_pressing(run: AuditRun) -> list[Finding]:
    """All findings, or the oldest of too many and one that says how many more there are."""
    pressing = sorted(run.findings, key=lambda finding: finding.since)
    left_out = len(pressing) - MOST_TOLD
    if left_out <= 0:
        return pressing
    return [*pressing[:MOST_TOLD], Finding("more_findings", "journal", run.ran_at, f"{left_out} more")]


def _wire(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "subject": finding.subject,
        "since": finding.since,
        "detail": finding.detail,
    }
