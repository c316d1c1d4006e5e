"""The safety gate: what each danger asks of a crew on site, and what of it is answered (design §6.6, §6.7).

Scripts are data (``data/safety.yml``). Sources: 07117-TRUD-003 F23-1.1-U1..U2, F45-1.1-U1..U3 (confined
spaces), M-1.3-U1..U3 (gas), M-1.1-U4 (whom one told, and when), M-1.2-U2 (briefing), F23-1.2-U3 (trenches).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.crews.domain.safety import (
    CONFINED_PLACES,
    GAS,
    GATED_HAZARDS,
    AirLimit,
    Reading,
    SafetyAnswers,
    check_air,
    checks_gas,
    needs_gate,
)
from services.crews.errors import BadSafetyScript, HouseNotChecked, SafetyGateClosed

FLOOR = ("ventilation", "gas_reading", "ppe")
"""What no script may leave out in a confined space or with gas: rule 6.6 is not configurable."""


class Ask(StrEnum):
    """How an item is answered."""

    CONFIRM = "confirm"
    READING = "reading"
    EACH = "each"
    AMOUNT = "amount"
    CALL = "call"
    BRIEFING = "briefing"


class Before(StrEnum):
    """The stage that an item must be answered before."""

    WORKING = "working"
    LOCALISED = "localised"


@dataclass(frozen=True)
class Item:
    """One thing a script asks. ``source`` is an item of the standard; ``basis`` says if it is named there."""

    id: str
    ask: Ask
    before: Before
    source: str
    basis: str
    least: int = 1
    counted_by: str | None = None
    may_be_absent: bool = False
    lasts: bool = False


@dataclass(frozen=True)
class Script:
    """The items asked at some places or with some hazards."""

    id: str
    items: tuple[str, ...]
    places: frozenset[str] = frozenset()
    hazards: frozenset[str] = frozenset()

    def applies(self, site: "Site") -> bool:
        return not (self.places.isdisjoint(site.places) and self.hazards.isdisjoint(site.hazards))


@dataclass(frozen=True)
class Site:
    """Where the work is and what is dangerous there: as the order says, and as the crew found it."""

    places: frozenset[str] = frozenset()
    hazards: frozenset[str] = frozenset()

    def __or__(self, other: "Site") -> "Site":
        return Site(self.places | other.places, self.hazards | other.hazards)

    @property
    def needs_gate(self) -> bool:
        return any(needs_gate(place, self.hazards) for place in self.places or {""})


@dataclass(frozen=True)
class SafetyBook:
    """All scripts of one version."""

    version: str
    items: Mapping[str, Item]
    scripts: tuple[Script, ...]

    def scripts_for(self, site: Site) -> tuple[Script, ...]:
        return tuple(script for script in self.scripts if script.applies(site))

    def items_for(self, site: Site) -> tuple[Item, ...]:
        """What is asked here, each item once, in the order of the scripts."""
        names = dict.fromkeys(name for script in self.scripts_for(site) for name in script.items)
        return tuple(self.items[name] for name in names)

    def check(self) -> None:
        """Raise BadSafetyScript if a danger is left out or a script contradicts itself."""
        for script in self.scripts:
            self._check_script(script)
        if frozenset().union(*(script.places for script in self.scripts)) != CONFINED_PLACES:
            raise BadSafetyScript(f"the scripts' places must be {sorted(CONFINED_PLACES)}")
        if frozenset().union(*(script.hazards for script in self.scripts)) != GATED_HAZARDS:
            raise BadSafetyScript(f"the scripts' hazards must be {sorted(GATED_HAZARDS)}")
        self._check_floor()

    def _check_script(self, script: Script) -> None:
        for name in script.items:
            if name not in self.items:
                raise BadSafetyScript(f"script {script.id} asks {name}, which is no item")
            counter = self.items[name].counted_by
            if counter is not None and (counter not in script.items or counter not in self.items):
                raise BadSafetyScript(f"script {script.id} asks {name} but not {counter}")

    def _check_floor(self) -> None:
        guarded = [Site(places=frozenset({place})) for place in CONFINED_PLACES]
        for site in (*guarded, Site(hazards=frozenset({GAS}))):
            asked = {item.id for item in self.items_for(site) if item.before is Before.WORKING}
            if not asked.issuperset(FLOOR):
                raise BadSafetyScript(f"no script asks all of {FLOOR} where there is {site}")


@dataclass(frozen=True)
class Answer:
    """What the crew said to one item. ``at`` is the time on the device, ``recorded_at`` the server's.

    ``absent`` says that there is no such thing here and ``note`` why; ``signed`` that all who were briefed
    have signed; ``told`` who was informed.
    """

    item: str
    at: datetime
    recorded_at: datetime
    by: str
    place: str | None = None
    reading: Reading | None = None
    amount: int | None = None
    told: str | None = None
    signed: bool = False
    absent: bool = False
    note: str | None = None


@dataclass(frozen=True)
class Checked:
    """One item with its answers: ``have`` of ``want`` are there."""

    item: Item
    answers: tuple[Answer, ...]
    have: int
    want: int
    absent: bool = False

    @property
    def done(self) -> bool:
        return self.absent or self.have >= self.want


@dataclass(frozen=True)
class Gate:
    """The scripts and limits of this service, and what one crew answered so far.

    Answers given before ``since`` (the latest suspension) count for items that last, no others. ``found`` is
    what the crew found on site beside what the order says. With ``only_floor`` no more than the floor keeps
    the gate closed, in confined spaces and with gas; the checklist shows everything all the same.
    """

    book: SafetyBook
    limits: Sequence[AirLimit]
    answers: tuple[Answer, ...] = ()
    since: datetime | None = None
    found: Site = Site()
    only_floor: bool = False

    def answered(
        self, answers: Iterable[Answer], since: datetime | None = None, found: Site | None = None
    ) -> "Gate":
        return replace(self, answers=tuple(answers), since=since, found=found or Site())

    def joined_by(self, said: SafetyAnswers | None, readings: Iterable[Reading], step: Answer) -> "Gate":
        """With what came with the command itself; ``step`` says by whom and when."""
        extra = _with_command(said or SafetyAnswers(), readings, step)
        return replace(self, answers=(*self.answers, *extra))

    def judges(self, reading: Reading) -> bool:
        """Whether there is a limit for what was measured: then it was the air."""
        return any(limit.covers(reading) for limit in self.limits)

    def checklist(self, site: Site) -> tuple[Checked, ...]:
        """Every item asked here with what is answered of it."""
        items = self.book.items_for(site | self.found)
        counted = {item.id: self._amount(item) for item in items if item.ask is Ask.AMOUNT}
        return tuple(self._checked(item, counted) for item in items)

    def check(self, site: Site, before: Before) -> None:
        """Raise SafetyGateClosed, HouseNotChecked or AirNotSafe unless that stage may be reported now."""
        asked = [checked for checked in self.checklist(site) if self._holds(checked.item, before, site)]
        scripted = bool(self.book.items_for(site | self.found))
        if before is Before.WORKING and not scripted and (site | self.found).needs_gate:
            raise SafetyGateClosed(missing=FLOOR, why={})
        missing = [checked for checked in asked if not checked.done]
        if missing:
            raise _REFUSALS[before](
                missing=tuple(checked.item.id for checked in missing),
                why={checked.item.id: checked.item.source for checked in missing},
                progress={c.item.id: (c.have, c.want) for c in missing if c.item.ask is Ask.EACH},
            )
        check_air(_latest(asked), self.limits)

    def _holds(self, item: Item, before: Before, site: Site) -> bool:
        """Whether an item keeps this stage closed until it is answered."""
        whole = site | self.found
        guarded = GAS in whole.hazards or not CONFINED_PLACES.isdisjoint(whole.places)
        return item.before is before and (not self.only_floor or (guarded and item.id in FLOOR))

    def _checked(self, item: Item, counted: Mapping[str, int | None]) -> Checked:
        given = self._given(item)
        absent = item.may_be_absent and bool(given) and given[-1].absent and bool(given[-1].note)
        have, want = self._progress(item, given, counted)
        return Checked(item, given, have, want, absent)

    def _given(self, item: Item) -> tuple[Answer, ...]:
        return tuple(
            answer
            for answer in self.answers
            if answer.item == item.id
            and (item.lasts or self.since is None or answer.recorded_at >= self.since)
        )

    def _amount(self, item: Item) -> int | None:
        amounts = [answer.amount for answer in self._given(item) if answer.amount is not None]
        return amounts[-1] if amounts else None

    def _progress(
        self, item: Item, given: Sequence[Answer], counted: Mapping[str, int | None]
    ) -> tuple[int, int]:
        if item.ask is Ask.AMOUNT:
            amount = counted[item.id]
            return int(amount is not None and amount >= item.least), 1
        if item.ask is Ask.EACH:
            wanted = counted.get(item.counted_by) if item.counted_by else item.least
            return len(self._places(given)), item.least if wanted is None else wanted
        return int(any(self._settles(item, answer) for answer in given)), 1

    def _places(self, given: Iterable[Answer]) -> set[str]:
        measured = (answer for answer in given if checks_gas(answer.reading, self.limits))
        return {(answer.place or "").strip().casefold() for answer in measured}

    def _settles(self, item: Item, answer: Answer) -> bool:
        if answer.absent:
            return False
        match item.ask:
            case Ask.READING:
                return checks_gas(answer.reading, self.limits)
            case Ask.CALL:
                return bool(answer.told)
            case Ask.BRIEFING:
                return answer.signed
            case _:
                return True


_REFUSALS: Mapping[Before, type[SafetyGateClosed]] = {
    Before.WORKING: SafetyGateClosed,
    Before.LOCALISED: HouseNotChecked,
}


def _with_command(said: SafetyAnswers, readings: Iterable[Reading], step: Answer) -> Iterator[Answer]:
    if said.ventilation:
        yield replace(step, item="ventilation")
    if said.ppe:
        yield replace(step, item="ppe")
    for reading in readings:
        yield replace(step, item="gas_reading", reading=reading)


def _latest(asked: Iterable[Checked]) -> Iterator[Reading]:
    """The last reading of each kind at each place: after airing one measures again."""
    latest = {
        (checked.item.id, answer.place, answer.reading.kind, answer.reading.unit): answer.reading
        for checked in asked
        for answer in checked.answers
        if answer.reading is not None
    }
    return iter(latest.values())
