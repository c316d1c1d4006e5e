"""May the crew be called off its site: what runs there, what it says, what follows for an emergency."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.crews.domain.leaving import Hold
from services.crews.domain.orders import Stage
from services.crews.domain.records import Kind
from services.crews.errors import AssignmentNotFound, CannotLeaveYet, NotOnSite, SiteNotSafe
from services.crews.usecases.commands import perform
from services.crews.usecases.leaving import say_leaving
from services.crews.usecases.notes import correct_order
from services.crews.usecases.orders import decline_to_stay, receive_order, report_stage
from services.crews.usecases.records import keep_record
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.crews.examples import ASSIGNMENT, GATE, NOON, command, order, record, step
from tests.unit.crews.fakes import FakeUnitOfWork

TO_SITE = (Stage.ACCEPTED, Stage.DEPARTED, Stage.ARRIVED)
AT_WORK = (*TO_SITE, Stage.WORKING)
BURST = uuid4()
OPEN = replace(GATE, only_floor=True)


def at(stages: tuple[Stage, ...] = AT_WORK, **card: Any) -> FakeUnitOfWork:
    """A crew that has come so far with an order of this kind."""
    uow = FakeUnitOfWork(FixedClock(NOON))
    receive_order(uow, order(**{"category": "planned", **card}).card)
    for stage in stages:
        report(uow, stage)
    return uow


def _a_minute_later(uow: FakeUnitOfWork) -> None:
    assert isinstance(uow.clock, FixedClock)
    uow.clock.advance(timedelta(minutes=1))


def report(uow: FakeUnitOfWork, stage: Stage, assignment_id: UUID = ASSIGNMENT) -> None:
    _a_minute_later(uow)
    work = partial(report_stage, step=step(stage), gate=OPEN)
    perform(uow, command(stage.value, assignment_id=assignment_id), work)


def say(uow: FakeUnitOfWork, can: bool, *made_safe: Hold, why: str | None = None) -> None:
    _a_minute_later(uow)
    entered: dict[str, Any] = {"can": can, "made_safe": [str(hold) for hold in made_safe]} | (
        {"why": why} if why else {}
    )
    perform(uow, command("leave", **entered), partial(say_leaving, can=can, made_safe=made_safe))


def told(uow: FakeUnitOfWork) -> Mapping[str, Any]:
    """The last word on whether the crew may leave, held against its contract."""
    found = [event.data for event in uow.emitted if event.type == "assignment.leave_changed"]
    contracts.check("crews", "assignment.leave_changed", found[-1])
    return found[-1]


def test_of_a_crew_that_is_not_there_yet_there_is_nothing_to_tell() -> None:
    uow = at(TO_SITE[:2])
    assert {event.type for event in uow.emitted} == {"assignment.progressed"}


def test_a_tap_may_be_left() -> None:
    uow = at()
    assert (told(uow)["stage"], told(uow)["may_leave"], told(uow)["holds"]) == ("working", True, [])


@pytest.mark.rule("F23-1.1-U2")
@pytest.mark.rule("F45-1.1-U3")
@pytest.mark.parametrize(
    ("card", "stages", "holds"),
    [
        ({"place": "well"}, AT_WORK, ["people_inside"]),
        ({"place": "well"}, (*AT_WORK, Stage.LOCALISED), ["people_inside"]),
        ({"place": "well"}, TO_SITE, []),
        ({"system": "gas"}, AT_WORK, ["gas_open"]),
        ({"system": "gas"}, TO_SITE, []),
        ({"system": "gas"}, (*AT_WORK, Stage.LOCALISED), []),
        ({"system": "power"}, AT_WORK, ["live_parts"]),
        ({"system": "power"}, (*AT_WORK, Stage.LOCALISED), []),
        ({"hazards": ("hot_water",)}, TO_SITE, ["danger"]),
        ({"hazards": ("electric_shock",)}, AT_WORK, ["live_parts", "danger"]),
    ],
)
def test_what_keeps_a_crew(card: dict[str, Any], stages: tuple[Stage, ...], holds: list[str]) -> None:
    uow = at(stages, **card)
    assert told(uow)["holds"] == holds
    assert told(uow)["may_leave"] is (not holds)


@pytest.mark.rule("M-1.3-U3")
def test_a_danger_found_on_site_keeps_the_crew() -> None:
    uow = at()
    found = record(Kind.DANGER, hazard="gas", place=None, note=None)
    perform(uow, command("record"), partial(keep_record, record=found))
    assert told(uow)["holds"] == ["gas_open", "danger"]


def test_a_place_that_proves_to_be_a_basement_keeps_the_crew() -> None:
    uow = at()
    perform(uow, command("correct", place="basement"), correct_order)
    assert told(uow)["holds"] == ["people_inside"]


def test_the_crew_says_that_it_cannot_and_later_that_it_can() -> None:
    uow = at()
    say(uow, False, why="shut_off")
    assert (told(uow)["may_leave"], told(uow)["can"], told(uow)["holds"]) == (False, False, ["shut_off"])
    say(uow, True)
    assert (told(uow)["may_leave"], told(uow)["can"], told(uow)["holds"]) == (True, True, [])


def test_what_it_said_holds_for_the_next_stage_too() -> None:
    uow = at()
    say(uow, False)
    report(uow, Stage.LOCALISED)
    assert (told(uow)["stage"], told(uow)["may_leave"]) == ("localised", False)


@pytest.mark.rule("F45-1.1-U3")
def test_it_can_leave_a_dangerous_step_only_by_naming_it_safe() -> None:
    uow = at(place="well", system="power")
    with pytest.raises(SiteNotSafe) as refused:
        say(uow, True, Hold.PEOPLE_INSIDE)
    assert refused.value.errors == {"live_parts": ["hold.live_parts"]}
    say(uow, True, Hold.PEOPLE_INSIDE, Hold.LIVE_PARTS)
    assert told(uow)["may_leave"] is True


def test_what_was_made_safe_is_not_once_work_is_begun_anew() -> None:
    uow = at(place="well")
    say(uow, True, Hold.PEOPLE_INSIDE)
    report(uow, Stage.SUSPENDED)
    report(uow, Stage.WORKING)
    assert told(uow)["holds"] == ["people_inside"]


def test_only_a_crew_on_site_says_it() -> None:
    with pytest.raises(NotOnSite):
        say(at(TO_SITE[:2]), True)


def test_another_crews_order_is_none() -> None:
    asked = command("leave", crew_id=uuid4(), can=True)
    with pytest.raises(AssignmentNotFound):
        perform(at(), asked, partial(say_leaving, can=True))


def with_burst(uow: FakeUnitOfWork) -> FakeUnitOfWork:
    receive_order(uow, order(assignment_id=BURST, number="1043").card)
    return uow


@pytest.mark.rule("F45-1.1-U3")
def test_an_emergency_is_not_taken_on_in_the_middle_of_a_dangerous_step() -> None:
    uow = with_burst(at(place="well"))
    with pytest.raises(CannotLeaveYet) as refused:
        report(uow, Stage.ACCEPTED, BURST)
    assert refused.value.details["number"] == "1042"
    assert uow.tables.orders[BURST].stage is Stage.OFFERED
    say(uow, True, Hold.PEOPLE_INSIDE)
    report(uow, Stage.ACCEPTED, BURST)
    assert uow.tables.orders[BURST].stage is Stage.ACCEPTED


def test_who_said_it_cannot_may_change_its_mind() -> None:
    uow = with_burst(at())
    say(uow, False, why="shut_off")
    report(uow, Stage.ACCEPTED, BURST)
    assert uow.tables.orders[BURST].stage is Stage.ACCEPTED


def test_declining_because_it_cannot_leave_is_kept_for_the_work_it_is_on() -> None:
    uow = with_burst(at())
    entered: dict[str, Any] = {"reason": "Не можем оставить работу", "cannot_leave": True}
    asked = command("decline", assignment_id=BURST, **entered)
    declined = partial(decline_to_stay, step=step(Stage.DECLINED), gate=GATE)
    receipt = perform(uow, asked, declined)
    assert perform(uow, asked, declined) == receipt
    assert (told(uow)["assignment_id"], told(uow)["may_leave"]) == (str(ASSIGNMENT), False)
    (note,) = uow.tables.notes.values()
    assert (note.assignment_id, note.command, note.entered["can"]) == (ASSIGNMENT, "leave", False)


def test_declining_without_work_on_site_keeps_nothing() -> None:
    uow = with_burst(at(TO_SITE[:2]))
    declined = partial(decline_to_stay, step=step(Stage.DECLINED), gate=GATE)
    perform(uow, command("decline", assignment_id=BURST), declined)
    assert not uow.tables.notes
