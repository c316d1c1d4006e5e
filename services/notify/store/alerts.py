"""Alerts with their attempts, the lists that somebody edited, numbers of the staff, places of requests."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alert_lists import Addressee, AlertList, Means, Mode, Starts, Step
from services.notify.domain.alerts import LIVE, Alert, Stage, Subject
from services.notify.store.alert_tables import alert_attempts, alert_lists, alerts, places, staff_phones
from services.notify.store.tables import requests
from services.notify.usecases.alert_ports import Place, StaffPhone
from shared.sealing import Sealer

_SUBJECT = ("request_id", "outage_id", "signal_id", "crew_id", "building_id")
_PLAIN = ("id", "event", "key", "list_version", "by", "created_at", "due_at", "ended_at", "reason")
_ATTEMPT = tuple(field.name for field in fields(Attempt))
_ENDED_WELL = (Stage.RUNNING.value, Stage.TOLD.value)


class Alerts:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, alert: Alert) -> bool:
        row = insert(alerts).values(self._columns(alert)).on_conflict_do_nothing()
        return self._connection.execute(row.returning(alerts.c.id)).first() is not None

    def get(self, alert_id: UUID) -> Alert | None:
        return self._one(sa.select(alerts).where(alerts.c.id == alert_id))

    def lock(self, alert_id: UUID) -> Alert | None:
        return self._one(sa.select(alerts).where(alerts.c.id == alert_id).with_for_update())

    def lock_by_attempt(self, attempt_id: UUID) -> Alert | None:
        owner = sa.select(alert_attempts.c.alert_id).where(alert_attempts.c.id == attempt_id)
        alert_id = self._connection.scalar(owner)
        return self.lock(alert_id) if alert_id is not None else None

    def lock_by_signal(self, signal_id: UUID) -> Sequence[Alert]:
        query = sa.select(alerts).where(alerts.c.signal_id == signal_id).order_by(alerts.c.id)
        return self._all(query.with_for_update())

    def claim_due(self, now: datetime) -> Alert | None:
        query = (
            sa.select(alerts)
            .where(alerts.c.due_at <= now)
            .order_by(alerts.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return self._one(query)

    def covering(self, alert: Alert, building_id: str, since: datetime) -> UUID | None:
        self._in_turn(f"alert of {alert.event} at {building_id}")
        query = (
            sa.select(alerts.c.id)
            .where(alerts.c.event == alert.event, alerts.c.building_id == building_id)
            .where(alerts.c.id != alert.id, alerts.c.stage.in_(_ENDED_WELL), alerts.c.created_at >= since)
            .order_by(alerts.c.created_at)
            .limit(1)
        )
        found: UUID | None = self._connection.scalar(query)
        return found

    def may_ring(self, number: str, attempt: Attempt) -> bool:
        index = self._sealer.index(number)
        self._in_turn(f"call to {index}")
        another = sa.exists().where(
            alert_attempts.c.number_index == index,
            alert_attempts.c.state == State.PLACING.value,
            alert_attempts.c.id != attempt.id,
        )
        return not self._connection.scalar(sa.select(another))

    def known_sids(self, sids: Sequence[str]) -> set[str]:
        query = sa.select(alert_attempts.c.provider_sid).where(alert_attempts.c.provider_sid.in_(list(sids)))
        return {str(sid) for sid in self._connection.scalars(query)}

    def save(self, alert: Alert) -> None:
        self._connection.execute(alerts.update().where(alerts.c.id == alert.id).values(self._columns(alert)))
        for place, attempt in enumerate(alert.attempts):
            row = insert(alert_attempts).values(self._attempt_columns(alert, place, attempt))
            news = {name: row.excluded[name] for name in (*_ATTEMPT, "number_index") if name != "id"}
            self._connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=news))

    def recent(self, request_id: UUID | None, live_only: bool, limit: int) -> Sequence[Alert]:
        query = sa.select(alerts).order_by(alerts.c.created_at.desc(), alerts.c.id).limit(limit)
        if request_id is not None:
            query = query.where(alerts.c.request_id == request_id)
        if live_only:
            query = query.where(alerts.c.stage.in_([stage.value for stage in LIVE]))
        return self._all(query)

    def _in_turn(self, what: str) -> None:
        """Whoever asks the same waits until this transaction ends."""
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(what, 0))))

    def _one(self, query: sa.Select[Any]) -> Alert | None:
        row = self._connection.execute(query).one_or_none()
        return self._alert(row) if row is not None else None

    def _all(self, query: sa.Select[Any]) -> list[Alert]:
        return [self._alert(row) for row in self._connection.execute(query).all()]

    def _alert(self, row: sa.Row[Any]) -> Alert:
        tried = sa.select(alert_attempts).where(alert_attempts.c.alert_id == row.id)
        rows = self._connection.execute(tried.order_by(alert_attempts.c.place)).all()
        body = json.loads(self._sealer.open(row.body))
        subject = {name: getattr(row, name) for name in _SUBJECT}
        return Alert(
            **{name: getattr(row, name) for name in _PLAIN},
            subject=Subject(**subject, facts=body["facts"]),
            names=body["names"],
            steps=_steps(body["steps"]),
            stage=Stage(row.stage),
            attempts=tuple(self._attempt(one) for one in rows),
        )

    def _columns(self, alert: Alert) -> dict[str, Any]:
        subject = alert.subject
        steps = [asdict(step) for step in alert.steps]
        body = {"facts": dict(subject.facts), "names": dict(alert.names), "steps": steps}
        return {
            **{name: getattr(alert, name) for name in _PLAIN},
            **{name: getattr(subject, name) for name in _SUBJECT},
            "stage": alert.stage.value,
            "body": self._sealer.seal(json.dumps(body, ensure_ascii=False)),
        }

    def _attempt_columns(self, alert: Alert, place: int, attempt: Attempt) -> dict[str, Any]:
        values = {name: getattr(attempt, name) for name in _ATTEMPT}
        number = attempt.number
        sealed = {
            "number": self._sealer.seal(number) if number else None,
            "number_index": self._sealer.index(number) if number else None,
        }
        return {**values, **sealed, "alert_id": alert.id, "place": place}

    def _attempt(self, row: sa.Row[Any]) -> Attempt:
        values = {name: getattr(row, name) for name in _ATTEMPT}
        number = self._sealer.open(row.number) if row.number else None
        kinds = {"state": State(row.state), "means": Means(row.means), "number": number}
        return Attempt(**{**values, **kinds})


class AlertLists:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def all(self) -> Mapping[str, AlertList]:
        return {row.event: self._list(row) for row in self._connection.execute(sa.select(alert_lists))}

    def lock(self, event: str) -> AlertList | None:
        query = sa.select(alert_lists).where(alert_lists.c.event == event).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return self._list(row) if row is not None else None

    def put(self, wanted: AlertList) -> None:
        body = {name: value for name, value in asdict(wanted).items() if name in ("names", "starts", "steps")}
        row = insert(alert_lists).values(
            event=wanted.event,
            body=self._sealer.seal(json.dumps(body, ensure_ascii=False)),
            active=wanted.active,
            version=wanted.version,
            changed_by=wanted.changed_by,
            changed_at=wanted.changed_at,
        )
        names = ("body", "active", "version", "changed_by", "changed_at")
        news = {name: row.excluded[name] for name in names}
        self._connection.execute(row.on_conflict_do_update(index_elements=["event"], set_=news))

    def _list(self, row: sa.Row[Any]) -> AlertList:
        body = json.loads(self._sealer.open(row.body))
        starts, steps = _starts(body["starts"]), _steps(body["steps"])
        told = (row.active, row.version, row.changed_by, row.changed_at)
        return AlertList(row.event, body["names"], starts, steps, *told)


def _starts(kept: Mapping[str, Any]) -> Starts:
    named = {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
    return Starts(**{**kept, **named})


def _steps(kept: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(
        Step(**{**one, "mode": Mode(one["mode"]), "addressees": tuple(map(_addressee, one["addressees"]))})
        for one in kept
    )


def _addressee(kept: Mapping[str, Any]) -> Addressee:
    frozen = {name: tuple(kept[name]) for name in ("languages", "numbers")}
    return Addressee(**{**kept, **frozen, "means": Means(kept["means"])})


class StaffPhones:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def put(self, phone: StaffPhone) -> None:
        row = insert(staff_phones).values({**vars(phone), "phone": self._sealer.seal(phone.phone)})
        news = {name: row.excluded[name] for name in ("phone", "changed_by", "changed_at")}
        self._connection.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=news))

    def forget(self, person_id: UUID) -> None:
        self._connection.execute(staff_phones.delete().where(staff_phones.c.person_id == person_id))

    def all(self) -> Sequence[StaffPhone]:
        rows = self._connection.execute(sa.select(staff_phones).order_by(staff_phones.c.person_id))
        return [StaffPhone(**{**row._mapping, "phone": self._sealer.open(row.phone)}) for row in rows]

    def of(self, people: Sequence[UUID]) -> Mapping[UUID, str]:
        query = sa.select(staff_phones).where(staff_phones.c.person_id.in_(list(people)))
        return {row.person_id: self._sealer.open(row.phone) for row in self._connection.execute(query)}


class Places:
    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def put(self, place: Place) -> None:
        row = insert(places).values({**vars(place), "address": self._sealer.seal(place.address)})
        self._connection.execute(row.on_conflict_do_nothing())

    def get(self, request_id: UUID) -> tuple[Place, str] | None:
        query = (
            sa.select(places, requests.c.number)
            .join(requests, requests.c.id == places.c.request_id)
            .where(places.c.request_id == request_id)
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return Place(request_id, row.building_id, self._sealer.open(row.address)), str(row.number)
