"""Which fault a message is about: what the rules found, and what the statistical model thinks of it.

The rules come first. The model speaks where no rule knows the fault, chooses among faults of equal urgency,
and may put a fault of greater urgency in the place of the rules'. It raises, it never lowers.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.triage.domain.book import Limits, RuleBook
from services.triage.domain.findings import Finding, Findings
from services.triage.domain.model import UNKNOWN_FAULT, Category, Fault, Hazard, Kind, System

_UNKNOWN_CONFIDENCE = 0.2
_MUCH_LIKELIER = 5.0
_WORTH_CHOOSING = 0.5


@dataclass(frozen=True)
class Opinion:
    """The model's view of a message: probabilities of the catalogue's faults, the likeliest first.

    ``parts`` are the same for each sentence by itself, where there are several: a danger named in one of them
    must not be diluted by the others. ``telling`` names the words that speak most for a fault.
    """

    likelihoods: Mapping[str, float] = field(default_factory=dict)
    version: str | None = None
    parts: Sequence[Mapping[str, float]] = ()
    telling: Callable[[str], tuple[str, ...]] = lambda _: ()

    def without(self, denied: Collection[Hazard], book: RuleBook) -> "Opinion":
        """The opinion but for faults with a danger that the message denies: there the rules decide."""
        if not denied:
            return self
        kept = [
            {fault: sure for fault, sure in likely.items() if book.faults[fault].is_free_of(denied)}
            for likely in (self.likelihoods, *self.parts)
        ]
        return replace(self, likelihoods=kept[0], parts=kept[1:])

    def of(self, fault: Fault) -> float:
        return self.likelihoods.get(fault.id, 0.0)

    def best(self, book: RuleBook) -> tuple[Fault, float]:
        """The likeliest fault; the unknown one with 0 if the model knows none."""
        fault, probability = next(iter(self.likelihoods.items()), (UNKNOWN_FAULT, 0.0))
        return book.faults[fault], 0.0 if fault == UNKNOWN_FAULT else probability

    def sure_of_category(self, category: Category, book: RuleBook) -> float:
        """The probability that it is no more urgent than ``category``; of an emergency, that it is one."""
        if category is Category.EMERGENCY:
            return self._sum(book, lambda fault: fault.category is category)
        return self._sum(book, lambda fault: fault.category.rank <= category.rank)

    def sure_of_system(self, system: System, book: RuleBook) -> float:
        return self._sum(book, lambda fault: fault.system is system)

    def _sum(self, book: RuleBook, fits: Callable[[Fault], bool]) -> float:
        return sum(sure for fault, sure in self.likelihoods.items() if fits(book.faults[fault]))

    def dangers(self, book: RuleBook) -> Iterator[Hazard]:
        """Hazards likely enough to raise, each summed over the faults that it goes with: in the whole
        message, or nearly surely in one sentence of it."""
        for hazard, faults in book.dangerous.items():
            whole = sum(self.likelihoods.get(fault, 0.0) for fault in faults)
            if whole >= book.limits.model_danger or any(
                sum(part.get(fault, 0.0) for fault in faults) >= book.limits.model_danger_part
                for part in self.parts
            ):
                yield hazard


@dataclass(frozen=True)
class Lead:
    """The fault that a decision is about, who says so (a rule's finding or the model), and how surely.

    ``doubtful``: the model alone says so and may well have set the urgency too low.
    """

    fault: Fault
    confidence: float
    finding: Finding | None = None
    by_model: bool = False
    doubtful: bool = False

    @property
    def is_talk(self) -> bool:
        """A mere question or complaint, or nothing recognised: no fault that a rule or the model names."""
        return not self.by_model and (self.finding is None or self.finding.rule.kind is not Kind.FAULT)


def lead(book: RuleBook, findings: Findings, opinion: Opinion) -> Lead:
    """The fault to act on. ``confidence`` is that of the rule or the model before what stands beside it."""
    found = _of_rules(book, findings, opinion)
    learned, probability = opinion.best(book)
    if found.is_talk:
        speaks = _speaks_alone(found, learned, probability, book.limits)
    else:
        speaks = probability >= book.limits.model_over and _outranks(learned, found.fault)
    return _learned(learned, found.finding, opinion, book) if speaks else found


def _learned(fault: Fault, finding: Finding | None, opinion: Opinion, book: RuleBook) -> Lead:
    """As sure as the model is of the urgency and of the system, whichever is less."""
    urgency = opinion.sure_of_category(fault.category, book)
    confidence = min(urgency, opinion.sure_of_system(fault.system, book))
    return Lead(fault, confidence, finding, by_model=True, doubtful=urgency < book.limits.model_doubt)


def _outranks(learned: Fault, found: Fault) -> bool:
    """More urgent, or as urgent and of another system where no emergency is at stake."""
    if learned.category is found.category:
        return learned.system is not found.system and found.category is not Category.EMERGENCY
    return learned.category.rank > found.category.rank


def _of_rules(book: RuleBook, findings: Findings, opinion: Opinion) -> Lead:
    first = findings.leading(book.limits.most_unexplained)
    if first is None:
        return Lead(book.faults[UNKNOWN_FAULT], _UNKNOWN_CONFIDENCE)
    if first.rule.kind is Kind.FAULT:
        first = _likeliest(first, findings, opinion)
    return Lead(first.fault, first.rule.certainty, first)


def _likeliest(first: Finding, findings: Findings, opinion: Opinion) -> Finding:
    """Of equally urgent faults of different systems the one the model finds much likelier, else the first
    (within a system the order of the book is deliberate). One with a danger gives way only to another."""
    rivals = [finding for finding in findings.faults if finding is first or _rivals(first, finding)]
    best = max(rivals, key=lambda finding: opinion.of(finding.fault))
    likely = opinion.of(best.fault)
    clear = likely >= _WORTH_CHOOSING and likely >= _MUCH_LIKELIER * opinion.of(first.fault)
    return best if clear else first


def _rivals(first: Finding, other: Finding) -> bool:
    equal = other.rank == first.rank and bool(other.rule.hazards) >= bool(first.rule.hazards)
    return equal and other.fault.system is not first.fault.system


def _speaks_alone(found: Lead, learned: Fault, probability: float, limits: Limits) -> bool:
    """Where rules know no fault; a question or complaint is outweighed only by something that needs work."""
    if found.finding is None:
        return probability >= limits.model_alone
    asked = found.finding.rule.kind is Kind.QUESTION
    return learned.category is not Category.CONSULTATION and probability >= (
        limits.model_over if asked else limits.model_alone
    )
