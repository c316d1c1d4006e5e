"""Alerts: started by facts or by hand, stopped, acknowledged, written down; each change told to the suite."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alert_lists import AlertList
from services.notify.domain.alert_news import News, news
from services.notify.domain.alerts import BY_LINK, Alert, Stage, Subject
from services.notify.domain.bulletins import OPEN, Bulletin
from services.notify.domain.messages import Receipt
from services.notify.domain.messages import State as Delivery
from services.notify.domain.telling import Verdict
from services.notify.errors import UnknownAlert, UnknownAlertEvent
from services.notify.usecases.alert_ports import Place, Shipped
from services.notify.usecases.ports import Transaction

SYSTEM = "system"
EVENT = "alert.progressed"
_ACCIDENT = "accident"
_TOLD_OF_ATTEMPTS = (
    "addressee",
    "means",
    "person_id",
    "placed_at",
    "answered_at",
    "acknowledged_at",
    "ended_at",
    "error_code",
)
_OF_RECEIPTS = MappingProxyType(
    {
        Delivery.SENT: State.PLACED,
        Delivery.DELIVERED: State.DELIVERED,
        Delivery.FAILED: State.FAILED,
    }
)
_PATIENCE = timedelta(seconds=10)
"""How long an alert waits for the place of its request: it matters more that somebody is called."""
_IN_ORDER = timedelta(microseconds=1)
"""What happened at one moment keeps its order on a timeline."""
_LOOK_AGAIN = timedelta(seconds=0.5)
_COVERS = timedelta(hours=1)
"""So long an alert speaks for everybody else who reports the same from the same house."""


# Started by facts; each is part of the transaction that notes the fact.


def on_verdict(uow: Transaction, shipped: Shipped, verdict: Verdict) -> None:
    """Alerts of the dangers that triage sees in a request (design §6.7)."""
    request_id = UUID(verdict.request_id)
    for wanted in lists(uow, shipped).values():
        if wanted.active and wanted.starts.by_verdict(verdict.hazards, verdict.fault):
            _start(uow, wanted, f"request:{request_id}", Subject(request_id=request_id))


def on_outage(uow: Transaction, shipped: Shipped, outage: Bulletin, lead: UUID | None) -> None:
    """Alerts of an accident that has grown large enough; on the record of its ``lead`` request."""
    if (outage.kind, outage.state) != (_ACCIDENT, OPEN):
        return
    facts = {"outage": outage.number, "houses": str(len(outage.houses))}
    facts |= {"symptom": outage.symptoms[0]} if outage.symptoms else {}
    facts |= {"address": outage.houses[0]} if outage.houses else {}
    for wanted in lists(uow, shipped).values():
        if wanted.active and wanted.starts.by_outage(outage.symptoms, len(outage.houses)):
            subject = Subject(request_id=lead, outage_id=outage.outage_id, facts=facts)
            _start(uow, wanted, f"outage:{outage.outage_id}", subject)


def on_signal(uow: Transaction, shipped: Shipped, kind: str, signal_id: UUID, subject: Subject) -> None:
    """Alerts of what a crew calls for; pressed again or raised again, it is the same alert."""
    with uow:
        for wanted in lists(uow, shipped).values():
            if wanted.active and kind in wanted.starts.signals:
                _start(uow, wanted, f"signal:{signal_id}", subject)
        uow.commit()


def on_signal_acknowledged(uow: Transaction, signal_id: UUID, by: str) -> None:
    """A dispatcher has taken the signal on: nobody else need be woken."""
    with uow:
        for alert in uow.alerts.lock_by_signal(signal_id):
            if alert.stage in (Stage.WAITING, Stage.RUNNING, Stage.UNANSWERED):
                keep(uow, alert, alert.stopped(f"acknowledged:{by}", uow.now))
        uow.commit()


def _start(uow: Transaction, wanted: AlertList, fact: str, subject: Subject, by: str = SYSTEM) -> Alert:
    alert = Alert.started(uuid4(), wanted, f"{fact}:{wanted.event}", subject, by, uow.now)
    uow.alerts.add(alert)
    return alert


# Commands of dispatchers


def start_by_hand(
    uow: Transaction, shipped: Shipped, alert_id: UUID, event: str, subject: Subject, by: str
) -> Alert:
    """The id is the caller's: again is the same as once. Raises UnknownAlertEvent."""
    with uow:
        wanted = lists(uow, shipped).get(event)
        if wanted is None:
            raise UnknownAlertEvent
        alert = Alert.started(alert_id, wanted, f"hand:{alert_id}", subject, by, uow.now)
        uow.alerts.add(alert)
        known = _known(uow.alerts.lock(alert_id))
        uow.commit()
    return known


def stop(uow: Transaction, alert_id: UUID, reason: str) -> Alert:
    """Raises UnknownAlert, AlertMoveNotAllowed."""
    with uow:
        alert = _known(uow.alerts.lock(alert_id))
        stopped = keep(uow, alert, alert.stopped(reason, uow.now))
        uow.commit()
    return stopped


def write_down(uow: Transaction, alert_id: UUID, addressee: str, by: str, received_by: str) -> Alert:
    """A dispatcher told somebody. Raises UnknownAlert, UnknownAddressee, AlertMoveNotAllowed."""
    with uow:
        alert = _known(uow.alerts.lock(alert_id))
        told = alert.told_by_hand(addressee, by, received_by, uow.now, uuid4)
        kept = keep(uow, alert, told)
        uow.commit()
    return kept


def write_down_all(uow: Transaction, alert_id: UUID, by: str, received_by: str) -> None:
    """A dispatcher told everybody who could not be reached; nobody is left if they were reached since."""
    with uow:
        alert = _known(uow.alerts.lock(alert_id))
        told = alert
        for code in dict.fromkeys(one.code for one in alert.untold()):
            told = told.told_by_hand(code, by, received_by, uow.now, uuid4)
        keep(uow, alert, told)
        uow.commit()


def show(uow: Transaction, alert_id: UUID) -> Alert:
    with uow:
        return _known(uow.alerts.get(alert_id))


def show_attempt(uow: Transaction, attempt_id: UUID) -> tuple[Alert, Attempt]:
    """Raises UnknownAlert."""
    with uow:
        alert = _known(uow.alerts.lock_by_attempt(attempt_id))
    return alert, _the(attempt_id, alert)


def list_alerts(uow: Transaction, request_id: UUID | None, live_only: bool, limit: int) -> Sequence[Alert]:
    with uow:
        return uow.alerts.recent(request_id, live_only, limit)


# Words from outside


def hear(uow: Transaction, attempt_id: UUID, to: State, **told: Any) -> Alert:
    """The provider or the addressee tells what became of an attempt. Repeated and late words change nothing.

    Raises UnknownAlert for an attempt that is not ours.
    """
    with uow:
        alert = _known(uow.alerts.lock_by_attempt(attempt_id))
        kept = keep(uow, alert, alert.heard(attempt_id, to, uow.now, **told))
        uow.commit()
    return kept


def hear_receipt(uow: Transaction, receipt: Receipt, attempt_id: UUID) -> bool:
    """A receipt of an alert's message; False if the message is none of an alert's."""
    told = {"provider_sid": receipt.sid, "error_code": receipt.error_code}
    try:
        hear(uow, attempt_id, _OF_RECEIPTS[receipt.state], **told)
    except UnknownAlert:
        return False
    return True


def acknowledge_by_link(uow: Transaction, attempt_id: UUID) -> tuple[Alert, Attempt]:
    """Raises UnknownAlert."""
    alert = hear(uow, attempt_id, State.ACKNOWLEDGED, received_by=BY_LINK)
    return alert, _the(attempt_id, alert)


# Shared by all of them


def begin(uow: Transaction, alert: Alert) -> Alert:
    """With the place of its request, or without it if that does not become known; covered by another alert
    of the same house if there is one."""
    found = uow.places.get(alert.subject.request_id) if alert.subject.request_id else None
    if alert.subject.request_id and found is None and uow.now < alert.created_at + _PATIENCE:
        return replace(alert, due_at=uow.now + _LOOK_AGAIN)
    subject = _placed(alert.subject, *found) if found else alert.subject
    house = subject.building_id
    other = uow.alerts.covering(alert, house, uow.now - _COVERS) if house and alert.by == SYSTEM else None
    return alert.covered(other, uow.now) if other else alert.begun(subject, uow.now)


def keep(uow: Transaction, before: Alert, changed: Alert) -> Alert:
    """Let what follows from the change follow, keep it, tell the suite what happened."""
    after = changed.advanced(uow.now, uuid4)
    uow.alerts.save(after)
    for place, told in enumerate(news(before, after)):
        at = uow.now + place * _IN_ORDER
        uow.emit(EVENT, str(after.id), _event(after, told, at))
    return after


def lists(uow: Transaction, shipped: Shipped) -> Mapping[str, AlertList]:
    """Every list by its event: as it was edited, else as it ships."""
    return {**shipped, **uow.alert_lists.all()}


def _placed(subject: Subject, place: Place, number: str) -> Subject:
    facts = {"address": place.address, "number": number, **subject.facts}
    return replace(subject, building_id=place.building_id, facts=facts)


def _the(attempt_id: UUID, alert: Alert) -> Attempt:
    attempt = alert.find(attempt_id)
    if attempt is None:
        raise UnknownAlert
    return attempt


def _known(alert: Alert | None) -> Alert:
    if alert is None:
        raise UnknownAlert
    return alert


def _event(alert: Alert, told: News, now: datetime) -> Mapping[str, Any]:
    subject, one = alert.subject, told.attempt
    about = ("request_id", "outage_id", "signal_id", "crew_id")
    return {
        "alert_id": alert.id,
        "event": alert.event,
        "title": dict(alert.names),
        **{name: getattr(subject, name) for name in about},
        "what": told.what,
        "stage": alert.stage,
        "untold": [dict(person.names) for person in alert.untold()],
        **_line(one),
        "name": dict(alert.addressee(one).names) if one else None,
        "by": alert.by,
        "reason": alert.reason,
        "at": now,
    }


def _line(one: Attempt | None) -> Mapping[str, Any]:
    """One attempt as the record has it; nothing of it for what is about the whole alert."""
    return {
        "attempt_id": one and one.id,
        "step": one and one.step + 1,
        "round": one and max(one.round, 0),
        "outcome": one and one.state,
        "receiver": one and one.received_by,
        "fallback": one and one.note,
        **{name: one and getattr(one, name) for name in _TOLD_OF_ATTEMPTS},
    }
