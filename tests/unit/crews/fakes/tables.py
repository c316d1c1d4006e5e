"""What the fake store holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.crews.domain.access import Attempts, Login
from services.crews.domain.audit import AccessAct
from services.crews.domain.documents import Document
from services.crews.domain.feed import Topic
from services.crews.domain.media import Media
from services.crews.domain.messages import Message
from services.crews.domain.notes import Note
from services.crews.domain.orders import Step, WorkOrder
from services.crews.domain.people import Position, Shift, Staff
from services.crews.domain.push import Push, Subscription
from services.crews.domain.records import Record
from services.crews.domain.rosters import DutyShift, Roster, RosterAct
from services.crews.domain.sessions import PairingCode, RefreshToken, Session
from services.crews.domain.signals import Signal


@dataclass
class Tables:
    """What is stored; a transaction works on a copy."""

    orders: dict[UUID, WorkOrder] = field(default_factory=dict)
    changes: dict[UUID, int] = field(default_factory=dict)
    feed: dict[tuple[UUID, Topic, UUID], int] = field(default_factory=dict)
    notes: dict[UUID, Note] = field(default_factory=dict)
    signals: dict[UUID, Signal] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    phones: dict[UUID, Subscription] = field(default_factory=dict)
    pushes: dict[int, tuple[Push, datetime]] = field(default_factory=dict)
    pushed: int = 0
    steps: list[tuple[UUID, Step]] = field(default_factory=list)
    staff: Staff = field(default_factory=lambda: Staff({}, {}, {}))
    told: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    shifts: dict[UUID, Shift] = field(default_factory=dict)
    positions: dict[UUID, tuple[Position, Position]] = field(default_factory=dict)
    logins: dict[str, tuple[Login, str]] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    codes: dict[UUID, PairingCode] = field(default_factory=dict)
    acts: list[AccessAct] = field(default_factory=list)
    rosters: dict[UUID, Roster] = field(default_factory=dict)
    roster_acts: list[RosterAct] = field(default_factory=list)
    duty: dict[UUID, DutyShift] = field(default_factory=dict)
    records: dict[UUID, Record] = field(default_factory=dict)
    media: dict[UUID, Media] = field(default_factory=dict)
    parts: dict[UUID, bytes] = field(default_factory=dict)
    documents: dict[UUID, Document] = field(default_factory=dict)
    serials: dict[tuple[UUID, int], int] = field(default_factory=dict)
