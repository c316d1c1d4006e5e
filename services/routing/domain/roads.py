"""The road network of a city: roads joined at crossings into one graph, made once by an import.

Distances are metres, shares run from 0 at the tail of an edge to 1 at its head, places are WGS84 degrees.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from services.routing.domain.travel import haversine_m
from services.routing.errors import NoRoads

Place = tuple[float, float]
Whole = NDArray[np.int32]
Real = NDArray[np.float32]
Flags = NDArray[np.bool_]

_DECIMALS = 6
"""Of a degree (0.1 m): two ends closer than that are one crossing."""
_SPOT_EVERY_M = 25.0


@dataclass(frozen=True)
class Road:
    """A piece of road as a map draws it. ``limit_kmh`` is 0 where no sign is known."""

    kind: str
    line: tuple[Place, ...]
    forward: bool = True
    backward: bool = True
    limit_kmh: int = 0


@dataclass(frozen=True)
class RoadNetwork:
    """Edges between crossings, and spots at least every 25 m along them, by which a place is found.

    Of every edge: ``tail`` and ``head`` (numbers of crossings), ``length_m``, ``kind`` (position in
    ``kinds``), ``limit_kmh``, ``forward``, ``backward``. Of every spot: ``spot_lat``, ``spot_lon``,
    ``spot_edge``, ``spot_share``.
    """

    kinds: tuple[str, ...]
    tail: Whole
    head: Whole
    length_m: Real
    kind: Whole
    limit_kmh: Whole
    forward: Flags
    backward: Flags
    spot_lat: Real
    spot_lon: Real
    spot_edge: Whole
    spot_share: Real

    @property
    def crossings(self) -> int:
        return int(max(self.tail.max(), self.head.max())) + 1

    @property
    def length_km(self) -> float:
        return float(self.length_m.sum()) / 1000


@dataclass(frozen=True)
class RoadMap:
    """What is known of the map in use."""

    version: int
    source: str
    crossings: int
    length_km: float
    imported_at: datetime


def build_network(roads: Iterable[Road]) -> RoadNetwork:
    """The network of these roads, without what cannot be reached from the rest or not be left again.

    Raises :class:`NoRoads` if nothing is left.
    """
    edges = _connected(_joined(roads))
    if not edges:
        raise NoRoads
    tail, head = _numbered(edges)
    kinds = tuple(sorted({edge.kind for edge in edges}))
    reaches = [_reach_m(edge.line) for edge in edges]
    spots = [
        (at, *spot)
        for at, (edge, reach) in enumerate(zip(edges, reaches, strict=True))
        for spot in _spots(edge.line, reach)
    ]
    of_edge, lat, lon, share = zip(*spots, strict=True)
    return RoadNetwork(
        kinds=kinds,
        tail=tail,
        head=head,
        length_m=np.array([reach[-1] for reach in reaches], np.float32),
        kind=np.array([kinds.index(edge.kind) for edge in edges], np.int32),
        limit_kmh=np.array([edge.limit_kmh for edge in edges], np.int32),
        forward=np.array([edge.forward for edge in edges], np.bool_),
        backward=np.array([edge.backward for edge in edges], np.bool_),
        spot_lat=np.array(lat, np.float32),
        spot_lon=np.array(lon, np.float32),
        spot_edge=np.array(of_edge, np.int32),
        spot_share=np.array(share, np.float32),
    )


def _joined(roads: Iterable[Road]) -> list[Road]:
    """The roads cut wherever another one meets them, so that every end is a crossing."""
    rounded = [line for road in roads if len((line := _rounded(road)).line) > 1]
    seen = Counter(place for road in rounded for place in road.line)
    ends = {end for road in rounded for end in (road.line[0], road.line[-1])}
    return [piece for road in rounded for piece in _cut(road, lambda at: at in ends or seen[at] > 1)]


def _rounded(road: Road) -> Road:
    line = [(round(lat, _DECIMALS), round(lon, _DECIMALS)) for lat, lon in road.line]
    moved = [here for before, here in zip([None, *line], line, strict=False) if here != before]
    return replace(road, line=tuple(moved))


def _cut(road: Road, is_crossing: Callable[[Place], bool]) -> Iterator[Road]:
    start = 0
    for at in range(1, len(road.line)):
        if is_crossing(road.line[at]):
            yield from _open(replace(road, line=road.line[start : at + 1]))
            start = at


def _open(road: Road) -> Iterator[Road]:
    """A ring comes back to its own start: in two halves it is no different from other roads."""
    if road.line[0] != road.line[-1]:
        yield road
        return
    half = len(road.line) // 2
    yield replace(road, line=road.line[: half + 1])
    yield replace(road, line=road.line[half:])


def _connected(edges: Sequence[Road]) -> list[Road]:
    """The edges of the largest part in which every crossing can be reached from every other one."""
    if not edges:
        return []
    tail, head = _numbered(edges)
    forward = np.array([edge.forward for edge in edges])
    backward = np.array([edge.backward for edge in edges])
    starts = np.concatenate([tail[forward], head[backward]])
    ends = np.concatenate([head[forward], tail[backward]])
    size = int(max(tail.max(), head.max())) + 1
    graph = csr_matrix((np.ones(len(starts)), (starts, ends)), shape=(size, size))
    _, part = connected_components(graph, directed=True, connection="strong")
    largest = np.bincount(part).argmax()
    kept = (part[tail] == largest) & (part[head] == largest)
    return [edge for edge, keep in zip(edges, kept.tolist(), strict=True) if keep]


def _numbered(edges: Sequence[Road]) -> tuple[Whole, Whole]:
    ends = [(edge.line[0], edge.line[-1]) for edge in edges]
    numbers = {
        place: number for number, place in enumerate(dict.fromkeys(end for pair in ends for end in pair))
    }
    pairs = np.array([(numbers[tail], numbers[head]) for tail, head in ends], np.int32)
    return pairs[:, 0], pairs[:, 1]


def _spots(line: Sequence[Place], reach: NDArray[np.float64]) -> Iterator[tuple[float, float, float]]:
    """Latitude, longitude and share of the way, every 25 m or closer, both ends included."""
    steps = max(1, int(np.ceil(reach[-1] / _SPOT_EVERY_M)))
    wanted = np.linspace(0.0, reach[-1], steps + 1)
    lat, lon = np.array(line).T
    yield from zip(
        np.interp(wanted, reach, lat).tolist(),
        np.interp(wanted, reach, lon).tolist(),
        np.linspace(0.0, 1.0, steps + 1).tolist(),
        strict=True,
    )


def _reach_m(line: Sequence[Place]) -> NDArray[np.float64]:
    """How far each point of the line is from its start, along it."""
    lat, lon = np.array(line).T
    steps = haversine_m(lat[1:], lon[1:], lat[:-1], lon[:-1])
    return np.concatenate([[0.0], np.cumsum(steps)])
