"""A dispatcher's word against triage's: the material that rules and models are later judged by."""

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
