"""What dispatchers' screens live on, in memory and in PostgreSQL: silence, outages, lost deliveries."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.alarms import AlarmCode, Audit, alarms_of
from services.routing.domain.assignment import State, Unheard
from services.routing.domain.case import Status
from services.routing.domain.deliveries import Undelivered
from services.routing.domain.untold import Untold
from services.routing.domain.words import Category
from services.routing.schemas.outages import OutageChanged
from tests.contract.routing.conftest import Open
from tests.support import contracts
from tests.unit.routing.examples import NOW, assignment, case, uid

OUTAGE = OutageChanged().load(contracts.example("intake", "outage.changed"))
LOST = Undelivered(uid("card"), uid("request"), "104", "card", "timeout", 12, True, NOW, 1)
MINUTE = timedelta(minutes=1)


def has_case(transactions: Open, state: State | None = None, **changes: Any) -> None:
    """A request on the board, held by a crew if ``state`` says how far it is."""
    with transactions() as work:
        work.cases.open(uid("request"))
        work.cases.save(case(**{"status": Status.ASSIGNED, **changes}))
        if state is not None:
            work.assignments.offer(assignment(state=state, changed_at=NOW))
        work.commit()


def silent(transactions: Open) -> bool:
    with transactions() as work:
        live = work.assignments.live(uid("request"))
        assert live is not None
        marked = live.silent_at is not None
        assert (uid("request") in {entry.case.request_id for entry in work.board.troubled()}) is marked
        return marked


def notice(transactions: Open, heard_by: timedelta) -> int:
    with transactions() as work:
        late = Unheard({Category.EMERGENCY: NOW + heard_by}, NOW + heard_by - 5 * MINUTE)
        found = work.assignments.mark_silent(late, NOW + heard_by)
        work.commit()
        return found


def hear(transactions: Open, at: timedelta) -> None:
    with transactions() as work:
        work.assignments.hear(assignment().crew_id, NOW + at)
        work.commit()


def test_a_crew_at_work_is_silent_since_its_last_word(transactions: Open) -> None:
    has_case(transactions, State.WORKING)
    assert [notice(transactions, heard_by) for heard_by in (timedelta(), MINUTE, MINUTE)] == [0, 1, 0]
    assert silent(transactions)
    hear(transactions, timedelta())  # a word that comes late says nothing of now
    assert silent(transactions)
    hear(transactions, 2 * MINUTE)
    assert not silent(transactions)
    assert [notice(transactions, heard_by) for heard_by in (MINUTE, 3 * MINUTE)] == [0, 1]
    with transactions() as work:
        live = work.assignments.live(uid("request"))
        assert live is not None
        assert live.last_heard_at == NOW + 2 * MINUTE
        work.assignments.save(replace(live, state=State.LOCALISED, silent_at=None))
        work.commit()
    assert not silent(transactions)


def test_a_crew_that_is_not_there_yet_is_not_silent_on_site(transactions: Open) -> None:
    has_case(transactions, State.DEPARTED)
    assert notice(transactions, MINUTE) == 0


@pytest.mark.parametrize("risk", [{"place": "well"}, {"hazards": ("gas",)}, {}])
def test_where_there_is_danger_silence_is_shorter(transactions: Open, risk: dict[str, Any]) -> None:
    has_case(transactions, State.ARRIVED, **{"hazards": (), "place": "yard", **risk})
    with transactions() as work:
        late = Unheard({Category.EMERGENCY: NOW - MINUTE}, NOW + MINUTE, frozenset({"well"}))
        assert work.assignments.mark_silent(late, NOW) == len(risk)


def test_an_outage_is_kept_as_it_is_now_until_it_is_over(transactions: Open) -> None:
    with transactions() as work:
        grown = replace(OUTAGE, version=3, houses=(*OUTAGE.houses, {"address": "Абая, 14", "state": "off"}))
        assert [work.outages.put(told) for told in (grown, OUTAGE, grown)] == [True, False, False]
        assert work.outages.find([OUTAGE.outage_id]) == work.outages.open() == [grown]
        assert work.outages.find([]) == []
        assert work.outages.put(replace(grown, version=4, state="closed", ended_at=NOW))
        assert work.outages.open() == []
        assert [found.state for found in work.outages.find([OUTAGE.outage_id])] == ["closed"]


def test_what_a_partner_could_not_be_told_stands_on_the_request_until_it_is_tried_again(
    transactions: Open,
) -> None:
    has_case(transactions)
    with transactions() as work:
        assert [work.deliveries.put(LOST), work.deliveries.put(LOST)] == [True, False]
        entry = work.board.entry(uid("request"))
        assert entry is not None
        assert (entry.undelivered, work.board.troubled()) == ([LOST], [entry])
        assert work.deliveries.failed(5) == [LOST]
        assert work.deliveries.put(replace(LOST, failed=False, attempts=0, sequence=2))
        assert (work.board.troubled(), work.deliveries.failed(5)) == ([], [])


def test_whom_an_alert_did_not_reach_stands_on_the_request_until_nobody_is_left(transactions: Open) -> None:
    has_case(transactions)
    names = {"ru": "Газовая служба 104", "kk": "104 газ қызметі"}
    title = {"ru": "Запах газа", "kk": "Газ иісі"}
    alert = Untold(uid("alert"), uid("request"), title, [names], NOW, 2)
    with transactions() as work:
        assert [work.untold.put(alert), work.untold.put(replace(alert, people=[], sequence=1))] == [
            True,
            False,
        ]
        entry = work.board.entry(uid("request"))
        assert entry is not None
        assert (entry.untold, work.board.troubled()) == ([alert], [entry])
        (alarm,) = [one for one in alarms_of(entry, NOW) if one.code is AlarmCode.UNTOLD]
        assert (alarm.details["people_ru"], alarm.details["title_kk"]) == (names["ru"], title["kk"])
        assert work.untold.get(alert.alert_id) == alert
        work.untold.settle(replace(alert, people=[]))
        assert (work.board.troubled(), work.untold.get(uid("nothing"))) == ([], None)
        assert work.untold.put(replace(alert, people=[], sequence=3))
        assert work.board.troubled() == []


def test_work_whose_date_has_come_is_looked_at(transactions: Open) -> None:
    has_case(transactions, resumed_at=NOW)
    with transactions() as work:
        assert [entry.case.resumed_at for entry in work.board.troubled()] == [NOW]


def test_silence_of_the_journal_is_kept_once_until_it_audits_again(transactions: Open) -> None:
    with transactions() as work:
        assert [work.audits.mark_silent(NOW, NOW) for _ in range(2)] == [True, False]
        assert work.audits.put(Audit(NOW + MINUTE, []))
        assert not work.audits.mark_silent(NOW, NOW), "it has audited since"
        assert work.audits.mark_silent(NOW + MINUTE, NOW)
