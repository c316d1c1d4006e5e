"""Homes and announcements of ``notify`` in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.notify.domain.announcements import Announcement, Area, Home, Stage
from services.notify.domain.messages import CALLED_OFF, PENDING, Message, State

if TYPE_CHECKING:
    from tests.unit.notify.fakes import Tables


class FakeHomes:
    def __init__(self, tables: "Tables") -> None:
        self._tables = tables

    def put(self, home: Home) -> None:
        self._tables.homes[home.contact_id, home.building_id] = home

    def put_all(self, known: Sequence[Home]) -> None:
        for home in known:
            self.put(home)

    def page(self, area: Area, after: str, limit: int) -> Sequence[tuple[str, Home]]:
        numbered = enumerate(self._tables.homes.values(), start=1)
        return [
            (str(number), home)
            for number, home in numbered
            if number > int(after or 0) and self._may_hear(home.contact_id)
        ][:limit]

    def forget(self, contact_id: UUID) -> None:
        for key in [key for key in self._tables.homes if key[0] == contact_id]:
            del self._tables.homes[key]

    def _may_hear(self, contact_id: UUID) -> bool:
        contact = self._tables.contacts.get(contact_id)
        return contact is not None and contact.sms_allowed and contact.phone != ""


class FakeAnnouncements:
    def __init__(self, tables: "Tables") -> None:
        self._tables = tables

    def put(self, announcement: Announcement) -> None:
        self._tables.announcements[announcement.id] = announcement

    def get(self, announcement_id: UUID) -> Announcement | None:
        return self._tables.announcements.get(announcement_id)

    lock = get

    def recent(self, limit: int) -> Sequence[Announcement]:
        known = sorted(self._tables.announcements.values(), key=lambda one: one.created_at, reverse=True)
        return known[:limit]

    def claim(self, stage: Stage, only_emergencies: bool = False) -> Announcement | None:
        known = self._tables.announcements.values()
        of_stage = [one for one in known if one.stage is stage and (one.emergency or not only_emergencies)]
        return min(of_stage, key=lambda one: (one.stirred_at or one.created_at, one.created_at), default=None)

    def enlist(self, announcement_id: UUID, homes: Sequence[Home]) -> int:
        before = len(self._tables.recipients)
        for contact_id in sorted({home.contact_id for home in homes}, key=str):
            key = (announcement_id, self._tables.contacts[contact_id].phone)
            self._tables.recipients.setdefault(key, contact_id)
        return len(self._tables.recipients) - before

    def next_recipients(self, announcement_id: UUID, after: str, limit: int) -> Sequence[tuple[str, UUID]]:
        listed = [(n, c) for (id_, n), c in self._tables.recipients.items() if id_ == announcement_id]
        return sorted((number, contact) for number, contact in listed if number > after)[:limit]

    def fates(self, announcement_id: UUID) -> Mapping[str, int]:
        return dict(Counter(message.state.value for message in self._of(announcement_id)))

    def waiting(self, announcement_id: UUID) -> int:
        return sum(message.state in PENDING for message in self._of(announcement_id))

    def call_off(self, announcement_id: UUID, now: datetime) -> int:
        waiting = [m for m in self._of(announcement_id) if m.state is State.QUEUED and not m.unsure_since]
        for message in waiting:
            self._tables.messages[message.id] = message.suppressed(now, CALLED_OFF)
        return len(waiting)

    def _of(self, announcement_id: UUID) -> list[Message]:
        return [one for one in self._tables.messages.values() if one.announcement_id == announcement_id]
