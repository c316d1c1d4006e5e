"""A request handed to a responsible organisation: when, how, to which unit, and whether it was received."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.words import Channel
from services.routing.errors import AlreadyAcknowledged, InvalidTransfer


@dataclass(frozen=True)
class Transfer:
    """The record that D-1.3-U4 demands; it cannot exist without time, channel and unit (design rule 6.3).

    ``acknowledge_by`` comes from the norm; an unacknowledged transfer past it is an alarm (D-1.3-U5).
    """

    transfer_id: UUID
    request_id: UUID
    organisation_id: UUID
    unit: str
    channel: Channel
    transferred_at: datetime
    acknowledge_by: datetime
    acknowledged_at: datetime | None = None
    acknowledged_channel: Channel | None = None
    acknowledged_by: str | None = None
    acknowledged_unit: str | None = None

    def __post_init__(self) -> None:
        missing = [name for name, there in self._mandatory().items() if not there]
        if missing:
            raise InvalidTransfer(missing=missing)

    def _mandatory(self) -> dict[str, bool]:
        return {
            "transferred_at": _is_moment(self.transferred_at),
            "acknowledge_by": _is_moment(self.acknowledge_by),
            "channel": self.channel in set(Channel),
            "unit": bool((self.unit or "").strip()),
        }

    def overdue(self, now: datetime) -> bool:
        """Whether the norm has passed without an acknowledgement."""
        return self.acknowledged_at is None and now > self.acknowledge_by


def acknowledge(
    transfer: Transfer, at: datetime, channel: Channel, by: str, unit: str | None = None
) -> Transfer:
    """The transfer, received; raises :class:`AlreadyAcknowledged` the second time."""
    if transfer.acknowledged_at is not None:
        raise AlreadyAcknowledged
    return replace(
        transfer,
        acknowledged_at=at,
        acknowledged_channel=channel,
        acknowledged_by=by,
        acknowledged_unit=unit,
    )


def _is_moment(value: datetime | None) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None
