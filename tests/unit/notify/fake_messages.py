"""Messages of ``notify`` in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.notify.domain.messages import LEFT, PENDING, SAID, Message, Recipient, State
from services.notify.usecases.ports import Backlog, Due

if TYPE_CHECKING:
    from tests.unit.notify.fakes import Tables


class FakeMessages:
    def __init__(self, tables: "Tables") -> None:
        self._tables = tables

    def add(self, message: Message) -> bool:
        told = (message.request_id, message.contact_id, message.template, message.fact)
        if any((m.request_id, m.contact_id, m.template, m.fact) == told for m in self._all()):
            return False
        self.save([message])
        return True

    def announce(self, announced: Sequence[Message]) -> None:
        for message in announced:
            self.add(message)

    def silent(self, due_before: datetime, sent_after: datetime, limit: int) -> Sequence[Message]:
        found = [
            message
            for message in self._all()
            if message.state is State.SENT
            and message.request_id is not None
            and message.phone is not None
            and message.due_at <= due_before
            and message.sent_at is not None
            and message.sent_at > sent_after
        ]
        return sorted(found, key=lambda message: (message.sent_at, message.id))[:limit]

    def is_sending_to(self, contact_id: UUID) -> bool:
        return any(message.state is State.SENDING for message in self._to(contact_id))

    def forget(self, contact_id: UUID) -> None:
        self.save([replace(message, phone=None, body=None) for message in self._to(contact_id)])

    def _to(self, contact_id: UUID) -> list[Message]:
        theirs = {one.id for one in self._tables.requests.values() if one.contact_id == contact_id}
        return [m for m in self._all() if m.request_id in theirs or m.contact_id == contact_id]

    def due(self, now: datetime, limit: int, hopeless_before: datetime) -> Sequence[Due]:
        ready = [
            message
            for message in self._all()
            if message.state in PENDING
            and message.due_at <= now
            and (self._recipient(message) or message.created_at < hopeless_before)
            and (message.urgent or not self._waits(message, now))
        ]
        ready.sort(key=_first)
        return [self._due(message) for message in ready[:limit]]

    def _due(self, message: Message) -> Due:
        recipient, overtaken = self._recipient(message), not message.urgent and self._has_later(message, LEFT)
        if recipient is None:
            return Due(message, None, overtaken)
        followed = self._has_later(message, LEFT | PENDING)
        facts = (self._texts(message), followed, self._category(message), self._said_last(message))
        return Due(message, recipient, overtaken, *facts)

    def _said_last(self, message: Message) -> str | None:
        left = [
            (one.sent_at, one.occurred_at, one.body)
            for one in self._all()
            if one.request_id == message.request_id is not None and one.state in SAID and not one.urgent
        ]
        return max(left, key=lambda one: one[:2])[2] if left else None

    def _category(self, message: Message) -> str | None:
        announced = self._tables.announcements.get(message.announcement_id or UUID(int=0))
        if announced is not None:
            return "emergency" if announced.emergency else "planned"
        urgency = self._tables.urgencies.get(message.request_id or UUID(int=0))
        return urgency.category if urgency else None

    def let_go(self, request_id: UUID, now: datetime) -> None:
        for message in self.of_request(request_id):
            if message.state is State.QUEUED and message.held_until and message.held_until > now:
                self.save([replace(message, due_at=now, held_until=None)])

    def _texts(self, message: Message) -> Mapping[str, str] | None:
        announced = self._tables.announcements.get(message.announcement_id or UUID(int=0))
        return announced.texts if announced else None

    def lock(self, ids: Sequence[UUID], sids: Sequence[str] = ()) -> Mapping[UUID, Message]:
        found = [message for message in self._all() if message.id in ids or message.provider_sid in sids]
        return {message.id: message for message in sorted(found, key=lambda message: message.id)}

    def lease(self, leased: Sequence[Message]) -> None:
        self.save(leased)

    def known_sids(self, sids: Iterable[str]) -> set[str]:
        return set(sids) & {message.provider_sid for message in self._all() if message.provider_sid}

    def has_any(self, request_id: UUID, templates: Iterable[str]) -> bool:
        named = set(templates)
        return any(m.request_id == request_id and m.template in named for m in self._all())

    def save(self, messages: Sequence[Message]) -> None:
        self._tables.messages.update({message.id: message for message in messages})

    def of_request(self, request_id: UUID) -> Sequence[Message]:
        found = [message for message in self._all() if message.request_id == request_id]
        return sorted(found, key=lambda message: (message.created_at, message.occurred_at))

    def backlog(self, now: datetime) -> Backlog:
        pending = [message for message in self._all() if message.state in PENDING]
        awake = [m.held_until or m.created_at for m in pending if m.held_until is None or m.held_until <= now]
        return Backlog(len(awake), min(awake, default=None), len(pending) - len(awake))

    def _all(self) -> list[Message]:
        return list(self._tables.messages.values())

    def _recipient(self, message: Message) -> Recipient | None:
        request = self._tables.requests.get(message.request_id or UUID(int=0))
        owner = request.contact_id if request else message.contact_id
        contact = self._tables.contacts.get(owner or UUID(int=0))
        if contact is None:
            return None
        number = request.number if request else ""
        return Recipient(contact.phone, contact.language, contact.sms_allowed, number, contact.script)

    def _of_same_request(self, message: Message) -> Sequence[Message]:
        return self.of_request(message.request_id) if message.request_id else []

    def _waits(self, message: Message, now: datetime) -> bool:
        return any(
            not other.urgent
            and other.state in PENDING
            and (other.held_until or now) <= now
            and (other.occurred_at, other.id) < (message.occurred_at, message.id)
            for other in self._of_same_request(message)
        )

    def _has_later(self, message: Message, states: frozenset[State]) -> bool:
        return any(
            not other.urgent and other.state in states and other.occurred_at > message.occurred_at
            for other in self._of_same_request(message)
        )


def _first(one: Message) -> tuple[bool, bool, bool, datetime]:
    return not one.urgent, one.announcement_id is not None, one.held_until is not None, one.due_at
