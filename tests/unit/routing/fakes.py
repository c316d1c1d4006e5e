"""Routing's store in memory: the same promises as ``services.routing.store``, held by one contract suite."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from services.routing.domain.alarms import Audit
from services.routing.domain.assignment import ON_SITE, Assignment, Move, State, Unheard
from services.routing.domain.board import (
    Attempt,
    CrewFilter,
    Dossier,
    Entry,
    Order,
    Place,
    Supplements,
    Wanted,
    rank_of,
)
from services.routing.domain.calls import PhoneCall
from services.routing.domain.case import Case, Override, Status
from services.routing.domain.competence import Competence
from services.routing.domain.crews import Crew, Holding, Position, Profile, Shift
from services.routing.domain.deliveries import Undelivered
from services.routing.domain.organisations import Organisation
from services.routing.domain.outages import Outage
from services.routing.domain.signals import CrewMessage, CrewSignal
from services.routing.domain.transfer import Transfer
from services.routing.domain.turns import Turn
from services.routing.domain.untold import Untold
from services.routing.domain.words import FOR_OTHERS, OTHER, Category, Out
from services.routing.domain.zones import Zone
from services.routing.errors import CrewsUnavailable, JournalUnavailable
from services.routing.usecases.ports import Closing
from shared.clock import Clock
from tests.support.fakes import FakeTransaction
from tests.unit.routing.fake_roads import FakeRoads, RoadTables
from tests.unit.routing.fake_turns import FakeTurns, PlanRow

OFF = Shift(on_shift=False, starts_at=None, ends_at=None)


@dataclass(frozen=True)
class CrewRow:
    """The three parts of a crew and the guard of each."""

    crew_id: UUID
    profile: Profile | None = None
    profile_sequence: int = 0
    shift: Shift = OFF
    shift_sequence: int = 0
    position: Position | None = None
    out: tuple[Out, UUID, datetime] | None = None


@dataclass
class Tables:
    """Everything there is, in dicts and lists of frozen things."""

    cases: dict[UUID, Case] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    assignments: dict[UUID, Assignment] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    transfers: dict[UUID, Transfer] = field(default_factory=dict)
    organisations: dict[UUID, tuple[Organisation, int]] = field(default_factory=dict)
    crews: dict[UUID, CrewRow] = field(default_factory=dict)
    zones: list[Zone] = field(default_factory=list)
    competences: list[Competence] = field(default_factory=list)
    version: int = 0
    calls: list[PhoneCall] = field(default_factory=list)
    supplements: dict[UUID, Supplements] = field(default_factory=dict)
    audit: Audit | None = None
    signals: dict[UUID, CrewSignal] = field(default_factory=dict)
    messages: dict[UUID, CrewMessage] = field(default_factory=dict)
    roads: dict[str, RoadTables] = field(default_factory=dict)
    turns: dict[UUID, Turn] = field(default_factory=dict)
    plans: dict[UUID, PlanRow] = field(default_factory=dict)
    journal_silent: bool = False
    outages: dict[UUID, Outage] = field(default_factory=dict)
    deliveries: dict[UUID, Undelivered] = field(default_factory=dict)
    untold: dict[UUID, Untold] = field(default_factory=dict)

    def copied(self) -> "Tables":
        return Tables(**{name: copy(value) for name, value in vars(self).items()})


class FakeCases:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def open(self, request_id: UUID) -> Case:
        return self._t.cases.setdefault(request_id, Case(request_id))

    def lock(self, request_id: UUID) -> Case | None:
        return self._t.cases.get(request_id)

    def lock_idle(self, request_id: UUID) -> Case | None:
        return self._t.cases.get(request_id)

    def get(self, request_id: UUID) -> Case | None:
        return self._t.cases.get(request_id)

    def claim_deferred(self, now: datetime) -> Case | None:
        ripe = [c for c in self._t.cases.values() if c.deferred_until is not None and c.deferred_until <= now]
        return min(ripe, key=lambda c: c.deferred_until or now) if ripe else None

    def save(self, case: Case, new_version: bool = True) -> Case:
        saved = replace(case, version=case.version + int(new_version))
        self._t.cases[case.request_id] = saved
        return saved

    def waiting(self, teams: Collection[tuple[UUID, str]], limit: int) -> list[Case]:
        return [c for c in self._waiting() if (c.organisation_id, c.routed_as) in teams][:limit]

    def waiting_of(self, categories: Collection[Category], limit: int) -> list[Case]:
        own = [c for c in self._waiting() if c.category in categories and c.organisation_id is not None]
        return own[:limit]

    def numbers(self, request_ids: Collection[UUID]) -> dict[UUID, str]:
        return {id_: self._t.cases[id_].number or "" for id_ in request_ids}

    def line_of(self, organisation_id: UUID, limit: int) -> list[Case]:
        return [c for c in self._waiting() if c.organisation_id == organisation_id][:limit]

    def unclaimed(self, limit: int) -> list[Case]:
        return [c for c in self._waiting() if c.organisation_id is None][:limit]

    def record_override(self, told: Override) -> None:
        self._t.overrides.append(told)

    def _waiting(self) -> list[Case]:
        waiting = [case for case in self._t.cases.values() if case.wants_crew]
        return sorted(waiting, key=lambda c: (rank_of(c.category), c.registered_at, c.request_id))


class FakeAssignments:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def offer(self, assignment: Assignment) -> bool:
        asked = assignment.instead_of is not None
        taken = any(
            a.request_id == assignment.request_id
            or (a.crew_id == assignment.crew_id and asked == (a.instead_of is not None))
            for a in self._t.assignments.values()
            if a.is_live
        )
        if not taken:
            self._t.assignments[assignment.assignment_id] = assignment
        return not taken

    def get(self, assignment_id: UUID) -> Assignment | None:
        return self._t.assignments.get(assignment_id)

    def live(self, request_id: UUID) -> Assignment | None:
        found = (a for a in self._t.assignments.values() if a.request_id == request_id and a.is_live)
        return next(found, None)

    def offered_instead(self, assignment_id: UUID) -> Assignment | None:
        found = (
            a
            for a in self._t.assignments.values()
            if a.instead_of == assignment_id and a.state is State.OFFERED
        )
        return next(found, None)

    def save(self, assignment: Assignment) -> None:
        stored = self._t.assignments[assignment.assignment_id]
        self._t.assignments[assignment.assignment_id] = replace(assignment, instead_of=stored.instead_of)
        left = None if assignment.is_live else self.offered_instead(assignment.assignment_id)
        if left is not None:
            self._t.assignments[left.assignment_id] = replace(left, instead_of=None)

    def note(self, move: Move) -> None:
        self._t.moves.append(move)

    def moves(self, assignment_id: UUID) -> list[Move]:
        return [move for move in self._t.moves if move.assignment_id == assignment_id]

    def asked(self, request_ids: Collection[UUID]) -> dict[UUID, dict[UUID, datetime]]:
        found: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
        for_others = {m.assignment_id for m in self._t.moves if m.reason in FOR_OTHERS}
        for a in self._t.assignments.values():
            gone = a.state in (State.DECLINED, State.WITHDRAWN) and a.assignment_id not in for_others
            if a.request_id in request_ids and gone:
                assert a.changed_at is not None
                before = found[a.request_id].get(a.crew_id, a.changed_at)
                found[a.request_id][a.crew_id] = max(before, a.changed_at)
        return dict(found)

    def claim_expired(self, now: datetime) -> UUID | None:
        late = [a for a in self._t.assignments.values() if a.state is State.OFFERED and a.respond_by < now]
        return min(late, key=lambda a: a.respond_by).request_id if late else None

    def claim_silent(self, heard_by: Mapping[Category, datetime]) -> UUID | None:
        for a in self._t.assignments.values():
            category = self._t.cases[a.request_id].category
            under_way = a.state in (State.ACCEPTED, State.DEPARTED) and category in heard_by
            if under_way and category and _told_at(a, self._t.crews.get(a.crew_id)) < heard_by[category]:
                return a.request_id
        return None

    def mark_silent(self, late: Unheard, now: datetime) -> int:
        at_work = [a for a in self._t.assignments.values() if a.state in ON_SITE and a.silent_at is None]
        found = [a for a in at_work if a.last_heard_at < _moment_of(self._t.cases[a.request_id], late)]
        for one in found:
            self.save(replace(one, silent_at=now))
        return len(found)

    def hear(self, crew_id: UUID, at: datetime) -> None:
        for a in [a for a in self._t.assignments.values() if a.is_live and a.crew_id == crew_id]:
            still = a.silent_at if a.silent_at is not None and a.silent_at > at else None
            self.save(replace(a, heard_at=max(a.heard_at or at, at), silent_at=still))


def _moment_of(case: Case, late: Unheard) -> datetime:
    assert case.category is not None
    usual = late.by_category[case.category]
    return max(usual, late.in_danger) if case.hazards or case.place in late.places else usual


def _told_at(live: Assignment, crew: CrewRow | None) -> datetime:
    """When the crew was last heard of, or should have been there if it sends no positions."""
    position_at = crew.position.at if crew and crew.position else None
    there_at = live.offered_at + timedelta(minutes=live.eta_minutes)
    seen = position_at if position_at is not None and position_at > live.offered_at else there_at
    return max(live.changed_at or live.offered_at, seen)


class FakeTransfers:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def add(self, transfer: Transfer) -> Transfer:
        numbered = replace(transfer, turn=len(self.history(transfer.request_id)) + 1)
        self._t.transfers[transfer.transfer_id] = numbered
        return numbered

    def current(self, request_id: UUID) -> Transfer | None:
        own = self.history(request_id)
        return own[-1] if own else None

    def history(self, request_id: UUID) -> list[Transfer]:
        own = [t for t in self._t.transfers.values() if t.request_id == request_id]
        return sorted(own, key=lambda t: t.turn)

    def refusals(self, request_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for t in self._t.transfers.values():
            if t.request_id in request_ids and t.refused_at is not None:
                found[t.request_id].add(t.organisation_id)
        return dict(found)

    def claim_overdue(self, now: datetime) -> Transfer | None:
        due = [t for t in self._t.transfers.values() if t.rung_due(now) is not None and self._is_watched(t)]
        return min(due, key=lambda t: t.acknowledge_by) if due else None

    def _is_watched(self, transfer: Transfer) -> bool:
        case = self._t.cases[transfer.request_id]
        own = case.organisation_id == transfer.organisation_id
        return own and case.status in (Status.WAITING, Status.ASSIGNED, Status.HANDED_OVER)

    def save(self, transfer: Transfer) -> None:
        self._t.transfers[transfer.transfer_id] = transfer


class FakeRoster:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def put_profile(self, crew_id: UUID, profile: Profile, sequence: int) -> bool:
        row = self._row(crew_id)
        return row.profile_sequence < sequence and self._put(
            replace(row, profile=profile, profile_sequence=sequence)
        )

    def put_shift(self, crew_id: UUID, shift: Shift, sequence: int) -> bool:
        row = self._row(crew_id)
        return row.shift_sequence < sequence and self._put(
            replace(row, shift=shift, shift_sequence=sequence, out=None)
        )

    def put_position(self, crew_id: UUID, position: Position) -> bool:
        row = self._row(crew_id)
        known = row.position.at if row.position else None
        newer = known is None or position.at is None or known < position.at
        return newer and self._put(replace(row, position=position))

    def put_positions(self, positions: Mapping[UUID, Position]) -> None:
        for crew_id, here in positions.items():
            self.put_position(crew_id, here)

    def put_out(self, crew_id: UUID, why: Out, request_id: UUID, at: datetime) -> None:
        self._put(replace(self._row(crew_id), out=(why, request_id, at)))

    def put_back(self, crew_id: UUID, *why: Out) -> bool:
        row = self._row(crew_id)
        back = row.out is not None and row.out[0] in why
        return back and self._put(replace(row, out=None))

    def out(self) -> list[Crew]:
        gone = [crew for crew in self._crews() if crew.active and crew.out is not None]
        return sorted(gone, key=lambda crew: (crew.out_since is None, crew.out_since))

    def crew(self, crew_id: UUID) -> Crew | None:
        return next((crew for crew in self._crews() if crew.crew_id == crew_id), None)

    def crews(self, crew_ids: Collection[UUID]) -> list[Crew]:
        return [crew for crew in self._crews() if crew.crew_id in crew_ids]

    def crews_of(self, organisation_id: UUID) -> list[Crew]:
        return [c for c in self._crews() if c.organisation_id == organisation_id and c.active]

    def free(self) -> list[Crew]:
        return [c for c in self._crews() if c.active and c.on_shift and not c.out and c.busy_with is None]

    def free_for(self, organisation_id: UUID, system: str) -> list[Crew]:
        own = [c for c in self.free() if c.organisation_id == organisation_id]
        return [c for c in own if system == OTHER or system in c.specialisations]

    def listed(self, wanted: CrewFilter) -> list[Crew]:
        fitting = [
            c
            for c in self._crews()
            if wanted.organisation_id in (None, c.organisation_id)
            and wanted.on_shift in (None, c.on_shift)
            and (wanted.inactive or c.active)
        ]
        return sorted(fitting, key=lambda c: (c.name, c.crew_id))

    def _row(self, crew_id: UUID) -> CrewRow:
        return self._t.crews.get(crew_id, CrewRow(crew_id))

    def _put(self, row: CrewRow) -> bool:
        self._t.crews[row.crew_id] = row
        return True

    def _crews(self) -> list[Crew]:
        held = (a for a in self._t.assignments.values() if a.is_live and a.instead_of is None)
        live = {a.crew_id: a for a in held}
        return [
            _crew(row, row.profile, live.get(id_), self._t)
            for id_, row in self._t.crews.items()
            if row.profile is not None
        ]


class FakeOrganisations:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def put(self, organisation: Organisation, sequence: int) -> bool:
        _, known = self._t.organisations.get(organisation.organisation_id, (organisation, 0))
        if known < sequence:
            self._t.organisations[organisation.organisation_id] = (organisation, sequence)
        return known < sequence

    def find(self, ids: Collection[UUID]) -> dict[UUID, Organisation]:
        return {id_: organisation for id_, organisation in self.every().items() if id_ in ids}

    def every(self) -> dict[UUID, Organisation]:
        profiles = [row.profile for row in self._t.crews.values()]
        with_crews = {profile.organisation_id for profile in profiles if profile and profile.active}
        return {
            id_: replace(organisation, has_crews=id_ in with_crews)
            for id_, (organisation, _) in self._t.organisations.items()
        }


class FakeReference:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def version(self) -> int:
        return self._t.version

    def zones(self) -> list[Zone]:
        return sorted(self._t.zones, key=lambda zone: zone.name)

    def competences(self) -> list[Competence]:
        return list(self._t.competences)

    def change(self, put: Sequence[Zone], drop: Collection[str], rules: Sequence[Competence] | None) -> None:
        gone = {*drop, *(zone.name for zone in put)}
        self._t.zones = [*(zone for zone in self._t.zones if zone.name not in gone), *put]
        self._t.competences = self._t.competences if rules is None else list(rules)
        self._t.version += 1


class FakeCalls:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def add(self, call: PhoneCall) -> None:
        self._t.calls.append(call)

    def of_request(self, request_id: UUID) -> list[PhoneCall]:
        own = [call for call in self._t.calls if call.request_id == request_id]
        return sorted(own, key=lambda call: (call.at, call.call_id))

    def between(self, since: datetime, until: datetime, limit: int) -> list[PhoneCall]:
        found = [call for call in self._t.calls if since <= call.at < until]
        return sorted(found, key=lambda call: call.at, reverse=True)[:limit]

    def supplement(self, request_id: UUID, photos: int, at: datetime) -> None:
        known = self._t.supplements.get(request_id, Supplements())
        last = max(known.last_at or at, at)
        self._t.supplements[request_id] = Supplements(known.count + 1, last, known.photos + photos)


class FakeAudits:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def put(self, audit: Audit) -> bool:
        news = self._t.audit is None or self._t.audit.ran_at < audit.ran_at
        if news:
            self._t.audit, self._t.journal_silent = audit, False
        return news

    def latest(self) -> Audit | None:
        return self._t.audit

    def mark_silent(self, since: datetime, now: datetime) -> bool:
        self._t.audit = self._t.audit or Audit(since, [])
        news = not self._t.journal_silent and self._t.audit.ran_at <= since
        self._t.journal_silent = self._t.journal_silent or news
        return news


class FakeOutages:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def put(self, outage: Outage) -> bool:
        known = self._t.outages.get(outage.outage_id)
        news = known is None or known.version < outage.version
        if news:
            self._t.outages[outage.outage_id] = outage
        return news

    def find(self, outage_ids: Collection[UUID]) -> list[Outage]:
        return [outage for id_, outage in self._t.outages.items() if id_ in outage_ids]

    def open(self) -> list[Outage]:
        going_on = (outage for outage in self._t.outages.values() if not outage.is_over)
        return sorted(going_on, key=lambda outage: outage.started_at, reverse=True)


class FakeDeliveries:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def put(self, told: Undelivered) -> bool:
        known = self._t.deliveries.get(told.delivery_id)
        news = known is None or known.sequence < told.sequence
        if news:
            self._t.deliveries[told.delivery_id] = told
        return news

    def failed(self, limit: int) -> list[Undelivered]:
        lost = (told for told in self._t.deliveries.values() if told.failed)
        return sorted(lost, key=lambda told: told.at, reverse=True)[:limit]


class FakeUntolds:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def put(self, told: Untold) -> bool:
        known = self._t.untold.get(told.alert_id)
        news = known is None or known.sequence < told.sequence
        if news:
            self._t.untold[told.alert_id] = told
        return news

    def get(self, alert_id: UUID) -> Untold | None:
        return self._t.untold.get(alert_id)

    def settle(self, told: Untold) -> None:
        self._t.untold[told.alert_id] = told


class FakeBoard:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def page(self, wanted: Wanted) -> list[Entry]:
        fitting = [entry for entry in self._entries() if _fits(entry, wanted)]
        fitting.sort(
            key=lambda entry: (Place.of(entry.case).registered_at, entry.case.request_id), reverse=True
        )
        if wanted.order is Order.OLDEST:
            fitting.reverse()
        if wanted.order is Order.URGENT:
            fitting.sort(key=lambda entry: rank_of(entry.case.category))
        places = [Place.of(entry.case) for entry in fitting]
        start = 0 if wanted.after is None else _first_beyond(places, wanted.order, wanted.after)
        return fitting[start : start + wanted.limit]

    def entry(self, request_id: UUID) -> Entry | None:
        return next((entry for entry in self._entries() if entry.case.request_id == request_id), None)

    def entries(self, request_ids: Collection[UUID]) -> list[Entry]:
        return [entry for entry in self._entries() if entry.case.request_id in request_ids]

    def dossier(self, request_id: UUID) -> Dossier | None:
        entry = self.entry(request_id)
        if entry is None:
            return None
        own = sorted(
            (a for a in self._t.assignments.values() if a.request_id == request_id), key=lambda a: a.attempt
        )
        moves = FakeAssignments(self._t).moves
        attempts = [Attempt(a, self._name(a), moves(a.assignment_id)) for a in own]
        overrides = [o for o in self._t.overrides if o.request_id == request_id]
        spoken, history = (
            FakeCalls(self._t).of_request(request_id),
            FakeTransfers(self._t).history(request_id),
        )
        return Dossier(entry, attempts, overrides, spoken, history)

    def troubled(self) -> list[Entry]:
        found = [entry for entry in self._entries() if not entry.case.is_over and _in_trouble(entry)]
        return sorted(found, key=lambda entry: (rank_of(entry.case.category), entry.case.registered_at))

    def _entries(self) -> list[Entry]:
        return [self._entry(case) for case in self._t.cases.values() if case.registered_at is not None]

    def _entry(self, case: Case) -> Entry:
        live = FakeAssignments(self._t).live(case.request_id)
        transfer = FakeTransfers(self._t).current(case.request_id)
        name = None if live is None else self._name(live)
        added = self._t.supplements.get(case.request_id, Supplements())
        lost = [told for told in self._t.deliveries.values() if told.request_id == case.request_id]
        alerts = [one for one in self._t.untold.values() if one.request_id == case.request_id and one.people]
        return Entry(case, transfer, live, name, added, [told for told in lost if told.failed], alerts)

    def _name(self, assignment: Assignment) -> str | None:
        row = self._t.crews.get(assignment.crew_id)
        return row.profile.name if row and row.profile else None


class FakeWork(FakeTransaction):
    """One transaction after another on the same tables; what is not committed never was."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.tables = Tables()
        self._bind(self.tables)

    def __enter__(self) -> Self:
        super().__enter__()
        self._bind(self.tables.copied())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._bind(self.tables)

    def commit(self) -> None:
        super().commit()
        self.tables = self._draft

    def _bind(self, tables: Tables) -> None:
        self._draft = tables
        self.cases = FakeCases(tables)
        self.assignments = FakeAssignments(tables)
        self.transfers = FakeTransfers(tables)
        self.organisations = FakeOrganisations(tables)
        self.roster = FakeRoster(tables)
        self.reference = FakeReference(tables)
        self.audits = FakeAudits(tables)
        self.calls = FakeCalls(tables)
        self.board = FakeBoard(tables)
        self.roads = FakeRoads(tables.roads)
        self.signals, self.messages = FakeSignals(tables), FakeCrewMessages(tables)
        self.outages, self.deliveries = FakeOutages(tables), FakeDeliveries(tables)
        self.untold = FakeUntolds(tables)
        self.turns = FakeTurns(tables.turns, tables.plans, tables.cases)


class FakeJournal:
    """Answers what it was told to, or nothing at all."""

    def __init__(self, answer: Mapping[str, Any] | None = None) -> None:
        self._answer = answer
        self.asked: list[tuple[Any, ...]] = []

    def timeline(self, request_id: UUID, language: str) -> Mapping[str, Any]:
        return self._say("timeline", request_id, language)

    def close_request(self, wish: Closing) -> Mapping[str, Any]:
        return self._say("close_request", wish)

    def _say(self, *asked: Any) -> Mapping[str, Any]:
        self.asked.append(asked)
        if self._answer is None:
            raise JournalUnavailable
        return self._answer


class FakeSignals:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def put(self, signal: CrewSignal) -> bool:
        known = self._t.signals.get(signal.signal_id)
        if known is not None and known.sequence >= signal.sequence:
            return False
        if known is not None:
            answered = ("acknowledged_at", "acknowledged_by", "answer")
            signal = replace(signal, **{name: getattr(known, name) for name in answered})
        self._t.signals[signal.signal_id] = signal
        return True

    def get(self, signal_id: UUID) -> CrewSignal | None:
        known = self._t.signals.get(signal_id)
        return None if known is None else self._named(known)

    def answer(self, signal: CrewSignal) -> None:
        self._t.signals[signal.signal_id] = signal

    def find(self, signal_ids: Collection[UUID]) -> list[CrewSignal]:
        return [self._named(signal) for id_, signal in self._t.signals.items() if id_ in signal_ids]

    def open(self) -> list[CrewSignal]:
        found = (self._named(s) for s in self._t.signals.values() if s.acknowledged_at is None)
        return sorted(found, key=lambda signal: signal.at)

    def _named(self, signal: CrewSignal) -> CrewSignal:
        row = self._t.crews.get(signal.crew_id)
        return replace(signal, crew_name=row.profile.name if row and row.profile else None)


class FakeCrewMessages:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def add(self, message: CrewMessage) -> None:
        self._t.messages.setdefault(message.message_id, message)

    def latest(self, crew_id: UUID, limit: int) -> list[CrewMessage]:
        own = [message for message in self._t.messages.values() if message.crew_id == crew_id]
        return sorted(own, key=lambda message: (message.at, message.message_id))[-limit:]


class FakeTokens:
    """Knows one answer, or none."""

    def __init__(self, answer: Mapping[str, Any] | None = None) -> None:
        self._answer = answer

    def issue(self, login: str, password: str) -> Mapping[str, Any]:
        if self._answer is None:
            raise CrewsUnavailable
        return self._answer

    def refresh(self, refresh_token: str) -> Mapping[str, Any]:
        return self.issue("", refresh_token)


def _crew(row: CrewRow, profile: Profile, live: Assignment | None, tables: Tables) -> Crew:
    return Crew(
        crew_id=row.crew_id,
        organisation_id=profile.organisation_id,
        name=profile.name,
        specialisations=frozenset(profile.specialisations),
        grades=tuple(profile.grades),
        leader_grade=profile.leader_grade,
        equipment=frozenset(profile.equipment),
        languages=frozenset(profile.languages),
        base=profile.base,
        active=profile.active,
        on_shift=row.shift.on_shift,
        shift_starts_at=row.shift.starts_at,
        shift_ends_at=row.shift.ends_at,
        position=row.position,
        busy_with=live.request_id if live else None,
        holding=_holding(live, tables) if live else None,
        out=row.out[0] if row.out else None,
        out_on=row.out[1] if row.out else None,
        out_since=row.out[2] if row.out else None,
    )


def _holding(live: Assignment, tables: Tables) -> Holding | None:
    case, turn = tables.cases.get(live.request_id), tables.turns.get(live.request_id)
    if case is None or case.address is None or case.category is None:
        return None
    return Holding(
        request_id=live.request_id,
        assignment_id=live.assignment_id,
        number=case.number or "",
        state=live.state,
        since=live.changed_at or live.offered_at,
        there_at=live.offered_at + timedelta(minutes=live.eta_minutes),
        category=case.category,
        place=case.place or "",
        hazards=case.hazards,
        lat=case.address["lat"],
        lon=case.address["lon"],
        preempted=case.preempted,
        pinned=turn is not None and turn.pinned,
        leave=live.leave,
    )


def _fits(entry: Entry, wanted: Wanted) -> bool:
    case, live = entry.case, entry.assignment
    return (
        wanted.state in (None, case.state)
        and wanted.status in (None, case.status)
        and wanted.category in (None, case.category)
        and wanted.organisation_id in (None, case.organisation_id)
        and wanted.number in (None, case.number)
        and wanted.crew_id in (None, live.crew_id if live else None)
        and wanted.outage_id in (None, case.outage_id)
        and wanted.system in (None, case.system)
        and wanted.district in (None, (case.address or {}).get("district"))
        and wanted.is_open in (None, not case.is_over)
        and wanted.is_overdue in (None, _is_overdue(case))
        and (wanted.text is None or _mentions(case, wanted.text))
    )


def _is_overdue(case: Case) -> bool:
    return case.deadline is not None and case.deadline.level == "missed" and not case.is_over


def _mentions(case: Case, text: str) -> bool:
    said = f"{case.text}\n{(case.address or {}).get('text')}".lower()
    return (case.number or "").startswith(text) or text.lower() in said


def _first_beyond(places: Sequence[Place], order: Order, after: Place) -> int:
    def key(place: Place) -> tuple[Any, ...]:
        rank = place.rank if order is Order.URGENT else 0
        later = 1 if order is Order.OLDEST else -1
        return (rank, later * place.registered_at.timestamp(), later * place.request_id.int)

    return next((index for index, place in enumerate(places) if key(place) > key(after)), len(places))


def _in_trouble(entry: Entry) -> bool:
    unheard = entry.transfer is not None and entry.transfer.is_open
    case = entry.case
    silent = None if entry.assignment is None else entry.assignment.silent_at
    told = (case.unroutable, case.deadline, case.cancellation_asked_at, case.advice, case.resumed_at, silent)
    return unheard or bool(entry.undelivered or entry.untold) or any(one is not None for one in told)
