"""The words of triage: categories, hazards, the fault catalogue, rules, and the decision they lead to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.triage.domain.patterns import Pattern

Texts = Mapping[str, str]
"""One text for people by language (``ru``, ``kk``)."""

UNKNOWN_FAULT = "unknown"
ANSWERED = "operator.answered"


class Category(StrEnum):
    """Urgency, one of four values (checklist D-1.2-U2)."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    PLANNED = "planned"
    CONSULTATION = "consultation"

    @property
    def rank(self) -> int:
        """Greater is more urgent."""
        return _RANKS[self]

    @property
    def priority(self) -> str | None:
        """Work priority: P1 at once, P2 within the week, P3 by schedule; a consultation has no work.

        P4 (work for the shutdown season) is set by people, never by a resident's message.
        """
        return {"emergency": "P1", "urgent": "P2", "planned": "P3"}.get(self.value)


_RANKS = {category.value: -order for order, category in enumerate(Category)}


class System(StrEnum):
    WATER = "water"
    SEWER = "sewer"
    HEAT = "heat"
    POWER = "power"
    GAS = "gas"
    LIFT = "lift"
    STRUCTURE = "structure"
    YARD = "yard"
    DISPATCH = "dispatch"
    OTHER = "other"


class Place(StrEnum):
    FLAT = "flat"
    STAIRCASE = "staircase"
    BASEMENT = "basement"
    ATTIC = "attic"
    ROOF = "roof"
    YARD = "yard"
    STREET = "street"
    WELL = "well"
    CHAMBER = "chamber"
    TRENCH = "trench"
    LIFT = "lift"
    OTHER = "other"


class Hazard(StrEnum):
    GAS = "gas"
    PEOPLE_TRAPPED = "people_trapped"
    ELECTRIC_SHOCK = "electric_shock"
    FLOODING_LIVE = "flooding_live"
    HOT_WATER = "hot_water"
    COLLAPSE = "collapse"
    FROST_NO_HEAT = "frost_no_heat"
    OPEN_MANHOLE = "open_manhole"
    HEALTH = "health"


class Kind(StrEnum):
    """What a rule may do. Only a fault sets urgency, a raise lifts it, nothing lowers it."""

    NEGATION = "negation"
    FAULT = "fault"
    RAISE = "raise"
    QUESTION = "question"
    COMPLAINT = "complaint"
    NOTE = "note"
    PLACE = "place"


class Standing(StrEnum):
    """How much weight a source has here; a default is never shown as law (design §6 rule 9)."""

    STANDARD = "standard"
    DEFAULT = "default"
    PRACTICE = "practice"


@dataclass(frozen=True)
class Source:
    """A document that a rule or a fault rests on."""

    id: str
    standing: Standing
    title: Texts


@dataclass(frozen=True)
class Script:
    """What the operator says and does, step by step."""

    id: str
    source: Source
    title: Texts
    steps: Mapping[str, Sequence[str]]


class RepeatLevel(StrEnum):
    """How near a second request must be to count as a repeat."""

    FLAT = "flat"
    ENTRANCE = "entrance"
    HOUSE = "house"
    AREA = "area"


@dataclass(frozen=True)
class Question:
    """What the operator asks; ``hazards``, ``at_least`` and ``place`` are what the answer "yes" would add."""

    id: str
    names: Texts
    hazards: frozenset[Hazard] = frozenset()
    at_least: Category | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Handling:
    """What starts with a fault: the norm (a row of journal's norms) whose clock runs, the window in which a
    second request is a repeat (0: never), grade and equipment as hints, questions in the order of asking."""

    id: str
    norm: str | None
    repeat_hours: int
    repeat_level: RepeatLevel
    grade: int | None
    equipment: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Fault:
    """An entry of the fault catalogue; ``place`` is where it is when the resident does not say. ``hazards``
    go with the fault itself, for when it is known from statistics and no rule names a danger."""

    id: str
    system: System
    category: Category
    place: Place
    script: Script
    source: Source
    names: Texts
    handling: Handling
    hazards: tuple[Hazard, ...] = ()

    def is_free_of(self, dangers: Collection[Hazard]) -> bool:
        return not any(hazard in dangers for hazard in self.hazards)


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule: when a pattern occurs (and no ``unless`` pattern shares a word with it), it has its effect.

    ``with_faults`` limits it to messages in which one of these faults was found, ``without_faults`` to those
    in which none of these was. ``certainty`` is how sure
    the words make us, 0..1. ``needs_person``: even a sure message wants a person's question.
    """

    id: str
    kind: Kind
    source: Source
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...] = ()
    fault: Fault | None = None
    hazards: frozenset[Hazard] = frozenset()
    at_least: Category | None = None
    with_faults: frozenset[str] = frozenset()
    without_faults: frozenset[str] = frozenset()
    place: Place | None = None
    certainty: float = 0.9
    needs_person: bool = False


@dataclass(frozen=True)
class Reason:
    """A rule that contributed, and the words as typed that made it speak."""

    rule: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Alternative:
    """A fault that the message may mean, with the statistical model's probability, 0..1."""

    fault: str
    probability: float


@dataclass(frozen=True)
class Decision:
    """What triage thinks of a message, and why. ``language`` is the resident's, given or recognised.

    ``norm`` names the row of journal's norms to start, ``questions`` those whose answer would change the
    decision, ``alternatives`` the likeliest faults; ``model_version`` is None where no model spoke.
    """

    category: Category
    system: System
    fault: str
    place: Place
    hazards: tuple[Hazard, ...]
    reasons: tuple[Reason, ...]
    confidence: float
    needs_person: bool
    rules_version: str
    language: str
    norm: str | None = None
    questions: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    model_version: str | None = None

    def answered(self) -> "Decision":
        """The decision when an operator has answered the caller: a consultation that needs nobody, unless
        there is danger. Then the danger counts, whatever was said on the telephone."""
        if self.hazards or self.category is Category.EMERGENCY:
            return self
        reasons = (*self.reasons, Reason(ANSWERED, ()))
        return replace(
            self, category=Category.CONSULTATION, needs_person=False, norm=None, questions=(), reasons=reasons
        )

    @property
    def priority(self) -> str | None:
        return self.category.priority
