"""The queues of crews in the database, and who plans them now."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.routing.domain.case import Status
from services.routing.domain.turns import Turn
from services.routing.store.tables import cases, plans, turns

_NAMES = tuple(field.name for field in fields(Turn))
_TURNS = sa.select(*(turns.c[name] for name in _NAMES))
_IN_LINE = sa.exists().where(cases.c.request_id == turns.c.request_id, cases.c.status == Status.WAITING.value)
_OPEN = sa.exists().where(
    cases.c.request_id == turns.c.request_id,
    cases.c.status.in_([Status.WAITING.value, Status.ASSIGNED.value]),
)
_PINNED_FIRST = (turns.c.pinned_at.is_(None), turns.c.place, turns.c.request_id)


class Turns:
    """What crews have in line. A plan is a proposal: nothing here sends anybody."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, organisation_id: UUID) -> list[Turn]:
        """The queues of an organisation's crews, crew by crew, the pinned first."""
        query = _TURNS.where(turns.c.organisation_id == organisation_id)
        return self._read(query.order_by(turns.c.crew_id, *_PINNED_FIRST))

    def get(self, request_id: UUID) -> Turn | None:
        found = self._read(_TURNS.where(turns.c.request_id == request_id))
        return found[0] if found else None

    def next_up(self, crew_ids: Collection[UUID]) -> list[Turn]:
        """Of each of these crews the first request in line that still waits."""
        query = _TURNS.where(turns.c.crew_id.in_(crew_ids), _IN_LINE).ext(distinct_on(turns.c.crew_id))
        return self._read(query.order_by(turns.c.crew_id, *_PINNED_FIRST)) if crew_ids else []

    def of_crews(self, crew_ids: Collection[UUID]) -> list[Turn]:
        """What of these crews' queues still waits, crew by crew, the pinned first."""
        query = _TURNS.where(turns.c.crew_id.in_(crew_ids), _IN_LINE)
        return self._read(query.order_by(turns.c.crew_id, *_PINNED_FIRST)) if crew_ids else []

    def kept(self, request_ids: Collection[UUID], planned_after: datetime) -> set[UUID]:
        """Those of these requests that a fresh plan, or a dispatcher, keeps for a certain crew."""
        fresh = sa.or_(turns.c.planned_at > planned_after, turns.c.pinned_by.is_not(None))
        query = sa.select(turns.c.request_id).where(turns.c.request_id.in_(request_ids), fresh)
        return set(self._connection.scalars(query)) if request_ids else set()

    def put(self, turn: Turn) -> None:
        """Store one turn; a plan that is being made does not overwrite it."""
        self._touch(turn.organisation_id)
        row = vars(turn)
        upsert = insert(turns).values(row).on_conflict_do_update(index_elements=["request_id"], set_=row)
        self._connection.execute(upsert)

    def drop(self, request_id: UUID, pinned_too: bool = True) -> None:
        """Forget the turn of a request."""
        own = turns.delete().where(turns.c.request_id == request_id)
        self._connection.execute(own if pinned_too else own.where(turns.c.pinned_by.is_(None)))

    def organisations(self) -> list[UUID]:
        """Those with somebody waiting, or with queues."""
        waiting = sa.select(cases.c.organisation_id).where(
            cases.c.status == Status.WAITING.value, cases.c.organisation_id.is_not(None)
        )
        return sorted(self._connection.scalars(waiting.union(sa.select(turns.c.organisation_id))))

    def claim(self, organisation_id: UUID, now: datetime, until: datetime) -> int | None:
        """The version to plan from; None while another replica plans this organisation."""
        lease = insert(plans).values(organisation_id=organisation_id, version=0, leased_until=until)
        free = sa.or_(plans.c.leased_until.is_(None), plans.c.leased_until <= now)
        claimed = lease.on_conflict_do_update(
            index_elements=["organisation_id"], set_={"leased_until": until}, where=free
        )
        version: int | None = self._connection.scalar(claimed.returning(plans.c.version))
        return version

    def replace(self, organisation_id: UUID, version: int, queues: Sequence[Turn], now: datetime) -> bool:
        """Put these queues in the place of those planned before, but for what is pinned or not in line any
        more; False, and only the lease is given up, if anybody has changed them since ``version``."""
        mine = sa.and_(plans.c.organisation_id == organisation_id, plans.c.version == version)
        values = {"version": plans.c.version + 1, "leased_until": None, "planned_at": now}
        if self._connection.execute(plans.update().where(mine).values(values)).rowcount == 0:
            stale = plans.update().where(plans.c.organisation_id == organisation_id)
            self._connection.execute(stale.values(leased_until=None))
            return False
        of_plan = sa.or_(turns.c.pinned_by.is_(None), ~_OPEN)
        self._connection.execute(turns.delete().where(turns.c.organisation_id == organisation_id, of_plan))
        self._add(queues)
        return True

    def _add(self, queues: Sequence[Turn]) -> None:
        waiting = {row.request_id for row in self._connection.execute(self._still_waiting(queues))}
        rows = [vars(turn) for turn in queues if turn.request_id in waiting]
        if not rows:
            return
        added = insert(turns).values(rows)
        again = {name: added.excluded[name] for name in ("place", "planned_at", "arrives_at")}
        # What was there is pinned: it stays with its crew, and gets its new time.
        self._connection.execute(added.on_conflict_do_update(index_elements=["request_id"], set_=again))

    def _still_waiting(self, queues: Sequence[Turn]) -> sa.Select[tuple[UUID]]:
        asked = [turn.request_id for turn in queues]
        return sa.select(cases.c.request_id).where(
            cases.c.request_id.in_(asked), cases.c.status == Status.WAITING.value
        )

    def _touch(self, organisation_id: UUID) -> None:
        first = insert(plans).values(organisation_id=organisation_id, version=1)
        again = {"version": plans.c.version + 1}
        self._connection.execute(first.on_conflict_do_update(index_elements=["organisation_id"], set_=again))

    def _read(self, query: sa.Select[tuple[object, ...]]) -> list[Turn]:
        return [Turn(**row) for row in self._connection.execute(query).mappings()]
