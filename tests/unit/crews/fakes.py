"""The store of crews in memory: the same promises, checked against the real one in tests/contract/crews."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from services.crews.domain.access import Attempts, Login
from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.documents import Document
from services.crews.domain.feed import Change, Topic
from services.crews.domain.media import Media
from services.crews.domain.messages import Message
from services.crews.domain.notes import Note
from services.crews.domain.orders import Stage, Step, WorkOrder
from services.crews.domain.people import Crew, Position, Shift, Staff
from services.crews.domain.push import Push, PushKind, Subscription
from services.crews.domain.records import Record
from services.crews.domain.rosters import DutyShift, Roster, RosterAct
from services.crews.domain.sessions import Kind, PairingCode, RefreshToken, Session
from services.crews.domain.signals import Signal, SignalKind
from services.crews.domain.tracking import Site
from services.crews.usecases.ports import Token
from shared.clock import Clock
from tests.support.fakes import FakeTransaction


@dataclass
class Tables:
    """What is stored; a transaction works on a copy."""

    orders: dict[UUID, WorkOrder] = field(default_factory=dict)
    changes: dict[UUID, int] = field(default_factory=dict)
    feed: dict[tuple[UUID, Topic, UUID], int] = field(default_factory=dict)
    notes: dict[UUID, Note] = field(default_factory=dict)
    signals: dict[UUID, Signal] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    phones: dict[UUID, Subscription] = field(default_factory=dict)
    pushes: dict[int, tuple[Push, datetime]] = field(default_factory=dict)
    pushed: int = 0
    steps: list[tuple[UUID, Step]] = field(default_factory=list)
    staff: Staff = field(default_factory=lambda: Staff({}, {}, {}))
    told: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    shifts: dict[UUID, Shift] = field(default_factory=dict)
    positions: dict[UUID, tuple[Position, Position]] = field(default_factory=dict)
    logins: dict[str, tuple[Login, str]] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    codes: dict[UUID, PairingCode] = field(default_factory=dict)
    acts: list[AccessAct] = field(default_factory=list)
    rosters: dict[UUID, Roster] = field(default_factory=dict)
    roster_acts: list[RosterAct] = field(default_factory=list)
    duty: dict[UUID, DutyShift] = field(default_factory=dict)
    records: dict[UUID, Record] = field(default_factory=dict)
    media: dict[UUID, Media] = field(default_factory=dict)
    parts: dict[UUID, bytes] = field(default_factory=dict)
    documents: dict[UUID, Document] = field(default_factory=dict)
    serials: dict[tuple[UUID, int], int] = field(default_factory=dict)


class FakeFeed:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def touch(self, crew_id: UUID, topic: Topic, id_: UUID) -> int:
        number = self._tables.changes[crew_id] = self.last(crew_id) + 1
        self._tables.feed[crew_id, topic, id_] = number
        return number

    def last(self, crew_id: UUID) -> int:
        return self._tables.changes.get(crew_id, 0)

    def last_of(self, crew_ids: Collection[UUID]) -> dict[UUID, int]:
        return {id_: last for id_, last in self._tables.changes.items() if id_ in crew_ids}

    def after(self, crew_id: UUID, number: int, limit: int) -> list[Change]:
        own = [
            Change(n, topic, id_) for (crew, topic, id_), n in self._tables.feed.items() if crew == crew_id
        ]
        return sorted((c for c in own if c.number > number), key=lambda change: change.number)[:limit]


class FakeNotes:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, note: Note) -> None:
        self._tables.notes.setdefault(note.id, note)

    def on(self, assignment_ids: Collection[UUID], crew_id: UUID) -> list[Note]:
        found = [
            note
            for note in self._tables.notes.values()
            if note.assignment_id in assignment_ids and note.crew_id == crew_id
        ]
        return sorted(found, key=lambda note: (note.recorded_at, note.id))


class FakeSignals:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def lock(self, crew_id: UUID) -> None:
        """Nobody else is here."""

    def save(self, signal: Signal) -> None:
        self._tables.signals[signal.id] = signal

    def get(self, signal_id: UUID) -> Signal | None:
        return self._tables.signals.get(signal_id)

    def many(self, signal_ids: Collection[UUID]) -> list[Signal]:
        return [signal for signal in self._all() if signal.id in signal_ids]

    def open(self, crew_id: UUID) -> list[Signal]:
        return [signal for signal in self._all() if signal.crew_id == crew_id and signal.is_open]

    def open_sos(self, crew_id: UUID) -> Signal | None:
        return next((each for each in self.open(crew_id) if each.kind is SignalKind.SOS), None)

    def crews_with_sos_before(self, moment: datetime) -> list[UUID]:
        due = [
            (signal.level_at or signal.recorded_at, signal.crew_id)
            for signal in self._all()
            if signal.is_open and signal.kind is SignalKind.SOS
        ]
        return [crew_id for since, crew_id in sorted(due) if since <= moment]

    def _all(self) -> list[Signal]:
        return sorted(self._tables.signals.values(), key=lambda signal: (signal.recorded_at, signal.id))


class FakeMessages:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, message: Message) -> bool:
        new = message.id not in self._tables.messages
        self._tables.messages.setdefault(message.id, message)
        return new

    def many(self, message_ids: Collection[UUID]) -> list[Message]:
        return [message for message in self._all() if message.id in message_ids]

    def latest(self, crew_id: UUID, limit: int) -> list[Message]:
        return [message for message in self._all() if message.crew_id == crew_id][-limit:]

    def _all(self) -> list[Message]:
        return sorted(self._tables.messages.values(), key=lambda message: (message.recorded_at, message.id))


class FakePushes:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def subscribe(self, phone: Subscription, since: datetime) -> UUID:
        known = [each for each in self._tables.phones.values() if each.endpoint == phone.endpoint]
        kept = replace(phone, id=known[0].id) if known else phone
        self._tables.phones[kept.id] = kept
        return kept.id

    def unsubscribe(self, subscription_id: UUID, crew_id: UUID | None = None) -> None:
        known = self._tables.phones.get(subscription_id)
        if known is None or crew_id not in (None, known.crew_id):
            return
        del self._tables.phones[subscription_id]
        due = self._tables.pushes
        self._tables.pushes = {id_: row for id_, row in due.items() if row[0].subscription.id != known.id}

    def add(self, crew_id: UUID, kind: PushKind, subject: UUID, now: datetime, expires_at: datetime) -> None:
        for phone in self._tables.phones.values():
            if phone.crew_id == crew_id:
                self._tables.pushed += 1
                push = Push(self._tables.pushed, phone, kind, subject, expires_at, 0)
                self._tables.pushes[push.id] = push, now

    def claim(self, now: datetime, lease: timedelta, most: int) -> list[Push]:
        due = sorted((at, id_) for id_, (_, at) in self._tables.pushes.items() if at <= now)[:most]
        claimed = [self._tables.pushes[id_][0] for _, id_ in due]
        claimed = [replace(push, attempts=push.attempts + 1) for push in claimed]
        self._tables.pushes.update({push.id: (push, now + lease) for push in claimed})
        return claimed

    def done(self, push_id: int) -> None:
        self._tables.pushes.pop(push_id, None)

    def postpone(self, push_id: int, until: datetime) -> None:
        self._tables.pushes[push_id] = self._tables.pushes[push_id][0], until


class FakeOrders:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._feed = FakeFeed(tables)

    def lock(self, assignment_id: UUID) -> None:
        """Nobody else is here."""

    def get(self, assignment_id: UUID) -> WorkOrder | None:
        return self._tables.orders.get(assignment_id)

    def put(self, order: WorkOrder) -> WorkOrder:
        number = self._feed.touch(order.card.crew_id, Topic.ORDER, order.card.assignment_id)
        numbered = replace(order, change=number)
        self._tables.orders[order.card.assignment_id] = numbered
        return numbered

    def open(self, crew_id: UUID) -> list[WorkOrder]:
        return [order for order in self._of(crew_id) if not order.is_final]

    def changed(self, crew_id: UUID, after: int, limit: int) -> list[WorkOrder]:
        return [order for order in self._of(crew_id) if order.change > after][:limit]

    def many(self, assignment_ids: Collection[UUID]) -> list[WorkOrder]:
        found = [self._tables.orders[id_] for id_ in assignment_ids if id_ in self._tables.orders]
        return sorted(found, key=lambda order: order.change)

    def sites(self, crew_ids: Collection[UUID]) -> list[Site]:
        return [
            Site(id_, order.card.crew_id, order.card.address["lat"], order.card.address["lon"])
            for id_, order in self._tables.orders.items()
            if order.card.crew_id in crew_ids
            and order.stage is Stage.DEPARTED
            and order.arrival_seen_at is None
            and order.card.address.get("lat") is not None
            and order.card.address.get("lon") is not None
        ]

    def add_step(self, assignment_id: UUID, step: Step) -> None:
        self._tables.steps.append((assignment_id, step))

    def steps(self, assignment_id: UUID) -> list[Step]:
        return self.histories([assignment_id]).get(assignment_id, [])

    def histories(self, assignment_ids: Collection[UUID]) -> dict[UUID, list[Step]]:
        found: dict[UUID, list[Step]] = {}
        for owner, step in self._tables.steps:
            if owner in assignment_ids:
                found.setdefault(owner, []).append(step)
        return found

    def _of(self, crew_id: UUID) -> list[WorkOrder]:
        own = (order for order in self._tables.orders.values() if order.card.crew_id == crew_id)
        return sorted(own, key=lambda order: order.change)


class FakeStaffRegister:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def everything(self) -> Staff:
        return self._tables.staff

    def lock(self) -> None:
        """Nobody else is here."""

    def told(self) -> Mapping[UUID, Mapping[str, Any]]:
        return self._tables.told

    def note_told(self, crew_id: UUID, told: Mapping[str, Any]) -> None:
        self._tables.told[crew_id] = told

    def drop_absence(self, absence_id: UUID) -> None:
        staff = self._tables.staff
        kept = {id_: absence for id_, absence in staff.absences.items() if id_ != absence_id}
        self._tables.staff = replace(staff, absences=kept)

    def crew(self, crew_id: UUID) -> Crew | None:
        return self._tables.staff.crews.get(crew_id)

    def save(self, staff: Staff) -> None:
        self._tables.staff = self._tables.staff.updated(staff)


class FakeDuty:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def shift(self, crew_id: UUID) -> Shift | None:
        return self._tables.shifts.get(crew_id)

    def shift_now(self, crew_id: UUID) -> Shift | None:
        return self.shift(crew_id)

    def set_shift(self, crew_id: UUID, shift: Shift) -> None:
        self._tables.shifts[crew_id] = shift

    def positions(self, crew_id: UUID) -> tuple[Position, Position] | None:
        return self._tables.positions.get(crew_id)

    def position_now(self, crew_id: UUID) -> Position | None:
        known = self.positions(crew_id)
        return known[0] if known else None

    def many_positions(self, crew_ids: Collection[UUID]) -> dict[UUID, tuple[Position, Position]]:
        return {id_: known for id_, known in self._tables.positions.items() if id_ in crew_ids}

    def put_positions(self, rows: Mapping[UUID, tuple[Position, Position]]) -> set[UUID]:
        kept = rows.keys() & self._tables.staff.crews.keys()
        self._tables.positions.update({id_: rows[id_] for id_ in kept})
        return set(kept)

    def set_positions(self, crew_id: UUID, latest: Position, told: Position) -> None:
        self._tables.positions[crew_id] = latest, told


class FakeRosters:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def lock(self) -> None:
        """Nobody else is here."""

    def get(self, roster_id: UUID) -> Roster | None:
        return self._tables.rosters.get(roster_id)

    def put(self, roster: Roster) -> None:
        self._tables.rosters[roster.id] = roster

    def between(self, since: date, until: date) -> list[Roster]:
        found = (r for r in self._tables.rosters.values() if r.ends_on >= since and r.starts_on <= until)
        return sorted(found, key=lambda roster: (roster.starts_on, roster.id))

    def note(self, act: RosterAct) -> None:
        self._tables.roster_acts.append(act)

    def history(self, roster_id: UUID) -> list[RosterAct]:
        return [act for act in self._tables.roster_acts if act.roster_id == roster_id]

    def published(self, since: datetime, until: datetime) -> list[DutyShift]:
        return self._duty(lambda duty: duty.shift.ends_at > since and duty.shift.starts_at < until)

    def published_of(self, roster_id: UUID) -> list[DutyShift]:
        return self._duty(lambda duty: duty.roster_id == roster_id)

    def duty(self, shift_id: UUID) -> DutyShift | None:
        return self._tables.duty.get(shift_id)

    def put_duty(self, shift: DutyShift) -> None:
        self._tables.duty[shift.shift.id] = shift

    def drop_duty(self, shift_id: UUID) -> None:
        self._tables.duty.pop(shift_id, None)

    def take_due(self, now: datetime, limit: int) -> list[DutyShift]:
        def is_due(duty: DutyShift) -> bool:
            begins = duty.begun_at is None and duty.shift.starts_at <= now
            return duty.ended_at is None and (begins or duty.shift.ends_at <= now)

        due = sorted(self._duty(is_due), key=lambda duty: (duty.shift.ends_at, duty.shift.id))
        return due[:limit]

    def take_unconfirmed(self, begun_before: datetime) -> list[DutyShift]:
        return self._duty(
            lambda duty: (
                duty.begun_at is not None
                and duty.ended_at is None
                and duty.confirmed_at is None
                and duty.shift.crew_id is not None
                and duty.shift.starts_at <= begun_before
            )
        )

    def _duty(self, wanted: Callable[[DutyShift], bool]) -> list[DutyShift]:
        found = filter(wanted, self._tables.duty.values())
        return sorted(found, key=lambda duty: (duty.shift.starts_at, duty.shift.id))


class FakeLogins:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def find(self, name: str) -> tuple[Login, str] | None:
        return self._tables.logins.get(name)

    def names(self) -> set[str]:
        return set(self._tables.logins)

    def everyone(self) -> list[Login]:
        return [self._tables.logins[name][0] for name in sorted(self._tables.logins)]

    def of_crew(self, crew_id: UUID) -> Login | None:
        found = [login for login, _ in self._tables.logins.values() if login.crew_id == crew_id]
        return min(found, key=lambda login: login.name, default=None)

    def save(self, login: Login, password_hash: str | None = None) -> None:
        kept = self._tables.logins[login.name][1] if password_hash is None else password_hash
        self._tables.logins[login.name] = login, kept

    def attempts(self, name: str, now: datetime) -> Attempts | None:
        return self._tables.attempts.get(name)

    def set_attempts(self, name: str, attempts: Attempts) -> None:
        self._tables.attempts[name] = attempts

    def forget_attempts(self, name: str) -> None:
        self._tables.attempts.pop(name, None)

    def forget_attempts_before(self, moment: datetime) -> int:
        old = [name for name, counted in self._tables.attempts.items() if counted.since < moment]
        for name in old:
            del self._tables.attempts[name]
        return len(old)


class FakeSessions:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, session_id: UUID) -> Session | None:
        return self._tables.sessions.get(session_id)

    def put(self, session: Session) -> None:
        self._tables.sessions[session.id] = session

    def running(
        self,
        now: datetime,
        *,
        login: str | None = None,
        crew_id: UUID | None = None,
        kind: Kind | None = None,
    ) -> list[Session]:
        found = (
            session
            for session in self._tables.sessions.values()
            if session.runs_at(now)
            and login in (None, session.login)
            and crew_id in (None, session.crew_id)
            and kind in (None, session.kind)
        )
        return sorted(found, key=lambda session: (session.started_at, session.id))

    def ended_since(self, moment: datetime) -> set[UUID]:
        sessions = self._tables.sessions.values()
        return {s.id for s in sessions if s.ended_at is not None and s.ended_at >= moment}

    def add_token(self, token: RefreshToken) -> None:
        self._tables.refresh_tokens[token.digest] = token

    def find_token(self, digest: str) -> RefreshToken | None:
        return self._tables.refresh_tokens.get(digest)

    def put_code(self, code: PairingCode) -> None:
        self._tables.codes[code.crew_id] = code

    def take_code(self, digest: str) -> PairingCode | None:
        found = [code for code in self._tables.codes.values() if code.digest == digest]
        return self._tables.codes.pop(found[0].crew_id) if found else None

    def forget_before(self, moment: datetime) -> int:
        tables = self._tables
        tables.codes = {crew: code for crew, code in tables.codes.items() if code.expires_at >= moment}
        old = {id_ for id_, s in tables.sessions.items() if (s.ended_at or s.expires_at) < moment}
        tables.refresh_tokens = {
            digest: token
            for digest, token in tables.refresh_tokens.items()
            if token.session_id not in old and not self._long_spent(token)
        }
        for id_ in old:
            del tables.sessions[id_]
        return len(old)

    def _long_spent(self, token: RefreshToken) -> bool:
        session = self._tables.sessions[token.session_id]
        is_old = token.issued_at < session.last_used_at - timedelta(days=7)
        return is_old and token.number not in (session.latest, session.used)


class FakeAccessLog:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def note(self, act: AccessAct) -> None:
        self._tables.acts.append(replace(act, id=len(self._tables.acts) + 1))

    def has_noted(self, act: Act, by: str, id_: UUID, since: datetime) -> bool:
        same = (a for a in self._tables.acts if (a.act, a.by, a.details.get("id")) == (act, by, str(id_)))
        return any(a.at >= since for a in same)

    def read(self, before: int | None, login: str | None, limit: int) -> list[AccessAct]:
        acts = (a for a in reversed(self._tables.acts) if before is None or a.id < before)
        return [act for act in acts if login in (None, act.login)][:limit]

    def forget_before(self, moment: datetime) -> int:
        before = len(self._tables.acts)
        self._tables.acts = [act for act in self._tables.acts if act.at >= moment]
        return before - len(self._tables.acts)


class FakeRecords:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, record: Record) -> bool:
        return self._tables.records.setdefault(record.id, record) is record

    def get(self, record_id: UUID) -> Record | None:
        return self._tables.records.get(record_id)

    def many(self, record_ids: Collection[UUID]) -> list[Record]:
        return [record for record in self._tables.records.values() if record.id in record_ids]

    def of(self, assignment_id: UUID) -> list[Record]:
        return [record for record in self._tables.records.values() if record.assignment_id == assignment_id]


class FakeMedia:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, media_id: UUID) -> Media | None:
        return self._tables.media.get(media_id)

    lock = get

    def of(self, assignment_id: UUID) -> list[Media]:
        own = (media for media in self._tables.media.values() if media.assignment_id == assignment_id)
        return sorted(own, key=lambda media: (media.shot.taken_at, media.id))

    def put(self, media: Media) -> None:
        self._tables.media[media.id] = media

    def add_part(self, media_id: UUID, start: int, part: bytes) -> None:
        before = self._tables.parts.get(media_id, b"")
        assert len(before) == start
        self._tables.parts[media_id] = before + part

    def drop_parts(self, media_id: UUID) -> None:
        self._tables.parts.pop(media_id, None)

    def parts(self, media_id: UUID, start: int, stop: int) -> Iterator[bytes]:
        content = self._tables.parts.get(media_id, b"")[start:stop]
        if content:
            yield content

    def forget_unfinished(self, before: datetime) -> int:
        old = [m.id for m in self._tables.media.values() if m.finished is None and m.touched_at < before]
        for media_id in old:
            del self._tables.media[media_id]
            self.drop_parts(media_id)
        return len(old)

    def forget_before(self, moment: datetime) -> int:
        named = {document.assignment_id for document in self._tables.documents.values()}
        old = [
            media.id
            for media in self._tables.media.values()
            if media.finished and media.finished.at < moment and media.assignment_id not in named
        ]
        for media_id in old:
            del self._tables.media[media_id]
            self.drop_parts(media_id)
        return len(old)


class FakeDocuments:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, document_id: UUID) -> Document | None:
        return self._tables.documents.get(document_id)

    lock = get

    def many(self, document_ids: Collection[UUID]) -> list[Document]:
        return self._sorted(d for d in self._tables.documents.values() if d.id in document_ids)

    def of(self, assignment_id: UUID) -> list[Document]:
        return self._sorted(d for d in self._tables.documents.values() if d.assignment_id == assignment_id)

    def _sorted(self, found: Iterable[Document]) -> list[Document]:
        return sorted(found, key=lambda document: (document.drafted_at, document.id))

    def corrected_by(self, document_id: UUID) -> UUID | None:
        later = [d for d in self._tables.documents.values() if d.corrects == document_id]
        return max(later, key=lambda document: document.drafted_at).id if later else None

    def add(self, document: Document) -> None:
        self._tables.documents[document.id] = document

    def put(self, document: Document, by: str) -> None:
        self._tables.documents[document.id] = document

    def next_serial(self, organisation_id: UUID, year: int) -> int:
        series = (organisation_id, year)
        self._tables.serials[series] = self._tables.serials.get(series, 0) + 1
        return self._tables.serials[series]

    def forget_before(self, moment: datetime) -> int:
        every = self._tables.documents.values()
        corrected = {d.corrects for d in every if d.drafted_at >= moment}
        old = [d.id for d in every if d.drafted_at < moment and d.id not in corrected]
        for document_id in old:
            del self._tables.documents[document_id]
        return len(old)


class FakeUnitOfWork(FakeTransaction):
    """Works on a copy of the tables, which becomes the truth by ``commit``."""

    feed: FakeFeed
    signals: FakeSignals
    messages: FakeMessages
    pushes: FakePushes
    notes: FakeNotes
    orders: FakeOrders
    staff: FakeStaffRegister
    duty: FakeDuty
    logins: FakeLogins
    rosters: FakeRosters
    sessions: FakeSessions
    access_log: FakeAccessLog
    records: FakeRecords
    media: FakeMedia
    documents: FakeDocuments

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.tables = Tables()
        self._draft = self.tables

    def __enter__(self) -> Self:
        super().__enter__()
        self._open(deepcopy(self.tables))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._open(self.tables)

    def commit(self) -> None:
        super().commit()
        self.tables = self._draft
        self._open(deepcopy(self.tables))

    def _open(self, tables: Tables) -> None:
        self._draft = tables
        self.feed, self.notes = FakeFeed(tables), FakeNotes(tables)
        self.signals, self.messages = FakeSignals(tables), FakeMessages(tables)
        self.pushes = FakePushes(tables)
        self.orders, self.staff = FakeOrders(tables), FakeStaffRegister(tables)
        self.duty, self.logins = FakeDuty(tables), FakeLogins(tables)
        self.rosters = FakeRosters(tables)
        self.sessions, self.access_log = FakeSessions(tables), FakeAccessLog(tables)
        self.records, self.media = FakeRecords(tables), FakeMedia(tables)
        self.documents = FakeDocuments(tables)


class PlainPasswords:
    """Hashes that one can read; counts how often a password was looked at."""

    def __init__(self) -> None:
        self.looked_at = 0

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def matches(self, stored: str | None, password: str) -> bool:
        self.looked_at += 1
        return stored == f"hash of {password}"


class PlainTokens:
    """Tokens that one can read."""

    def issue(self, login: Login, now: datetime, session_id: UUID) -> Token:
        return Token(f"token of {login.name}", now, tuple(sorted(login.roles)), login.name)


class CountedSecrets:
    """Secrets that one can foresee: numbered as they are made."""

    def __init__(self) -> None:
        self._made = 0

    def session_id(self) -> UUID:
        return UUID(int=self._next())

    def refresh_token(self) -> str:
        return f"refresh {self._next()}"

    def pairing_code(self) -> str:
        return f"{self._next():08}"

    def digest(self, secret: str) -> str:
        return f"digest of {secret}"

    def _next(self) -> int:
        self._made += 1
        return self._made
