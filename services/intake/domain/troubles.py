"""What the trouble is, as far as the resident's own words say: symptom, how far it reaches, what can hurt.

The words and the windows are data (``data/troubles.yml``). Triage decides urgency; this only tells one
incident from another while the resident is still on the line (M-1.3-U4), and errs towards danger.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.signs import Hit, Phrases

UNKNOWN = ""
_SIGN, _DANGER = "symptom:", "danger:"
_ONLY_OURS, _EVERYBODY = "only_ours", "everybody"


class Level(StrEnum):
    """How far one trouble reaches, from the narrowest."""

    FLAT = "flat"
    ENTRANCE = "entrance"
    HOUSE = "house"

    @property
    def width(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Threshold:
    """So many different flats, two at least, within this time make an outage.

    ``spread_m``: how far it reaches by itself.
    """

    count: int
    within: timedelta
    spread_m: float

    def __post_init__(self) -> None:
        if self.count < 2:
            raise ValueError("one flat alone is no outage: the threshold is 2 or more")


@dataclass(frozen=True, slots=True)
class Symptom:
    """One kind of trouble as residents see it; ``covers`` are symptoms that its outage accounts for."""

    name: str
    service: str
    level: Level
    repeat_within: timedelta
    outage: Threshold | None
    includes: frozenset[str]
    covers: frozenset[str]
    explains: frozenset[str]
    faults: frozenset[str]

    def accounts_for(self, symptom: str) -> bool:
        """Whether one incident with this symptom may also be what ``symptom`` tells of."""
        return symptom == self.name or symptom in self.covers


@dataclass(frozen=True, slots=True)
class Trouble:
    """One message read. ``symptoms``: the main one first; ``dangers``: triage's names, and fire."""

    symptoms: tuple[str, ...] = ()
    level: Level = Level.FLAT
    dangers: frozenset[str] = frozenset()
    only_ours: bool = False

    @property
    def symptom(self) -> str:
        return self.symptoms[0] if self.symptoms else UNKNOWN

    @property
    def is_plain(self) -> bool:
        """One recognised trouble without danger: what may be taken for the same as another's."""
        return len(self.symptoms) == 1 and not self.dangers


class TroubleBook:
    """The symptoms by name, built from the data file; raises ValueError for names that do not exist."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.symptoms = {name: _symptom(name, entry) for name, entry in data["symptoms"].items()}
        self._by_fault = {fault: s.name for s in self.symptoms.values() for fault in s.faults}
        named = {
            other for s in self.symptoms.values() for other in (*s.includes, *s.covers, *s.explains)
        } - set(self.symptoms)
        if named:
            raise ValueError(f"troubles: no such symptom: {', '.join(sorted(named))}")

    def symptom(self, name: str) -> Symptom:
        return self.symptoms[name]

    def of_fault(self, fault: str) -> str:
        """The symptom that triage's fault means, or UNKNOWN."""
        return self._by_fault.get(fault, UNKNOWN)

    def accounted_for_by(self, symptom: str) -> frozenset[str]:
        """The symptoms of incidents that may be what ``symptom`` tells of."""
        return frozenset(name for name, other in self.symptoms.items() if other.accounts_for(symptom))

    @cached_property
    def _families(self) -> Mapping[str, str]:
        family = {name: name for name in self.symptoms}
        for name, symptom in self.symptoms.items():
            for other in symptom.covers:
                old, new = family[other], family[name]
                family = {key: new if value == old else value for key, value in family.items()}
        return family

    def family(self, symptom: str) -> str:
        """One name for all symptoms that can meet in one incident: who decides on one waits for others."""
        return self._families.get(symptom, symptom)


class TroubleReader:
    """Reads messages by the phrases of the data file. Built once; a message takes 0.2 ms."""

    def __init__(self, lexicon: Lexicon) -> None:
        data = lexicon.data["troubles"]
        self.book = TroubleBook(data)
        # One vocabulary for all: a word that means something here is no misspelling of another.
        phrases = {
            **{f"{_SIGN}{name}": entry["signs"] for name, entry in data["symptoms"].items()},
            **{f"{_DANGER}{name}": list_ for name, list_ in data["dangers"].items()},
            **{name: data[name] for name in (_ONLY_OURS, _EVERYBODY)},
        }
        self._phrases = Phrases(phrases, lexicon)

    def __call__(self, text: str) -> Trouble:
        """What ``text`` says; give it without its address."""
        hits = self._phrases.find(text)
        symptoms = self._symptoms(_named(hits, _SIGN))
        said = {hit.name for hit in hits}
        only_ours = _ONLY_OURS in said
        return Trouble(
            symptoms=symptoms,
            level=self._level(symptoms, _EVERYBODY in said, only_ours),
            dangers=frozenset(hit.name for hit in _named(hits, _DANGER)),
            only_ours=only_ours,
        )

    def _symptoms(self, hits: list[Hit]) -> tuple[str, ...]:
        """The symptoms that no other one in the text contains, includes or explains."""
        strongest = [hit for hit in hits if not any(hit.words < other.words for other in hits)]
        names = list(dict.fromkeys(hit.name for hit in strongest))
        for whole in self.book.symptoms.values():
            if whole.includes and whole.includes <= set(names):
                names = [whole.name, *(name for name in names if name != whole.name)]
        explained = {
            other for name in names for other in self._explained_by(self.book.symptom(name)) if other != name
        }
        return tuple(name for name in names if name not in explained) or tuple(names[:1])

    @staticmethod
    def _explained_by(symptom: Symptom) -> frozenset[str]:
        return symptom.explains | symptom.includes

    def _level(self, symptoms: Sequence[str], everybody: bool, only_ours: bool) -> Level:
        """That of the main symptom, unless the resident says how far it reaches."""
        if only_ours or not symptoms:
            return Level.FLAT
        return Level.HOUSE if everybody else self.book.symptom(symptoms[0]).level


def _named(hits: Iterable[Hit], kind: str) -> list[Hit]:
    """The hits of one kind, under their own names."""
    return [Hit(hit.name.removeprefix(kind), hit.words) for hit in hits if hit.name.startswith(kind)]


def _symptom(name: str, entry: Mapping[str, Any]) -> Symptom:
    outage = entry.get("outage")
    return Symptom(
        name=name,
        service=entry["service"],
        level=Level(entry["repeat"]["level"]),
        repeat_within=timedelta(hours=entry["repeat"]["hours"]),
        outage=_threshold(outage) if outage else None,
        includes=frozenset(entry.get("includes", ())),
        covers=frozenset(entry.get("covers", ())),
        explains=frozenset(entry.get("explains", ())),
        faults=frozenset(entry.get("faults", ())),
    )


def _threshold(entry: Mapping[str, Any]) -> Threshold:
    return Threshold(entry["count"], timedelta(minutes=entry["minutes"]), float(entry["spread_m"]))
