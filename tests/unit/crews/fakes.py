"""The store of crews in memory: the same promises, checked against the real one in tests/contract/crews."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from services.crews.domain.access import Attempts, Login
from services.crews.domain.orders import Step, WorkOrder
from services.crews.domain.people import Crew, Position, Shift, Staff
from services.crews.usecases.ports import Token
from shared.clock import Clock
from tests.support.fakes import FakeTransaction


@dataclass
class Tables:
    """What is stored; a transaction works on a copy."""

    orders: dict[UUID, WorkOrder] = field(default_factory=dict)
    changes: dict[UUID, int] = field(default_factory=dict)
    steps: list[tuple[UUID, Step]] = field(default_factory=list)
    staff: Staff = field(default_factory=lambda: Staff({}, {}, {}))
    shifts: dict[UUID, Shift] = field(default_factory=dict)
    positions: dict[UUID, tuple[Position, Position]] = field(default_factory=dict)
    logins: dict[str, tuple[Login, str]] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)


class FakeOrders:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def lock(self, assignment_id: UUID) -> None:
        """Nobody else is here."""

    def get(self, assignment_id: UUID) -> WorkOrder | None:
        return self._tables.orders.get(assignment_id)

    def put(self, order: WorkOrder) -> WorkOrder:
        crew_id = order.card.crew_id
        self._tables.changes[crew_id] = self.last_change(crew_id) + 1
        numbered = replace(order, change=self._tables.changes[crew_id])
        self._tables.orders[order.card.assignment_id] = numbered
        return numbered

    def open(self, crew_id: UUID) -> list[WorkOrder]:
        return [order for order in self._of(crew_id) if not order.is_final]

    def changed(self, crew_id: UUID, after: int, limit: int) -> list[WorkOrder]:
        return [order for order in self._of(crew_id) if order.change > after][:limit]

    def last_change(self, crew_id: UUID) -> int:
        return self._tables.changes.get(crew_id, 0)

    def add_step(self, assignment_id: UUID, step: Step) -> None:
        self._tables.steps.append((assignment_id, step))

    def steps(self, assignment_id: UUID) -> list[Step]:
        return [step for owner, step in self._tables.steps if owner == assignment_id]

    def _of(self, crew_id: UUID) -> list[WorkOrder]:
        own = (order for order in self._tables.orders.values() if order.card.crew_id == crew_id)
        return sorted(own, key=lambda order: order.change)


class FakeStaffRegister:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def everything(self) -> Staff:
        return self._tables.staff

    def crew(self, crew_id: UUID) -> Crew | None:
        return self._tables.staff.crews.get(crew_id)

    def save(self, staff: Staff) -> None:
        self._tables.staff = self._tables.staff.updated(staff)


class FakeDuty:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def shift(self, crew_id: UUID) -> Shift | None:
        return self._tables.shifts.get(crew_id)

    def set_shift(self, crew_id: UUID, shift: Shift) -> None:
        self._tables.shifts[crew_id] = shift

    def positions(self, crew_id: UUID) -> tuple[Position, Position] | None:
        return self._tables.positions.get(crew_id)

    def set_positions(self, crew_id: UUID, latest: Position, told: Position) -> None:
        self._tables.positions[crew_id] = latest, told


class FakeLogins:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def find(self, name: str) -> tuple[Login, str] | None:
        return self._tables.logins.get(name)

    def names(self) -> set[str]:
        return set(self._tables.logins)

    def save(self, login: Login, password_hash: str | None = None) -> None:
        kept = password_hash or self._tables.logins[login.name][1]
        self._tables.logins[login.name] = login, kept

    def attempts(self, name: str, now: datetime) -> Attempts | None:
        return self._tables.attempts.get(name)

    def set_attempts(self, name: str, attempts: Attempts) -> None:
        self._tables.attempts[name] = attempts

    def forget_attempts(self, name: str) -> None:
        self._tables.attempts.pop(name, None)

    def forget_attempts_before(self, moment: datetime) -> int:
        old = [name for name, counted in self._tables.attempts.items() if counted.since < moment]
        for name in old:
            del self._tables.attempts[name]
        return len(old)


class FakeUnitOfWork(FakeTransaction):
    """Works on a copy of the tables, which becomes the truth by ``commit``."""

    orders: FakeOrders
    staff: FakeStaffRegister
    duty: FakeDuty
    logins: FakeLogins

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.tables = Tables()
        self._draft = self.tables

    def __enter__(self) -> Self:
        super().__enter__()
        self._open(deepcopy(self.tables))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._open(self.tables)

    def commit(self) -> None:
        super().commit()
        self.tables = self._draft
        self._open(deepcopy(self.tables))

    def _open(self, tables: Tables) -> None:
        self._draft = tables
        self.orders, self.staff = FakeOrders(tables), FakeStaffRegister(tables)
        self.duty, self.logins = FakeDuty(tables), FakeLogins(tables)


class PlainPasswords:
    """Hashes that one can read; counts how often a password was looked at."""

    def __init__(self) -> None:
        self.looked_at = 0

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def matches(self, stored: str | None, password: str) -> bool:
        self.looked_at += 1
        return stored == f"hash of {password}"


class PlainTokens:
    """Tokens that one can read."""

    def issue(self, login: Login, now: datetime) -> Token:
        return Token(f"token of {login.name}", now, tuple(sorted(login.roles)), login.name)
