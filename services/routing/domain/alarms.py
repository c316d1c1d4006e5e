"""What a person must look at now, besides the list of requests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.routing.domain.board import Entry
from services.routing.domain.case import Status
from services.routing.domain.crews import Crew
from services.routing.domain.signals import CrewSignal
from services.routing.domain.transfer import Rung
from services.routing.domain.words import Channel, Out


class AlarmCode(StrEnum):
    """Each is shown under ``alarm.<code>``."""

    CREW_SOS = "crew_sos"
    CREW_SIGNAL = "crew_signal"
    CALL_ORGANISATION = "call_organisation"
    TRANSFER_UNACKNOWLEDGED = "transfer_unacknowledged"
    TRANSFER_ESCALATED = "transfer_escalated"
    UNROUTABLE = "unroutable"
    DEADLINE = "deadline"
    CANCELLATION_ASKED = "cancellation_asked"
    ADVICE = "advice"
    CREW_SILENT = "crew_silent"
    CREW_SILENT_ON_SITE = "crew_silent_on_site"
    DEFERRAL_OVER = "deferral_over"
    UNDELIVERED = "undelivered"
    UNTOLD = "untold"
    CREW_OUT = "crew_out"
    AUDIT_FINDING = "audit_finding"
    AUDIT_SILENT = "audit_silent"


@dataclass(frozen=True)
class Audit:
    """The journal's self-audit: when it ran and what it found (code, subject, since, detail)."""

    ran_at: datetime
    findings: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Alarm:
    """``reason`` refines the code (why unroutable, which level); ``details`` fill its text."""

    code: AlarmCode
    since: datetime
    entry: Entry | None = None
    reason: str | None = None
    subject: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request_id(self) -> UUID | None:
        return None if self.entry is None else self.entry.case.request_id


def alarms_of(entry: Entry, now: datetime) -> list[Alarm]:
    """What is wrong with one open request; of one that is over, or rides on an outage, nothing is."""
    if entry.case.is_over or entry.case.rides:
        return []
    own = (
        _unroutable(entry),
        _deadline(entry),
        _cancellation(entry),
        _advice(entry),
        _silent_on_site(entry),
        _deferral_over(entry),
        _undelivered(entry),
        _untold(entry),
    )
    return [*_transfer_alarms(entry, now), *(alarm for alarms in own for alarm in alarms)]


def crew_alarms(crew: Crew, entry: Entry | None, now: datetime) -> list[Alarm]:
    """A crew that gets no work: it fell silent on its way, or is out of service; ``entry`` is what it had."""
    if crew.out is None:
        return []
    code = AlarmCode.CREW_SILENT if crew.out is Out.SILENT else AlarmCode.CREW_OUT
    told = {"crew_id": crew.crew_id, "crew": crew.name}
    return [Alarm(code, crew.out_since or now, entry, subject=str(crew.crew_id), details=told)]


def audit_alarms(
    audit: Audit | None,
    now: datetime,
    silent_after: timedelta,
    started_at: datetime,
    entries: Mapping[str, Entry] | None = None,
) -> list[Alarm]:
    """The journal's findings, and its own silence; a service that just started gives it time. ``entries``:
    the requests that findings are about, by their ids."""
    heard_at = max(audit.ran_at, started_at - silent_after) if audit else started_at
    silence = [Alarm(AlarmCode.AUDIT_SILENT, heard_at)] if now - heard_at > silent_after else []
    return [*silence, *(_finding(found, entries or {}) for found in (audit.findings if audit else ()))]


def signal_alarms(signal: CrewSignal, entry: Entry | None) -> list[Alarm]:
    """A crew calls, until somebody acknowledges it; ``subject`` is the signal."""
    if signal.acknowledged_at is not None:
        return []
    code = AlarmCode.CREW_SOS if signal.is_sos else AlarmCode.CREW_SIGNAL
    told = {
        "crew": signal.crew_name,
        "crew_id": signal.crew_id,
        "note": signal.note,
        "service": signal.service,
        "lat": signal.lat,
        "lon": signal.lon,
        "position_at": signal.position_at,
        "level": signal.level,
        "repeats": signal.repeats,
    }
    return [Alarm(code, signal.at, entry, signal.kind, str(signal.signal_id), told)]


def in_order(alarms: Iterable[Alarm]) -> list[Alarm]:
    """SOS of crews, the suite's own silence, what crews need; then by urgency of the request, the oldest."""
    return sorted(alarms, key=lambda alarm: (_weight(alarm), alarm.since))


def _transfer_alarms(entry: Entry, now: datetime) -> list[Alarm]:
    transfer = entry.transfer
    if transfer is None or not transfer.is_open:
        return []
    told = {"unit": transfer.unit}
    if transfer.escalated > 1 and transfer.escalate_by is not None:
        return [Alarm(AlarmCode.TRANSFER_ESCALATED, transfer.escalate_by, entry, Rung.SENIOR, details=told)]
    if transfer.overdue(now):
        return [Alarm(AlarmCode.TRANSFER_UNACKNOWLEDGED, transfer.acknowledge_by, entry, details=told)]
    if transfer.channel is Channel.SYSTEM:
        return []
    return [Alarm(AlarmCode.CALL_ORGANISATION, transfer.transferred_at, entry, details=told)]


def _unroutable(entry: Entry) -> list[Alarm]:
    case = entry.case
    if case.unroutable is None or case.unroutable_at is None:
        return []
    return [Alarm(AlarmCode.UNROUTABLE, case.unroutable_at, entry, case.unroutable.value)]


def _deadline(entry: Entry) -> list[Alarm]:
    deadline = entry.case.deadline
    if deadline is None:
        return []
    told = {"clock": deadline.clock, "due_at": deadline.due_at}
    return [Alarm(AlarmCode.DEADLINE, deadline.at, entry, deadline.level, details=told)]


def _cancellation(entry: Entry) -> list[Alarm]:
    asked_at = entry.case.cancellation_asked_at
    return [] if asked_at is None else [Alarm(AlarmCode.CANCELLATION_ASKED, asked_at, entry)]


def _advice(entry: Entry) -> list[Alarm]:
    advice = entry.case.advice
    if advice is None:
        return []
    told = {"crew_id": advice.crew_id, "eta_minutes": advice.eta_minutes, "decide_by": advice.decide_by}
    return [Alarm(AlarmCode.ADVICE, advice.at, entry, details=told)]


def _silent_on_site(entry: Entry) -> list[Alarm]:
    live = entry.assignment
    if live is None or live.silent_at is None:
        return []
    told = {"crew_id": live.crew_id, "crew": entry.crew_name}
    return [Alarm(AlarmCode.CREW_SILENT_ON_SITE, live.last_heard_at, entry, details=told)]


def _deferral_over(entry: Entry) -> list[Alarm]:
    """Until a crew or an organisation has it."""
    case = entry.case
    taken = case.status not in (Status.WAITING, Status.ASSIGNED)
    if case.resumed_at is None or taken:
        return []
    return [Alarm(AlarmCode.DEFERRAL_OVER, case.resumed_at, entry)]


def _undelivered(entry: Entry) -> list[Alarm]:
    return [
        Alarm(
            AlarmCode.UNDELIVERED,
            lost.at,
            entry,
            lost.kind,
            str(lost.delivery_id),
            {"partner": lost.partner, "trouble": lost.trouble, "attempts": lost.attempts},
        )
        for lost in entry.undelivered
    ]


def _untold(entry: Entry) -> list[Alarm]:
    """Services and people who must hear of it and could not be reached."""
    return [
        Alarm(AlarmCode.UNTOLD, told.at, entry, subject=str(told.alert_id), details=told.words)
        for told in entry.untold
    ]


def _finding(found: Mapping[str, Any], entries: Mapping[str, Entry]) -> Alarm:
    return Alarm(
        AlarmCode.AUDIT_FINDING,
        found["since"],
        entries.get(str(found["subject"])),
        reason=str(found["code"]),
        subject=str(found["subject"]),
        details={"detail": found["detail"]},
    )


_FIRST = (AlarmCode.CREW_SOS, AlarmCode.AUDIT_SILENT, AlarmCode.CREW_SIGNAL)


def _weight(alarm: Alarm) -> int:
    if alarm.code in _FIRST:
        return _FIRST.index(alarm.code) - len(_FIRST)
    category = None if alarm.entry is None else alarm.entry.case.category
    return 9 if category is None else category.rank
