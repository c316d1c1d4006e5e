"""Whole lives as events on the wire, made from the contracts' examples."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from shared.envelope import Event
from tests.support import contracts

CREW_STAGES = ("accepted", "departed", "arrived", "working", "localised", "completed")
REQUEST = contracts.example("intake", "request.registered")["request_id"]
ORDER = contracts.example("routing", "assignment.made")["assignment_id"]


class Wire:
    """Tells events of one request, a second apart; each valid by its contract."""

    def __init__(self, now: datetime, request_id: str | None = None, order_id: str | None = None) -> None:
        self.now = now
        self.request_id = request_id or str(uuid4())
        self.order_id = order_id or str(uuid4())
        self.story = str(uuid4())

    def event(self, source: str, type_: str, *times: str, **changes: Any) -> Event:
        """The example with this request's ids, ``times`` set to the moment now (or later, by timedelta)."""
        self.now += timedelta(seconds=1)
        moments = {name: self.now.isoformat() for name in times}
        later = {
            name: (self.now + value).isoformat() if isinstance(value, timedelta) else value
            for name, value in changes.items()
        }
        fields: dict[str, Any] = {"request_id": self.request_id, **moments, **later}
        event = contracts.event(source, type_, **fields)
        return replace(event, correlation_id=self.story)

    def registered(self) -> Event:
        return self.event("intake", "request.registered", "received_at", "registered_at")

    def classified(self, category: str = "emergency", **changes: Any) -> Event:
        return self.event("triage", "request.classified", "decided_at", category=category, **changes)

    def transferred(self) -> Event:
        due = timedelta(minutes=3)
        return self.event("routing", "request.transferred", "transferred_at", acknowledge_by=due)

    def made(self) -> Event:
        due, order = timedelta(minutes=2), self.order_id
        return self.event("routing", "assignment.made", "offered_at", respond_by=due, assignment_id=order)

    def withdrawn(self, reason: str = "no_response") -> Event:
        return self.event("routing", "assignment.withdrawn", "at", assignment_id=self.order_id, reason=reason)

    def stage(self, stage: str, result: str | None = None, **changes: Any) -> Event:
        changes = {"assignment_id": self.order_id, "stage": stage, "result": result, "note": None, **changes}
        return self.event("crews", "assignment.progressed", "at", device_at=None, **changes)

    def message(self) -> Event:
        return self.event("notify", "message.progressed", "at")

    def dispatched(self, category: str = "emergency") -> list[Event]:
        return [self.registered(), self.classified(category), self.transferred(), self.made()]

    def life(self, result: str = "fixed", category: str = "emergency") -> list[Event]:
        """From registration to the end of the work, with a message on the way."""
        events = [*self.dispatched(category), self.message()]
        events += [self.stage(stage) for stage in CREW_STAGES[:-1]]
        return [*events, self.stage("completed", result)]
