"""How far a request has come, as ``journal`` says; our copy for whoever asks about a number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

FINISHED = frozenset({"closed", "cancelled", "rejected"})


@dataclass(frozen=True, slots=True)
class Standing:
    """The official state of one request (design §5) since ``at``; ``result`` is how the work ended.

    ``sequence`` grows with every change of the request's state: an older one is no news.
    """

    request_id: UUID
    state: str
    at: datetime
    sequence: int
    result: str | None = None
    overdue: bool = False

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED
