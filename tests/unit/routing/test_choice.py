"""Which crew goes, and why the others do not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.choice import Recommendation, recommend
from services.routing.domain.crews import Crew, Position
from services.routing.domain.grades import Work
from services.routing.domain.needs import Need
from services.routing.domain.words import Category, Merit, Refusal, Unroutable
from tests.unit.routing.examples import LAT, LON, NOW, crew, desk, job, uid

SOON = timedelta(minutes=10)


def reasons(found: Recommendation) -> dict[str, tuple[Refusal, ...]]:
    return {entry.crew.name: entry.reasons for entry in found.refused}


def names(found: Recommendation) -> list[str]:
    return [entry.crew.name for entry in found.ranked]


@pytest.mark.rule("D-2.C-U2")
def test_the_nearest_suitable_crew_comes_first() -> None:
    near = crew("near", position=Position(LAT + 0.002, LON, NOW))
    far = crew("far", position=Position(LAT + 0.05, LON, NOW))
    found = recommend(job(), [far, near], desk(), NOW)
    assert names(found) == ["near", "far"]
    assert Merit.NEAREST in found.ranked[0].merits
    assert found.ranked[0].eta_minutes == 1
    assert found.ranked[0].distance_m == pytest.approx(311, abs=3)
    assert found.method == "straight_line"


@pytest.mark.rule("D-2.C-U2")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"specialisations": frozenset({"lift"})}, Refusal.SPECIALISATION),
        ({"grades": (3, 3), "leader_grade": None}, Refusal.LEADER),
        ({"equipment": frozenset()}, Refusal.EQUIPMENT),
        ({"equipment": frozenset({"pump"})}, Refusal.VEHICLE),
        ({"grades": (5,)}, Refusal.ALONE),
        ({"on_shift": False}, Refusal.OFF_SHIFT),
        ({"active": False}, Refusal.OFF_SHIFT),
        ({"shift_starts_at": NOW + SOON}, Refusal.OFF_SHIFT),
        ({"shift_ends_at": NOW}, Refusal.OFF_SHIFT),
        ({"shift_ends_at": NOW + SOON}, Refusal.SHIFT_ENDS_SOON),
        ({"busy_with": uid("another request")}, Refusal.BUSY),
        ({"base": None}, Refusal.NO_POSITION),
    ],
)
def test_each_reason_to_refuse(changes: dict[str, object], reason: Refusal) -> None:
    pumping = job(need=Need(equipment=frozenset({"pump"}), vehicles=frozenset({"jet"})), people=2)
    able = crew(equipment=frozenset({"pump", "jet"}))
    assert recommend(pumping, [able], desk(), NOW).ranked
    found = recommend(pumping, [replace(able, **changes)], desk(), NOW)  # type: ignore[arg-type]
    assert not found.ranked
    assert reason in reasons(found)["crew-7"]


def test_a_crew_learns_every_reason_at_once() -> None:
    hopeless = crew(specialisations=frozenset({"lift"}), on_shift=False, busy_with=uid("x"))
    found = reasons(recommend(job(), [hopeless], desk(), NOW))["crew-7"]
    assert {Refusal.SPECIALISATION, Refusal.OFF_SHIFT, Refusal.BUSY} <= set(found)


@pytest.mark.rule("6.5")
def test_work_above_the_crews_grades_is_refused() -> None:
    deep = job(category=Category.URGENT, need=Need((Work("sewer_cleaning", 12.5),)))
    found = recommend(deep, [crew("fours", grades=(4, 4), leader_grade=None), crew("five")], desk(), NOW)
    assert names(found) == ["five"]
    assert reasons(found)["fours"] == (Refusal.GRADE,)


@pytest.mark.rule("6.5")
def test_work_without_a_rule_is_for_a_person_to_decide() -> None:
    found = recommend(job(need=Need((Work("winch", 3),))), [crew()], desk(), NOW)
    assert reasons(found)["crew-7"] == (Refusal.NO_GRADE_RULE,)
    assert found.nobody_because()[0] is Unroutable.NO_SUITABLE_CREW


@pytest.mark.rule("6.5")
def test_a_crew_of_twos_and_threes_may_go_to_what_is_no_emergency() -> None:
    young = crew(grades=(2, 3), leader_grade=None)
    assert names(recommend(job(category=Category.PLANNED), [young], desk(), NOW)) == ["crew-7"]
    assert not recommend(job(category=Category.EMERGENCY), [young], desk(), NOW).ranked


def test_language_is_a_preference_only() -> None:
    russian = crew("russian", languages=frozenset({"ru"}), position=Position(LAT + 0.001, LON, NOW))
    kazakh = crew("kazakh", languages=frozenset({"kk"}), position=Position(LAT + 0.004, LON, NOW))
    assert names(recommend(job(language="kk"), [russian, kazakh], desk(), NOW)) == ["kazakh", "russian"]
    assert names(recommend(job(language="kk"), [russian], desk(), NOW)) == ["russian"]


def test_a_stale_position_gives_way_to_the_base() -> None:
    stale = crew(position=Position(LAT, LON, NOW - timedelta(hours=5)), base=Position(LAT + 0.05, LON))
    found = recommend(job(), [stale], desk(), NOW).ranked[0]
    assert Merit.POSITION_FROM_BASE in found.merits
    assert found.distance_m > 5_000


def test_a_position_from_the_future_is_a_clock_that_jumped() -> None:
    ahead = crew(position=Position(LAT, LON, NOW + timedelta(hours=5)), base=None)
    assert recommend(job(), [ahead], desk(), NOW).ranked[0].distance_m == 0


def test_who_declined_is_left_in_peace_then_asked_again_after_everybody_else() -> None:
    near = crew("near", position=Position(LAT, LON, NOW))
    far = crew("far", position=Position(LAT + 0.05, LON, NOW))
    lately = {near.crew_id: NOW - timedelta(minutes=1)}
    long_ago = {near.crew_id: NOW - timedelta(minutes=11)}
    assert reasons(recommend(job(), [near], desk(), NOW, lately)) == {"near": (Refusal.DECLINED_BEFORE,)}
    assert names(recommend(job(), [near, far], desk(), NOW, long_ago)) == ["far", "near"]


def test_anybody_may_look_at_what_nobody_recognised() -> None:
    assert names(recommend(job(system="other"), [crew(specialisations=frozenset({"lift"}))], desk(), NOW))


def test_busy_suitable_crews_are_another_matter_than_no_suitable_crew() -> None:
    busy = crew("busy", busy_with=uid("another request"))
    lifts = crew("lifts", specialisations=frozenset({"lift"}), busy_with=uid("a third"))
    assert recommend(job(), [busy, lifts], desk(), NOW).nobody_because() == (
        Unroutable.ALL_CREWS_BUSY,
        "1 suitable crews, all on a job",
    )
    assert recommend(job(), [lifts], desk(), NOW).nobody_because()[0] is Unroutable.NO_SUITABLE_CREW
    assert recommend(job(), [], desk(), NOW).nobody_because()[1].endswith("no crews")


_CREWS = st.lists(
    st.builds(
        crew,
        st.uuids().map(str),
        specialisations=st.sets(st.sampled_from(["water", "sewer", "lift"]), min_size=1).map(frozenset),
        grades=st.lists(st.integers(2, 6), min_size=1, max_size=4).map(tuple),
        leader_grade=st.none() | st.integers(2, 6),
        on_shift=st.booleans(),
        busy_with=st.none() | st.uuids(),
        languages=st.sets(st.sampled_from(["ru", "kk"])).map(frozenset),
        base=st.none() | st.builds(Position, st.floats(43.1, 43.4), st.floats(76.7, 77.1)),
    ),
    max_size=12,
    unique_by=lambda made: made.crew_id,
)


@given(_CREWS, st.sampled_from([Category.EMERGENCY, Category.URGENT, Category.PLANNED]))
def test_every_crew_is_either_ranked_or_refused_with_a_reason(crews: list[Crew], category: Category) -> None:
    found = recommend(job(category=category), crews, desk(), NOW)
    assert {c.crew.crew_id for c in found.ranked} | {c.crew.crew_id for c in found.refused} == {
        c.crew_id for c in crews
    }
    assert len(found.ranked) + len(found.refused) == len(crews)
    assert all(entry.reasons for entry in found.refused)
    assert [c.score_s for c in found.ranked] == sorted(c.score_s for c in found.ranked)
    assert all(c.crew.busy_with is None and c.crew.on_shift for c in found.ranked)


@given(_CREWS)
def test_the_order_of_the_crews_does_not_matter(crews: list[Crew]) -> None:
    assert names(recommend(job(), crews, desk(), NOW)) == names(recommend(job(), crews[::-1], desk(), NOW))
