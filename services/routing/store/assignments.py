"""Assignments, their moves, and transfers in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.assignment import LIVE, ON_SITE, Assignment, Leave, Move, State, Unheard
from services.routing.domain.transfer import Transfer, TransferRefusal
from services.routing.domain.words import FOR_OTHERS, Category, Channel
from services.routing.store.tables import assignment_moves, assignments, cases, crews, transfers

_WORDS: dict[str, type[Channel] | type[TransferRefusal]] = {
    "channel": Channel,
    "acknowledged_channel": Channel,
    "refused_channel": Channel,
    "refused_because": TransferRefusal,
}
LIVE_STATES = sorted(state.value for state in LIVE)
_CHANGING = ("state", "changed_at", "report_sequence", "silent_at", "leave")
_FREE_AGAIN = (State.DECLINED.value, State.WITHDRAWN.value)

# A taken request or crew makes this insert nothing; a rival still undecided makes it wait for the outcome.
_OFFER = insert(assignments).on_conflict_do_nothing().returning(assignments.c.assignment_id)
_SAVE = (
    assignments.update()
    .where(assignments.c.assignment_id == sa.bindparam("key"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)
# Work that has ended is left by nobody: who was asked to leave it is now simply asked.
_NO_LONGER_INSTEAD = (
    assignments.update()
    .where(assignments.c.instead_of == sa.bindparam("key"), assignments.c.state == State.OFFERED.value)
    .values(instead_of=None)
)
_EXPIRED = (
    sa.select(assignments.c.request_id)
    .join(cases, cases.c.request_id == assignments.c.request_id)
    .where(assignments.c.state == State.OFFERED.value, assignments.c.respond_by < sa.bindparam("now"))
    .order_by(assignments.c.respond_by)
    .limit(1)
    .with_for_update(skip_locked=True)
)

_AT_WORK = sorted(state.value for state in ON_SITE)
_UNDER_WAY = (State.ACCEPTED.value, State.DEPARTED.value)
_tells_positions = crews.c.position_at > assignments.c.offered_at
_told_at = sa.func.greatest(
    assignments.c.changed_at,
    sa.case(
        (_tells_positions, crews.c.position_at),
        else_=assignments.c.offered_at
        + sa.func.make_interval(0, 0, 0, 0, 0, assignments.c.eta_minutes, type_=sa.Interval),
    ),
)

_heard_at = sa.func.greatest(assignments.c.offered_at, assignments.c.changed_at, assignments.c.heard_at)

_taken_for_others = sa.exists().where(
    assignment_moves.c.assignment_id == assignments.c.assignment_id,
    assignment_moves.c.reason.in_(sorted(reason.value for reason in FOR_OTHERS)),
)


class Assignments:
    """Offers to crews and how they went."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def offer(self, assignment: Assignment) -> bool:
        """Store a new offer; False if the request or the crew has a live one, whoever made it."""
        return self._connection.execute(_OFFER, vars(assignment)).first() is not None

    def get(self, assignment_id: UUID) -> Assignment | None:
        return self._one(assignments.c.assignment_id == assignment_id)

    def live(self, request_id: UUID) -> Assignment | None:
        """The one live assignment of a request."""
        return self._one(assignments.c.request_id == request_id, assignments.c.state.in_(LIVE_STATES))

    def offered_instead(self, assignment_id: UUID) -> Assignment | None:
        """The open offer for which its crew would leave this assignment."""
        return self._one(
            assignments.c.instead_of == assignment_id, assignments.c.state == State.OFFERED.value
        )

    def save(self, assignment: Assignment) -> None:
        """Store what changed. When it ends, an offer made instead of it is one like others."""
        changing = {name: getattr(assignment, name) for name in _CHANGING}
        leave = None if assignment.leave is None else asdict(assignment.leave)
        self._connection.execute(_SAVE, {"key": assignment.assignment_id, **changing, "leave": leave})
        if not assignment.is_live:
            self._connection.execute(_NO_LONGER_INSTEAD, {"key": assignment.assignment_id})

    def note(self, move: Move) -> None:
        """Keep who moved it, when, why, on which channel (design §5)."""
        self._connection.execute(assignment_moves.insert(), vars(move))

    def moves(self, assignment_id: UUID) -> list[Move]:
        columns = [assignment_moves.c[field.name] for field in fields(Move)]
        query = sa.select(*columns).where(assignment_moves.c.assignment_id == assignment_id)
        return [_move(row) for row in self._connection.execute(query.order_by("id")).mappings()]

    def asked(self, request_ids: Collection[UUID]) -> dict[UUID, dict[UUID, datetime]]:
        """By request: the crews that had it and gave or were taken it away, and when that last was.

        One that lost it for the sake of others (an outage, an emergency) may be asked again at once.
        """
        query = (
            sa.select(
                assignments.c.request_id,
                assignments.c.crew_id,
                sa.func.max(assignments.c.changed_at).label("at"),
            )
            .where(
                assignments.c.request_id.in_(request_ids),
                assignments.c.state.in_(_FREE_AGAIN),
                ~_taken_for_others,
            )
            .group_by(assignments.c.request_id, assignments.c.crew_id)
        )
        found: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
        for row in self._connection.execute(query):
            found[row.request_id][row.crew_id] = row.at
        return dict(found)

    def claim_expired(self, now: datetime) -> UUID | None:
        """A request whose offer nobody answered in time, its case and offer locked; rivals take another."""
        return self._connection.scalar(_EXPIRED, {"now": now})

    def claim_silent(self, heard_by: Mapping[Category, datetime]) -> UUID | None:
        """A request whose crew is under way and was last heard of before the moment of its category, its case
        and assignment locked. Of a crew that sends no positions nothing is expected before it should be
        there."""
        late = [
            sa.and_(cases.c.category == category.value, _told_at < moment)
            for category, moment in heard_by.items()
        ]
        query = (
            sa.select(assignments.c.request_id)
            .join(cases, cases.c.request_id == assignments.c.request_id)
            .outerjoin(crews, crews.c.crew_id == assignments.c.crew_id)
            .where(assignments.c.state.in_(_UNDER_WAY), sa.or_(*late))
            .order_by(_told_at)
            .limit(1)
            .with_for_update(of=[assignments, cases], skip_locked=True)
        )
        return self._connection.scalar(query)

    def mark_silent(self, late: Unheard, now: datetime) -> int:
        """Mark the live assignments on site whose crew has not been heard of for too long; returns how many.
        What anybody else is at now is left for the next time."""
        risky = sa.or_(cases.c.place.in_(sorted(late.places)), sa.func.cardinality(cases.c.hazards) > 0)
        unheard = [
            sa.and_(risky, _heard_at < late.in_danger),
            *(
                sa.and_(cases.c.category == category, _heard_at < moment)
                for category, moment in late.by_category.items()
            ),
        ]
        found = (
            sa.select(assignments.c.assignment_id)
            .join(cases, cases.c.request_id == assignments.c.request_id)
            .where(assignments.c.state.in_(_AT_WORK), assignments.c.silent_at.is_(None), sa.or_(*unheard))
            .with_for_update(of=assignments, skip_locked=True)
        )
        mark = assignments.update().where(assignments.c.assignment_id.in_(found)).values(silent_at=now)
        return self._connection.execute(mark).rowcount

    def hear(self, crew_id: UUID, at: datetime) -> None:
        """The crew said something at that moment: what it has in hand is not silent."""
        live = sa.and_(assignments.c.crew_id == crew_id, assignments.c.state.in_(LIVE_STATES))
        spoken = sa.func.greatest(assignments.c.heard_at, at)
        still = sa.case((assignments.c.silent_at > at, assignments.c.silent_at))
        self._connection.execute(assignments.update().where(live).values(heard_at=spoken, silent_at=still))

    def _one(self, *conditions: sa.ColumnElement[bool]) -> Assignment | None:
        row = self._connection.execute(sa.select(assignments).where(*conditions)).mappings().one_or_none()
        return None if row is None else read_assignment(row)


_OVERDUE = (
    sa.select(transfers)
    .join(cases, cases.c.request_id == transfers.c.request_id)
    .where(
        transfers.c.acknowledged_at.is_(None),
        transfers.c.refused_at.is_(None),
        # One that was followed by another, or whose request is nobody's business any more, is not raised.
        cases.c.organisation_id == transfers.c.organisation_id,
        cases.c.status.in_(["waiting", "assigned", "handed_over"]),
        sa.or_(
            sa.and_(transfers.c.escalated == 0, transfers.c.acknowledge_by < sa.bindparam("now")),
            sa.and_(transfers.c.escalated == 1, transfers.c.escalate_by < sa.bindparam("now")),
        ),
    )
    .order_by(transfers.c.acknowledge_by)
    .limit(1)
    .with_for_update(of=[cases, transfers], skip_locked=True)
)


class Transfers:
    """Requests handed over, one row each time."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, transfer: Transfer) -> Transfer:
        """Store a transfer of a locked request; returns it with its turn, after all there were."""
        before = sa.select(sa.func.coalesce(sa.func.max(transfers.c.turn), 0)).where(
            transfers.c.request_id == transfer.request_id
        )
        row = {**vars(transfer), "turn": before.scalar_subquery() + 1}
        turn = self._connection.scalar(transfers.insert().values(row).returning(transfers.c.turn))
        return replace(transfer, turn=turn or 1)

    def current(self, request_id: UUID) -> Transfer | None:
        """The latest transfer of a request."""
        row = self._connection.execute(_of(request_id).limit(1)).mappings().one_or_none()
        return None if row is None else read_transfer(row)

    def history(self, request_id: UUID) -> list[Transfer]:
        """Every transfer of a request, the first one first."""
        rows = self._connection.execute(_of(request_id)).mappings().all()
        return [read_transfer(row) for row in reversed(rows)]

    def refusals(self, request_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
        """By request: the organisations that have given it back."""
        query = sa.select(transfers.c.request_id, transfers.c.organisation_id).where(
            transfers.c.request_id.in_(request_ids), transfers.c.refused_at.is_not(None)
        )
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for row in self._connection.execute(query):
            found[row.request_id].add(row.organisation_id)
        return dict(found)

    def claim_overdue(self, now: datetime) -> Transfer | None:
        """A transfer that must be raised to the next rung, locked with its case; rivals take another."""
        row = self._connection.execute(_OVERDUE, {"now": now}).mappings().one_or_none()
        return None if row is None else read_transfer(row)

    def save(self, transfer: Transfer) -> None:
        """Store what became of a transfer: acknowledged, raised, refused. The rest of it never changes."""
        kinds = ("acknowledged_", "refused_", "escalated")
        changing = {name: value for name, value in vars(transfer).items() if name.startswith(kinds)}
        row = transfers.c.transfer_id == transfer.transfer_id
        self._connection.execute(transfers.update().where(row).values(changing))


def read_assignment(row: sa.RowMapping, prefix: str = "") -> Assignment:
    """An assignment of its row, whose columns may carry a prefix."""
    values = {field.name: row[prefix + field.name] for field in fields(Assignment)}
    return Assignment(**{**values, "state": State(values["state"]), "leave": read_leave(values["leave"])})


def read_leave(told: Mapping[str, Any] | None) -> Leave | None:
    """Whether a crew may leave its site, as it is stored."""
    if told is None:
        return None
    return Leave(**{**told, "stage": State(told["stage"]), "holds": tuple(told["holds"])})


def read_transfer(row: sa.RowMapping, prefix: str = "") -> Transfer:
    """A transfer of its row, whose columns may carry a prefix."""
    values = {field.name: row[prefix + field.name] for field in fields(Transfer)}
    for name, kind in _WORDS.items():
        values[name] = None if values[name] is None else kind(values[name])
    return Transfer(**values)


def _of(request_id: UUID) -> sa.Select[Any]:
    return sa.select(transfers).where(transfers.c.request_id == request_id).order_by(transfers.c.turn.desc())


def _move(row: sa.RowMapping) -> Move:
    values = {**row, "from_state": State(row["from_state"]), "to_state": State(row["to_state"])}
    return Move(**values)
