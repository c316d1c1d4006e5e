"""An organisation as routing knows it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Organisation:
    """Master data, and whether it has crews in this system; one without is called by voice."""

    organisation_id: UUID
    name: str
    kind: str
    active: bool = True
    has_crews: bool = False
