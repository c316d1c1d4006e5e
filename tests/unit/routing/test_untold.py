"""Whom an alert could not reach: an alarm until a dispatcher has told them."""

from dataclasses import replace

import pytest

from services.routing.domain.alarms import AlarmCode
from services.routing.domain.untold import Untold
from services.routing.errors import AlertNotFound
from services.routing.usecases import telling
from services.routing.usecases.dispatch import Order
from tests.support import contracts
from tests.unit.routing.examples import NOW, uid
from tests.unit.routing.stage import Stage

ORDER = Order("dispatcher-1", uid("request"))
GAS = {"ru": "Газовая служба 104", "kk": "104 газ қызметі"}
MISSED = Untold(uid("alert"), uid("request"), {"ru": "Запах газа", "kk": "Газ иісі"}, [GAS], NOW, 3)


def untold(stage: Stage) -> list[str]:
    return [alarm.details["people_ru"] for alarm in stage.alarms() if alarm.code is AlarmCode.UNTOLD]


@pytest.mark.rule("M-1.1-U4")
def test_a_dispatcher_writes_down_once_who_took_the_message() -> None:
    stage = Stage()
    stage.request()
    telling.note_untold(stage.work, MISSED)
    telling.note_untold(stage.work, replace(MISSED, people=[], sequence=2))
    assert untold(stage) == [GAS["ru"]]
    for _ in range(2):
        entry = telling.tell_by_hand(stage.work, ORDER, MISSED.alert_id, "Петрова")
        assert (list(entry.untold), untold(stage)) == ([], [])
    (told,) = [event for event in stage.work.emitted if event.type == "alert.told"]
    contracts.check("routing", "alert.told", told.data)
    assert told.data["received_by"] == "Петрова"
    telling.note_untold(stage.work, replace(MISSED, sequence=4))
    assert untold(stage) == [GAS["ru"]], "notify knows better: somebody else was missed since"


def test_an_alert_of_another_request_is_none_of_this_one() -> None:
    stage = Stage()
    stage.request()
    telling.note_untold(stage.work, replace(MISSED, request_id=uid("other")))
    for alert_id in (MISSED.alert_id, uid("nothing")):
        with pytest.raises(AlertNotFound):
            telling.tell_by_hand(stage.work, ORDER, alert_id, "Петрова")
