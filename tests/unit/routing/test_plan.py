"""Pairing waiting requests with free crews."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.plan import Pairing, Waiting, pair
from services.routing.domain.words import Category
from tests.unit.routing.examples import DISPATCH, NOW, crew, desk, job, uid


def waiting(name: str, organisation: str = "dispatch", **changes: object) -> Waiting:
    return Waiting(job(request_id=uid(name), **changes), uid(organisation), {})


def test_the_first_in_line_gets_the_only_crew() -> None:
    line = [waiting("first"), waiting("second")]
    assert pair(line, [crew()], desk(), NOW) == [Pairing(uid("first"), uid("crew-7"))]


def test_a_crew_nobody_in_front_can_use_serves_the_next() -> None:
    line = [waiting("lift", system="lift"), waiting("pipe")]
    assert [found.request_id for found in pair(line, [crew()], desk(), NOW)] == [uid("pipe")]


def test_another_organisations_crew_is_not_taken() -> None:
    assert pair([waiting("gas", "gas-104")], [crew(organisation_id=DISPATCH)], desk(), NOW) == []


def test_who_declined_is_not_paired_again_at_once() -> None:
    asked = Waiting(job(), DISPATCH, {uid("crew-7"): NOW - timedelta(seconds=10)})
    assert pair([asked], [crew()], desk(), NOW) == []


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 3))
def test_no_crew_and_no_request_twice_and_as_many_as_can_be(jobs: int, free: int, busy: int) -> None:
    line = [waiting(f"r{n}", category=Category.URGENT) for n in range(jobs)]
    crews = [crew(f"free-{n}") for n in range(free)]
    crews += [crew(f"busy-{n}", busy_with=uid("x")) for n in range(busy)]
    found = pair(line, crews, desk(), NOW)
    assert len({p.crew_id for p in found}) == len({p.request_id for p in found}) == min(jobs, free)
    assert all(p.crew_id not in {uid(f"busy-{n}") for n in range(busy)} for p in found)
