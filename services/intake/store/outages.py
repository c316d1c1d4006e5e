"""Outages and the riders that ride on them, in PostgreSQL."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.geometry import METRES_PER_DEGREE
from services.intake.domain.outages import LIVE, Kind, Outage, OutageFilter, State
from services.intake.domain.registry import Point
from services.intake.domain.riders import House, HouseState, Left, Part, Rider
from services.intake.domain.troubles import Level
from services.intake.store import tables

_o, _h, _r = tables.outages.c, tables.outage_houses.c, tables.riders.c
_LIVE = sorted(state.value for state in LIVE)
_HOUSE = tuple(House.__dataclass_fields__)
_LOCK_SPACE = 0x6F757467  # any number: keeps our advisory locks apart from others'


class Outages:
    """Outages with their houses. Those returned for a change are locked until the transaction ends."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def serialise(self, families: Iterable[str]) -> None:
        """Whoever decides about one of these families decides alone until the transaction ends."""
        for family in sorted(set(families)):
            self._connection.execute(
                sa.text("SELECT pg_advisory_xact_lock(:space, hashtext(:family))"),
                {"space": _LOCK_SPACE, "family": family},
            )

    def next_number(self) -> int:
        return int(self._connection.execute(sa.select(tables.outage_numbers.next_value())).scalar_one())

    def add(self, outage: Outage) -> None:
        self._connection.execute(sa.insert(tables.outages).values(_row(outage)))
        self._put_houses(outage.id, outage.houses)

    def save(self, outage: Outage) -> Outage:
        """Store it under its next version."""
        before = {house.key: house for house in self._houses([outage.id]).get(outage.id, ())}
        newer = replace(outage, version=outage.version + 1)
        self._connection.execute(sa.update(tables.outages).where(_o.id == outage.id).values(_row(newer)))
        gone = before.keys() - outage.house_by_key.keys()
        if gone:
            self._connection.execute(
                sa.delete(tables.outage_houses).where(_h.outage_id == outage.id, _h.key.in_(gone))
            )
        self._put_houses(outage.id, [house for house in outage.houses if before.get(house.key) != house])
        return newer

    def get(self, outage_id: UUID, lock: bool = False) -> Outage | None:
        query = sa.select(tables.outages).where(_o.id == outage_id)
        return next(iter(self._read(query.with_for_update() if lock else query)), None)

    def at_house(self, house: str) -> Sequence[Outage]:
        """Live outages whose scope has the house, the oldest first, locked."""
        ids = sa.select(_h.outage_id).where(_h.key == house)
        return self._locked(_o.id.in_(ids))

    def near(self, point: Point, metres: float, symptoms: Collection[str]) -> Sequence[Outage]:
        """Live accidents with one of these symptoms and a house within so many metres (or little more)."""
        ids = sa.select(_h.outage_id).where(*_around(_h.lat, _h.lon, point, metres))
        return self._locked(
            _o.id.in_(ids), _o.symptoms.overlap(sorted(symptoms)), _o.kind == Kind.ACCIDENT.value
        )

    def on_feed(self, service: str, feed: str, symptoms: Collection[str]) -> Sequence[Outage]:
        """Live accidents with one of these symptoms and a house on this feed."""
        f = tables.feeds.c
        houses = sa.select(f.house).where(f.service == service, f.feed == feed)
        ids = sa.select(_h.outage_id).where(_h.key.in_(houses))
        return self._locked(
            _o.id.in_(ids), _o.symptoms.overlap(sorted(symptoms)), _o.kind == Kind.ACCIDENT.value
        )

    def touch(self, outage_id: UUID, now: datetime) -> None:
        """Somebody joined: it is still spreading. No new version, no news for anybody."""
        self._connection.execute(
            sa.update(tables.outages).where(_o.id == outage_id).values(last_joined_at=now)
        )

    def feeds(self, service: str, houses: Collection[str]) -> Mapping[str, str]:
        """The feed of each of these houses, where it is known."""
        f = tables.feeds.c
        query = sa.select(f.house, f.feed).where(f.service == service, f.house.in_(sorted(houses)))
        return {row.house: row.feed for row in self._connection.execute(query)}

    def put_feeds(self, rows: Iterable[tuple[str, str, str]]) -> int:
        """Take (service, house, feed) in place of all that was known; returns how many."""
        given = [{"service": s, "house": h, "feed": f} for s, h, f in rows]
        self._connection.execute(sa.delete(tables.feeds))
        if given:
            self._connection.execute(sa.insert(tables.feeds), given)
        return len(given)

    def listed(self, wanted: OutageFilter) -> Sequence[Outage]:
        """Outages that fit, the newest first."""
        query = sa.select(tables.outages).where(*_conditions(wanted))
        return self._read(query.order_by(_o.number.desc()).limit(wanted.limit))

    def _locked(self, *conditions: sa.ColumnElement[bool]) -> Sequence[Outage]:
        query = sa.select(tables.outages).where(_o.state.in_(_LIVE), *conditions)
        return self._read(query.order_by(_o.number).with_for_update())

    def _read(self, query: sa.Select[Any]) -> list[Outage]:
        rows = self._connection.execute(query).mappings().all()
        houses = self._houses([row["id"] for row in rows]) if rows else {}
        return [_outage(row, houses.get(row["id"], ())) for row in rows]

    def _houses(self, ids: Sequence[UUID]) -> dict[UUID, list[House]]:
        query = sa.select(tables.outage_houses).where(_h.outage_id.in_(ids)).order_by(_h.key)
        found: dict[UUID, list[House]] = {}
        for row in self._connection.execute(query).mappings():
            found.setdefault(row["outage_id"], []).append(_house(row))
        return found

    def _put_houses(self, outage_id: UUID, houses: Iterable[House]) -> None:
        rows = [{"outage_id": outage_id, **asdict(house)} for house in houses]
        if not rows:
            return
        fresh = insert(tables.outage_houses)
        news = {name: fresh.excluded[name] for name in _HOUSE if name != "key"}
        self._connection.execute(
            fresh.on_conflict_do_update(index_elements=[_h.outage_id, _h.key], set_=news), rows
        )


class Riders:
    """Requests as outages see them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, rider: Rider) -> None:
        self._connection.execute(sa.insert(tables.riders).values(_rider_row(rider)))

    def save(self, rider: Rider) -> None:
        self._connection.execute(
            sa.update(tables.riders).where(_r.request_id == rider.request_id).values(_rider_row(rider))
        )

    def get(self, request_id: UUID, lock: bool = False) -> Rider | None:
        query = sa.select(tables.riders).where(_r.request_id == request_id)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
        return _rider(row) if row is not None else None

    def at_house(self, house: str, symptoms: Collection[str], since: datetime) -> Sequence[Rider]:
        """Riders of open requests at a house since then, the earliest first."""
        return self._open(_r.house == house, _r.symptom.in_(sorted(symptoms)), _r.at >= since)

    def near(
        self, point: Point, metres: float, symptoms: Collection[str], since: datetime
    ) -> Sequence[Rider]:
        """Riders of open requests within so many metres (or little more) since then, the earliest first."""
        around = _around(_r.lat, _r.lon, point, metres)
        return self._open(_r.symptom.in_(sorted(symptoms)), _r.at >= since, *around)

    def on_feed(self, service: str, feed: str, symptoms: Collection[str], since: datetime) -> Sequence[Rider]:
        """Riders of open requests at the houses of a feed since then, the earliest first."""
        f = tables.feeds.c
        houses = sa.select(f.house).where(f.service == service, f.feed == feed)
        return self._open(_r.symptom.in_(sorted(symptoms)), _r.at >= since, _r.house.in_(houses))

    def riding(self, outage_id: UUID, limit: int | None = None) -> Sequence[Rider]:
        """Riders that ride on an outage, by number."""
        query = sa.select(tables.riders).where(_r.outage_id == outage_id, _r.ended_at.is_(None))
        return self._all(query.order_by(_r.number).limit(limit))

    def members(self, outage_id: UUID, after: int, limit: int) -> Sequence[Rider]:
        """All that ever ended with or still ride on it, by number, those after this number."""
        query = sa.select(tables.riders).where(_r.outage_id == outage_id, _r.number > after)
        return self._all(query.order_by(_r.number).limit(limit))

    def count(self, outage_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """How many riders each of these outages has."""
        query = (
            sa.select(_r.outage_id, sa.func.count())
            .where(_r.outage_id.in_(list(outage_ids)))
            .group_by(_r.outage_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def latest_member(self, contact_ref: UUID) -> Rider | None:
        """The request that this person had joined last and that still rides."""
        riding = (_r.part == Part.MEMBER.value, _r.ended_at.is_(None), _r.outage_id.is_not(None))
        query = sa.select(tables.riders).where(_r.contact_ref == contact_ref, *riding)
        return next(iter(self._all(query.order_by(_r.number.desc()).limit(1))), None)

    def stranded(self, limit: int) -> Sequence[Rider]:
        """Riders that still ride on an outage which is over; locked, those that others hold passed by."""
        over = sa.select(_o.id).where(_o.id == _r.outage_id, _o.state.not_in(_LIVE)).exists()
        query = sa.select(tables.riders).where(_r.ended_at.is_(None), _r.outage_id.is_not(None), over)
        return self._all(query.order_by(_r.number).limit(limit).with_for_update(skip_locked=True))

    def _open(self, *conditions: sa.ColumnElement[bool]) -> Sequence[Rider]:
        query = sa.select(tables.riders).where(_r.ended_at.is_(None), *conditions)
        return self._all(query.order_by(_r.at, _r.number))

    def _all(self, query: sa.Select[Any]) -> list[Rider]:
        return [_rider(row) for row in self._connection.execute(query).mappings()]


def _around(lat: Any, lon: Any, point: Point, metres: float) -> list[sa.ColumnElement[bool]]:
    """A box that holds the circle; who needs the circle measures again."""
    up = metres / METRES_PER_DEGREE
    across = up / max(0.01, math.cos(math.radians(point[0])))
    return [
        lat.between(point[0] - up, point[0] + up),
        lon.between(point[1] - across, point[1] + across),
    ]


def _conditions(wanted: OutageFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(_o.state.in_([state.value for state in wanted.states]))
    if wanted.kind is not None:
        conditions.append(_o.kind == wanted.kind.value)
    if wanted.symptom is not None:
        conditions.append(_o.symptoms.contains([wanted.symptom]))
    if wanted.house is not None:
        conditions.append(_o.id.in_(sa.select(_h.outage_id).where(_h.key == wanted.house)))
    if wanted.before is not None:
        conditions.append(_o.number < wanted.before)
    return conditions


def _row(outage: Outage) -> dict[str, Any]:
    row = {name: getattr(outage, name) for name in Outage.__dataclass_fields__ if name != "houses"}
    return {
        **row,
        "symptoms": list(outage.symptoms),
        "hazards": sorted(outage.hazards),
        "tell": dict(outage.tell),
    }


def _outage(row: sa.RowMapping, houses: Iterable[House]) -> Outage:
    values = dict(row) | {
        "kind": Kind(row["kind"]),
        "state": State(row["state"]),
        "symptoms": tuple(row["symptoms"]),
        "level": Level(row["level"]),
        "hazards": frozenset(row["hazards"]),
    }
    return Outage(**values, houses=tuple(houses))


def _house(row: sa.RowMapping) -> House:
    values = {name: row[name] for name in _HOUSE}
    parts = {name: tuple(row[name]) for name in ("entrances", "flats")}
    return House(**{**values, **parts, "state": HouseState(row["state"])})


def _rider_row(rider: Rider) -> dict[str, Any]:
    row = {name: getattr(rider, name) for name in Rider.__dataclass_fields__}
    return {
        **row,
        "symptom": rider.symptom,
        "symptoms": list(rider.symptoms),
        "hazards": sorted(rider.hazards),
    }


def _rider(row: sa.RowMapping) -> Rider:
    values = {name: row[name] for name in Rider.__dataclass_fields__}
    because, part = values["left_because"], values["part"]
    values |= {
        "symptoms": tuple(row["symptoms"]),
        "level": Level(row["level"]),
        "hazards": frozenset(row["hazards"]),
        "part": Part(part) if part is not None else None,
        "left_because": Left(because) if because is not None else None,
    }
    return Rider(**values)
