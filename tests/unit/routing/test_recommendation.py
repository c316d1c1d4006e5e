"""What a dispatcher is shown before deciding: who can come, what that does to others, who cannot and why."""

from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.assignment import State
from services.routing.domain.crews import Shift
from services.routing.domain.options import Effect
from services.routing.domain.picture import planned
from services.routing.domain.recommendation import advise
from services.routing.domain.words import Category, Kept, Refusal, Way
from services.routing.errors import (
    CrewUnsuitable,
    NobodyAnswers,
    NoCrewNeeded,
    RequestClosed,
    RequestNotFound,
)
from services.routing.schemas.recommended import Recommendation, recommendation
from services.routing.usecases import planning
from services.routing.usecases.dispatch import Order, assign_crew
from services.routing.usecases.recommending import Recommended, list_queues, recommend_crews
from shared.config import ROOT
from shared.i18n import Catalog
from tests.unit.routing.examples import DISPATCH, NOW, uid
from tests.unit.routing.stage import Stage

PLANNED: dict[str, Any] = {"category": Category.PLANNED, "priority": "P3", "place": "flat"}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def recommended(stage: Stage, name: str = "burst") -> Recommended:
    return recommend_crews(stage.work, stage.desk, uid(name), advise)


def replan(stage: Stage) -> None:
    planning.replan(
        lambda: stage.work, stage.desk, lambda picture, desk: planned(picture, desk, lambda: False, 30)
    )


def test_everybody_is_ranked_or_refused_with_a_reason(stage: Stage) -> None:
    stage.request("burst")
    stage.crew("lifts", specialisations=["lift"])
    stage.crew("alone", grades=[5], leader_grade=5)
    far, near = stage.crew("far", metres_north=9000), stage.crew("near")
    found = recommended(stage).options
    assert [option.candidate.crew.crew_id for option in found.ranked] == [near, far]
    assert [option.in_norm for option in found.ranked] == [True, False] or found.ranked[1].in_norm
    assert {entry.crew.name: entry.reasons for entry in found.refused} == {
        "lifts": (Refusal.SPECIALISATION,),
        "alone": (Refusal.ALONE,),
    }


def test_a_crew_on_lesser_work_is_shown_with_the_request_that_would_lose_it(stage: Stage) -> None:
    stage.crew("only")
    stage.request("lesser", **PLANNED)
    stage.report(State.ACCEPTED, "lesser")
    stage.request("burst", category=Category.URGENT, priority="P2")
    after = recommended(stage).options.ranked[0]
    assert (after.candidate.way, after.kept, after.effects) == (Way.AFTER, Kept.NO_LESSER, ())
    stage.state("cancelled", "burst")
    stage.request("real")  # takes the crew at once, so what is shown is shown of the next one
    stage.crew("second", metres_north=2000)
    stage.request("gas")
    shown = {option.candidate.crew.name: option for option in recommended(stage, "gas").options.ranked}
    assert shown["only"].candidate.way is Way.AFTER
    assert shown["only"].kept is Kept.NO_LESSER
    assert shown["second"].candidate.way is Way.NOW


def test_what_the_shift_is_then_too_short_for_is_shown_as_losing_its_crew(stage: Stage) -> None:
    stage.crew("only", shift=Shift(True, NOW - timedelta(hours=4), NOW + timedelta(minutes=140)))
    stage.request("lesser", **PLANNED)
    for reached in (State.ACCEPTED, State.DEPARTED, State.ARRIVED):
        stage.report(reached, "lesser")
    stage.request("next", **PLANNED)
    replan(stage)
    stage.request("burst")
    (option,) = recommended(stage).options.ranked
    assert (option.candidate.way, option.effects) == (Way.AFTER, (Effect(uid("next"), "next", None),))


def test_what_waits_in_the_queue_is_shown_with_its_delay(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first", category=Category.EMERGENCY)
    stage.request("second", **PLANNED)
    replan(stage)
    stage.request("burst")
    (option,) = recommended(stage).options.ranked
    assert option.candidate.way is Way.AFTER
    (effect,) = option.effects
    assert (effect.request_id, effect.number) == (uid("second"), "second")
    assert effect.delayed_by is not None
    assert effect.delayed_by >= timedelta(minutes=30)


def test_a_dispatcher_may_call_a_crew_off_by_hand(stage: Stage) -> None:
    crew_id = stage.crew("only", metres_north=3000)
    stage.request("lesser", **PLANNED)
    stage.report(State.DEPARTED, "lesser")
    stage.crew("near")
    stage.request("burst")
    shown = {option.candidate.crew.name: option for option in recommended(stage).options.ranked}
    assert shown["only"].candidate.way is Way.INSTEAD
    assert shown["only"].effects == (Effect(uid("lesser"), "lesser", None),)
    assign_crew(stage.work, stage.desk, Order("dispatcher-1", uid("burst")), crew_id, None)
    assert stage.holder("burst") == crew_id
    assert stage.case("lesser").wants_crew
    assert [told["reason"] for told in stage.told("assignment.withdrawn")] == ["dispatcher", "preempted"]


def test_nobody_is_called_off_by_hand_where_the_rule_forbids_it(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("first")
    stage.request("burst")
    with pytest.raises(CrewUnsuitable) as refused:
        assign_crew(stage.work, stage.desk, Order("dispatcher-1", uid("burst")), crew_id, None)
    assert refused.value.details["refusals"] == [Refusal.BUSY]


def test_the_crew_that_has_it_is_weighed_as_if_it_were_free(stage: Stage) -> None:
    crew_id = stage.crew("only")
    stage.request("burst")
    (option,) = recommended(stage).options.ranked
    assert (option.candidate.crew.crew_id, option.candidate.way) == (crew_id, Way.NOW)


def test_what_needs_nobody_or_is_over_has_no_recommendation(stage: Stage) -> None:
    with pytest.raises(RequestNotFound):
        recommended(stage, "unknown")
    stage.request("question", category=Category.CONSULTATION, priority=None)
    with pytest.raises(NoCrewNeeded):
        recommended(stage, "question")
    stage.request("moon", system="power")
    with pytest.raises(NobodyAnswers):
        recommended(stage, "moon")
    stage.request("burst")
    stage.state("cancelled", "burst")
    with pytest.raises(RequestClosed):
        recommended(stage)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_it_reads_well_in_both_languages(stage: Stage, language: str) -> None:
    catalog = Catalog(ROOT / "services" / "routing" / "locale")
    stage.crew("only")
    stage.crew("lifts", specialisations=["lift"], grades=[5], leader_grade=5)
    stage.request("first")
    stage.request("second", **PLANNED)
    replan(stage)
    stage.request("burst")
    body = recommendation(recommended(stage), lambda msgid, **given: catalog.text(language, msgid, **given))
    shown = Recommendation().dump(body)
    texts = [
        *(said["text"] for row in shown["refused"] for said in row["reasons"]),
        *(said["text"] for row in shown["ranked"] for said in row["merits"]),
        *(effect["text"] for row in shown["ranked"] for effect in row["effects"]),
        *(row["kept"]["text"] for row in shown["ranked"] if row["kept"]),
    ]
    assert len(texts) >= 4
    assert all(any("а" <= letter.lower() <= "я" for letter in text) for text in texts)
    assert not any(text.split(".")[0] in ("refusal", "merit", "kept", "effect") for text in texts)
    assert "second" in " ".join(texts)


def test_the_queues_are_listed(stage: Stage) -> None:
    stage.crew("only")
    stage.request("first", **PLANNED)
    stage.request("second", **PLANNED)
    replan(stage)
    assert [turn.request_id for turn in list_queues(stage.work, DISPATCH)] == [uid("second")]
    assert recommended(stage, "second").at == NOW
