"""An outage as the public may know it: a bulletin for maps, portals and broadcasters; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

OPEN, PLANNED = "open", "planned"
_SEEN = frozenset({"open", "closed", "called_off"})
_PRIVATE = "flat"


@dataclass(frozen=True)
class Issue:
    """One version of a bulletin, as it was sent out."""

    version: int
    at: datetime


@dataclass(frozen=True)
class Bulletin:
    """The newest word on an outage. ``before`` is the version that the public saw last."""

    outage_id: UUID
    number: str
    version: int
    kind: str
    state: str
    level: str
    symptoms: Sequence[str]
    houses: Sequence[str]
    dangerous: bool
    tell: Mapping[str, str]
    started_at: datetime
    ends_by: datetime | None
    ended_at: datetime | None
    changed_at: datetime
    before: Issue | None = field(default=None)

    @property
    def is_public(self) -> bool:
        """Neither a mere suspicion nor what concerns a single flat."""
        return self.state in _SEEN and self.level != _PRIVATE

    @property
    def is_active(self) -> bool:
        return self.state == OPEN and self.is_public

    @property
    def issue(self) -> Issue:
        return Issue(self.version, self.changed_at)
