"""One routing database, spoken to by many hands at the same moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from services.routing.domain.assignment import Leave, State
from services.routing.domain.crews import Position
from services.routing.domain.picture import planned
from services.routing.store import UnitOfWork
from services.routing.usecases import dispatch, events, leaving, planning, rounds
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from shared.errors import AvariykaError
from tests.support import racing
from tests.support.database import count
from tests.unit.routing.examples import (
    DISPATCH,
    DISPATCH_SERVICE,
    LAT,
    LON,
    NOW,
    ON_SHIFT,
    classification,
    desk,
    profile,
    registration,
)

DESK = desk()
ENDED = "('completed', 'declined', 'withdrawn')"


class City:
    """One routing database, spoken to by many hands at once."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = FixedClock(NOW)
        self.engine = make_engine(url, pool_size=16)
        self._context = TransactionContext(self.engine, self.clock, "routing", lambda: None)
        events.note_organisation(self.work(), DISPATCH_SERVICE, 1)

    def work(self, cause: Any = None, handler: str = "test") -> UnitOfWork:
        return UnitOfWork(self._context, cause, handler)

    def crew(self, metres_north: float = 1000) -> UUID:
        crew_id = uuid4()
        data = profile(name=str(crew_id), base=Position(LAT + metres_north / 111_195, LON))
        events.note_crew(self.work(), crew_id, data, 1)
        events.note_shift(self.work(), DESK, crew_id, ON_SHIFT, 1)
        return crew_id

    def registered(self) -> UUID:
        request_id = uuid4()
        events.note_registration(self.work(), DESK, registration(request_id))
        return request_id

    def classify(self, request_id: UUID, cause: Any = None, **changes: Any) -> None:
        told = classification(request_id, **changes)
        events.note_classification(self.work(cause), DESK, told)

    def sent(self) -> UUID:
        request_id = self.registered()
        self.classify(request_id)
        return request_id

    def report(self, assignment_id: UUID, request_id: UUID, stage: State, sequence: int = 1) -> bool:
        crew_id = self.holder(request_id) or uuid4()
        told = events.Progress(assignment_id, request_id, crew_id, stage, NOW, "crew", None, sequence)
        return events.note_progress(self.work(), DESK, told)

    def at_work(self, request_id: UUID) -> UUID:
        """Its crew is at work there, and may leave; the assignment."""
        assignment_id = self.live_id(request_id)
        for sequence, stage in enumerate((State.ACCEPTED, State.ARRIVED, State.WORKING), start=1):
            self.report(assignment_id, request_id, stage, sequence)
        self.may_leave(assignment_id, None, 4)
        return assignment_id

    def may_leave(self, assignment_id: UUID, can: bool | None, sequence: int) -> bool:
        leave = Leave(State.WORKING, (), can, sequence)
        return leaving.note_leave(self.work(), DESK, assignment_id, leave)

    def assign(self, request_id: UUID, crew_id: UUID) -> Any:
        order = dispatch.Order("dispatcher-1", request_id)
        return dispatch.assign_crew(self.work(), DESK, order, crew_id, None)

    def cancel(self, request_id: UUID) -> None:
        events.note_state(self.work(), DESK, events.StateChange(request_id, "cancelled", 99))

    def expire(self) -> int:
        return rounds.expire_offers(self.work, DESK)

    def serve(self) -> int:
        return rounds.serve_waiting(self.work, DESK)

    def replan(self) -> int:
        return planning.replan(
            self.work, DESK, lambda picture, desk: planned(picture, desk, lambda: False, 10)
        )

    def live(self) -> list[tuple[UUID, UUID]]:
        """(request, crew) of every live assignment."""
        with self.engine.connect() as connection:
            sql = f"SELECT request_id, crew_id FROM assignments WHERE state NOT IN {ENDED}"
            return [(row[0], row[1]) for row in connection.execute(sa.text(sql))]

    def kept(self) -> list[UUID]:
        """The crew of every live assignment of its own: not of an offer while it is at other work."""
        with self.engine.connect() as connection:
            sql = f"SELECT crew_id FROM assignments WHERE state NOT IN {ENDED} AND instead_of IS NULL"
            return [row[0] for row in connection.execute(sa.text(sql))]

    def holder(self, request_id: UUID) -> UUID | None:
        return dict(self.live()).get(request_id)

    def live_id(self, request_id: UUID) -> UUID:
        with self.work() as work:
            found = work.assignments.live(request_id)
        assert found is not None
        return found.assignment_id

    def told(self, type_: str) -> int:
        return count(self.url, "outbox", f"type = '{type_}'")

    def check(self) -> None:
        """What must hold whatever happened: one crew a request, one request a crew, no story without its
        events, and a case that knows whether it has a crew."""
        live = self.live()
        assert max(Counter(request for request, _ in live).values(), default=1) == 1
        assert max(Counter(self.kept()).values(), default=1) == 1
        assert self.told("assignment.made") == count(self.url, "assignments")
        assert self.told("assignment.withdrawn") == count(self.url, "assignments", "state = 'withdrawn'")
        assert self.told("request.transferred") == count(self.url, "transfers")
        assert count(self.url, "cases", "status = 'assigned'") == len(live)


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """The outcome of each, all let go at the same moment; a refusal is one."""
    return racing.at_once(works, AvariykaError)


def finish(city: City, request_id: UUID) -> None:
    assignment_id = city.live_id(request_id)
    city.report(assignment_id, request_id, State.ACCEPTED, 90)
    city.report(assignment_id, request_id, State.COMPLETED, 91)


def retire(city: City, crew_id: UUID) -> None:
    events.note_crew(city.work(), crew_id, profile(active=False), 99)


def retire_everybody(city: City) -> None:
    with city.work() as work:
        crews = [crew.crew_id for crew in work.roster.crews_of(DISPATCH)]
    for crew_id in crews:
        retire(city, crew_id)
