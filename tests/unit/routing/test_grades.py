"""The grade matrix with every edge of design rule 6.5, as shipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.grades import GradeMatrix, Requirement, Work, read_matrix
from services.routing.errors import InvalidReference, NoGradeRule
from tests.unit.routing.examples import grades

_CREWS = st.lists(st.integers(min_value=2, max_value=6), min_size=1, max_size=6)
_MEASURES = st.floats(min_value=0.001, max_value=5_000, allow_nan=False)


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("kind", "measure", "grade"),
    [
        ("sewer_blockage", 50, 2),
        ("sewer_blockage", 300, 2),
        ("sewer_blockage", 301, 4),
        ("sewer_cleaning", 3, 4),
        ("sewer_cleaning", 12, 4),
        ("sewer_cleaning", 12.1, 5),
        ("winch", 0.5, 4),
        ("winch", 1, 4),
        ("winch", 1.01, 5),
        ("winch", 2, 5),
        ("water_socket", 300, 3),
        ("water_socket", 301, 4),
        ("water_socket", 900, 4),
        ("water_socket", 901, 5),
        ("welding", None, 4),
    ],
)
def test_edges_of_the_matrix(kind: str, measure: float | None, grade: int) -> None:
    requirement = grades().required(Work(kind, measure))
    assert requirement.grade == grade
    assert requirement.met_by([grade])
    assert not requirement.met_by([grade - 1])


@pytest.mark.rule("6.5")
@pytest.mark.parametrize("load_t", [2.01, 3, 40])
def test_over_two_tonnes_there_is_no_rule_and_a_person_decides(load_t: float) -> None:
    with pytest.raises(NoGradeRule):
        grades().required(Work("winch", load_t))


@pytest.mark.parametrize("measure", [0, -1, float("nan")])
def test_a_measure_that_cannot_be_is_refused(measure: float) -> None:
    with pytest.raises(NoGradeRule):
        grades().required(Work("sewer_blockage", measure))


def test_unknown_work_has_no_rule() -> None:
    with pytest.raises(NoGradeRule):
        grades().required(Work("diving"))


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("grade", "others", "allowed"),
    [(4, [], True), (3, [], False), (3, [3], False), (3, [4], True), (3, [5, 2], True), (2, [5], False)],
)
def test_welding_takes_a_four_or_a_three_under_a_four(grade: int, others: list[int], allowed: bool) -> None:
    assert grades().required(Work("welding")).allows(grade, others) is allowed


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("crew", "leader", "fit"),
    [
        ([2, 3], None, False),
        ([3, 3], 4, False),
        ([2, 3], 5, True),
        ([2], 6, True),
        ([4, 2], None, True),
        ([4, 3], 4, True),
        ([], None, False),
    ],
)
def test_a_crew_of_twos_and_threes_needs_a_leader_of_five_or_six(
    crew: list[int], leader: int | None, fit: bool
) -> None:
    assert grades().leader.met_by(crew, leader) is fit


def test_what_nobody_measured_asks_for_what_the_data_say() -> None:
    assert grades().required(Work("sewer_blockage")).grade == 2
    assert grades().required(Work("water_socket")).grade == 4


def test_the_shipped_matrix_names_its_version_source_and_the_source_of_every_row() -> None:
    shipped = grades()
    assert shipped.version
    assert "526" in shipped.source
    assert all(band.requirement.source for rule in shipped.rules.values() for band in rule.bands)


@given(_CREWS, st.integers(min_value=2, max_value=6), st.sampled_from(sorted(grades().rules)))
def test_one_more_pair_of_hands_never_makes_a_crew_less_able(crew: list[int], more: int, kind: str) -> None:
    requirement = grades().required(Work(kind))
    assert not requirement.met_by(crew) or requirement.met_by([*crew, more])


@given(st.sampled_from(["sewer_blockage", "sewer_cleaning", "water_socket"]), _MEASURES, _MEASURES)
def test_bigger_work_never_asks_for_a_lower_grade(kind: str, one: float, other: float) -> None:
    small, big = sorted([one, other])
    assert grades().required(Work(kind, small)).grade <= grades().required(Work(kind, big)).grade


def _matrix_of(*rows: dict[str, object]) -> GradeMatrix:
    leader = {"crew_up_to": 3, "leader": 5, "source": "x"}
    return read_matrix(
        {"version": 1, "source": "x", "works": {"w": {"bands": rows}}, "emergency_leader": leader}
    )


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"grade": 2}],
        [{"grade": 7, "source": "x"}],
        [{"grade": 2, "source": "x"}, {"up_to": 5, "grade": 3, "source": "x"}],
        [{"up_to": 5, "grade": 2, "source": "x"}, {"up_to": 5, "grade": 3, "source": "x"}],
        [{"up_to": "wide", "grade": 2, "source": "x"}],
    ],
)
def test_a_broken_table_is_refused(rows: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidReference):
        _matrix_of(*rows)


@pytest.mark.parametrize("data", [{}, {"version": 1}, {"version": 1, "source": "x", "works": []}])
def test_a_table_without_its_parts_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(InvalidReference):
        read_matrix(data)


def test_a_supervised_row_needs_a_second_person() -> None:
    alone = Requirement(grade=5, source="x", supervised=4, supervisor=4)
    assert not alone.met_by([4])
    assert alone.met_by([4, 4])
