"""What a crew entered beside the stages of its orders: nothing of it is ever lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.crews.domain.moments import DeviceTime

NOTE = "note"
CORRECTABLE = ("place", "fault", "system", "address", "lat", "lon")
"""What a crew may find to be otherwise than its card says."""
_NAMESPACE = UUID("6d3f0a52-9c1e-4f7b-8a24-5e0b7c9d1f36")


@dataclass(frozen=True)
class Command:
    """What a device asks for, once: ``key`` makes it safe to send again, ``entered`` is what was typed."""

    name: str
    key: str
    fingerprint: str
    crew_id: UUID
    by: str
    entered: Mapping[str, Any]
    assignment_id: UUID | None = None
    time: DeviceTime = field(default_factory=DeviceTime)

    @property
    def id(self) -> UUID:
        """The same for the same command, however often it is sent."""
        return uuid5(_NAMESPACE, f"{self.by} {self.key} {self.fingerprint}")


@dataclass(frozen=True)
class Note:
    """One entry of a crew: a note in words, or a command that was refused (``refused`` is the code)."""

    id: UUID
    crew_id: UUID
    assignment_id: UUID | None
    command: str
    by: str
    at: datetime
    recorded_at: datetime
    device_at: datetime | None
    entered: Mapping[str, Any]
    refused: str | None = None

    @classmethod
    def of(cls, command: Command, at: datetime, now: datetime, refused: str | None = None) -> "Note":
        return cls(
            id=command.id,
            crew_id=command.crew_id,
            assignment_id=command.assignment_id,
            command=command.name,
            by=command.by,
            at=at,
            recorded_at=now,
            device_at=command.time.done_at,
            entered=command.entered,
            refused=refused,
        )

    def on(self, assignment_id: UUID, command: str, entered: Mapping[str, Any]) -> "Note":
        """What the same words of the crew mean for another of its orders."""
        id_ = uuid5(_NAMESPACE, f"{self.id} {assignment_id}")
        return replace(self, id=id_, assignment_id=assignment_id, command=command, entered=entered)
