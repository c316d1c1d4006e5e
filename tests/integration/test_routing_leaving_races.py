"""A crew on site, an emergency, and everybody at once: nobody loses its crew for nothing, none has two."""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

import pytest

from services.routing.domain.assignment import State
from services.routing.domain.words import Category
from services.routing.errors import CaseBusy
from tests.support.database import count
from tests.support.dispatching import City, at_once, retire_everybody
from tests.unit.routing.examples import policy

pytestmark = pytest.mark.servers
ROUNDS = 8


@pytest.fixture
def city(service_database: Callable[[str], str]) -> Iterator[City]:
    made = City(service_database("routing"))
    yield made
    made.check()
    made.engine.dispose()


def at_lesser_work(city: City) -> tuple[UUID, UUID, UUID]:
    """A crew alone in the city at work that it may leave: crew, request, assignment."""
    retire_everybody(city)
    crew_id, lesser = city.crew(), city.registered()
    city.classify(lesser, category=Category.PLANNED, priority="P3", place="flat")
    return crew_id, lesser, city.at_work(lesser)


def settle(city: City, *request_ids: UUID) -> None:
    """Hold what must hold, and leave the city empty for the next round."""
    city.check()
    for request_id in request_ids:
        city.cancel(request_id)


def told(work: Callable[[], object]) -> Callable[[], object]:
    """As the bus does it: told again as long as another is at the request."""

    def again() -> object:
        while True:
            try:
                return work()
            except CaseBusy:
                continue

    return again


def test_two_emergencies_ask_a_crew_on_site_once(city: City) -> None:
    for _ in range(ROUNDS):
        crew_id, lesser, _ = at_lesser_work(city)
        bursts = [city.registered(), city.registered()]
        at_once([partial(city.classify, burst) for burst in bursts])
        assert city.holder(lesser) == crew_id
        assert [city.holder(burst) for burst in bursts].count(crew_id) == 1
        settle(city, *bursts, lesser)


def test_a_crew_that_accepts_as_it_says_that_it_cannot_has_one_of_both(city: City) -> None:
    for _ in range(ROUNDS):
        crew_id, lesser, held = at_lesser_work(city)
        burst = city.sent()
        asked = city.live_id(burst)
        at_once(
            [
                partial(city.report, asked, burst, State.ACCEPTED),
                told(partial(city.may_leave, held, False, 5)),
            ]
        )
        assert sorted([city.holder(burst) == crew_id, city.holder(lesser) == crew_id]) == [False, True]
        settle(city, burst, lesser)


def test_work_that_ends_as_its_crew_accepts_an_emergency_is_done_or_goes_back_in_line(city: City) -> None:
    for _ in range(ROUNDS):
        crew_id, lesser, held = at_lesser_work(city)
        burst = city.sent()
        asked = city.live_id(burst)
        at_once(
            [
                partial(city.report, asked, burst, State.ACCEPTED),
                partial(city.report, held, lesser, State.COMPLETED, 5),
                partial(city.report, held, lesser, State.COMPLETED, 5),
            ]
        )
        assert city.holder(burst) == crew_id
        assert city.holder(lesser) is None
        done = count(city.url, "assignments", f"state = 'completed' AND request_id = '{lesser}'")
        waits = count(city.url, "cases", f"status = 'waiting' AND request_id = '{lesser}'")
        assert (done, waits) in ((1, 0), (0, 1))
        settle(city, burst, lesser)


def test_an_acceptance_racing_the_clock_keeps_one_of_both(city: City) -> None:
    for _ in range(ROUNDS):
        crew_id, lesser, _ = at_lesser_work(city)
        burst = city.sent()
        asked = city.live_id(burst)
        city.clock.advance(policy().respond_within[Category.EMERGENCY] * 1.1)
        at_once([city.expire, partial(city.report, asked, burst, State.ACCEPTED), city.serve])
        assert sorted([city.holder(burst) == crew_id, city.holder(lesser) == crew_id]) == [False, True]
        settle(city, burst, lesser)
