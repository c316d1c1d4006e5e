"""What the rules found in one message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.triage.domain.model import Category, Fault, Rule
from services.triage.domain.patterns import Match


@dataclass(frozen=True)
class Finding:
    """A rule that speaks; ``order`` is its place in the rule book (earlier weighs more)."""

    rule: Rule
    order: int
    matches: Sequence[Match]

    @property
    def category(self) -> Category | None:
        return self.rule.fault.category if self.rule.fault else self.rule.at_least

    @property
    def rank(self) -> int:
        return self.category.rank if self.category else Category.CONSULTATION.rank

    @property
    def weight(self) -> tuple[int, int]:
        """Smaller is weightier: the more urgent first, then the order of the book."""
        return (-self.rank, self.order)

    @property
    def is_emergency(self) -> bool:
        return self.category is Category.EMERGENCY

    @property
    def fault(self) -> Fault:
        assert self.rule.fault is not None
        return self.rule.fault


@dataclass
class Findings:
    """Everything that spoke in one message, by kind."""

    faults: Sequence[Finding]
    raises: Sequence[Finding]
    complaints: Sequence[Finding]
    questions: Sequence[Finding]
    places: Sequence[Finding]
    others: Sequence[Finding]
    denials: Sequence[Match] = field(default_factory=list)
    unexplained: int = 0

    def leading(self, most_unexplained: int) -> Finding | None:
        """What the message is about: the most urgent fault, else a complaint, else a pure question."""
        if self.faults:
            return min(self.faults, key=lambda finding: finding.weight)
        if self.complaints:
            return self.complaints[0]
        if self.questions and not self.raises and self.unexplained <= most_unexplained:
            return self.questions[0]
        return None

    def contributing(self, with_questions: bool) -> Iterator[Finding]:
        """What belongs to the reasons; questions only if the message is one, or nothing."""
        yield from self.faults
        yield from self.raises
        yield from self.complaints
        if with_questions:
            yield from self.questions
        yield from self.others
