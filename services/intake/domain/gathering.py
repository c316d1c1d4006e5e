"""Gathers the pieces of a map into streets: one street is many ways, by many hands, in two languages."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA
from shapely import STRtree
from shapely.geometry import LineString, MultiPoint
from shapely.geometry.base import BaseGeometry

from services.intake.domain import geometry
from services.intake.domain.names import Core, NameParser, digits
from services.intake.domain.registry import Name, NameRole, Point, StreetKind

_ONE_STREET_M = 700.0
"""Pieces of one name closer than this are one street; villages around a city repeat its names."""
_GAP_SHARE = 0.3
_TOUCHING_M = 80.0
_ALONGSIDE_M = 30.0
_MOSTLY = 0.6
_ALIKE = 0.8
_SHORTEST_ALIKE = 5
_SAMPLE_M = 60.0


@dataclass(frozen=True)
class Way:
    """A named piece of road, or a named place as a line of one point."""

    names: tuple[Name, ...]
    line: tuple[Point, ...]
    is_place: bool = False


@dataclass
class Gathered:
    """A street on its way to the registry."""

    core: Core
    ways: list[Way] = field(default_factory=list)
    extra_names: list[Name] = field(default_factory=list)

    @property
    def kind(self) -> StreetKind:
        is_area = self.core.type == "area" or any(way.is_place for way in self.ways)
        return StreetKind.AREA if is_area else StreetKind.STREET

    @property
    def length_m(self) -> float:
        return sum(geometry.length(way.line) for way in self.ways)

    @property
    def points(self) -> list[Point]:
        return [point for way in self.ways for point in geometry.sampled(way.line, _SAMPLE_M)]

    @property
    def names(self) -> list[Name]:
        """Names, the one that most of its length bears first; then what signs and people call it."""
        weight: Counter[Name] = Counter()
        for way in self.ways:
            for name in way.names:
                weight[name] += 1 + int(geometry.length(way.line))
        official = [name for name, _ in weight.most_common() if name.role is NameRole.OFFICIAL]
        others = [name for name, _ in weight.most_common() if name.role is not NameRole.OFFICIAL]
        by_text = {name.text: name for name in reversed([*official, *others, *self.extra_names])}
        return list(reversed(by_text.values()))

    def absorb(self, other: "Gathered") -> None:
        self.ways += other.ways
        self.extra_names += other.extra_names


class Plane:
    """Turns degrees into metres around one city, so that shapely can measure."""

    def __init__(self, centre: Point) -> None:
        self._centre = centre
        self._east = geometry.METRES_PER_DEGREE * math.cos(math.radians(centre[0]))

    def shape(self, points: Sequence[Point]) -> BaseGeometry:
        flat = [self.flat(point) for point in points]
        return LineString(flat) if len(flat) > 1 else MultiPoint(flat)

    def flat(self, point: Point) -> tuple[float, float]:
        lat, lon = point[0] - self._centre[0], point[1] - self._centre[1]
        return (lon * self._east, lat * geometry.METRES_PER_DEGREE)


def gather(ways: Iterable[Way], parse: NameParser, plane: Plane) -> list[Gathered]:
    """Streets from ways: same name and near each other, then one street under two spellings."""
    by_name: defaultdict[tuple[str, str, bool], list[tuple[Core, Way]]] = defaultdict(list)
    for way in ways:
        core = parse(way.names[0].text)
        if core.key:
            by_name[core.key, core.locality, core.type == "area"].append((core, way))
    streets = [
        street for same in by_name.values() for street in _bridged(list(_by_place(same, plane)), plane)
    ]
    return _joined_spellings(streets, parse, plane)


def fold_in(streets: list[Gathered], older: Iterable[Gathered], plane: Plane) -> int:
    """Adds an older map: its names become old names where it draws the same street. Returns how many did."""
    shapes = [(street, plane.shape(way.line)) for street in streets for way in street.ways]
    tree = STRtree([shape for _, shape in shapes])
    owners = [street for street, _ in shapes]
    renamed = 0
    for street in list(older):
        same = _same_street(street, tree, owners, plane)
        if same is None:
            streets.append(street)
            continue
        changed = OSA.normalized_similarity(same.core.key, street.core.key) < _ALIKE
        renamed += changed
        same.extra_names += [_as_old(name, changed) for name in street.names]
    return renamed


def _as_old(name: Name, renamed: bool) -> Name:
    if not renamed:
        return Name(name.text, NameRole.ALT) if name.role is NameRole.OFFICIAL else name
    return Name(name.text, NameRole.OLD)


def _same_street(
    street: Gathered, tree: STRtree, owners: Sequence[Gathered], plane: Plane
) -> Gathered | None:
    """The newer street that runs along most of this one, or bears its name and touches it."""
    points = street.points
    beside: Counter[int] = Counter()
    for point in points:
        near = tree.query(MultiPoint([plane.flat(point)]), predicate="dwithin", distance=_ALONGSIDE_M)
        beside.update({id(owners[int(at)]) for at in near})
    by_id = {id(owner): owner for owner in owners}
    named_so = [by_id[found] for found in beside if by_id[found].core.key == street.core.key]
    if named_so:
        return max(named_so, key=lambda found: beside[id(found)])
    best, count = next(iter(beside.most_common(1)), (0, 0))
    return by_id[best] if count >= _MOSTLY * len(points) and by_id[best].kind is street.kind else None


def _by_place(same: Sequence[tuple[Core, Way]], plane: Plane) -> Iterator[Gathered]:
    shapes = [plane.shape(way.line) for _, way in same]
    reach = math.inf if same[0][0].type == "area" else _ONE_STREET_M
    for members in clusters(shapes, reach, lambda _one, _other: True):
        types = Counter(same[at][0].type for at in members if same[at][0].type is not None)
        first = same[members[0]][0]
        type_ = next((type_ for type_, _ in types.most_common(1)), None)
        core = replace(first, type=type_)
        yield Gathered(core, [same[at][1] for at in members])


def _bridged(pieces: list[Gathered], plane: Plane) -> list[Gathered]:
    """An avenue may break off and go on after a park or a railway: the longer, the wider the gap may be."""
    pieces.sort(key=lambda piece: -piece.length_m)
    whole: list[Gathered] = []
    for piece in pieces:
        shape = MultiPoint([plane.flat(point) for point in piece.points])
        reach = _GAP_SHARE * piece.length_m
        near = (w for w in whole if shape.dwithin(MultiPoint([plane.flat(p) for p in w.points]), reach))
        home = next(near, None)
        if home is None:
            whole.append(piece)
        else:
            home.absorb(piece)
    return whole


def _joined_spellings(streets: list[Gathered], parse: NameParser, plane: Plane) -> list[Gathered]:
    """A street goes on under its Kazakh name where the Russian one ends: alike names that touch are one."""
    shapes = [MultiPoint([plane.flat(point) for point in street.points]) for street in streets]
    proper = [parse.proper(street.core.words) for street in streets]
    alike = _alike_names(proper)

    def is_one(one: int, other: int) -> bool:
        return streets[one].kind is streets[other].kind and proper[other] in alike[proper[one]]

    joined = []
    for members in clusters(shapes, _TOUCHING_M, is_one):
        longest = max(members, key=lambda at: streets[at].length_m)
        for at in members:
            if at != longest:
                streets[longest].absorb(streets[at])
        joined.append(streets[longest])
    return joined


def _alike_names(names: Iterable[str]) -> dict[str, frozenset[str]]:
    keys = sorted(set(names))
    similar = OSA.normalized_similarity
    return {
        key: frozenset(
            name
            for name, _, _ in process.extract(key, keys, scorer=similar, score_cutoff=_ALIKE, limit=20)
            if name == key or (len(key) >= _SHORTEST_ALIKE and digits(name) == digits(key))
        )
        for key in keys
    }


def clusters(
    shapes: Sequence[BaseGeometry], within_m: float, belong: Callable[[int, int], bool]
) -> Iterator[list[int]]:
    """Positions of shapes that hang together: each within reach of another that it belongs with."""
    if math.isinf(within_m) or not shapes:
        yield from [list(range(len(shapes)))] if shapes else []
        return
    parent = list(range(len(shapes)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    pairs = STRtree(shapes).query(shapes, predicate="dwithin", distance=within_m).T
    for one, other in pairs.tolist():
        if one < other and root(one) != root(other) and belong(one, other):
            parent[root(other)] = root(one)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for at in range(len(shapes)):
        members[root(at)].append(at)
    yield from members.values()
