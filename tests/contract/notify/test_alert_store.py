"""One suite for alerts, lists, numbers and places in memory and in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify.domain.alert_attempts import State
from services.notify.domain.alert_lists import Addressee, AlertList, Means, Mode, Starts, Step
from services.notify.domain.alerts import Alert, Stage, Subject
from services.notify.store import UnitOfWork
from services.notify.usecases.alert_ports import Place, StaffPhone
from services.notify.usecases.ports import Request
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.database import everything
from tests.support.fakes import NOON
from tests.support.sealing import SEALER

Open = Callable[[], Any]
NAMES = {"ru": "Запах газа", "kk": "Газ иісі"}
NUMBER = "+77272581104"
MASTER = Addressee("master", NAMES, Means.SMS, ("kk",), purpose="gas")
STEPS = (Step(Mode.EVERYONE, (Addressee("104", NAMES, Means.VOICE, ("ru", "kk"), (NUMBER,)), MASTER), 90, 2),)
LIST = AlertList("gas", NAMES, Starts(hazards=("gas",), houses=3), STEPS, True, 4, "master-1", NOON)
HOUR = timedelta(hours=1)


def begun(number: int, building: str = "osm-w1", **changes: Any) -> Alert:
    subject = Subject(
        UUID(int=number), signal_id=UUID(int=70 + number), building_id=building, facts={"a": "b"}
    )
    alert = Alert.started(UUID(int=number), LIST, f"key-{number}", subject, "system", NOON)
    return replace(alert.begun(subject, NOON).advanced(NOON, uuid4), **changes)


def keep(transactions: Open, *alerts: Alert) -> None:
    with transactions() as uow:
        for alert in alerts:
            assert uow.alerts.add(alert)
            uow.alerts.save(alert)
        uow.commit()


def test_an_alert_comes_back_as_it_was_kept_with_its_attempts_in_order(transactions: Open) -> None:
    alert = begun(1)
    moved, taken = alert.leased(NOON, HOUR)
    numbered = moved.changed(replace(taken[0], number=NUMBER, person_id=UUID(int=3), provider_sid="CA1"))
    keep(transactions, alert)
    with transactions() as uow:
        uow.alerts.save(numbered)
        assert uow.alerts.get(alert.id) == numbered
        assert uow.alerts.lock_by_attempt(taken[1].id) == numbered
        assert list(uow.alerts.lock_by_signal(UUID(int=71))) == [numbered]
        assert uow.alerts.known_sids(["CA1", "CA2"]) == {"CA1"}
        assert uow.alerts.get(UUID(int=2)) is uow.alerts.lock_by_attempt(UUID(int=2)) is None


def test_one_fact_makes_one_alert(transactions: Open) -> None:
    with transactions() as uow:
        assert uow.alerts.add(begun(1))
        assert not uow.alerts.add(replace(begun(1), id=UUID(int=2)))
        assert not uow.alerts.add(replace(begun(1), key="another"))


def test_the_one_that_has_waited_longest_is_looked_at_first(transactions: Open) -> None:
    keep(
        transactions,
        begun(1, due_at=NOON),
        begun(2, due_at=NOON - HOUR),
        begun(3, due_at=NOON + HOUR),
        begun(4, due_at=None),
    )
    with transactions() as uow:
        assert uow.alerts.claim_due(NOON).id.int == 2
        assert uow.alerts.claim_due(NOON - 2 * HOUR) is None


def test_an_alert_of_the_same_house_covers_another(transactions: Open) -> None:
    first, second = begun(1), begun(2, stage=Stage.WAITING)
    keep(transactions, first, second, begun(3, "osm-w3"), begun(4, stage=Stage.UNANSWERED))
    with transactions() as uow:
        assert uow.alerts.covering(second, "osm-w1", NOON - HOUR) == first.id
        assert uow.alerts.covering(second, "osm-w1", NOON + HOUR) is None
        assert uow.alerts.covering(first, "osm-w1", NOON - HOUR) is None
        assert uow.alerts.covering(second, "osm-w9", NOON - HOUR) is None


def test_a_number_is_rung_by_one_at_a_time(transactions: Open) -> None:
    held, (attempt, _) = begun(1).leased(NOON, HOUR)
    other, (rival, _) = begun(2).leased(NOON, HOUR)
    ringing = replace(attempt, number=NUMBER)
    keep(transactions, held.changed(ringing), other)
    with transactions() as uow:
        assert not uow.alerts.may_ring(NUMBER, rival)
        assert uow.alerts.may_ring(NUMBER, ringing)
        assert uow.alerts.may_ring("+77272000112", rival)
        uow.alerts.save(held.changed(ringing.moved(State.PLACED, NOON)))
        assert uow.alerts.may_ring(NUMBER, rival)


def test_alerts_are_listed_newest_first(transactions: Open) -> None:
    keep(transactions, begun(1), begun(2, created_at=NOON + HOUR), begun(3, stage=Stage.TOLD))
    with transactions() as uow:
        assert [one.id.int for one in uow.alerts.recent(None, True, 5)] == [2, 1]
        assert [one.id.int for one in uow.alerts.recent(UUID(int=3), False, 5)] == [3]
        assert len(uow.alerts.recent(None, False, 1)) == 1


def test_lists_numbers_and_places_come_back(transactions: Open) -> None:
    ann, place = StaffPhone(UUID(int=5), NUMBER, "master-1", NOON), Place(UUID(int=6), "osm-w1", "Абая, 12")
    with transactions() as uow:
        assert (uow.alert_lists.lock("gas"), uow.places.get(place.request_id)) == (None, None)
        uow.alert_lists.put(replace(LIST, active=False, version=3))
        uow.alert_lists.put(LIST)
        assert (uow.alert_lists.lock("gas"), uow.alert_lists.all()) == (LIST, {"gas": LIST})
        uow.staff_phones.put(replace(ann, phone="+77010000000"))
        uow.staff_phones.put(ann)
        assert (uow.staff_phones.all(), uow.staff_phones.of([ann.person_id, UUID(int=9)])) == (
            [ann],
            {ann.person_id: NUMBER},
        )
        uow.staff_phones.forget(ann.person_id)
        assert uow.staff_phones.all() == []
        uow.places.put(place)
        assert uow.places.get(place.request_id) is None
        uow.requests.put(Request(place.request_id, "1042", UUID(int=2)))
        assert uow.places.get(place.request_id) == (place, "1042")


@pytest.mark.servers
@pytest.mark.rule("6.11")
def test_replicas_pass_by_what_another_holds_and_no_number_lies_open(
    service_database: Callable[[str], str],
) -> None:
    url = service_database("notify")
    engine = make_engine(url, pool_size=3)
    context = TransactionContext(engine, FixedClock(NOON), "notify", lambda: None, SEALER)
    held, (attempt, _) = begun(1, due_at=NOON).leased(NOON, HOUR)
    keep(lambda: UnitOfWork(context), replace(held.changed(replace(attempt, number=NUMBER)), due_at=NOON))
    with UnitOfWork(context) as one, UnitOfWork(context) as other:
        assert one.alerts.claim_due(NOON) is not None
        assert other.alerts.claim_due(NOON) is None
        one.alert_lists.put(LIST)
        one.staff_phones.put(StaffPhone(UUID(int=5), NUMBER, "master-1", NOON))
        one.commit()
    kept = everything(url, "alerts", "alert_attempts", "alert_lists", "staff_phones")
    assert NUMBER.removeprefix("+") not in kept
    engine.dispose()
