"""A time agreed with the resident is kept: nobody comes earlier, and the work is due by it (D-2.C-U1)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.routing.domain.case import Case
from services.routing.domain.job import job_of
from services.routing.domain.picture import planned
from services.routing.domain.recommendation import advise
from services.routing.domain.windows import Window, agreed
from services.routing.domain.words import Category
from services.routing.usecases import events, planning
from services.routing.usecases.dispatch import Order, assign_crew
from services.routing.usecases.recommending import recommend_crews
from tests.unit.routing.examples import NOW, address, case, classification, needs, policy, registration, uid
from tests.unit.routing.stage import Stage

FROM, TO = NOW + timedelta(hours=3), NOW + timedelta(hours=5)


def told(start: datetime = FROM, end: datetime = TO) -> dict[str, Any]:
    window = {"from": start.isoformat(), "to": end.isoformat()}
    return {**address(), "access": {"intercom": {"kind": "code", "note": None}, "window": window}}


def request(stage: Stage, name: str, category: Category = Category.PLANNED, **changes: Any) -> Case:
    events.note_registration(
        stage.work, stage.desk, registration(uid(name), **{"number": name, "address": told(), **changes})
    )
    events.note_classification(
        stage.work, stage.desk, classification(uid(name), category=category, priority=None)
    )
    return stage.case(name)


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.crew("only")
    return made


@pytest.mark.rule("D-2.C-U1")
def test_a_crew_is_sent_when_the_agreed_time_is_near_and_not_before(stage: Stage) -> None:
    assert request(stage, "tap").wants_crew
    stage.round()
    assert (stage.asked("tap"), stage.case("tap").unroutable) == ([], None)
    stage.later(hours=2, minutes=29)
    stage.round()
    assert stage.asked("tap") == []
    stage.later(minutes=2)
    stage.round()
    assert stage.asked("tap") == [uid("only")]


@pytest.mark.rule("D-2.C-U1")
def test_no_crew_is_kept_idle_for_a_later_hour(stage: Stage) -> None:
    request(stage, "tap")
    planning.replan(
        lambda: stage.work, stage.desk, lambda picture, desk: planned(picture, desk, lambda: False, 30)
    )
    (turn,) = stage.work.turns.of(stage.case("tap").organisation_id or uid("nobody"))
    assert turn.arrives_at == FROM
    request(stage, "leak", Category.URGENT, address=address())
    assert stage.asked("leak") == [uid("only")]


@pytest.mark.rule("D-2.C-U1")
def test_danger_does_not_wait_for_the_agreed_time(stage: Stage) -> None:
    request(stage, "burst", Category.EMERGENCY)
    assert stage.asked("burst") == [uid("only")]


def test_a_dispatcher_may_send_somebody_earlier(stage: Stage) -> None:
    request(stage, "tap")
    assert recommend_crews(stage.work, stage.desk, uid("tap"), advise).due_at == TO
    assign_crew(
        stage.work, stage.desk, Order("dispatcher-1", uid("tap")), uid("only"), "they are at home now"
    )
    assert stage.asked("tap") == [uid("only")]


def test_the_agreed_time_is_what_a_request_is_due_by_unless_something_is_in_danger() -> None:
    calm = case(category=Category.URGENT, address=told(), hazards=())
    assert job_of(calm, needs(), policy()).due_at == TO
    assert (
        job_of(case(category=Category.URGENT, address=told(), hazards=("gas",)), needs(), policy()).window
        is None
    )
    plain = case(category=Category.URGENT, address=address())
    assert job_of(plain, needs(), policy()).due_at == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    "window",
    [
        {"from": TO.isoformat(), "to": FROM.isoformat()},
        {"from": "tomorrow", "to": TO.isoformat()},
        {"from": "2026-11-24T18:00:00", "to": "2026-11-24T19:00:00"},
        {"from": None, "to": TO.isoformat()},
        {"from": FROM.isoformat()},
        {},
    ],
)
def test_a_window_that_makes_no_sense_stops_nobody(window: dict[str, Any]) -> None:
    assert agreed({"access": {"window": window}}) is None


def test_a_window_is_read_as_intake_tells_it() -> None:
    assert agreed({"access": {"window": {"from": "2026-11-24T21:00:00Z", "to": TO.isoformat()}}}) == Window(
        FROM, TO
    )
    assert agreed({}) is agreed({"access": None}) is None
