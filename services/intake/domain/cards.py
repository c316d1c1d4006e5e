"""Cards of partners: one trouble as another dispatch service has written it down."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KeptCard:
    """One revision of a card as it came: ``content`` is its original text, word for word."""

    partner_id: str
    external_id: str
    revision: int
    request_id: UUID
    fingerprint: str
    content: str
    received_at: datetime
