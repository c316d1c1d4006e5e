"""Looking requests up: what is asked for, where a page ended, and what an operator should notice."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.intake.domain.requests import Request
from services.intake.domain.standing import Standing
from services.intake.errors import BadCursor

DAY = timedelta(days=1)
MANY_A_DAY = 10
"""Requests from one number in a day that are worth a look (practice of the CRM «Дома»); never a limit."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of requests, newest first, ended."""

    received_at: datetime
    request_id: UUID

    def cursor(self) -> str:
        """Opaque text for the caller."""
        parts = [self.received_at.isoformat(), str(self.request_id)]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode("ascii")

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """The place in a cursor; raises BadCursor."""
        try:
            received_at, request_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            place = cls(datetime.fromisoformat(received_at), UUID(request_id))
        except (ValueError, TypeError, AttributeError, binascii.Error) as unreadable:
            raise BadCursor from unreadable
        if place.received_at.tzinfo is None:
            raise BadCursor
        return place


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests; None means any. ``number`` is ours or the paper journal's, ``state`` the official one.
    ``since`` and ``until`` are about the time of receiving; ``after`` goes on behind an earlier page."""

    contact_ref: UUID | None = None
    building_id: str | None = None
    street: str | None = None
    house: str | None = None
    number: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: Place | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A request with what journal says of it."""

    request: Request
    standing: Standing | None

    @property
    def state(self) -> str:
        """The official state; our own while journal has not spoken."""
        return self.standing.state if self.standing is not None else self.request.state.value

    @property
    def is_open(self) -> bool:
        """Registered and not finished."""
        return not self.request.is_draft and (self.standing is None or not self.standing.is_finished)


class Notice(StrEnum):
    """What an operator should notice before registering. A notice, never a refusal."""

    MANY_FROM_THIS_NUMBER = "many_from_this_number"
    SAME_TEXT_TODAY = "same_text_today"
    OPEN_HERE = "open_here"
    PAPER_NUMBER_KNOWN = "paper_number_known"


def warnings_of(
    request: Request, theirs: Sequence[Found], here: Sequence[Found], on_paper: Sequence[Found], now: datetime
) -> list[Notice]:
    """``theirs`` are the other requests of this person, ``here`` of this house, ``on_paper`` of this paper
    number."""
    today = [found for found in theirs if found.request.received_at > now - DAY]
    said = _words(request.problem)
    noticed = {
        Notice.MANY_FROM_THIS_NUMBER: len(today) >= MANY_A_DAY,
        Notice.SAME_TEXT_TODAY: any(_words(found.request.problem) == said for found in today if said),
        Notice.OPEN_HERE: any(found.is_open and is_same_flat(request, found.request) for found in here),
        Notice.PAPER_NUMBER_KNOWN: bool(on_paper),
    }
    return [warning for warning, is_so in noticed.items() if is_so]


def is_same_flat(one: Request, other: Request) -> bool:
    """Whether both are about one flat, or both about the house and no flat of it."""
    return _flat(one) == _flat(other)


def _flat(request: Request) -> str | None:
    address = request.full_address
    return address.flat if address is not None else request.details.flat


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
