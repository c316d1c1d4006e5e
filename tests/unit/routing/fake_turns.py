"""The queues of crews in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.case import Case, Status
from services.routing.domain.turns import Turn

_OPEN = (Status.WAITING, Status.ASSIGNED)


@dataclass(frozen=True)
class PlanRow:
    version: int = 0
    leased_until: datetime | None = None


class FakeTurns:
    def __init__(
        self, turns: dict[UUID, Turn], plans: dict[UUID, PlanRow], cases: Mapping[UUID, Case]
    ) -> None:
        self._turns, self._plans, self._cases = turns, plans, cases

    def of(self, organisation_id: UUID) -> list[Turn]:
        own = [turn for turn in self._turns.values() if turn.organisation_id == organisation_id]
        return sorted(own, key=lambda turn: (turn.crew_id, *_in_order(turn)))

    def get(self, request_id: UUID) -> Turn | None:
        return self._turns.get(request_id)

    def next_up(self, crew_ids: Collection[UUID]) -> list[Turn]:
        first: dict[UUID, Turn] = {}
        for turn in sorted(self._turns.values(), key=_in_order):
            if turn.crew_id in crew_ids and self._status(turn) is Status.WAITING:
                first.setdefault(turn.crew_id, turn)
        return sorted(first.values(), key=lambda turn: turn.crew_id)

    def of_crews(self, crew_ids: Collection[UUID]) -> list[Turn]:
        own = [turn for turn in self._turns.values() if turn.crew_id in crew_ids]
        waiting = [turn for turn in own if self._status(turn) is Status.WAITING]
        return sorted(waiting, key=lambda turn: (turn.crew_id, *_in_order(turn)))

    def kept(self, request_ids: Collection[UUID], planned_after: datetime) -> set[UUID]:
        return {
            id_
            for id_, turn in self._turns.items()
            if id_ in request_ids and (turn.planned_at > planned_after or turn.pinned)
        }

    def put(self, turn: Turn) -> None:
        row = self._plans.get(turn.organisation_id, PlanRow())
        self._plans[turn.organisation_id] = replace(row, version=row.version + 1)
        self._turns[turn.request_id] = turn

    def drop(self, request_id: UUID, pinned_too: bool = True) -> None:
        turn = self._turns.get(request_id)
        if turn is not None and (pinned_too or not turn.pinned):
            del self._turns[request_id]

    def organisations(self) -> list[UUID]:
        waiting = {case.organisation_id for case in self._cases.values() if case.wants_crew}
        planned = {turn.organisation_id for turn in self._turns.values()}
        return sorted(id_ for id_ in waiting | planned if id_ is not None)

    def claim(self, organisation_id: UUID, now: datetime, until: datetime) -> int | None:
        row = self._plans.get(organisation_id, PlanRow())
        if row.leased_until is not None and row.leased_until > now:
            return None
        self._plans[organisation_id] = replace(row, leased_until=until)
        return row.version

    def replace(self, organisation_id: UUID, version: int, queues: Sequence[Turn], now: datetime) -> bool:
        if self._plans[organisation_id].version != version:
            self._plans[organisation_id] = PlanRow(self._plans[organisation_id].version)
            return False
        self._plans[organisation_id] = PlanRow(version + 1)
        for id_, turn in list(self._turns.items()):
            if turn.organisation_id == organisation_id and not (turn.pinned and self._status(turn) in _OPEN):
                del self._turns[id_]
        for turn in queues:
            if self._status(turn) is Status.WAITING:
                pinned = self._turns.get(turn.request_id, turn)
                self._turns[turn.request_id] = replace(
                    pinned, place=turn.place, planned_at=turn.planned_at, arrives_at=turn.arrives_at
                )
        return True

    def _status(self, turn: Turn) -> Status | None:
        case = self._cases.get(turn.request_id)
        return None if case is None else case.status


def _in_order(turn: Turn) -> tuple[bool, int, UUID]:
    return not turn.pinned, turn.place, turn.request_id
