"""May a crew be called off its site now? What must be made safe first, and what the crew itself says.

07117-TRUD-003 F23-1.1-U2 and F45-1.1-U3 (risks on site), M-1.3-U3 (gas). Nobody is taken off a step that is
dangerous to leave: people below ground, gas or live parts open, a danger that the request is about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.crews.domain.gate import Site
from services.crews.domain.notes import Note
from services.crews.domain.orders import Stage, WorkOrder
from services.crews.domain.safety import CONFINED_PLACES, GAS

LEAVE = "leave"
"""The command by which a crew says whether it can leave."""
ON_SITE = frozenset({Stage.ARRIVED, Stage.WORKING, Stage.LOCALISED})


class Hold(StrEnum):
    """What keeps a crew where it is; the app puts it under ``hold.<code>``."""

    PEOPLE_INSIDE = "people_inside"  # the safety gate was passed into a confined space
    GAS_OPEN = "gas_open"  # work on gas begun and not called contained
    LIVE_PARTS = "live_parts"  # the same of electricity
    DANGER = "danger"  # what the request is about, or what the crew found
    SHUT_OFF = "shut_off"  # a valve is shut, people work behind it: nobody knows but the crew


@dataclass(frozen=True)
class Guard:
    """In which stages a hold runs, and where: at one of these places, systems or hazards."""

    hold: Hold
    stages: frozenset[Stage]
    places: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    hazards: frozenset[str] = frozenset()
    any_hazard: bool = False

    def runs(self, stage: Stage, site: Site, systems: frozenset[str]) -> bool:
        """Whether it holds a crew that is at ``stage`` of work of these systems on this site."""
        apart = (
            self.places.isdisjoint(site.places)
            and self.systems.isdisjoint(systems)
            and self.hazards.isdisjoint(site.hazards)
        )
        return stage in self.stages and (not apart or (self.any_hazard and bool(site.hazards)))


_BEGUN = frozenset({Stage.WORKING, Stage.LOCALISED})
_OPEN = frozenset({Stage.WORKING})
GUARDS = (
    Guard(Hold.PEOPLE_INSIDE, _BEGUN, places=CONFINED_PLACES),
    Guard(Hold.GAS_OPEN, _OPEN, systems=frozenset({GAS}), hazards=frozenset({GAS})),
    Guard(
        Hold.LIVE_PARTS,
        _OPEN,
        systems=frozenset({"power"}),
        hazards=frozenset({"electric_shock", "flooding_live"}),
    ),
    Guard(Hold.DANGER, ON_SITE, any_hazard=True),
)
"""The same table is the app's, so that a phone without network asks for the same."""


@dataclass(frozen=True)
class Scene:
    """An order as its crew found it: where, of which systems, and since when work was begun (last)."""

    order: WorkOrder
    site: Site
    systems: frozenset[str]
    begun_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Whether the crew may be called off: what runs, and what it said last (None: nothing)."""

    holds: tuple[Hold, ...] = ()
    can: bool | None = None
    why: str | None = None

    @property
    def may_leave(self) -> bool:
        return not self.holds and self.can is not False


def standing(scene: Scene, notes: Iterable[Note]) -> Standing:
    """What holds the crew on site, and what it said.

    A step it called safe does not hold it any more, until work is begun anew.
    """
    said = [note for note in notes if note.command == LEAVE and note.refused is None]
    last = said[-1].entered if said else {}
    can = last.get("can")
    running = _running(scene, _made_safe(said, scene.begun_at))
    shut = can is False and last.get("why") == Hold.SHUT_OFF
    return Standing((*running, *([Hold.SHUT_OFF] if shut else [])), can, last.get("why"))


def unsafe(scene: Scene, made_safe: Iterable[Hold]) -> tuple[Hold, ...]:
    """What the crew must still make safe before it says that it can leave."""
    return _running(scene, frozenset(made_safe))


def _running(scene: Scene, made_safe: frozenset[Hold]) -> tuple[Hold, ...]:
    runs = [guard.hold for guard in GUARDS if guard.runs(scene.order.stage, scene.site, scene.systems)]
    return tuple(hold for hold in runs if hold not in made_safe)


def _made_safe(said: Sequence[Note], begun_at: datetime | None) -> frozenset[Hold]:
    if not said or not said[-1].entered.get("can"):
        return frozenset()
    stale = begun_at is not None and said[-1].recorded_at <= begun_at
    return frozenset() if stale else frozenset(map(Hold, said[-1].entered.get("made_safe", ())))
