"""How much each crew and organisation has in hand."""

from datetime import timedelta

from services.routing.domain.assignment import State
from services.routing.domain.deliveries import Undelivered
from services.routing.domain.turns import Turn
from services.routing.domain.words import Category
from services.routing.schemas.load import LoadShape, load
from services.routing.usecases import views
from tests.unit.routing.examples import DISPATCH, NOW, policy, uid
from tests.unit.routing.stage import Stage


def test_what_is_booked_is_the_way_that_is_left_and_the_work() -> None:
    stage = Stage()
    stage.crew("near", 1000)
    stage.crew("idle", 9000)
    stage.request("first")
    stage.request("consulted", category=Category.CONSULTATION)
    takes = policy().work_takes[Category.EMERGENCY] / timedelta(minutes=1)

    def booked() -> int:
        found = views.show_load(stage.work, policy()).crews
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
    found = views.show_load(stage.work, policy())
    crews, (organisation,) = found.crews, found.organisations
    assert {load.crew.name: (load.open_jobs, load.emergencies) for load in crews} == {
        "near": (1, 1),
        "idle": (0, 0),
    }
    assert organisation.organisation_id == DISPATCH
    assert (organisation.crews_on_shift, organisation.crews_free) == (2, 1)
    assert (organisation.waiting, organisation.open_jobs, organisation.emergencies) == (1, 2, 1)


def test_what_is_next_and_by_when_what_nobody_takes_and_what_was_not_told() -> None:
    stage = Stage()
    near = stage.crew("near")
    stage.request("first")
    stage.request("second", category=Category.URGENT)
    stage.request("lift", system="lift", category=Category.PLANNED)
    arrives = NOW + timedelta(minutes=50)
    with stage.work as work:
        work.turns.put(Turn(uid("second"), DISPATCH, near, 0, NOW, NOW, arrives))
        lost = Undelivered(uid("card"), uid("first"), "104", "card", "timeout", 12, True, NOW, 1)
        work.deliveries.put(lost)
        work.commit()
    shown = LoadShape().dump(load(views.show_load(stage.work, policy()), said))
    (following,) = shown["crews"][0]["queue"]
    due = NOW + policy().conduct.arrive_within[Category.URGENT]
    assert following["number"] == "second"
    assert [following[name] for name in ("arrives_at", "due_at")] == [arrives.isoformat(), due.isoformat()]
    reasons = {one["number"]: one["unroutable"]["text"] for one in shown["nobody"]}
    assert reasons == {"second": "unroutable.all_crews_busy", "lift": "unroutable.no_suitable_crew"}
    assert [(lost["number"], lost["partner"]) for lost in shown["undelivered"]] == [("first", "104")]


def said(msgid: str, **_: object) -> str:
    return msgid
