"""Norms and needs as data: read, or refused with the place."""

from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.grades import Work
from services.routing.domain.needs import read_needs
from services.routing.domain.policy import Policy
from services.routing.domain.words import Category
from services.routing.errors import InvalidReference
from tests.unit.routing.examples import grades, needs, policy, settings


def test_the_shipped_policy_has_a_norm_for_every_urgency_that_sends_a_crew() -> None:
    sendable = set(Category) - {Category.CONSULTATION}
    assert set(policy().respond_within) == set(policy().acknowledge_within) == sendable
    assert policy().respond_within[Category.EMERGENCY] < policy().respond_within[Category.PLANNED]


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_norm_of_zero_is_refused(seconds: int) -> None:
    broken: dict[str, Any] = {
        **settings(),
        "acknowledge_within_s": {"emergency": seconds, "urgent": 1, "planned": 1},
    }
    with pytest.raises(InvalidReference, match=r"acknowledge_within_s\.emergency"):
        Policy.read(broken)


def test_times_are_read_as_seconds() -> None:
    assert policy().ask_again_after == timedelta(seconds=settings()["ask_again_after_s"])


def test_every_work_the_shipped_needs_name_has_a_grade() -> None:
    named = [*needs().faults.values(), *needs().systems.values()]
    assert all(grades().required(work).grade for need in named for work in need.works)


def test_an_unknown_fault_needs_what_its_system_needs() -> None:
    assert needs().of("sewer", "never heard of").works == (Work("sewer_blockage"),)
    assert needs().of("moon", "never heard of").works == ()


@pytest.mark.parametrize("data", [{}, {"version": 1, "faults": [], "systems": {"a": []}}])
def test_broken_needs_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidReference):
        read_needs(data)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"arrive_within_s": {"emergency": 0, "urgent": 1, "planned": 1}}, r"arrive_within_s\.emergency"),
        ({"preempt_gain_s": -1}, "preempt_gain_s"),
        ({"preempts": {"urgent": ["emergency"]}}, "emergency is no lesser work"),
        ({"preempts": {"urgent": ["urgent"]}}, "urgent is no lesser work"),
    ],
)
def test_a_conduct_that_would_do_harm_is_refused(change: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidReference, match=where):
        Policy.read({**settings(), "sending": {**settings()["sending"], **change}})


def test_nobody_may_configure_that_one_goes_alone() -> None:
    data = {
        "version": "1",
        "faults": {},
        "systems": {},
        "confined": {"places": ["well"], "works": [], "people": 1},
    }
    with pytest.raises(InvalidReference, match="alone"):
        read_needs(data)
