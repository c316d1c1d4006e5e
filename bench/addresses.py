"""How well and how fast addresses are found in real texts, beside a plain fuzzy search in the same run.

``python -m bench.addresses [--data DIR] [--registry FILE.csv[.gz] --texts FILE.jsonl] [--half test|tune|all]
[--seed 1] [--baseline 300] [--buildings 100000] [--misses N] [--json FILE]``

Without ``--data`` only the shipped map of Almaty is measured; formats and the way each set is made fair:
``bench.address_sets``. Every set is asked clean and with one typing error in the name of the street (letters
swapped, dropped, doubled, or a neighbouring key). The baseline searches the whole text among all official
addresses with rapidfuzz's ``token_set_ratio``; on messages it is given every text too, on a sample of
``--baseline`` texts because it is slow.

right: the first candidate is the right building. top 3: it is among the three that would be offered.
refused: nothing is sure enough, the resident is asked. wrong: another place was taken without asking.
"""

import argparse
import gc
import importlib
import json
import pickle
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil
from rapidfuzz import fuzz, process, utils
from rich.console import Console
from rich.table import Table

from bench import address_sets
from bench.address_sets import AddressSet, Case
from services.intake.domain import geometry
from services.intake.domain.buildings import Buildings
from services.intake.domain.city import CitySources
from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon

T = TypeVar("T")
KEYBOARDS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = re.compile(r"[^\W\d_]{4,}")
_MISSED_BY = 70
_SURE = 90.0
_MOST_CHOICES = 3
Places = Sequence[tuple[str | None, float, float]]
Answer = tuple[str | None, Places]
"""The building taken without asking (empty if a place without one, None if refused), the first candidates."""


@dataclass(frozen=True)
class Measured:
    """One set under one kind of text, shares of 1, milliseconds; ``cpu`` without what else ran meanwhile."""

    set: str
    texts: str
    method: str
    asked: int
    right: float
    top3: float
    refused: float
    wrong: float
    p50_ms: float
    p99_ms: float
    p99_cpu_ms: float


@dataclass(frozen=True)
class Size:
    """A large registry: what it costs to have and to ask, at worst a text of 10 KB of address words."""

    set: str
    buildings: int
    streets: int
    import_s: float
    index_s: float
    empty_mb: float
    loaded_mb: float
    resident_mb: float
    p50_ms: float
    p99_ms: float
    p99_cpu_ms: float
    worst_ms: float
    ten_kb_ms: float


def main() -> None:
    options = _options()
    if options.ask is not None:
        print(json.dumps(_ask(options.ask)))
        return
    console, measured, size = Console(width=120), list[Measured](), None
    for made in _sets(options):
        of_set = list(_runs(made, options))
        console.print(_table(of_set, made))
        measured += of_set
        last = made
    if options.buildings:
        size = _size(options, last)
        console.print(_size_table(size))
    if options.json is not None:
        report = {
            "half": options.half,
            "seed": options.seed,
            "measured": [asdict(one) for one in measured],
            "size": asdict(size) if size else None,
        }
        options.json.write_text(json.dumps(report, indent=2), encoding="utf-8")


def _runs(made: AddressSet, options: argparse.Namespace) -> Iterator[Measured]:
    cases = [case for case in made.cases if _is_wanted(case, options.half)]
    resolver = Resolver(made.registry, load_lexicon())
    for kind, texts in (("clean", _clean(cases)), ("typing error", _misspelt(cases, options.seed))):
        yield _run(made, kind, "avariyka", texts, _by_resolver(resolver), options.misses)
        sample = random.Random(options.seed).sample(texts, min(options.baseline, len(texts)))
        if sample:
            yield _run(made, kind, "rapidfuzz", sample, _by_rapidfuzz(made), 0)


def _sets(options: argparse.Namespace) -> Iterator[AddressSet]:
    """The sets asked for; the one of Petersburg last, being the largest registry."""
    if options.registry is not None:
        yield address_sets.from_files(options.registry, options.texts, options.within)
        return
    only, data = options.only or "", options.data
    if "almaty".startswith(only):
        yield address_sets.almaty()
    if data is not None and "astana".startswith(only):
        listings = address_sets.astana(data / "astana_listing_addresses")
        yield from (listings, address_sets.agreeing(listings))
    if data is not None and "spb".startswith(only):
        yield address_sets.saint_petersburg(data / "spb_citizen_requests")


def _is_wanted(case: Case, half: str) -> bool:
    return half == "all" or case.is_reported == (half == "test")


def _clean(cases: Iterable[Case]) -> list[tuple[Case, str]]:
    return [(case, case.text) for case in cases]


def _misspelt(cases: Iterable[Case], seed: int) -> list[tuple[Case, str]]:
    """Each text with one error in the street's name; texts in which that is not found are left out."""
    dice = random.Random(seed)
    changed = ((case, misspelt(case, dice)) for case in cases)
    return [(case, text) for case, text in changed if text is not None]


def misspelt(case: Case, dice: random.Random) -> str | None:
    """The text with one typing error in the word that is the longest of the street's name."""
    names = sorted(_WORD.findall(_street_part(case.address)), key=len, reverse=True)
    words = list(_WORD.finditer(case.text))
    for name in names:
        best = max(words, key=lambda word: fuzz.ratio(word.group().lower(), name.lower()), default=None)
        if best is not None and fuzz.ratio(best.group().lower(), name.lower()) >= _MISSED_BY:
            start, end = best.span()
            return case.text[:start] + with_error(best.group(), dice) + case.text[end:]
    return None


def _street_part(address: str) -> str:
    """The street of an official address, without the word for its type."""
    before_house = re.split(r", дом ", address)[0].rpartition(", ")[2]
    return re.sub(
        r"(?i)\b(улица|проспект|бульвар|переулок|набережная|шоссе|площадь|аллея)\b", "", before_house
    )


def with_error(word: str, dice: random.Random) -> str:
    """A word with two letters swapped, one dropped, one doubled or a neighbouring key; never its first."""
    at = dice.randrange(1, len(word) - 1)
    kinds: list[Callable[[], str]] = [
        lambda: word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        lambda: word[:at] + word[at + 1 :],
        lambda: word[:at] + word[at] + word[at:],
        lambda: word[:at] + _neighbour(word[at], dice) + word[at + 1 :],
    ]
    return dice.choice(kinds)()


def _neighbour(letter: str, dice: random.Random) -> str:
    for row in KEYBOARDS:
        at = row.find(letter.lower())
        if at >= 0:
            return dice.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)])
    return letter


def _by_resolver(resolver: Resolver) -> Callable[[str], Answer]:
    def answer(text: str) -> Answer:
        resolution = resolver.resolve(text)
        best = resolution.best
        offered = (best,) if best is not None else resolution.choices
        rest = [c for c in resolution.candidates if c not in offered]
        first = [(c.address.building_id, c.address.lat, c.address.lon) for c in (*offered, *rest)]
        return (None if best is None else best.address.building_id or ""), first[:_MOST_CHOICES]

    return answer


def _by_rapidfuzz(made: AddressSet) -> Callable[[str], Answer]:
    """The whole text against every official address; sure above a score of 90."""
    written = [utils.default_process(f"{h.locality} {h.street} {h.number}") for h in made.listed]

    def answer(text: str) -> Answer:
        query = utils.default_process(text)
        found = process.extract(query, written, scorer=fuzz.token_set_ratio, limit=_MOST_CHOICES)
        houses = [made.listed[at] for _, _, at in found]
        first = [(house.id, house.lat, house.lon) for house in houses]
        return (houses[0].id if found and found[0][1] >= _SURE else None), first

    return answer


def _run(
    made: AddressSet,
    kind: str,
    method: str,
    texts: Sequence[tuple[Case, str]],
    ask: Callable[[str], Answer],
    show_misses: int,
) -> Measured:
    for _, text in texts[:50]:
        ask(text)
    clock, right, top3, refused, wrong = Clock(), 0, 0, 0, 0
    for case, text in texts:
        taken, first = clock.time(partial(ask, text))
        hits = [_is_right(case, place, made.within_m) for place in first]
        right += hits[:1] == [True]
        top3 += any(hits)
        refused += taken is None
        wrong += taken is not None and hits[0] is False
        if show_misses > 0 and hits[:1] != [True]:
            show_misses -= 1
            _show_miss(case, text, taken, first, made)
    count = max(1, len(texts))
    return Measured(
        made.name,
        kind,
        method,
        len(texts),
        right / count,
        top3 / count,
        refused / count,
        wrong / count,
        *clock.centiles(),
    )


def _is_right(case: Case, place: tuple[str | None, float, float], within_m: float) -> bool:
    building, lat, lon = place
    if case.buildings:
        return building in case.buildings
    return geometry.metres((lat, lon), (case.lat, case.lon)) <= within_m


def _show_miss(case: Case, text: str, taken: str | None, first: Places, made: AddressSet) -> None:
    by_id = {building.id: building for building in made.registry.buildings}
    label = made.registry.street_by_id

    def name(id_: str | None) -> str:
        known = by_id.get(id_ or "")
        return f"{label[known.street_id].label} {known.house}" if known else "-"

    truth = [name(id_) for id_ in case.buildings] or case.address
    verdict = "REFUSED" if taken is None else "WRONG"
    print(f"{verdict} {text!r}\n   {truth} <> {[name(id_) for id_, *_ in first]}")


def _size(options: argparse.Namespace, made: AddressSet) -> Size:
    """The last set's registry enlarged; asked in a process of its own, so that memory is counted alone."""
    houses = list(address_sets.enlarged(made.listed, options.buildings))
    started = time.perf_counter()
    registry = address_sets.built(CitySources("large", houses=houses))
    import_s = time.perf_counter() - started
    texts = [case.text for case in made.cases if _is_wanted(case, options.half)]
    with tempfile.NamedTemporaryFile(suffix=".pickle") as kept:
        compact = replace(registry, buildings=Buildings(registry.buildings))
        pickle.dump((compact, texts), kept)
        kept.flush()
        asked = subprocess.run(
            [sys.executable, "-m", "bench.addresses", "--ask", kept.name], capture_output=True, check=True
        )
    return Size(made.name, import_s=import_s, **json.loads(asked.stdout))


def _ask(path: Path) -> dict[str, float]:
    """What a registry costs a process that runs the service: memory, seconds, milliseconds for each text."""
    importlib.import_module("services.intake.service")
    before = _resident_mb()
    registry, texts = pickle.loads(path.read_bytes())
    gc.collect()
    loaded = _resident_mb()
    started = time.perf_counter()
    resolver = Resolver(registry, load_lexicon())
    index_s = time.perf_counter() - started
    for text in texts[:50]:
        resolver.resolve(text)
    clock = Clock()
    for text in texts:
        clock.time(partial(resolver.resolve, text))
    longest = Clock()
    longest.time(lambda: resolver.resolve(" ".join(texts)[:10_240]))
    p50_ms, p99_ms, p99_cpu_ms = clock.centiles()
    gc.collect()
    return {
        "buildings": len(registry.buildings),
        "streets": len(registry.streets),
        "index_s": index_s,
        "empty_mb": before,
        "loaded_mb": loaded,
        "resident_mb": _resident_mb(),
        "p50_ms": p50_ms,
        "p99_ms": p99_ms,
        "p99_cpu_ms": p99_cpu_ms,
        "worst_ms": max(clock.wall_ms),
        "ten_kb_ms": longest.wall_ms[0],
    }


def _resident_mb() -> float:
    return psutil.Process().memory_info().rss / 2**20


def _table(measured: Sequence[Measured], made: AddressSet) -> Table:
    title = f"{made.name}: {len(made.registry.buildings):,} buildings, {len(made.registry.streets):,} streets"
    columns = (
        "texts",
        "method",
        "asked",
        "right",
        "top 3",
        "refused",
        "wrong",
        "p50 ms",
        "p99 ms",
        "p99 cpu",
    )
    table = Table(*columns, title=title)
    for one in measured:
        times = (f"{ms:.2f}" for ms in (one.p50_ms, one.p99_ms, one.p99_cpu_ms))
        shares = [f"{share:.1%}" for share in (one.right, one.top3, one.refused, one.wrong)]
        table.add_row(one.texts, one.method, str(one.asked), *shares, *times)
    return table


def _size_table(size: Size) -> Table:
    table = Table("", "", title=f"{size.buildings:,} buildings, enlarged from {size.set}")
    for name, value in asdict(size).items():
        table.add_row(name, f"{value:,.2f}" if isinstance(value, float) else str(value))
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.addresses", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the real sets")
    parser.add_argument("--registry", type=Path, metavar="FILE.csv", help="a registry of your own")
    parser.add_argument("--texts", type=Path, metavar="FILE.jsonl", help="texts that name its addresses")
    parser.add_argument("--within", type=float, default=address_sets.SAME_PIN_M, help="metres, without ids")
    parser.add_argument("--half", choices=("test", "tune", "all"), default="test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--baseline", type=int, default=300, help="how many texts the slow baseline is given")
    parser.add_argument(
        "--buildings", type=int, default=100_000, help="size of the enlarged registry; 0: none"
    )
    parser.add_argument("--only", help="only the set whose name begins so")
    parser.add_argument("--misses", type=int, default=0, help="print so many misses of each run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON too")
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


class Clock:
    """Times single calls, by the wall and by the processor."""

    def __init__(self) -> None:
        self.wall_ms: list[float] = []
        self.cpu_ms: list[float] = []

    def time(self, call: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.thread_time()
        answer = call()
        self.cpu_ms.append((time.thread_time() - cpu) * 1000)
        self.wall_ms.append((time.perf_counter() - wall) * 1000)
        return answer

    def centiles(self) -> tuple[float, float, float]:
        """Median and 99th centile by the wall, 99th by the processor."""
        return (statistics.median(self.wall_ms), _percentile(self.wall_ms, 99), _percentile(self.cpu_ms, 99))


def _percentile(times: Sequence[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
