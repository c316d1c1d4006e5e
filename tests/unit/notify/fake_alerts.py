"""Alerts in memory: the store's, the telephone's and the on-call lists' promises, checked against the real
ones in tests/contract/notify."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alert_lists import AlertList
from services.notify.domain.alerts import LIVE, Alert, Stage
from services.notify.errors import OutcomeUnknown
from services.notify.usecases.alert_ports import Place, Ring, StaffPhone
from shared.clock import Clock
from shared.errors import Unavailable


class FakeAlerts:
    def __init__(self, tables: Any) -> None:
        self._tables = tables

    def add(self, alert: Alert) -> bool:
        if alert.id in self._tables.alerts or any(one.key == alert.key for one in self._all()):
            return False
        self._tables.alerts[alert.id] = alert
        return True

    def get(self, alert_id: UUID) -> Alert | None:
        found: Alert | None = self._tables.alerts.get(alert_id)
        return found

    lock = get

    def lock_by_attempt(self, attempt_id: UUID) -> Alert | None:
        return next((one for one in self._all() if one.find(attempt_id)), None)

    def lock_by_signal(self, signal_id: UUID) -> Sequence[Alert]:
        return [one for one in self._all() if one.subject.signal_id == signal_id]

    def claim_due(self, now: datetime) -> Alert | None:
        due = [(one.due_at, one) for one in self._all() if one.due_at is not None and one.due_at <= now]
        return min(due, key=lambda pair: pair[0])[1] if due else None

    def covering(self, alert: Alert, building_id: str, since: datetime) -> UUID | None:
        found = [
            one
            for one in self._all()
            if (one.event, one.subject.building_id) == (alert.event, building_id)
            and one.id != alert.id
            and one.stage in (Stage.RUNNING, Stage.TOLD)
            and one.created_at >= since
        ]
        return min(found, key=lambda one: one.created_at).id if found else None

    def may_ring(self, number: str, attempt: Attempt) -> bool:
        return not any(
            (other.number, other.state) == (number, State.PLACING) and other.id != attempt.id
            for one in self._all()
            for other in one.attempts
        )

    def known_sids(self, sids: Sequence[str]) -> set[str]:
        known = {attempt.provider_sid for one in self._all() for attempt in one.attempts}
        return {sid for sid in sids if sid in known}

    def save(self, alert: Alert) -> None:
        self._tables.alerts[alert.id] = alert

    def recent(self, request_id: UUID | None, live_only: bool, limit: int) -> Sequence[Alert]:
        found = [
            one
            for one in self._all()
            if (request_id is None or one.subject.request_id == request_id)
            and (not live_only or one.stage in LIVE)
        ]
        return sorted(found, key=lambda one: one.created_at, reverse=True)[:limit]

    def _all(self) -> list[Alert]:
        return list(self._tables.alerts.values())


class FakeAlertLists:
    def __init__(self, tables: Any) -> None:
        self._tables = tables

    def all(self) -> Mapping[str, AlertList]:
        return dict(self._tables.alert_lists)

    def lock(self, event: str) -> AlertList | None:
        found: AlertList | None = self._tables.alert_lists.get(event)
        return found

    def put(self, wanted: AlertList) -> None:
        self._tables.alert_lists[wanted.event] = wanted


class FakeStaffPhones:
    def __init__(self, tables: Any) -> None:
        self._tables = tables

    def put(self, phone: StaffPhone) -> None:
        self._tables.staff_phones[phone.person_id] = phone

    def forget(self, person_id: UUID) -> None:
        self._tables.staff_phones.pop(person_id, None)

    def all(self) -> Sequence[StaffPhone]:
        return sorted(self._tables.staff_phones.values(), key=lambda one: one.person_id)

    def of(self, people: Sequence[UUID]) -> Mapping[UUID, str]:
        known = self._tables.staff_phones
        return {person: known[person].phone for person in people if person in known}


class FakePlaces:
    def __init__(self, tables: Any) -> None:
        self._tables = tables

    def put(self, place: Place) -> None:
        self._tables.places.setdefault(place.request_id, place)

    def get(self, request_id: UUID) -> tuple[Place, str] | None:
        place, request = self._tables.places.get(request_id), self._tables.requests.get(request_id)
        return (place, request.number) if place and request else None


class FakeCaller:
    """Keeps whom it called. ``failures`` are raised one by one; after one that is OutcomeUnknown,
    ``taken_all_the_same`` decides whether the telephone rang nevertheless."""

    def __init__(self, clock: Clock) -> None:
        self.calls: list[tuple[Ring, str, datetime]] = []
        self.failures: list[Exception] = []
        self.find_failures: list[Exception] = []
        self.taken_all_the_same = False
        self.hung_up: list[str] = []
        self._clock = clock

    def call(self, ring: Ring) -> str:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None and not (isinstance(failure, OutcomeUnknown) and self.taken_all_the_same):
            raise failure
        sid = f"CA{len(self.calls):032x}"
        self.calls.append((ring, sid, self._clock.now()))
        if failure is not None:
            raise failure
        return sid

    def find(self, ring: Ring, since: datetime) -> Sequence[str]:
        if self.find_failures:
            raise self.find_failures.pop(0)
        return [sid for kept, sid, at in self.calls if kept.number == ring.number and at >= since]

    def hang_up(self, sid: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.hung_up.append(sid)

    @property
    def numbers(self) -> list[str]:
        return [ring.number for ring, _, _ in self.calls]


class FakeOnCall:
    """Crews' lists by purpose; ``silent``: crews does not answer."""

    def __init__(self) -> None:
        self.lists: dict[str, list[UUID]] = {}
        self.silent = False

    def people(self, purpose: str) -> Sequence[UUID]:
        if self.silent:
            raise Unavailable("crews")
        return self.lists.get(purpose, [])
