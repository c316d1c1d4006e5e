"""One suite for the road map in memory and the one in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np

from services.routing.domain.conditions import Conditions
from services.routing.domain.roads import RoadMap, RoadNetwork, build_network
from services.routing.usecases import ports
from services.routing.usecases.roads import (
    import_roads,
    read_factor,
    read_network,
    report_conditions,
    show_roads,
)
from tests.support.fakes import NOON
from tests.unit.routing.test_roads import town

Open = Callable[[], ports.Work]
NETWORK = build_network(town())


def same(one: RoadNetwork, other: RoadNetwork) -> bool:
    names = [name for name in RoadNetwork.__dataclass_fields__ if name != "kinds"]
    arrays = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)
    return one.kinds == other.kinds and arrays


def test_without_an_import_there_is_no_map(transactions: Open) -> None:
    assert show_roads(transactions()) == (None, None)
    assert read_network(transactions(), 0) is None
    assert read_factor(transactions()) == 1.0


def test_a_network_comes_back_as_it_was_and_is_read_once(transactions: Open) -> None:
    import_roads(transactions(), NETWORK, "almaty.osm.pbf")
    found = read_network(transactions(), 0)
    assert found is not None
    version, network = found
    assert network is not None
    assert same(network, NETWORK)
    assert read_network(transactions(), version) is None
    shown, _ = show_roads(transactions())
    assert shown == RoadMap(1, "almaty.osm.pbf", 9, round(NETWORK.length_km, 1), NOON)


def test_the_next_import_takes_its_place(transactions: Open) -> None:
    smaller = build_network(town()[:5])
    import_roads(transactions(), NETWORK, "first")
    import_roads(transactions(), smaller, "second")
    with transactions() as work:
        found, network = work.roads.map(), work.roads.network()
    assert found is not None
    assert (found.version, found.source, found.crossings) == (2, "second", smaller.crossings)
    assert network is not None
    assert same(network, smaller)


def test_the_last_word_on_the_roads_counts_while_it_holds(transactions: Open) -> None:
    report_conditions(transactions(), 1.2, "дождь", None, "d1")
    _, told = report_conditions(transactions(), 1.5, "снег", NOON + timedelta(hours=2), "d2")
    assert told == Conditions(1.5, "снег", NOON + timedelta(hours=2), "d2", NOON)
    assert show_roads(transactions()) == (None, told)
    assert read_factor(transactions()) == 1.5
    with transactions() as work:
        work.roads.report(replace(told, until=NOON))
        work.commit()
    assert read_factor(transactions()) == 1.0
