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
from scipy.spatial import cKDTree

from services.routing.domain.roads import Real, RoadNetwork
from services.routing.domain.travel import StraightLine, Travel
from services.routing.errors import InvalidReference

ROADS = "roads"
_Numbers = NDArray[np.float64]
_METRES_PER_DEGREE = 111_195.0
_KEPT = 32
"""Searches that are remembered: a third of a megabyte each in a city of a million."""
_LEAST = 1e-3  # a way of no length is no way to the search
_NOTHING = -9999  # scipy's word for "no crossing before this one"


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
        self._tree = cKDTree(self._flat(network.spot_lat, network.spot_lon))
        self._graph = self._reversed()
        self._searched: OrderedDict[tuple[int, float], tuple[Real, Real]] = OrderedDict()

    def to(self, lat: float, lon: float, from_lat: _Numbers, from_lon: _Numbers) -> Travel:
        """Seconds and metres by road from each origin to the place."""
        crow = self._straight.to(lat, lon, from_lat, from_lon)
        goal = self._spots(np.array([lat]), np.array([lon]))
        if goal.off_m[0] > self._reach_m or len(from_lat) == 0:
            return crow
        origins = self._spots(from_lat, from_lon)
        seconds, metres = self._drive(origins, int(goal.edge[0]), float(goal.share[0]))
        off_m = origins.off_m + goal.off_m[0]
        seconds, metres = seconds + off_m / self._off_road_ms, metres + off_m
        by_road = np.isfinite(seconds) & (origins.off_m <= self._reach_m)
        return Travel(
            np.where(by_road, metres, crow.distance_m),
            np.where(by_road, seconds * self._factor, crow.seconds),
            ROADS,
            by_road,
        )

    def _drive(self, origins: _Spots, edge: int, share: float) -> tuple[_Numbers, _Numbers]:
        """The quickest of: on through the head, back through the tail, or along the job's own edge."""
        network, of = self._network, origins.edge
        seconds, metres = self._from_crossings(edge, share)
        ahead, behind = 1.0 - origins.share, origins.share
        ways = [
            (network.head[of], network.forward[of] | (ahead == 0), ahead),
            (network.tail[of], network.backward[of] | (behind == 0), behind),
        ]
        best_s, best_m = self._along(origins, edge, share)
        for crossing, allowed, part in ways:
            way_s = np.where(allowed, seconds[crossing] + part * self._seconds[of], np.inf)
            quicker = way_s < best_s
            best_m = np.where(quicker, metres[crossing] + part * network.length_m[of], best_m)
            best_s = np.where(quicker, way_s, best_s)
        return best_s, best_m

    def _along(self, origins: _Spots, edge: int, share: float) -> tuple[_Numbers, _Numbers]:
        step = share - origins.share
        forward, backward = bool(self._network.forward[edge]), bool(self._network.backward[edge])
        allowed = (origins.edge == edge) & (((step >= 0) & forward) | ((step <= 0) & backward))
        part = np.where(allowed, np.abs(step), np.inf)
        return part * self._seconds[edge], part * float(self._network.length_m[edge])

    def _from_crossings(self, edge: int, share: float) -> tuple[Real, Real]:
        """Seconds and metres from every crossing to a place; jobs stand still, so answers are kept."""
        job = (edge, share)
        if job in self._searched:
            self._searched.move_to_end(job)
            return self._searched[job]
        entries = list(self._entries(edge, share))
        graph = _with_place(self._graph, [(crossing, seconds) for crossing, seconds, _ in entries])
        lengths = _with_place(self._lengths, [(crossing, metres) for crossing, _, metres in entries])
        seconds, before = dijkstra(graph, indices=graph.shape[0] - 1, return_predecessors=True)
        self._searched[job] = (seconds.astype(np.float32), _metres(lengths, before).astype(np.float32))
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
        order = np.lexsort((seconds, columns, rows))
        rows, columns, seconds, metres = rows[order], columns[order], seconds[order], metres[order]
        first = np.ones(len(rows), np.bool_)
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        place = (rows[first], columns[first])
        self._lengths = csr_matrix((metres[first].astype(np.float64), place), shape=(size, size))
        return csr_matrix((seconds[first].astype(np.float64), place), shape=(size, size))

    def _spots(self, lat: _Numbers, lon: _Numbers) -> _Spots:
        off_m, spot = self._tree.query(self._flat(np.asarray(lat), np.asarray(lon)))
        return _Spots(
            self._network.spot_edge[spot].astype(np.int64),
            self._network.spot_share[spot].astype(np.float64),
            off_m,
        )

    def _flat(self, lat: NDArray[Any], lon: NDArray[Any]) -> _Numbers:
        """Metres north and east: a degree is no measure of distance."""
        return np.column_stack(
            [lat.astype(np.float64) * _METRES_PER_DEGREE, lon.astype(np.float64) * self._east]
        )


def _with_place(graph: csr_matrix, entries: Sequence[tuple[int, float]]) -> csr_matrix:
    """The graph with one more place: against the traffic, these crossings are reached from it."""
    size = graph.shape[0]
    crossings = np.array([crossing for crossing, _ in entries], graph.indices.dtype)
    weights = np.maximum([weight for _, weight in entries], _LEAST)
    return csr_matrix(
        (
            np.concatenate([graph.data, weights]),
            np.concatenate([graph.indices, crossings]),
            np.append(graph.indptr, graph.indptr[-1] + len(entries)),
        ),
        shape=(size + 1, size + 1),
    )


def _metres(lengths: csr_matrix, before: NDArray[np.int32]) -> _Numbers:
    """Metres along the tree of quickest ways: every round doubles how far each crossing looks ahead."""
    at = np.arange(len(before))
    towards = np.where(before == _NOTHING, at, before)
    moving = towards != at
    metres = np.zeros(len(before))
    metres[moving] = np.asarray(lengths[towards[moving], at[moving]], np.float64).ravel()
    while (towards != towards[towards]).any():
        metres = metres + metres[towards]
        towards = towards[towards]
    return metres
