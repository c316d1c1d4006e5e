"""How much each crew and organisation has in hand."""

from datetime import timedelta

from services.routing.domain.assignment import State
from services.routing.domain.words import Category
from services.routing.usecases import views
from tests.unit.routing.examples import DISPATCH, policy, uid
from tests.unit.routing.stage import Stage


def test_what_is_booked_is_the_way_that_is_left_and_the_work() -> None:
    stage = Stage()
    stage.crew("near", 1000)
    stage.crew("idle", 9000)
    stage.request("first")
    stage.request("consulted", category=Category.CONSULTATION)
    takes = policy().work_takes[Category.EMERGENCY] / timedelta(minutes=1)

    def booked() -> int:
        found, _ = views.show_load(stage.work, policy())
        return {load.crew.crew_id: load.minutes_booked for load in found}[uid("near")]

    eta = stage.attempts("first")[-1].eta_minutes
    assert booked() == takes + eta
    stage.later(minutes=1)
    assert booked() == takes + eta - 1
    stage.later(hours=1)
    assert booked() == takes, "late, and still on the way"
    for step in (State.ACCEPTED, State.DEPARTED, State.ARRIVED):
        stage.report(step, "first")
    stage.later(minutes=10)
    assert booked() == takes - 10
    stage.later(hours=5)
    assert booked() == 0, "longer than reckoned"


def test_an_organisation_has_its_crews_and_all_its_open_requests() -> None:
    stage = Stage()
    stage.crew("near")
    stage.crew("idle", specialisations=["lift"])
    stage.request("first")
    stage.request("second", category=Category.URGENT)
    crews, (organisation,) = views.show_load(stage.work, policy())
    assert {load.crew.name: (load.open_jobs, load.emergencies) for load in crews} == {
        "near": (1, 1),
        "idle": (0, 0),
    }
    assert organisation.organisation_id == DISPATCH
    assert (organisation.crews_on_shift, organisation.crews_free) == (2, 1)
    assert (organisation.waiting, organisation.open_jobs, organisation.emergencies) == (1, 2, 1)
