"""Assignments, their moves, and transfers in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.assignment import LIVE, Assignment, Move, State
from services.routing.domain.transfer import Transfer
from services.routing.domain.words import FOR_OTHERS, Category, Channel
from services.routing.store.tables import assignment_moves, assignments, cases, crews, transfers

LIVE_STATES = sorted(state.value for state in LIVE)
_FREE_AGAIN = (State.DECLINED.value, State.WITHDRAWN.value)

# A taken request or crew makes this insert nothing; a rival still undecided makes it wait for the outcome.
_OFFER = insert(assignments).on_conflict_do_nothing().returning(assignments.c.assignment_id)
_SAVE = (
    assignments.update()
    .where(assignments.c.assignment_id == sa.bindparam("key"))
    .values({name: sa.bindparam(name) for name in ("state", "changed_at", "report_sequence")})
)
_EXPIRED = (
    sa.select(assignments.c.request_id)
    .join(cases, cases.c.request_id == assignments.c.request_id)
    .where(assignments.c.state == State.OFFERED.value, assignments.c.respond_by < sa.bindparam("now"))
    .order_by(assignments.c.respond_by)
    .limit(1)
    .with_for_update(skip_locked=True)
)

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

    def save(self, assignment: Assignment) -> None:
        changing = {name: getattr(assignment, name) for name in ("state", "changed_at", "report_sequence")}
        self._connection.execute(_SAVE, {"key": assignment.assignment_id, **changing})

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

    def _one(self, *conditions: sa.ColumnElement[bool]) -> Assignment | None:
        row = self._connection.execute(sa.select(assignments).where(*conditions)).mappings().one_or_none()
        return None if row is None else read_assignment(row)


class Transfers:
    """Requests handed over, one row each time."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, transfer: Transfer) -> None:
        self._connection.execute(transfers.insert(), vars(transfer))

    def current(self, request_id: UUID) -> Transfer | None:
        """The latest transfer of a request."""
        query = (
            sa.select(transfers)
            .where(transfers.c.request_id == request_id)
            .order_by(transfers.c.transferred_at.desc())
            .limit(1)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else read_transfer(row)

    def save(self, transfer: Transfer) -> None:
        """Store the acknowledgement; the rest of a transfer never changes."""
        changing = {name: value for name, value in vars(transfer).items() if name.startswith("acknowledged_")}
        row = transfers.c.transfer_id == transfer.transfer_id
        self._connection.execute(transfers.update().where(row).values(changing))


def read_assignment(row: sa.RowMapping, prefix: str = "") -> Assignment:
    """An assignment of its row, whose columns may carry a prefix."""
    values = {field.name: row[prefix + field.name] for field in fields(Assignment)}
    return Assignment(**{**values, "state": State(values["state"])})


def read_transfer(row: sa.RowMapping, prefix: str = "") -> Transfer:
    """A transfer of its row, whose columns may carry a prefix."""
    values = {field.name: row[prefix + field.name] for field in fields(Transfer)}
    voice = values["acknowledged_channel"]
    values["channel"] = Channel(values["channel"])
    values["acknowledged_channel"] = None if voice is None else Channel(voice)
    return Transfer(**values)


def _move(row: sa.RowMapping) -> Move:
    values = {**row, "from_state": State(row["from_state"]), "to_state": State(row["to_state"])}
    return Move(**values)
