"""How right decisions are against labels: dangers missed, urgency confused, faults found."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from services.triage.domain.model import Category, Decision, Hazard


@dataclass(frozen=True)
class Labelled:
    """A text and what a person decided about it. ``source`` and ``language`` only group the figures."""

    id: str
    text: str
    category: Category
    fault: str
    hazards: frozenset[Hazard]
    source: str = ""
    language: str = "ru"


@dataclass(frozen=True)
class Answer:
    """What was decided, by whatever is measured; ``likely``: up to three faults, the first is the answer."""

    category: Category
    likely: tuple[str, ...]
    hazards: frozenset[Hazard]
    needs_person: bool = False

    @property
    def fault(self) -> str:
        return self.likely[0]


def answer_of(decision: Decision) -> Answer:
    others = (one.fault for one in decision.alternatives if one.fault != decision.fault)
    likely = (decision.fault, *others)[:3]
    return Answer(decision.category, likely, frozenset(decision.hazards), decision.needs_person)


@dataclass
class Score:
    """Counts over one group of texts. A text with dangers is missed when no danger at all was seen in it;
    each hazard is also counted by itself. ``silent``: missed, and no person was called either."""

    texts: int = 0
    seen: int = 0
    missed: int = 0
    silent: int = 0
    false: int = 0
    fault_first: int = 0
    fault_in_three: int = 0
    to_person: int = 0
    too_low: int = 0
    confusion: Counter[tuple[Category, Category]] = field(default_factory=Counter)
    hazard_hits: Counter[Hazard] = field(default_factory=Counter)
    hazard_labels: Counter[Hazard] = field(default_factory=Counter)
    hazard_answers: Counter[Hazard] = field(default_factory=Counter)

    def add(self, right: Labelled, given: Answer) -> None:
        self.texts += 1
        self.seen += bool(right.hazards and given.hazards)
        self.missed += bool(right.hazards and not given.hazards)
        self.silent += bool(right.hazards and not given.hazards and not given.needs_person)
        self.false += bool(given.hazards and not right.hazards)
        self.fault_first += right.fault == given.fault
        self.fault_in_three += right.fault in given.likely
        self.to_person += given.needs_person
        self.too_low += right.category is Category.EMERGENCY and given.category is not Category.EMERGENCY
        self.confusion[right.category, given.category] += 1
        self.hazard_hits.update(right.hazards & given.hazards)
        self.hazard_labels.update(right.hazards)
        self.hazard_answers.update(given.hazards)

    @property
    def hazard_recall(self) -> float:
        return _share(self.seen, self.seen + self.missed)

    @property
    def hazard_precision(self) -> float:
        return _share(self.seen, self.seen + self.false)

    @property
    def macro_f1(self) -> float:
        """Mean over the categories that occur among the labels, so that an absent one is no failure."""
        present = [category for category in Category if self._labelled(category)]
        return _share(sum(self.f1(category) for category in present), len(present))

    def f1(self, category: Category) -> float:
        hit = self.confusion[category, category]
        given = sum(self.confusion[right, category] for right in Category)
        return _share(2 * hit, self._labelled(category) + given)

    def _labelled(self, category: Category) -> int:
        return sum(self.confusion[category, given] for given in Category)

    def facts(self) -> dict[str, float | int]:
        """The figures by name, rounded, for a table or JSON."""
        return {
            "texts": self.texts,
            "hazard_texts": self.seen + self.missed,
            "hazards_missed": self.missed,
            "hazards_seen_by_nobody": self.silent,
            "hazard_recall": round(self.hazard_recall, 4),
            "hazard_precision": round(self.hazard_precision, 4),
            "emergencies_too_low": self.too_low,
            "urgency_macro_f1": round(self.macro_f1, 4),
            "fault_top1": round(_share(self.fault_first, self.texts), 4),
            "fault_top3": round(_share(self.fault_in_three, self.texts), 4),
            "to_person": round(_share(self.to_person, self.texts), 4),
        }


def measure(labelled: Iterable[Labelled], answer: Callable[[Labelled], Answer]) -> Score:
    score = Score()
    for right in labelled:
        score.add(right, answer(right))
    return score


def confusion_rows(score: Score) -> Sequence[Sequence[int]]:
    """Rows: labels, columns: answers, both in the order of :class:`Category`."""
    return [[score.confusion[right, given] for given in Category] for right in Category]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
