"""A request handed to a responsible organisation: when, how, to which unit, and whether it was received."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.routing.domain.words import Channel
from services.routing.errors import AlreadyAcknowledged, AlreadyRefused, InvalidTransfer


class TransferRefusal(StrEnum):
    """Why an organisation gives a request back; shown under ``transfer_refusal.<code>``."""

    OTHER_NETWORK = "other_network"  # it is on the other side of the wall: the other side is asked
    NOT_OUR_PLACE = "not_our_place"
    NOT_OUR_WORK = "not_our_work"
    NO_CAPACITY = "no_capacity"
    OTHER = "other"


class Rung(StrEnum):
    """Who must deal with a transfer that nobody acknowledges, in turn."""

    DISPATCHER = "dispatcher"
    SENIOR = "senior_dispatcher"


@dataclass(frozen=True)
class Transfer:
    """The record that D-1.3-U4 demands; it cannot exist without time, channel and unit (design rule 6.3).

    ``turn`` counts the transfers of a request: clocks may jump, turns do not. ``acknowledge_by`` comes from
    the norm; unacknowledged past it a transfer is raised to the dispatcher, past ``escalate_by`` to the
    senior (D-1.3-U5); ``escalated`` counts these. ``basis`` says by which rule the organisation answers.
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
    turn: int = 1
    by: str = "system"
    reason: str | None = None
    basis: Mapping[str, Any] | None = None
    escalate_by: datetime | None = None
    escalated: int = 0
    refused_at: datetime | None = None
    refused_because: TransferRefusal | None = None
    refused_channel: Channel | None = None
    refused_by: str | None = None
    refused_note: str | None = None

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

    @property
    def is_open(self) -> bool:
        """Whether the organisation has neither taken nor refused it."""
        return self.acknowledged_at is None and self.refused_at is None

    def overdue(self, now: datetime) -> bool:
        """Whether the norm has passed without an answer."""
        return self.is_open and now > self.acknowledge_by

    def rung_due(self, now: datetime) -> Rung | None:
        """Who must be called next, if it is time."""
        if not self.overdue(now) or self.escalated >= len(Rung):
            return None
        if self.escalated == 0:
            return Rung.DISPATCHER
        return Rung.SENIOR if self.escalate_by is not None and now > self.escalate_by else None


def acknowledge(
    transfer: Transfer, at: datetime, channel: Channel, by: str, unit: str | None = None
) -> Transfer:
    """The transfer, received; raises :class:`AlreadyAcknowledged` or :class:`AlreadyRefused`.

    A clock that was set back does not make it received before it was sent.
    """
    if transfer.acknowledged_at is not None:
        raise AlreadyAcknowledged
    if transfer.refused_at is not None:
        raise AlreadyRefused
    return replace(
        transfer,
        acknowledged_at=max(at, transfer.transferred_at),
        acknowledged_channel=channel,
        acknowledged_by=by,
        acknowledged_unit=unit,
    )


def refuse(
    transfer: Transfer, at: datetime, because: TransferRefusal, channel: Channel, by: str, note: str | None
) -> Transfer:
    """The transfer, given back, even after it was received; raises :class:`AlreadyRefused`."""
    if transfer.refused_at is not None:
        raise AlreadyRefused
    return replace(
        transfer,
        refused_at=max(at, transfer.transferred_at),
        refused_because=because,
        refused_channel=channel,
        refused_by=by,
        refused_note=note,
    )


def _is_moment(value: datetime | None) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None
