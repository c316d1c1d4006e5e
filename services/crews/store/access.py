"""Logins, the hashes of their passwords, and attempts that failed."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.access import Attempts, Login, Role
from services.crews.store.tables import login_attempts, logins


class Logins:
    """Logins by name."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> tuple[Login, str] | None:
        """A login and the hash of its password."""
        row = (
            self._connection.execute(sa.select(logins).where(logins.c.name == name)).mappings().one_or_none()
        )
        return None if row is None else (_login(row), row["password_hash"])

    def names(self) -> set[str]:
        return set(self._connection.scalars(sa.select(logins.c.name)))

    def everyone(self) -> list[Login]:
        """Every login by name."""
        query = sa.select(logins).order_by(logins.c.name)
        return [_login(row) for row in self._connection.execute(query).mappings()]

    def of_crew(self, crew_id: UUID) -> Login | None:
        """The login of a crew's devices, the first by name if there are several."""
        query = sa.select(logins).where(logins.c.crew_id == crew_id).order_by(logins.c.name).limit(1)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _login(row)

    def save(self, login: Login, password_hash: str | None = None) -> None:
        """Store a login; without a hash it must exist and keeps its password."""
        row: dict[str, Any] = {**asdict(login), "roles": sorted(login.roles)}
        if password_hash is None:
            self._connection.execute(logins.update().where(logins.c.name == login.name).values(row))
            return
        row["password_hash"] = password_hash
        statement = insert(logins).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))

    def attempts(self, name: str, now: datetime) -> Attempts | None:
        """The attempts counted for a name, locked: the next attempt at it waits for this transaction."""
        blank = insert(login_attempts).values(name=name, count=0, since=now, rests_until=None)
        locked = blank.on_conflict_do_update(index_elements=["name"], set_={"name": blank.excluded.name})
        row = self._connection.execute(locked.returning(login_attempts)).mappings().one()
        return Attempts(row["count"], row["since"], row["rests_until"]) if row["count"] else None

    def set_attempts(self, name: str, attempts: Attempts) -> None:
        values = asdict(attempts)
        self._connection.execute(login_attempts.update().where(login_attempts.c.name == name).values(values))

    def forget_attempts(self, name: str) -> None:
        self._connection.execute(login_attempts.delete().where(login_attempts.c.name == name))

    def forget_attempts_before(self, moment: datetime) -> int:
        """Drop what was counted before ``moment``; returns how many names that were."""
        dropped = self._connection.execute(login_attempts.delete().where(login_attempts.c.since < moment))
        return dropped.rowcount


def _login(row: sa.RowMapping) -> Login:
    values = {name: row[name] for name in ("name", "organisation_id", "person_id", "crew_id", "active")}
    return Login(**values, roles=frozenset(map(Role, row["roles"])))
