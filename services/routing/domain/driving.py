"""How long a crew drives: the road network with speeds by kind of road and hour, snow and jams on top.

One search from the job, against the direction of travel, tells how far every crew is at once.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from services.routing.domain.roads import Real, RoadNetwork, Whole
from services.routing.domain.spots import Nearest
from services.routing.domain.travel import StraightLine, Travel
from services.routing.errors import InvalidReference

ROADS = "roads"
_Numbers = NDArray[np.float64]
_METRES_PER_DEGREE = 111_195.0
_KEPT = 32
"""Searches that are remembered: a third of a megabyte each in a city of a million."""
_PLANNED = 300
"""Places whose seconds are kept for the planner: 70 kB each in such a city."""
_AT_ONCE = 1
"""Searches in one go: each holds the interpreter, and everybody else waits for its end."""
_FAR_S = 65_535  # what two bytes hold, eighteen hours: no way in a city
_LEAST = 1e-3  # a way of no length is no way to the search
_MILLISECOND = 2.0**24
"""A millisecond where a search adds up time and length in one number: decimetres stand below it, up to 1,677
km, and with eighteen hours above it the sum stays whole in a double."""


@dataclass(frozen=True)
class Band:
    """Part of the day with speeds of its own; ``weekdays_only`` for the hours when people drive to work."""

    name: str
    starts: time
    ends: time
    weekdays_only: bool

    def holds(self, local: datetime) -> bool:
        """Whether this local moment lies in the band; one that ends before it starts goes over midnight."""
        if self.weekdays_only and local.isoweekday() > 5:
            return False
        at = local.time()
        if self.starts <= self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


@dataclass(frozen=True)
class Speeds:
    """Driving speeds, km/h, by kind of road and band; working settings of a service, not law."""

    bands: Sequence[Band]
    kmh: Mapping[str, Mapping[str, float]]
    usual: str
    other_roads: str
    off_road_kmh: float

    def band_at(self, now: datetime, local_time: tzinfo) -> str:
        """The name of the band that holds now."""
        local = now.astimezone(local_time)
        return next((band.name for band in self.bands if band.holds(local)), self.usual)

    def on(self, network: RoadNetwork, band: str) -> _Numbers:
        """Metres a second on every edge; no sign makes a road faster than its kind is."""
        table = self.kmh[band]
        usual = np.array([table.get(kind, table[self.other_roads]) for kind in network.kinds], np.float64)
        limit = np.where(network.limit_kmh > 0, network.limit_kmh, np.inf)
        kmh: _Numbers = np.minimum(usual[network.kind], limit)
        return kmh / 3.6


def read_speeds(rows: Any) -> Speeds:
    """Speeds from ``data/speeds.yml``; raises :class:`InvalidReference` that names what is wrong."""
    try:
        bands = [
            Band(
                name,
                time.fromisoformat(row["from"]),
                time.fromisoformat(row["to"]),
                bool(row.get("weekdays_only", False)),
            )
            for row in rows["bands"]
            for name in [str(row["name"])]
        ]
        kmh = {
            str(band): {str(kind): float(speed) for kind, speed in table.items()}
            for band, table in rows["kmh"].items()
        }
        speeds = Speeds(bands, kmh, rows["usual"], rows["other_roads"], float(rows["off_road_kmh"]))
    except (KeyError, TypeError, ValueError, AttributeError) as broken:
        raise InvalidReference(f"speeds: {type(broken).__name__} {broken}") from broken
    _check(speeds)
    return speeds


def _check(speeds: Speeds) -> None:
    named = {speeds.usual, *(band.name for band in speeds.bands)}
    if missing := named - set(speeds.kmh):
        raise InvalidReference(f"speeds: no table for {', '.join(sorted(missing))}")
    for band, table in speeds.kmh.items():
        if speeds.other_roads not in table:
            raise InvalidReference(f"speeds: {band} has no speed for {speeds.other_roads}")
        if slow := [kind for kind, speed in table.items() if not speed > 0]:
            raise InvalidReference(f"speeds: {band}: {', '.join(slow)} must be above 0")
    if not speeds.off_road_kmh > 0:
        raise InvalidReference("speeds: off_road_kmh must be above 0")


@dataclass(frozen=True)
class _Spots:
    """Where places lie on the network: the edge, how far along it, and the metres from the place to it."""

    edge: NDArray[np.int64]
    share: _Numbers
    off_m: _Numbers


class RoadTravel:
    """Travel by road (a :class:`~services.routing.domain.travel.TravelTime`).

    ``factor`` slows everything down (1.0: a dry road, 1.5: snow), as a dispatcher has set it. A place further
    than ``reach_m`` from every road, or without a way, is answered by ``straight``, and marked as such.
    """

    def __init__(
        self,
        network: RoadNetwork,
        speeds: Speeds,
        band: str,
        straight: StraightLine,
        factor: float = 1.0,
        reach_m: float = 500.0,
    ) -> None:
        self._network = network
        self._straight = straight
        self._factor = factor
        self._reach_m = reach_m
        self._off_road_ms = speeds.off_road_kmh / 3.6
        self._seconds = network.length_m / speeds.on(network, band)
        self._east = _METRES_PER_DEGREE * float(np.cos(np.radians(network.spot_lat.mean())))
        self._nearest = Nearest(*self._flat(network.spot_lat, network.spot_lon))
        self._graph = self._reversed()
        self._searched: OrderedDict[tuple[int, float], tuple[Real, Real]] = OrderedDict()
        self._planned: OrderedDict[tuple[int, float], NDArray[np.uint16]] = OrderedDict()

    def to(self, lat: float, lon: float, from_lat: _Numbers, from_lon: _Numbers) -> Travel:
        """Seconds and metres by road from each origin to the place."""
        crow = self._straight.to(lat, lon, from_lat, from_lon)
        goal = self._spots(np.array([lat]), np.array([lon]))
        if goal.off_m[0] > self._reach_m or len(from_lat) == 0:
            return crow
        origins = self._spots(from_lat, from_lon)
        seconds, metres = self._drive(origins, goal)
        off_m = origins.off_m + goal.off_m[0]
        seconds, metres = seconds + off_m / self._off_road_ms, metres + off_m
        by_road = np.isfinite(seconds) & (origins.off_m <= self._reach_m)
        return Travel(
            np.where(by_road, metres, crow.distance_m),
            np.where(by_road, seconds * self._factor, crow.seconds),
            ROADS,
            by_road,
        )

    def many(self, to_lat: _Numbers, to_lon: _Numbers, from_lat: _Numbers, from_lon: _Numbers) -> _Numbers:
        """Seconds from each origin to each place: origins × places. A place asked before costs no search."""
        crow = self._straight.many(to_lat, to_lon, from_lat, from_lon)
        if crow.size == 0:
            return crow
        goals, origins = self._spots(to_lat, to_lon), self._spots(from_lat, from_lon)
        ways = self._ways(origins, goals, self._seconds_to(goals)).min(axis=0).T
        off_m = origins.off_m[:, None] + goals.off_m
        near = (origins.off_m[:, None] <= self._reach_m) & (goals.off_m <= self._reach_m)
        by_road = near & np.isfinite(ways)
        return np.where(by_road, (ways + off_m / self._off_road_ms) * self._factor, crow)

    def _drive(self, origins: _Spots, goal: _Spots) -> tuple[_Numbers, _Numbers]:
        """Seconds and metres of the quickest way from each origin to one place."""
        seconds, metres = self._from_crossings(int(goal.edge[0]), float(goal.share[0]))
        network, of = self._network, origins.edge
        ways = self._ways(origins, goal, seconds[None, :])[:, 0]
        on_the_edge = np.array([np.abs(goal.share - origins.share), 1.0 - origins.share, origins.share])
        lengths = on_the_edge * network.length_m[of]
        lengths[1:] += metres[network.head[of]], metres[network.tail[of]]
        best, each = ways.argmin(axis=0), np.arange(len(of))
        return ways[best, each], lengths[best, each]

    def _ways(self, origins: _Spots, goals: _Spots, seconds: NDArray[Any]) -> _Numbers:
        """Seconds along the goal's own edge, on through the head, and back through the tail: 3 × goals ×
        origins. ``seconds`` are those from every crossing to each goal."""
        network, of, step = self._network, origins.edge, goals.share[:, None] - origins.share
        forward, backward, own_s = network.forward[of], network.backward[of], self._seconds[of]
        along = (goals.edge[:, None] == of) & (((step >= 0) & forward) | ((step <= 0) & backward))
        ahead, behind = 1.0 - origins.share, origins.share
        ahead_s = np.where(forward | (ahead == 0), ahead * own_s, np.inf)
        behind_s = np.where(backward | (behind == 0), behind * own_s, np.inf)
        through_head = seconds[:, network.head[of]] + ahead_s
        through_tail = seconds[:, network.tail[of]] + behind_s
        return np.stack([np.where(along, np.abs(step) * own_s, np.inf), through_head, through_tail])

    def _seconds_to(self, goals: _Spots) -> NDArray[np.uint16]:
        """Whole seconds from every crossing to each place: places × crossings."""
        places = list(zip(goals.edge.tolist(), goals.share.tolist(), strict=True))
        new = list(dict.fromkeys(place for place in places if place not in self._planned))
        for first in range(0, len(new), _AT_ONCE):
            self._search(new[first : first + _AT_ONCE])
        found = np.stack([self._planned[place] for place in places])
        for place in places:
            self._planned.move_to_end(place)
        while len(self._planned) > _PLANNED:
            self._planned.popitem(last=False)
        return found

    def _search(self, places: Sequence[tuple[int, float]]) -> None:
        entries = [[(crossing, seconds) for crossing, seconds, _ in self._entries(*at)] for at in places]
        graph, crossings = _with_places(self._graph, entries), self._network.crossings
        searched = dijkstra(graph, indices=np.arange(crossings, graph.shape[0]))[:, :crossings]
        whole = np.minimum(np.rint(searched), _FAR_S).astype(np.uint16)
        self._planned.update(zip(places, whole, strict=True))

    def _from_crossings(self, edge: int, share: float) -> tuple[Real, Real]:
        """Seconds and metres from every crossing to a place; jobs stand still, so answers are kept."""
        job = (edge, share)
        if job in self._searched:
            self._searched.move_to_end(job)
            return self._searched[job]
        entries = [(crossing, float(_both(*way))) for crossing, *way in self._entries(edge, share)]
        graph = _with_places(self._quickest, [entries])
        self._searched[job] = _apart(dijkstra(graph, indices=graph.shape[0] - 1))
        if len(self._searched) > _KEPT:
            self._searched.popitem(last=False)
        return self._searched[job]

    def _entries(self, edge: int, share: float) -> Iterator[tuple[int, float, float]]:
        """The crossings from which the edge leads to the place, with seconds and metres of that last bit."""
        network = self._network
        seconds, metres = float(self._seconds[edge]), float(network.length_m[edge])
        if network.forward[edge] or share == 0:
            yield int(network.tail[edge]), share * seconds, share * metres
        if network.backward[edge] or share == 1:
            yield int(network.head[edge]), (1.0 - share) * seconds, (1.0 - share) * metres

    def _reversed(self) -> csr_matrix:
        """The graph against the direction of travel; of several roads between two crossings the quickest."""
        network, size = self._network, self._network.crossings
        forward, backward = network.forward, network.backward
        rows = np.concatenate([network.head[forward], network.tail[backward]])
        columns = np.concatenate([network.tail[forward], network.head[backward]])
        seconds = np.concatenate([self._seconds[forward], self._seconds[backward]])
        metres = np.concatenate([network.length_m[forward], network.length_m[backward]])
        order = self._in_order(rows, columns, seconds)
        rows, columns, seconds, metres = rows[order], columns[order], seconds[order], metres[order]
        first = np.ones(len(rows), np.bool_)
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        place = (rows[first], columns[first])
        self._quickest = csr_matrix((_both(seconds[first], metres[first]), place), shape=(size, size))
        return csr_matrix((seconds[first].astype(np.float64), place), shape=(size, size))

    def _in_order(self, rows: Whole, columns: Whole, seconds: _Numbers) -> NDArray[np.intp]:
        """By crossings, then time; without the ends of blind alleys, a quarter of a city's crossings: nobody
        drives through one, and who lives there leaves through the other end."""
        network = self._network
        ends = np.concatenate([network.tail, network.head])
        blind = np.bincount(ends, minlength=network.crossings) == 1
        order = np.lexsort((seconds, columns, rows))
        kept: NDArray[np.intp] = order[~(blind[rows[order]] | blind[columns[order]])]
        return kept

    def _spots(self, lat: _Numbers, lon: _Numbers) -> _Spots:
        """The spots nearest to these places; of one beyond ``reach_m`` the distance is infinite."""
        flat = self._flat(np.asarray(lat), np.asarray(lon))
        off_m, spot = self._nearest.query(*flat, self._reach_m)
        return _Spots(
            self._network.spot_edge[spot].astype(np.int64),
            self._network.spot_share[spot].astype(np.float64),
            off_m,
        )

    def _flat(self, lat: NDArray[Any], lon: NDArray[Any]) -> tuple[_Numbers, _Numbers]:
        """Metres north and east: a degree is no measure of distance."""
        return lat.astype(np.float64) * _METRES_PER_DEGREE, lon.astype(np.float64) * self._east


def _with_places(graph: csr_matrix, entries: Sequence[Sequence[tuple[int, float]]]) -> csr_matrix:
    """The graph with more places: against the traffic, these crossings are reached from each of them."""
    size, more = graph.shape[0], [entry for of_place in entries for entry in of_place]
    crossings = np.array([crossing for crossing, _ in more], graph.indices.dtype)
    weights = np.maximum([weight for _, weight in more], _LEAST)
    ends = graph.indptr[-1] + np.cumsum([len(of_place) for of_place in entries])
    return csr_matrix(
        (
            np.concatenate([graph.data, weights]),
            np.concatenate([graph.indices, crossings]),
            np.concatenate([graph.indptr, ends]),
        ),
        shape=(size + len(entries), size + len(entries)),
    )


def _both(seconds: Any, metres: Any) -> _Numbers:
    """Time and length in one number that is ordered by time: the quickest way tells its length as well."""
    packed: _Numbers = np.rint(np.multiply(seconds, 1000.0)) * _MILLISECOND + np.rint(
        np.multiply(metres, 10.0)
    )
    return packed


def _apart(found: _Numbers) -> tuple[Real, Real]:
    """Seconds and metres of packed ways; where there is no way the seconds are infinite."""
    reached = np.isfinite(found)
    found = np.where(reached, found, 0.0)
    whole = np.floor(found / _MILLISECOND)
    seconds = np.where(reached, whole / 1000.0, np.inf)
    return seconds.astype(np.float32), ((found - whole * _MILLISECOND) / 10.0).astype(np.float32)
