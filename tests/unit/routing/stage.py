"""A routing service in memory, ready to be told things."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.routing.domain.alarms import Alarm
from services.routing.domain.assignment import Assignment, Leave, State
from services.routing.domain.case import Case
from services.routing.domain.crews import Position, Shift
from services.routing.domain.organisations import Organisation
from services.routing.usecases import events, leaving, rounds, views
from shared.clock import FixedClock
from tests.support import contracts
from tests.unit.routing.examples import (
    DISPATCH_SERVICE,
    LAT,
    LON,
    NOW,
    ON_SHIFT,
    classification,
    desk,
    policy,
    profile,
    registration,
    uid,
)
from tests.unit.routing.fakes import FakeWork


class Stage:
    """The dispatch service with no crews at first; time stands still until told to pass."""

    def __init__(self, **rules: Any) -> None:
        self.clock = FixedClock(NOW)
        self.work = FakeWork(self.clock)
        self.desk = desk(**rules)
        self._sequence = 0
        self.organisation(DISPATCH_SERVICE)

    def organisation(self, organisation: Organisation) -> None:
        events.note_organisation(self.work, organisation, self._next())

    def crew(self, name: str, metres_north: float = 1000, shift: Shift = ON_SHIFT, **changes: Any) -> UUID:
        """A crew on shift so far from the burst pipe."""
        data = profile(**{"name": name, "base": Position(LAT + metres_north / 111_195, LON), **changes})
        events.note_crew(self.work, uid(name), data, self._next())
        events.note_shift(self.work, self.desk, uid(name), shift, self._next())
        return uid(name)

    def request(self, name: str = "request", **classified: Any) -> Case:
        """Register and classify; returns the case as it is then."""
        events.note_registration(self.work, self.desk, registration(uid(name), number=name))
        events.note_classification(self.work, self.desk, classification(uid(name), **classified))
        return self.case(name)

    def report(self, stage: State, name: str = "request", attempt: int | None = None) -> bool:
        """The crew of the latest (or of one) attempt reports a stage."""
        made = self.attempts(name)[-1 if attempt is None else attempt - 1]
        told = events.Progress(
            made.assignment_id,
            made.request_id,
            made.crew_id,
            stage,
            self.clock.now(),
            "crew-7",
            None,
            self._next(),
        )
        return events.note_progress(self.work, self.desk, told)

    def may_leave(self, name: str, *holds: str, can: bool | None = None) -> bool:
        """Crews tells what runs where the crew of this request is, and what it says."""
        made = self.attempts(name)[-1]
        told = Leave(made.state, holds, can, self._next())
        return leaving.note_leave(self.work, self.desk, made.assignment_id, told)

    def at_work(self, name: str, stage: State = State.WORKING) -> None:
        """The crew of this request goes there and begins; nothing keeps it."""
        for step in (State.ACCEPTED, State.DEPARTED, State.ARRIVED, stage):
            self.report(step, name)
        self.may_leave(name)

    def state(self, to_state: str, name: str = "request") -> bool:
        told = events.StateChange(uid(name), to_state, self._next())
        return events.note_state(self.work, self.desk, told)

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    def round(self) -> None:
        """What the clock does in every replica."""
        rounds.expire_offers(lambda: self.work, self.desk)
        rounds.serve_waiting(lambda: self.work, self.desk)

    def case(self, name: str = "request") -> Case:
        return self.work.tables.cases[uid(name)]

    def attempts(self, name: str = "request") -> list[Assignment]:
        own = [a for a in self.work.tables.assignments.values() if a.request_id == uid(name)]
        return sorted(own, key=lambda a: a.attempt)

    def asked(self, name: str = "request") -> list[UUID]:
        """The crews asked, in turn."""
        return [made.crew_id for made in self.attempts(name)]

    def holder(self, name: str = "request") -> UUID | None:
        live = [made.crew_id for made in self.attempts(name) if made.is_live]
        assert len(live) <= 1
        return live[0] if live else None

    def told(self, type_: str) -> list[Mapping[str, Any]]:
        """The events of one type, each held against its contract."""
        found = [event.data for event in self.work.emitted if event.type == type_]
        for data in found:
            contracts.check("routing", type_, data)
        return found

    def alarms(self, started_at: datetime = NOW) -> list[Alarm]:
        return views.list_alarms(self.work, policy(), started_at)

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence
