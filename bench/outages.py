"""How well requests of one incident are put together, beside simpler ways in the same run.

``python -m bench.outages [--data DIR] [--requests FILE.jsonl] [--storm 5000] [--seed 1]
[--half test|tune|all] [--misses N] [--json FILE]``

``--data`` has ``spb_citizen_requests/dev.jsonl.gz``. ``--requests`` is another city's: each line
``{"id", "at" (ISO 8601), "text", "building", "lat", "lon", "incident" (any name, null: on its own)}``.

Counted are pairs of requests of one building and one day: right if both are of one incident. Precision:
how many of the pairs that were put together are right; recall: how many of the right pairs were put together.

What the truth is worth. The storm is invented, so its truth is exact and its language is ours: its phrases
were before our eyes while the words were chosen. The city's requests have no incidents at all: taken for one
are the requests of one building, one reason and one day, as moderators filed them. Most such groups are one
resident walking through the house and filing each broken handle, scrawl and air conditioner as a request of
its own: different faults under one wide reason, which a good grouping must keep apart. So recall against all
reasons says little. The rows ``ads`` keep the reasons an emergency service works on (water, sewer, heat,
lift, light, roof); among them, too, two dead lamps on two floors are one reason. Precision is the telling
figure: of what was put together, how much is one reason in one building.

Baselines: the same building; the same building and first word; the same building and most of the words. All
of one day, as the truth.
"""

import argparse
import gzip
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations, count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from rapidfuzz import fuzz
from rich.console import Console
from rich.table import Table

from services.intake.domain.addresses import Address
from services.intake.domain.hearing import Listener
from services.intake.domain.houses import Precision
from services.intake.domain.registry import Point, Registry
from services.intake.domain.requests import Channel, Details, Request
from services.intake.domain.resolver import Resolver
from services.intake.domain.riders import Rider
from services.intake.schemas.lexicon import load_lexicon
from services.intake.usecases import incidents
from shared.clock import FixedClock
from tests.support import storm as storms
from tests.unit.intake.fakes import FakeOutages, FakeRiders, FakeUnitOfWork

ADS = (
    "Неисправный лифт",
    "Неисправное освещение",
    "Протечка",
    "протечка",
    "Плохое качество горячей воды",
    "напор",
    "Засор канализации",
    "отоплени",
    "Повреждение кровли",
    "температур",
    "водоснабж",
)
_STREET = re.compile(r"\W+")
_LIKE = 80.0
"""Per cent of like words at which the third baseline takes two texts for one."""


@dataclass(frozen=True)
class Case:
    """One request with what it is about, if that is known."""

    id: str
    at: datetime
    text: str
    building: str
    point: Point
    incident: str | None

    @property
    def place_and_day(self) -> tuple[str, str]:
        return self.building, self.at.date().isoformat()


@dataclass(frozen=True)
class Measured:
    """One way of grouping on one set. Shares of 1."""

    data: str
    way: str
    requests: int
    true_pairs: int
    found_pairs: int
    precision: float
    recall: float


Grouping = Callable[[Sequence[Case]], Mapping[str, Hashable]]
"""The group of each request by its id; those left out are on their own."""


class IndexedRiders(FakeRiders):
    """The store in memory, quick enough for a year of a city: looks at one house, one neighbourhood."""

    def __init__(self, outages: FakeOutages) -> None:
        super().__init__(outages)
        self._of_house: dict[str, list[UUID]] = defaultdict(list)
        self._of_cell: dict[tuple[int, int], list[UUID]] = defaultdict(list)

    def add(self, rider: Rider) -> None:
        super().add(rider)
        self._of_house[rider.house].append(rider.request_id)
        self._of_cell[_cell(rider.point)].append(rider.request_id)

    def at_house(self, house: str, symptoms: Collection[str], since: datetime) -> Sequence[Rider]:
        return self._among(self._of_house[house], symptoms, since)

    def near(
        self,
        point: Point,
        metres: float,  # noqa: ARG002 - a cell and those around it are wide enough for all
        symptoms: Collection[str],
        since: datetime,
    ) -> Sequence[Rider]:
        row, column = _cell(point)
        cells = [(row + up, column + across) for up in (-1, 0, 1) for across in (-1, 0, 1)]
        ids = [id_ for cell in cells for id_ in self._of_cell.get(cell, ())]
        return self._among(ids, symptoms, since)

    def _among(self, ids: Iterable[UUID], symptoms: Collection[str], since: datetime) -> list[Rider]:
        found = [self.rows[id_] for id_ in ids]
        open_ = [r for r in found if r.ended_at is None and r.symptom in symptoms and r.at >= since]
        return sorted(open_, key=lambda rider: (rider.at, rider.number))


def _cell(point: Point) -> tuple[int, int]:
    """Squares of about 300 m or more: what is near is in the same or the next one."""
    return int(point[0] / 0.003), int(point[1] / 0.006)


class Registrar:
    """Takes requests in as the service does when it registers them, without a database."""

    def __init__(self) -> None:
        lexicon = load_lexicon()
        self._listener = Listener(Resolver(Registry(), lexicon), lexicon)
        self._clock = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
        self._numbers = count(1)

    def __call__(self, cases: Sequence[Case]) -> Mapping[str, Hashable]:
        uow = FakeUnitOfWork(self._clock)
        uow.riders = IndexedRiders(uow.outages)
        ids = {case.id: uuid4() for case in cases}
        for case in sorted(cases, key=lambda case: case.at):
            uow.now = case.at
            request = self._request(ids[case.id], case)
            trouble = self._listener.troubles(request.problem)
            incidents.take_in(uow, self._listener.troubles.book, request, trouble)
        riders = uow.riders.rows
        self.dangers_joined = sum(rider.is_member and bool(rider.hazards) for rider in riders.values())
        self.outages = len(uow.outages.rows)
        return {id_: found for id_, key in ids.items() if (found := riders[key].outage_id) is not None}

    def _request(self, id_: UUID, case: Case) -> Request:
        heard = self._listener.hear(case.text, "ru")
        address = Address(
            case.building, case.building, case.building, "1", None, None, None, None, *case.point,
            precision=Precision.BUILDING,
        )  # fmt: skip
        return Request(
            id=id_,
            channel=Channel.WEB,
            language="ru",
            received_at=case.at,
            updated_at=case.at,
            contact_ref=id_,
            problem=case.text or "?",
            address=address,
            details=Details(heard.details.entrance, heard.details.floor, heard.details.flat),
            number=next(self._numbers),
        )


def by_building(cases: Sequence[Case]) -> Mapping[str, Hashable]:
    return {case.id: case.place_and_day for case in cases}


def by_building_and_word(cases: Sequence[Case]) -> Mapping[str, Hashable]:
    return {case.id: (*case.place_and_day, _first_word(case.text)) for case in cases}


def by_building_and_likeness(cases: Sequence[Case]) -> Mapping[str, Hashable]:
    """Each joins the first earlier text of its building and day that it is like."""
    leads: dict[tuple[str, str], list[Case]] = defaultdict(list)
    groups: dict[str, Hashable] = {}
    for case in sorted(cases, key=lambda case: case.at):
        earlier = leads[case.place_and_day]
        like = next((e for e in earlier if fuzz.token_set_ratio(e.text, case.text) >= _LIKE), None)
        groups[case.id] = like.id if like else case.id
        if like is None:
            earlier.append(case)
    return groups


def _first_word(text: str) -> str:
    return next((word for word in _STREET.split(text.lower()) if word), "")


def measure(data: str, way: str, cases: Sequence[Case], grouping: Grouping) -> Measured:
    groups = grouping(cases)
    true = set(_pairs(cases, lambda case: case.incident))
    found = set(_pairs(cases, lambda case: groups.get(case.id)))
    right = len(true & found)
    return Measured(
        data, way, len(cases), len(true), len(found), _share(right, len(found)), _share(right, len(true))
    )


def _pairs(cases: Iterable[Case], group: Callable[[Case], Hashable | None]) -> Iterator[tuple[str, str]]:
    grouped: dict[Hashable, list[str]] = defaultdict(list)
    for case in cases:
        if (name := group(case)) is not None:
            grouped[name, case.place_and_day].append(case.id)
    for members in grouped.values():
        yield from combinations(sorted(members), 2)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def read_spb(folder: Path) -> list[tuple[Case, str]]:
    """The city's requests with a building, each with its reason."""
    path = folder / "spb_citizen_requests" / "dev.jsonl.gz"
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["building_id"] is None or row["lat"] is None:
                continue
            at = datetime.fromisoformat(row["created"]).replace(tzinfo=UTC)
            incident = f"{row['building_id']}/{row['reason_id']}/{at.date()}"
            point = (float(row["lat"]), float(row["lon"]))
            case = Case(str(row["id"]), at, row["text"] or "", str(row["building_id"]), point, incident)
            found.append((case, row["reason"]))
    return found


def read_requests(path: Path) -> list[Case]:
    """Another city's requests with their incidents."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        Case(
            row["id"],
            datetime.fromisoformat(row["at"]),
            row["text"],
            row["building"],
            (row["lat"], row["lon"]),
            row.get("incident"),
        )
        for row in rows
    ]


def in_half(case: Case, half: str) -> bool:
    """By building, so that no house is in both halves."""
    odd = hashlib.sha256(case.building.encode()).digest()[0] % 2
    return half == "all" or (half == "test") == bool(odd)


def storm_cases(size: int, seed: int) -> tuple[list[Case], storms.Storm]:
    """An invented storm over the shipped map, twenty messages a second."""
    registry = storms.almaty().registry
    resolver = Resolver(registry, load_lexicon())
    storm = storms.brew(storms.known_places(resolver), size, seed=seed)
    start = datetime(2026, 1, 15, 12, tzinfo=UTC)
    cases = []
    for number, message in enumerate(storm.messages):
        best = resolver.resolve(message.body).best
        if best is None or best.address.building_id is None:
            continue
        incident = f"incident-{message.incident}" if message.incident is not None else f"own-{number}"
        at = start + timedelta(seconds=number / 20)
        where = best.address
        assert where.building_id is not None
        cases.append(Case(str(number), at, message.body, where.building_id, (where.lat, where.lon), incident))
    return cases, storm


WAYS: Mapping[str, Grouping] = {
    "same building": by_building,
    "building + first word": by_building_and_word,
    "building + like words": by_building_and_likeness,
}


def compare(data: str, cases: Sequence[Case]) -> Iterator[Measured]:
    ways: dict[str, Grouping] = {**WAYS, "intake": Registrar()}
    for way, grouping in ways.items():
        yield measure(data, way, cases, grouping)


def run(options: argparse.Namespace) -> tuple[list[Measured], dict[str, Any]]:
    results: list[Measured] = []
    notes: dict[str, Any] = {}
    if options.storm:
        cases, storm = storm_cases(options.storm, options.seed)
        results += compare(f"storm of {options.storm}", cases)
        registrar = Registrar()
        groups = registrar(cases)
        notes["storm"] = _storm_notes(cases, storm, groups, registrar)
    if options.data:
        known = read_spb(options.data)
        chosen = [(case, reason) for case, reason in known if in_half(case, options.half)]
        results += compare(f"city, all reasons, {options.half}", [case for case, _ in chosen])
        ads = [case for case, reason in chosen if any(word in reason for word in ADS)]
        results += compare(f"city, ads, {options.half}", ads)
        _print_misses(ads, options.misses)
    if options.requests:
        results += compare(options.requests.name, read_requests(options.requests))
    return results, notes


def _storm_notes(
    cases: Sequence[Case], storm: storms.Storm, groups: Mapping[str, Hashable], registrar: Registrar
) -> dict[str, Any]:
    crews = {
        name: len({groups.get(case.id, case.id) for case in cases if case.incident == name})
        for name in sorted({case.incident or "" for case in cases if (case.incident or "").startswith("inc")})
    }
    return {
        "incidents": len(storm.incidents),
        "outages": registrar.outages,
        "crews_per_incident": crews,
        "dangers": sum(message.danger for message in storm.messages),
        "dangers_joined": registrar.dangers_joined,
    }


def _print_misses(cases: Sequence[Case], most: int) -> None:
    groups = Registrar()(cases)
    texts = {case.id: case for case in cases}
    true = set(_pairs(cases, lambda case: case.incident))
    found = set(_pairs(cases, lambda case: groups.get(case.id)))
    for title, pairs in (("wrongly together", found - true), ("missed", true - found)):
        for one, other in sorted(pairs)[:most]:
            print(f"{title}: {texts[one].text[:90]!r} | {texts[other].text[:90]!r}")


def show(results: Iterable[Measured]) -> Table:
    table = Table("data", "way", "requests", "true pairs", "found pairs", "precision", "recall")
    for row in results:
        table.add_row(
            row.data,
            row.way,
            str(row.requests),
            str(row.true_pairs),
            str(row.found_pairs),
            f"{row.precision:.1%}",
            f"{row.recall:.1%}",
        )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.outages", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--requests", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--storm", type=int, default=5000, metavar="N", help="messages; 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", choices=("test", "tune", "all"), default="test")
    parser.add_argument("--misses", type=int, default=0, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    results, notes = run(options)
    Console(width=140).print(show(results), notes)
    if options.json:
        told = {"results": [asdict(row) for row in results], **notes}
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
