"""A dispatcher's word against triage's and what crews found on site: what rules and models are judged by."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.triage.domain.model import Category


@dataclass(frozen=True)
class Correction:
    """One override of the urgency of one request."""

    request_id: UUID
    category_before: Category
    category: Category
    reason: str
    by: str
    at: datetime

    @property
    def raises(self) -> bool:
        """Whether the dispatcher made it more urgent: triage had set it too low."""
        return self.category.rank > self.category_before.rank


@dataclass(frozen=True)
class Corrected:
    """A correction beside what triage had decided (None while the decision is not known here)."""

    correction: Correction
    fault: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True)
class FaultFound:
    """The fault as a crew saw it; ``fault`` may be a word of theirs that the catalogue does not know."""

    request_id: UUID
    fault: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Judged:
    """What was found beside the fault that triage had named (None while the decision is not known here)."""

    found: FaultFound
    decided: str | None


@dataclass(frozen=True)
class Tally:
    """Corrections counted: category decided by category set, faults and rules set too low or too high."""

    confusion: Counter[tuple[Category, Category]]
    too_low: Counter[str]
    too_high: Counter[str]


def tally(corrected: Iterable[Corrected]) -> Tally:
    """Count corrections; a fault counts as ``fault:…``, a rule that led to the decision by its id."""
    counted = Tally(Counter(), Counter(), Counter())
    for one in corrected:
        counted.confusion[one.correction.category_before, one.correction.category] += 1
        side = counted.too_low if one.correction.raises else counted.too_high
        side.update([f"fault:{one.fault}", *one.rules])
    return counted


def mistaken(judged: Iterable[Judged]) -> Counter[tuple[str, str]]:
    """Faults that triage named, by the other fault that was found instead."""
    return Counter(
        (one.decided, one.found.fault) for one in judged if one.decided and one.decided != one.found.fault
    )
