"""Orders, their feed, and what crews and dispatchers tell each other, in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.crews.domain.feed import Change, Topic
from services.crews.domain.messages import Message
from services.crews.domain.notes import Note
from services.crews.domain.orders import Stage, Step, WorkOrder
from services.crews.domain.push import Push, PushKind, Subscription
from services.crews.domain.signals import Signal, SignalKind
from services.crews.domain.tracking import Site
from tests.unit.crews.fakes.tables import Tables


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

    def forget_before(self, moment: datetime) -> int:
        old = [one.id for one in self._all() if one.recorded_at < moment and not one.is_open]
        for signal_id in old:
            del self._tables.signals[signal_id]
        return len(old)

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

    def forget_before(self, moment: datetime) -> int:
        old = [message.id for message in self._all() if message.recorded_at < moment]
        for message_id in old:
            del self._tables.messages[message_id]
        return len(old)

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

    def forget_before(self, moment: datetime) -> int:
        tables = self._tables
        kept = {one.assignment_id for named in (tables.documents, tables.media) for one in named.values()}
        old = {
            id_ for id_, order in tables.orders.items() if order.is_final and order.stage_at < moment
        } - kept
        tables.orders = {id_: order for id_, order in tables.orders.items() if id_ not in old}
        tables.steps = [(owner, step) for owner, step in tables.steps if owner not in old]
        tables.records = {id_: one for id_, one in tables.records.items() if one.assignment_id not in old}
        tables.notes = {
            id_: note
            for id_, note in tables.notes.items()
            if note.assignment_id in tables.orders
            or (note.assignment_id not in old and note.recorded_at >= moment)
        }
        return len(old)

    def _of(self, crew_id: UUID) -> list[WorkOrder]:
        own = (order for order in self._tables.orders.values() if order.card.crew_id == crew_id)
        return sorted(own, key=lambda order: order.change)
