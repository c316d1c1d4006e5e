"""What a screen must be told: the things that changed, as they are now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.alarms import (
    Alarm,
    AlarmCode,
    alarms_of,
    audit_alarms,
    crew_alarms,
    signal_alarms,
)
from services.routing.domain.board import Entry
from services.routing.domain.crews import Crew
from services.routing.domain.outages import Outage
from services.routing.domain.signals import CrewSignal
from services.routing.usecases.ports import Work


@dataclass(frozen=True)
class Subjects:
    """The things to look at, by kind."""

    requests: Collection[UUID] = ()
    crews: Collection[UUID] = ()
    signals: Collection[UUID] = ()
    outages: Collection[UUID] = ()


@dataclass(frozen=True)
class Sight:
    """Requests, crews and signals of crews with what is wrong with each, outages, and what the journal's
    audit finds."""

    requests: Mapping[UUID, tuple[Entry, list[Alarm]]] = field(default_factory=dict)
    crews: Mapping[UUID, tuple[Crew, list[Alarm]]] = field(default_factory=dict)
    signals: Mapping[UUID, tuple[CrewSignal, list[Alarm]]] = field(default_factory=dict)
    outages: Mapping[UUID, Outage] = field(default_factory=dict)
    audit: list[Alarm] = field(default_factory=list)


def look_at(work: Work, subjects: Subjects, audit_silent_after: timedelta, started_at: datetime) -> Sight:
    """These things now; a request that is not on the board is left out."""
    with work:
        now = work.now
        entries = work.board.entries(subjects.requests)
        crews = [(crew, alarms_of_crew(work, crew)) for crew in work.roster.crews(subjects.crews)]
        signals = [(signal, alarms_of_signal(work, signal)) for signal in work.signals.find(subjects.signals)]
        outages = work.outages.find(subjects.outages)
        audit = audit_now(work, audit_silent_after, started_at)
    return Sight(
        {entry.case.request_id: (entry, alarms_of(entry, now)) for entry in entries},
        {seen[0].crew_id: seen for seen in crews},
        {seen[0].signal_id: seen for seen in signals},
        {outage.outage_id: outage for outage in outages},
        audit,
    )


def audit_now(work: Work, silent_after: timedelta, started_at: datetime) -> list[Alarm]:
    """What the journal's audit says, or its silence; inside the caller's transaction."""
    audit = work.audits.latest()
    ids = [found for finding in (audit.findings if audit else ()) for found in _id_of(finding["subject"])]
    entries = {str(entry.case.request_id): entry for entry in work.board.entries(ids)}
    return audit_alarms(audit, work.now, silent_after, started_at, entries)


def notice_silent_journal(work: Work, audit_silent_after: timedelta, started_at: datetime) -> bool:
    """Keep that the journal has not audited for too long: nothing else would tell the screens, for silence
    changes no row. Returns whether that is news."""
    with work:
        found = audit_alarms(work.audits.latest(), work.now, audit_silent_after, started_at)
        silence = [alarm.since for alarm in found if alarm.code is AlarmCode.AUDIT_SILENT]
        news = bool(silence) and work.audits.mark_silent(silence[0], work.now)
        if news:
            work.commit()
    return news


def _id_of(subject: object) -> list[UUID]:
    """The request that a finding is about; none of one about a service."""
    try:
        return [UUID(str(subject))]
    except ValueError:
        return []


def alarms_of_crew(work: Work, crew: Crew) -> list[Alarm]:
    """What is wrong with a crew, with the request it is out on; inside the caller's transaction."""
    entry = work.board.entry(crew.out_on) if crew.out is not None and crew.out_on is not None else None
    return crew_alarms(crew, entry, work.now)


def alarms_of_signal(work: Work, signal: CrewSignal) -> list[Alarm]:
    """The same of what a crew calls for."""
    return signal_alarms(signal, work.board.entry(signal.request_id) if signal.request_id else None)
