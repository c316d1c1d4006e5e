"""A dispatcher's word against triage's: the material that rules and models are later judged by."""

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
