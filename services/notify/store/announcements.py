"""Homes, announcements and whom they are for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert

from services.notify.domain.announcements import Announcement, Area, Home, Kind, Stage
from services.notify.domain.messages import CALLED_OFF, PENDING, State
from services.notify.store.bulk import insert_of, is_among, lists
from services.notify.store.tables import announcement_recipients, announcements, contacts, homes, messages

_NUMBER = sa.func.coalesce(contacts.c.phone_index, sa.cast(contacts.c.id, sa.Text))
_PLAIN = ("id", "texts", "rate", "by", "created_at", "recipients", "told", "starts_itself", "cursor")
_MOVING = ("emergency", "version", "stirred_at", "changed_at")


_HOME = ("contact_id", "building_id", "entrance", "lat", "lon")


def _put_homes() -> Insert:
    row = insert_of(homes, *_HOME)
    news = {name: row.excluded[name] for name in ("entrance", "lat", "lon")}
    return row.on_conflict_do_update(constraint="homes_one_of_a_house", set_=news)


_PUT_HOMES = _put_homes()


class Homes:
    """Where the contacts live."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, home: Home) -> None:
        self.put_all([home])

    def put_all(self, known: Sequence[Home]) -> None:
        rows = {(home.contact_id, home.building_id): vars(home) for home in known}
        if rows:
            self._connection.execute(_PUT_HOMES, lists(list(rows.values()), *_HOME))

    def page(self, area: Area, after: str, limit: int) -> Sequence[tuple[str, Home]]:
        query = (
            sa.select(homes)
            .join(contacts, contacts.c.id == homes.c.contact_id)
            .where(homes.c.id > int(after or 0), contacts.c.sms_allowed, contacts.c.phone != "", _near(area))
            .order_by(homes.c.id)
            .limit(limit)
        )
        return [(str(row.id), _home(row)) for row in self._connection.execute(query)]

    def forget(self, contact_id: UUID) -> None:
        self._connection.execute(homes.delete().where(homes.c.contact_id == contact_id))


def _near(area: Area) -> sa.ColumnElement[bool]:
    """Named houses, and what lies in the box round the polygon."""
    named = is_among(homes.c.building_id, list(area.buildings))
    if area.figure is None:
        return named
    west, south, east, north = area.figure.bounds
    return named | (homes.c.lat.between(south, north) & homes.c.lon.between(west, east))


def _home(row: sa.Row[Any]) -> Home:
    return Home(row.contact_id, row.building_id, row.entrance, row.lat, row.lon)


class Announcements:
    """Announcements, their recipients, and what became of their messages."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, announcement: Announcement) -> None:
        values = {name: getattr(announcement, name) for name in (*_PLAIN, *_MOVING)}
        values |= {"kind": announcement.kind.value, "stage": announcement.stage.value}
        values |= {"buildings": dict(announcement.area.buildings), "polygon": announcement.area.polygon}
        row = insert(announcements).values({**values, "texts": dict(announcement.texts)})
        news = {name: row.excluded[name] for name in ("recipients", "told", "stage", "cursor", *_MOVING)}
        self._connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=news))

    def get(self, announcement_id: UUID) -> Announcement | None:
        return self._one(sa.select(announcements).where(announcements.c.id == announcement_id))

    def lock(self, announcement_id: UUID) -> Announcement | None:
        known = sa.select(announcements).where(announcements.c.id == announcement_id)
        return self._one(known.with_for_update())

    def recent(self, limit: int) -> Sequence[Announcement]:
        query = sa.select(announcements).order_by(announcements.c.created_at.desc(), announcements.c.id)
        return [_announcement(row) for row in self._connection.execute(query.limit(limit))]

    def claim(self, stage: Stage, only_emergencies: bool = False) -> Announcement | None:
        meant = announcements.c.emergency if only_emergencies else sa.true()
        query = (
            sa.select(announcements)
            .where(announcements.c.stage == stage.value, meant)
            .order_by(announcements.c.stirred_at.nulls_first(), announcements.c.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return self._one(query)

    def enlist(self, announcement_id: UUID, homes: Sequence[Home]) -> int:
        if not homes:
            return 0
        people = sa.select(
            sa.literal(announcement_id, sa.Uuid),
            _NUMBER,
            sa.func.min(sa.cast(contacts.c.id, sa.Text)).cast(sa.Uuid),
        )
        people = people.where(is_among(contacts.c.id, [home.contact_id for home in homes])).group_by(_NUMBER)
        row = insert(announcement_recipients).from_select(["announcement_id", "number", "contact_id"], people)
        return self._connection.execute(row.on_conflict_do_nothing()).rowcount

    def next_recipients(self, announcement_id: UUID, after: str, limit: int) -> Sequence[tuple[str, UUID]]:
        listed = announcement_recipients.c
        query = (
            sa.select(listed.number, listed.contact_id)
            .where(listed.announcement_id == announcement_id, listed.number > after)
            .order_by(listed.number)
            .limit(limit)
        )
        return [(row.number, row.contact_id) for row in self._connection.execute(query)]

    def fates(self, announcement_id: UUID) -> Mapping[str, int]:
        query = (
            sa.select(messages.c.state, sa.func.count())
            .where(messages.c.announcement_id == announcement_id)
            .group_by(messages.c.state)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def waiting(self, announcement_id: UUID) -> int:
        query = sa.select(sa.func.count()).where(
            messages.c.announcement_id == announcement_id, messages.c.state.in_(PENDING)
        )
        return self._connection.scalar(query) or 0

    def _one(self, query: sa.Select[Any]) -> Announcement | None:
        row = self._connection.execute(query).one_or_none()
        return _announcement(row) if row is not None else None

    def call_off(self, announcement_id: UUID, now: datetime) -> int:
        queued = messages.update().where(
            messages.c.announcement_id == announcement_id, messages.c.state == State.QUEUED.value
        )
        ended = {"state": State.SUPPRESSED.value, "error_code": CALLED_OFF, "ended_at": now}
        return self._connection.execute(
            queued.where(messages.c.unsure_since.is_(None)).values(ended)
        ).rowcount


def _announcement(row: sa.Row[Any]) -> Announcement:
    plain = {name: getattr(row, name) for name in (*_PLAIN, *_MOVING)}
    area = Area(row.buildings, row.polygon)
    return Announcement(**plain, kind=Kind(row.kind), stage=Stage(row.stage), area=area)
