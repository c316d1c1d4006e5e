"""The composition root of the journal: its norms and allowances, its view of the world, its two loops."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prometheus_client import Counter, Gauge

from services.journal.clients import BrokerDeadLetters, Outside, peers_of
from services.journal.domain.audit import Allowances, Vitals
from services.journal.domain.norms import NormBook
from services.journal.schemas.norms import read_norms
from services.journal.schemas.timeline import Reader
from services.journal.store import UnitOfWork
from services.journal.usecases import audits, deadlines
from shared.config import ROOT, Misconfigured, Settings
from shared.db import Transaction
from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES
from shared.logs import get_logger
from shared.wiring import BaseWiring, Loop

_BATCH = 100

_last_run = Gauge("journal_audit_last_run_timestamp_seconds", "When the self-audit last ran here")
_findings = Gauge("journal_audit_findings", "Open findings of the self-audit", ["code"])
_escalated = Counter("journal_deadlines_escalated_total", "Deadlines raised as approaching or missed")
_log = get_logger(__name__)


class Wiring(BaseWiring):
    """What the entry points of this service need, built once per process."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork

    book: NormBook
    allowed: Allowances
    world: Outside

    def assemble(self) -> None:
        self.book = norm_book(self.settings)
        self.allowed = allowances(self.settings)
        peers = peers_of(str(self.settings.get("peers", "") or ""))
        letters = BrokerDeadLetters(self.settings.amqp_uri)
        self.world = Outside(peers, letters, self._own_vitals, self.clock)

    def loops(self) -> Iterable[Loop]:
        self._audit_every_s = positive(self.settings, "audit_every_s")
        yield Loop("escalate", positive(self.settings, "escalate_every_s"), self.escalate)
        yield Loop("audit", self._audit_every_s, self.audit)

    def vitals(self) -> dict[str, Any]:
        report = audits.show_audit(self.uow())
        age = None if report.ran_at is None else (self.clock.now() - report.ran_at).total_seconds()
        return {"audit": {"age_s": age, "open_findings": len(report.findings)}}

    def reader(self, language: str) -> Reader:
        """Words for a person, in Russian if the language is not ours."""
        known = language if language in LANGUAGES else DEFAULT_LANGUAGE
        return Reader(self.catalog, self.book, known)

    def escalate(self) -> None:
        """Raise all deadlines that are due now."""
        while raised := deadlines.escalate(self.uow(), _BATCH):
            _escalated.inc(raised)
            if raised < _BATCH:
                return

    def audit(self) -> None:
        """One run of the self-audit, unless another replica has just done it."""
        gap = timedelta(seconds=self._audit_every_s / 2)
        run = audits.run_audit(self.uow, self.world, self.allowed, gap)
        if run is None:
            return
        _last_run.set(run.ran_at.timestamp())
        _findings.clear()
        for finding in run.findings:
            _findings.labels(finding.code).inc()
        for finding in run.opened:
            _log.error("audit_finding_opened", **_named(vars(finding)))
        for finding in run.cleared:
            _log.info("audit_finding_cleared", code=finding.code, subject=finding.subject)

    def _own_vitals(self) -> Mapping[str, Vitals]:
        backlog = self.relay.backlog(self.clock.now())
        return {"journal": Vitals(True, backlog.pending, backlog.oldest_age_s)}


def norm_book(settings: Settings) -> NormBook:
    """The norms of this city; raises Misconfigured or BadNorms."""
    name = str(settings.get("zone"))
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise Misconfigured(f"journal: zone: {name!r} is not a time zone") from unknown
    part = positive(settings, "approaching")
    if part >= 1:
        raise Misconfigured("journal: approaching must be below 1")
    return read_norms(
        ROOT / "services" / "journal" / "data" / str(settings.get("norms")),
        country=str(settings.get("country")),
        city=str(settings.get("city")),
        zone=zone,
        approaching=part,
    )


def allowances(settings: Settings) -> Allowances:
    """How late a step may be; every ``allow_<step>_s`` of the configuration."""
    names = Allowances.__dataclass_fields__
    given = {name: positive(settings, f"allow_{name}_s") for name in names}
    return Allowances(**{name: timedelta(seconds=value) for name, value in given.items()})


def positive(settings: Settings, key: str) -> float:
    value = settings.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise Misconfigured(f"journal: {key} must be a number above 0, not {value!r}")
    return float(value)


def _named(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in finding.items()}
