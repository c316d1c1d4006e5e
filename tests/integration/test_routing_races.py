"""What happens at the same moment in routing, on a real PostgreSQL: never two crews, never none."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest

from services.routing.domain.assignment import State
from services.routing.domain.words import Category
from services.routing.errors import CrewUnsuitable
from services.routing.usecases import dispatch, events, pinning, swapping
from shared.db import AlreadyHandled
from shared.errors import AvariykaError
from tests.support import contracts
from tests.support.database import count
from tests.support.dispatching import DESK, City, at_once, finish, retire, retire_everybody
from tests.unit.routing.examples import DISPATCH, policy, registration

pytestmark = pytest.mark.servers
ROUNDS = 15


@pytest.fixture
def city(service_database: Callable[[str], str]) -> Iterator[City]:
    made = City(service_database("routing"))
    yield made
    made.check()
    made.engine.dispose()


def test_two_requests_at_once_never_get_the_same_crew(city: City) -> None:
    for _ in range(ROUNDS):
        near, far = city.crew(500), city.crew(5000)
        requests = [city.registered(), city.registered()]
        at_once([partial(city.classify, request_id) for request_id in requests])
        assert {city.holder(request_id) for request_id in requests} == {near, far}


def test_one_crew_for_many_requests_goes_to_one_and_the_others_are_told_of(city: City) -> None:
    city.crew()
    requests = [city.registered() for _ in range(8)]
    at_once([partial(city.classify, request_id) for request_id in requests])
    assert len(city.live()) == 1
    assert city.told("request.unroutable") == 7
    assert count(city.url, "cases", "status = 'waiting' AND unroutable = 'all_crews_busy'") == 7


def test_both_halves_of_a_request_at_once_send_one_crew(city: City) -> None:
    for _ in range(ROUNDS):
        city.crew()
        request_id = uuid4()
        register = partial(events.note_registration, city.work(), DESK, registration(request_id))
        at_once([register, partial(city.classify, request_id)])
        assert city.holder(request_id) is not None
    assert count(city.url, "transfers") == ROUNDS


def test_an_event_delivered_twice_at_once_has_effect_once(city: City) -> None:
    for _ in range(ROUNDS):
        city.crew()
        city.crew()
        request_id = city.registered()
        told = contracts.event("triage", "request.classified", request_id=str(request_id))
        outcomes = at_once([partial(city.classify, request_id, told) for _ in range(3)])
        assert sum(isinstance(outcome, AlreadyHandled) for outcome in outcomes) == 2
    assert count(city.url, "assignments") == ROUNDS


def test_replicas_expire_an_offer_once(city: City) -> None:
    for round_ in range(1, ROUNDS + 1):
        first, second = city.crew(500), city.crew(900)
        request_id = city.sent()
        assert city.holder(request_id) == first
        city.clock.advance(policy().respond_within[Category.EMERGENCY] * 1.1)
        expired = at_once([city.expire] * 3)
        assert sorted(expired, key=str) == [0, 0, 1]
        assert city.holder(request_id) == second
        assert city.told("assignment.withdrawn") == round_
        city.report(city.live_id(request_id), request_id, State.ACCEPTED, 1)
        retire(city, first)


def test_replicas_serve_the_waiting_once(city: City) -> None:
    requests = [city.sent() for _ in range(12)]
    crews = {city.crew() for _ in range(5)}
    served = at_once([city.serve] * 4)
    assert sum(int(str(number)) for number in served) == 5
    assert {crew_id for _, crew_id in city.live()} == crews
    assert {request_id for request_id, _ in city.live()} <= set(requests)


def test_a_dispatcher_racing_the_clock_leaves_one_crew(city: City) -> None:
    for _ in range(ROUNDS):
        city.crew(500)
        chosen = city.crew(4000)
        request_id = city.sent()
        city.clock.advance(policy().respond_within[Category.EMERGENCY] * 1.1)
        at_once([city.expire, partial(city.assign, request_id, chosen)])
        assert city.holder(request_id) == chosen
        finish(city, request_id)
        retire_everybody(city)


def test_dispatchers_with_different_wishes_leave_one_crew(city: City) -> None:
    for _ in range(ROUNDS):
        request_id = city.sent()
        crews = [city.crew(), city.crew(), city.crew()]
        at_once([partial(city.assign, request_id, crew_id) for crew_id in crews])
        assert city.holder(request_id) in crews
        finish(city, request_id)
        retire_everybody(city)


def test_two_dispatchers_wanting_the_same_crew_one_is_told_it_is_busy(city: City) -> None:
    for _ in range(ROUNDS):
        requests = [city.sent(), city.sent()]
        crew_id = city.crew()
        outcomes = at_once([partial(city.assign, request_id, crew_id) for request_id in requests])
        refused = [outcome for outcome in outcomes if isinstance(outcome, CrewUnsuitable)]
        assert [refusal.details["refusals"] for refusal in refused] == [["busy"]]
        retire_everybody(city)


def test_an_acceptance_racing_the_clock_is_either_kept_or_history(city: City) -> None:
    for _ in range(ROUNDS):
        first, second = city.crew(500), city.crew(900)
        request_id = city.sent()
        assignment_id = city.live_id(request_id)
        city.clock.advance(policy().respond_within[Category.EMERGENCY] * 1.1)
        at_once([city.expire, partial(city.report, assignment_id, request_id, State.ACCEPTED)])
        holder = city.holder(request_id)
        applied = count(city.url, "assignment_moves", f"applied AND assignment_id = '{assignment_id}'")
        assert (holder, applied) in ((first, 1), (second, 1))
        assert count(city.url, "assignment_moves", f"assignment_id = '{assignment_id}'") in (1, 2)
        finish(city, request_id)
        retire_everybody(city)


def test_an_emergency_racing_the_crews_acceptance_of_lesser_work_gets_it_once(city: City) -> None:
    for _ in range(6):
        crew_id = city.crew()
        lesser, burst = city.registered(), city.registered()
        city.classify(lesser, category=Category.PLANNED, priority="P3")
        offered = city.live_id(lesser)
        at_once([partial(city.classify, burst), partial(city.report, offered, lesser, State.ACCEPTED)])
        city.serve()
        assert city.live() == [(burst, crew_id)]
        assert count(city.url, "cases", f"request_id = '{lesser}' AND status = 'waiting'") == 1
        for request_id in (burst, lesser):
            city.cancel(request_id)
        retire_everybody(city)


def test_two_emergencies_never_call_the_same_crew_off(city: City) -> None:
    for _ in range(6):
        city.crew()
        lesser, bursts = city.registered(), [city.registered(), city.registered()]
        city.classify(lesser, category=Category.PLANNED, priority="P3")
        at_once([partial(city.classify, burst) for burst in bursts])
        city.serve()
        assert len(city.live()) == 1
        assert {request_id for request_id, _ in city.live()} < set(bursts)
        for request_id in [*bursts, lesser]:
            city.cancel(request_id)
        retire_everybody(city)


def test_a_dispatcher_taking_lesser_work_back_while_an_emergency_wants_its_crew(city: City) -> None:
    for _ in range(6):
        crew_id = city.crew()
        lesser, burst = city.registered(), city.registered()
        city.classify(lesser, category=Category.PLANNED, priority="P3")
        order = dispatch.Order("dispatcher-1", lesser)
        take_back = partial(dispatch.withdraw_crew, city.work(), DESK, order, "звонил житель")
        at_once([partial(city.classify, burst), take_back])
        city.serve()
        assert city.holder(burst) == crew_id
        for request_id in (burst, lesser):
            city.cancel(request_id)
        retire_everybody(city)


def test_two_replicas_plan_once_and_a_pin_made_meanwhile_stays(city: City) -> None:
    for _ in range(5):
        crew_id = city.crew()
        requests = [city.registered() for _ in range(4)]
        for request_id in requests:
            city.classify(request_id, category=Category.PLANNED, priority="P3")
        waiting = [request_id for request_id in requests if city.holder(request_id) is None]
        order = dispatch.Order("dispatcher-1", waiting[-1])
        pin = partial(pinning.pin_request, city.work(), DESK, order, crew_id)
        at_once([city.replan, city.replan, pin])
        city.replan()
        with city.work() as work:
            turns = work.turns.of(DISPATCH)
        assert {turn.request_id for turn in turns} == set(waiting)
        assert [turn.request_id for turn in turns if turn.pinned] == [waiting[-1]]
        assert turns[0].pinned
        for request_id in requests:
            city.cancel(request_id)
        city.replan()
        retire_everybody(city)


def test_a_plan_and_a_dispatcher_at_the_same_request_leave_one_crew(city: City) -> None:
    for _ in range(5):
        crews = [city.crew(500), city.crew(2000)]
        requests = [city.registered() for _ in range(4)]
        for request_id in requests:
            city.classify(request_id, category=Category.PLANNED, priority="P3")
        city.replan()
        waiting = [request_id for request_id in requests if city.holder(request_id) is None]
        held = [request_id for request_id in requests if city.holder(request_id) is not None]
        ended = partial(finish, city, held[0])
        assign = partial(city.assign, waiting[0], crews[1])
        at_once([ended, city.serve, city.serve, assign, city.replan])
        city.serve()
        assert len(city.live()) == 2
        for request_id in requests:
            city.cancel(request_id)
        retire_everybody(city)


def test_a_swap_racing_the_crews_departure_leaves_one_crew(city: City) -> None:
    for _ in range(6):
        far = city.crew(9000)
        request_id = city.registered()
        city.classify(request_id, category=Category.URGENT, priority="P2")
        offered = city.live_id(request_id)
        near = city.crew(500)
        swap = partial(swapping.swap_crews, city.work, DESK)
        at_once([swap, swap, partial(city.report, offered, request_id, State.DEPARTED)])
        assert city.holder(request_id) in (near, far)
        city.cancel(request_id)
        retire_everybody(city)


def test_a_storm_of_everything_at_once_keeps_every_promise(city: City) -> None:
    """Arrivals, acceptances, declines, completions, timeouts, rounds and a dispatcher, eight at a time."""
    crews = [city.crew(300 * (index + 1)) for index in range(6)]
    requests = [city.registered() for _ in range(40)]

    def progress(stage: State, sequence: int) -> None:
        for request_id, _ in city.live():
            with city.work() as work:
                live = work.assignments.live(request_id)
            if live is not None:
                city.report(live.assignment_id, request_id, stage, sequence)

    works: list[Callable[[], object]] = [partial(city.classify, request_id) for request_id in requests]
    for index in range(20):
        works += [city.serve, city.expire, city.replan]
        works.append(partial(swapping.swap_crews, city.work, DESK))
        works.append(partial(progress, State.ACCEPTED, 1))
        works.append(partial(progress, State.DECLINED if index % 5 == 0 else State.COMPLETED, 9))
        works.append(partial(city.assign, requests[index], crews[index % 6]))
    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(work) for work in works]
    failures = [failure for done in outcomes if (failure := done.exception()) is not None]
    assert [failure for failure in failures if not isinstance(failure, AvariykaError)] == []
    city.check()
    for _ in requests:
        city.clock.advance(policy().ask_again_after)
        city.serve()
        progress(State.ACCEPTED, 20)
        progress(State.COMPLETED, 21)
    assert count(city.url, "cases", "status <> 'idle'") == 0
    # A dispatcher may send somebody again after the work was done: requests are counted, not assignments.
    done = "(SELECT DISTINCT request_id FROM assignments WHERE state = 'completed') AS done"
    assert count(city.url, done) == len(requests)
