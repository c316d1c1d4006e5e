"""The envelope of every event on the bus: CloudEvents 1.0, JSON structured mode.

Extension attributes: ``sequence`` (per aggregate, from 1), ``correlationid`` (one story across services),
``causationid`` (the event that led to this one).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.errors import Permanent

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"


class MalformedEvent(Permanent):
    """The message is not a CloudEvent of ours."""

    code = "malformed_event"


@dataclass(frozen=True)
class Event:
    """A fact that one service tells the others. ``subject`` is the id of the aggregate it is about."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any]
    sequence: int
    correlation_id: str
    causation_id: str | None = None

    @property
    def dataschema(self) -> str:
        return f"urn:avariyka:{self.source}:{self.type}:v1"

    def to_json(self) -> dict[str, Any]:
        """The CloudEvents JSON object (also what the outbox stores)."""
        return {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": f"/avariyka/{self.source}",
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "dataschema": self.dataschema,
            "sequence": self.sequence,
            "correlationid": self.correlation_id,
            "causationid": self.causation_id,
            "data": dict(self.data),
        }

    @classmethod
    def from_json(cls, body: Any) -> "Event":
        """Read an envelope; raises :class:`MalformedEvent` when it is not one."""
        try:
            return cls(
                id=_text(body["id"]),
                source=_text(body["source"]).removeprefix("/avariyka/"),
                type=_text(body["type"]),
                subject=_text(body["subject"]),
                time=_aware(datetime.fromisoformat(body["time"])),
                data=dict(body["data"]),
                sequence=int(body["sequence"]),
                correlation_id=_text(body["correlationid"]),
                causation_id=body.get("causationid"),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as broken:
            raise MalformedEvent(f"{type(broken).__name__}: {broken}") from broken


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("an attribute is not a text")
    return value


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without offset")
    return value
