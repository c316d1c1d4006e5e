"""The plan that a resident hears when a crew has taken the request."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.notify.domain.plans import Deadline, Plan, plan_of
from services.notify.domain.telling import Progress
from services.notify.schemas.events import RequestStateChanged
from services.notify.usecases import facts
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.fakes import FakeUnitOfWork

REQUEST = UUID(int=1)
HOUR = timedelta(hours=1)


def accepted(uow: FakeUnitOfWork, assignment: int = 3) -> list[tuple[str, dict[str, str]]]:
    progress = Progress(str(REQUEST), str(UUID(int=assignment)), "accepted", NOON)
    facts.tell_progress(uow, progress, NOON.tzinfo or pytest.fail("NOON is aware"))
    with uow:
        return [(message.template, dict(message.params)) for message in uow.messages.of_request(REQUEST)]


def planned(uow: FakeUnitOfWork, sequence: int, clock: str, after: timedelta) -> None:
    plan = Plan(REQUEST, sequence, clock, NOON + after)
    facts.tell_state(uow, REQUEST, "transferred", NOON, plan=plan)


def test_the_nearest_deadline_of_those_a_resident_understands_is_the_plan() -> None:
    deadlines = [
        Deadline("acknowledge", NOON),
        Deadline("complete", NOON + 5 * HOUR),
        Deadline("arrive", NOON + HOUR),
    ]
    assert plan_of(REQUEST, 4, deadlines) == Plan(REQUEST, 4, "arrive", NOON + HOUR)
    assert plan_of(REQUEST, 4, deadlines[:1]) is None


def test_deadlines_are_read_from_the_journals_event() -> None:
    due = (NOON + HOUR).isoformat()
    told = RequestStateChanged().load(
        contracts.example("journal", "request.state_changed", deadlines=[{"clock": "arrive", "due_at": due}])
    )
    assert told["deadlines"] == [Deadline("arrive", NOON + HOUR)]


@pytest.mark.rule("D-2.B-U4")
@pytest.mark.parametrize("clock", ["arrive", "localise", "complete"])
def test_a_crew_is_told_with_the_plan(clock: str) -> None:
    uow = FakeUnitOfWork()
    planned(uow, 2, clock, HOUR)
    assert accepted(uow) == [(f"crew_accepted_{clock}", {"time": "13:00"})]


def test_the_newest_plan_counts_and_another_day_is_named() -> None:
    uow = FakeUnitOfWork()
    planned(uow, 3, "complete", 24 * HOUR)
    planned(uow, 2, "arrive", HOUR)
    [(template, params)] = accepted(uow)
    assert template == "crew_accepted_complete"
    assert params["time"].endswith(" 12:00")


def test_without_a_plan_or_with_one_that_has_passed_only_the_crew_is_told() -> None:
    assert accepted(FakeUnitOfWork()) == [("crew_accepted", {})]
    late = FakeUnitOfWork()
    planned(late, 2, "arrive", -HOUR)
    assert accepted(late) == [("crew_accepted", {})]


def test_another_crew_with_another_plan_is_no_news() -> None:
    uow = FakeUnitOfWork()
    accepted(uow)
    planned(uow, 2, "arrive", HOUR)
    assert accepted(uow, assignment=4) == [("crew_accepted", {})]
