"""Calls to make, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.notify.domain.untold import WAITING, CallState, CallToMake
from services.notify.usecases.ports import Backlog, Untold


class Kept(Protocol):
    """What of the tables is needed here."""

    @property
    def calls_to_make(self) -> dict[UUID, CallToMake]: ...
    @property
    def messages(self) -> Mapping[UUID, Any]: ...
    @property
    def requests(self) -> Mapping[UUID, Any]: ...
    @property
    def urgencies(self) -> Mapping[UUID, Any]: ...


class FakeCallsToMake:
    def __init__(self, tables: Kept) -> None:
        self._tables = tables

    def add(self, call: CallToMake) -> None:
        if not call.urgent:
            self.overtake(call.request_id, call.occurred_at, call.since)
        self._tables.calls_to_make.setdefault(call.id, call)

    def lock(self, call_id: UUID) -> CallToMake | None:
        return self._tables.calls_to_make.get(call_id)

    def save(self, call: CallToMake) -> None:
        self._tables.calls_to_make[call.id] = call

    def overtake(self, request_id: UUID, before: datetime, now: datetime) -> None:
        for call in list(self._tables.calls_to_make.values()):
            same = call.request_id == request_id and not call.urgent and call.state is CallState.OPEN
            if same and call.occurred_at < before:
                ended = replace(call, state=CallState.OVERTAKEN, ended_at=now, version=call.version + 1)
                self.save(ended)

    def find(self, call_id: UUID) -> Untold | None:
        call = self._tables.calls_to_make.get(call_id)
        return self._untold(call) if call else None

    def waiting(self, limit: int) -> Sequence[Untold]:
        found = [self._untold(call) for call in self._waiting() if self._has_number(call)]
        found.sort(key=lambda o: (not o.call.urgent, not self._alarms(o.call), o.call.due_at, o.call.id))
        return found[:limit]

    def alarming(self) -> Backlog:
        since = [call.since for call in self._waiting() if self._alarms(call) and self._has_number(call)]
        return Backlog(len(since), min(since, default=None))

    def _waiting(self) -> list[CallToMake]:
        return [call for call in self._tables.calls_to_make.values() if call.state in WAITING]

    def _has_number(self, call: CallToMake) -> bool:
        return self._tables.messages[call.id].phone is not None

    def _category(self, call: CallToMake) -> str | None:
        known = self._tables.urgencies.get(call.request_id)
        return known.category if known else None

    def _alarms(self, call: CallToMake) -> bool:
        return call.urgent or self._category(call) == "emergency"

    def _untold(self, call: CallToMake) -> Untold:
        request = self._tables.requests.get(call.request_id)
        number = request.number if request else ""
        return Untold(call, self._tables.messages[call.id], number, self._category(call))
