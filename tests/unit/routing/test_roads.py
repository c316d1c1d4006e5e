"""Roads become a network, and the network tells how long crews drive."""

import heapq
import math
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.conditions import Conditions
from services.routing.domain.driving import ROADS, Band, RoadTravel, Speeds, read_speeds
from services.routing.domain.roads import Place, Road, RoadNetwork, build_network
from services.routing.domain.travel import StraightLine, haversine_m
from services.routing.errors import InvalidReference, NoRoads
from shared.config import ROOT
from tests.unit.routing.examples import NOW

LAT, LON = 43.20, 76.90
STEP = 0.005  # about 556 m north, 405 m east
STRAIGHT = StraightLine(speed_kmh=20, detour=1.4)
FLAT = Speeds((), {"day": {"residential": 36.0, "primary": 72.0}}, "day", "residential", 3.6)
SHIPPED = yaml.safe_load((ROOT / "services/routing/data/speeds.yml").read_text(encoding="utf-8"))
ALMATY = ZoneInfo("Asia/Almaty")


def at(row: float, column: float) -> Place:
    return (LAT + row * STEP, LON + column * STEP)


def road(*places: tuple[float, float], **kind: Any) -> Road:
    return Road(**{"kind": "residential", **kind}, line=tuple(at(*place) for place in places))


def town() -> list[Road]:
    """Three streets and three lanes across them."""
    across = [road((row, 0), (row, 1), (row, 2)) for row in range(3)]
    along = [road((0, column), (1, column), (2, column)) for column in range(3)]
    return [*across, *along]


def travel(roads: list[Road], **settings: Any) -> RoadTravel:
    return RoadTravel(build_network(roads), FLAT, "day", STRAIGHT, **settings)


def drive(by: RoadTravel, start: Place, goal: Place) -> tuple[float, float, bool]:
    """Seconds, metres, by road."""
    found = by.to(*goal, np.array([start[0]]), np.array([start[1]]))
    assert found.method == ROADS
    return float(found.seconds[0]), float(found.distance_m[0]), bool(found.by_road[0])


def metres(one: Place, other: Place) -> float:
    return float(haversine_m(*other, np.array([one[0]]), np.array([one[1]]))[0])


def test_roads_are_cut_where_others_meet_them() -> None:
    network = build_network(town())
    assert (network.crossings, len(network.tail)) == (9, 12)
    assert network.length_km == pytest.approx(6 * (2 * 0.556 + 2 * 0.405) / 2, rel=0.01)


def test_what_cannot_be_reached_or_left_is_no_part_of_it() -> None:
    island = road((50, 50), (50, 51))
    trap = road((2, 2), (3, 3), backward=False)
    assert build_network([*town(), island, trap]).crossings == 9


def test_a_ring_is_a_road_like_others() -> None:
    yard = road((2, 2), (2, 2.3), (2.3, 2.3), (2.3, 2), (2, 2))
    _, length, by_road = drive(travel([*town(), yard]), at(2.3, 2.3), at(2, 2))
    assert by_road
    assert length == pytest.approx(metres(at(2, 2), at(2, 2.3)) + metres(at(2, 2), at(2.3, 2)), rel=0.05)


@pytest.mark.parametrize("roads", [[], [road((0, 0))], [road((0, 0), (0, 1), backward=False)]])
def test_nothing_to_drive_on_is_an_error(roads: list[Road]) -> None:
    with pytest.raises(NoRoads):
        build_network(roads)


def test_the_way_goes_along_the_streets() -> None:
    seconds, length, by_road = drive(travel(town()), at(0, 0), at(2, 2))
    around = metres(at(0, 0), at(2, 0)) + metres(at(2, 0), at(2, 2))
    assert by_road
    assert length == pytest.approx(around, rel=0.01)
    assert seconds == pytest.approx(around / 10, rel=0.01)


def test_on_one_street_nobody_drives_round_the_block() -> None:
    _, length, _ = drive(travel(town()), at(0, 0.2), at(0, 0.7))
    assert length == pytest.approx(metres(at(0, 0.2), at(0, 0.7)), abs=30)


def test_a_one_way_street_is_driven_one_way() -> None:
    roads = [*town()[1:], road((0, 0), (0, 1), (0, 2), backward=False)]
    _, there, _ = drive(travel(roads), at(0, 0.3), at(0, 0.8))
    _, back, _ = drive(travel(roads), at(0, 0.8), at(0, 0.3))
    assert there < 300
    assert back > 3 * there


def test_a_faster_road_is_worth_a_detour_and_a_sign_slows_it() -> None:
    bypass = road((0, 0), (-0.4, 1), (0, 2), kind="primary")
    limited = road((0, 0), (-0.4, 1), (0, 2), kind="primary", limit_kmh=20)
    plain, _, _ = drive(travel(town()), at(0, 0), at(0, 2))
    quick, longer, _ = drive(travel([*town(), bypass]), at(0, 0), at(0, 2))
    slow, _, _ = drive(travel([*town(), limited]), at(0, 0), at(0, 2))
    assert quick < plain
    assert longer > metres(at(0, 0), at(0, 2))
    assert slow == pytest.approx(plain, rel=1e-3)


def test_snow_makes_every_way_longer() -> None:
    dry, _, _ = drive(travel(town()), at(0, 0), at(2, 1))
    snow, _, _ = drive(travel(town(), factor=1.5), at(0, 0), at(2, 1))
    assert snow == pytest.approx(1.5 * dry)


def test_off_every_road_the_straight_line_answers_and_says_so() -> None:
    far = at(30, 30)
    seconds, length, by_road = drive(travel(town()), far, at(1, 1))
    crow = STRAIGHT.to(*at(1, 1), np.array([far[0]]), np.array([far[1]]))
    assert not by_road
    assert (seconds, length) == pytest.approx((crow.seconds[0], crow.distance_m[0]))
    nowhere = travel(town()).to(*far, np.array([LAT]), np.array([LON]))
    assert (nowhere.method, nowhere.by_road.tolist()) == ("straight_line", [False])


def test_from_the_road_to_the_house_is_walked() -> None:
    door, gate = at(0.2, 0.5), at(0, 0.5)
    seconds, length, _ = drive(travel(town()), at(0, 0), door)
    _, to_gate, _ = drive(travel(town()), at(0, 0), gate)
    assert length == pytest.approx(to_gate + metres(gate, door), abs=30)
    assert seconds > length / 10


def test_nobody_asked_means_nobody_answered() -> None:
    nobody = travel(town()).to(*at(1, 1), np.array([]), np.array([]))
    assert len(nobody.seconds) == 0


RING = [
    *((0, column) for column in range(4)),
    *((row, 4) for row in range(4)),
    *((4, column) for column in range(4, 0, -1)),
    *((row, 0) for row in range(4, -1, -1)),
]
PLACES = st.tuples(st.integers(0, 4), st.integers(0, 4))


@st.composite
def networks(draw: st.DrawFn) -> RoadNetwork:
    """A ring, so that something is connected, with streets and one-way streets thrown over it. None passes
    over a crossing that it does not meet: from there, a bridge and the street below it are one place."""
    ring = road(*RING)
    streets = st.tuples(PLACES, PLACES).filter(lambda ends: math.gcd(*_step(*ends)) == 1)
    kinds = st.sampled_from(["residential", "primary"])
    thrown = draw(st.lists(st.tuples(streets, kinds, st.booleans()), max_size=15))
    return build_network([ring, *(road(*ends, kind=kind, backward=back) for ends, kind, back in thrown)])


def _step(start: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
    return (end[0] - start[0], end[1] - start[1])


def by_hand(network: RoadNetwork, start: int) -> list[float]:
    """Seconds from ``start`` to every crossing, the way a textbook has it."""
    speed = FLAT.on(network, "day")
    ways: dict[int, list[tuple[int, float]]] = {}
    for edge in range(len(network.tail)):
        tail, head = int(network.tail[edge]), int(network.head[edge])
        seconds = float(network.length_m[edge] / speed[edge])
        if network.forward[edge]:
            ways.setdefault(tail, []).append((head, seconds))
        if network.backward[edge]:
            ways.setdefault(head, []).append((tail, seconds))
    best = [math.inf] * network.crossings
    line = [(0.0, start)]
    while line:
        spent, here = heapq.heappop(line)
        if spent < best[here]:
            best[here] = spent
            for there, more in ways.get(here, []):
                heapq.heappush(line, (spent + more, there))
    return best


@given(networks(), st.data())
def test_every_way_is_the_quickest(network: RoadNetwork, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, network.crossings - 1))
    goal = data.draw(st.integers(0, network.crossings - 1))
    places = {}
    for edge, share, lat, lon in zip(
        network.spot_edge, network.spot_share, network.spot_lat, network.spot_lon, strict=True
    ):
        if share in (0.0, 1.0):
            ends = network.tail if share == 0.0 else network.head
            places[int(ends[edge])] = (float(lat), float(lon))
    seconds, length, by_road = drive(RoadTravel(network, FLAT, "day", STRAIGHT), places[start], places[goal])
    assert by_road
    assert seconds == pytest.approx(by_hand(network, start)[goal], abs=0.5)
    assert length >= metres(places[start], places[goal]) * 0.99 - 2


def test_the_hour_decides_how_fast_it_goes() -> None:
    speeds = read_speeds(SHIPPED)

    def band(day: int, hour: int, minute: int = 0) -> str:
        local = datetime(2026, 11, day, hour, minute, tzinfo=ALMATY)
        return speeds.band_at(local.astimezone(UTC), ALMATY)

    thursday, saturday = 26, 28
    assert [band(thursday, hour) for hour in (3, 8, 12, 18, 23)] == ["night", "peak", "day", "peak", "night"]
    assert [band(saturday, hour) for hour in (3, 8, 18)] == ["night", "day", "day"]
    assert band(thursday, 9, 30) == "day"


def test_a_band_may_go_over_midnight() -> None:
    night = Band("night", time(23), time(6), weekdays_only=False)
    assert [night.holds(datetime(2026, 1, 1, hour, tzinfo=UTC)) for hour in (22, 23, 0, 5, 6)] == [
        False,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"usual": "never"}, "no table for never"),
        ({"other_roads": "canal"}, "no speed for canal"),
        ({"off_road_kmh": 0}, "off_road_kmh"),
        ({"kmh": {**SHIPPED["kmh"], "day": {"unclassified": -5}}}, "must be above 0"),
        ({"bands": [{"name": "peak", "from": "25:00", "to": "26:00"}]}, "ValueError"),
        ({"kmh": None}, "AttributeError"),
    ],
)
def test_broken_speeds_are_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidReference, match=said):
        read_speeds({**SHIPPED, **change})


def test_a_report_of_the_roads_ends_with_its_time() -> None:
    snow = Conditions(1.5, "снег", NOW, "d1", NOW)
    assert (snow.factor_at(NOW.replace(hour=0)), snow.factor_at(NOW)) == (1.5, 1.0)


@given(st.integers(0, 2**32 - 1))
def test_many_to_many_is_what_one_by_one_is(seed: int) -> None:
    dice = np.random.default_rng(seed)
    roads = [*town()[1:], road((0, 0), (0, 1), (0, 2), backward=False)]
    by = travel(roads, factor=1.5)
    lat, lon = LAT + STEP * dice.uniform(-1, 3, (2, 5)), LON + STEP * dice.uniform(-1, 3, (2, 5))
    found = by.many(lat[0], lon[0], lat[1], lon[1])
    one_by_one = [by.to(*place, lat[1], lon[1]).seconds for place in zip(lat[0], lon[0], strict=True)]
    assert found == pytest.approx(np.array(one_by_one).T, abs=1.0)  # whole seconds are kept
    assert by.many(lat[0], lon[0], lat[1], lon[1]).tolist() == found.tolist()


def test_many_to_many_without_anybody_or_any_place() -> None:
    nothing, somewhere = np.array([]), np.array([LAT])
    assert travel(town()).many(nothing, nothing, somewhere, np.array([LON])).shape == (1, 0)
    assert travel(town()).many(somewhere, np.array([LON]), nothing, nothing).shape == (0, 1)
