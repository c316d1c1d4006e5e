"""Sessions, digests of refresh tokens, pairing codes, and what happened to access."""

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.sessions import EndReason, Kind, PairingCode, RefreshToken, Session
from services.crews.store.tables import access_acts, pairing_codes, refresh_tokens, sessions

_SPENT_TOKENS_KEPT = timedelta(days=7)
_forgotten = sa.func.coalesce(sessions.c.ended_at, sessions.c.expires_at)


class Sessions:
    """Who is logged in."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, session_id: UUID) -> Session | None:
        """A session, locked until this transaction ends."""
        query = sa.select(sessions).where(sessions.c.id == session_id).with_for_update()
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _session(row)

    def put(self, session: Session) -> None:
        row = asdict(session)
        statement = insert(sessions).values(row).on_conflict_do_update(index_elements=["id"], set_=row)
        self._connection.execute(statement)

    def running(
        self,
        now: datetime,
        *,
        login: str | None = None,
        crew_id: UUID | None = None,
        kind: Kind | None = None,
    ) -> list[Session]:
        """The sessions that have not ended, the earliest first."""
        query = sa.select(sessions).where(sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
        wanted = {sessions.c.login: login, sessions.c.crew_id: crew_id, sessions.c.kind: kind}
        query = query.where(*(column == value for column, value in wanted.items() if value is not None))
        ordered = query.order_by(sessions.c.started_at, sessions.c.id)
        return [_session(row) for row in self._connection.execute(ordered).mappings()]

    def ended_since(self, moment: datetime) -> set[UUID]:
        """The sessions that were ended (not those that ran out) since a moment."""
        return set(self._connection.scalars(sa.select(sessions.c.id).where(sessions.c.ended_at >= moment)))

    def add_token(self, token: RefreshToken) -> None:
        self._connection.execute(refresh_tokens.insert().values(asdict(token)))

    def find_token(self, digest: str) -> RefreshToken | None:
        query = sa.select(refresh_tokens).where(refresh_tokens.c.digest == digest)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else RefreshToken(**row)

    def put_code(self, code: PairingCode) -> None:
        """Store a code in place of the crew's earlier one."""
        row = asdict(code)
        statement = insert(pairing_codes).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["crew_id"], set_=row))

    def take_code(self, digest: str) -> PairingCode | None:
        """A code, which is gone with that: of two callers at once, one gets it."""
        taken = pairing_codes.delete().where(pairing_codes.c.digest == digest).returning(pairing_codes)
        row = self._connection.execute(taken).mappings().one_or_none()
        return None if row is None else PairingCode(**row)

    def forget_before(self, moment: datetime) -> int:
        """Drop sessions ended before ``moment``, tokens long spent, dead codes; returns sessions gone."""
        old = sa.select(sessions.c.id).where(_forgotten < moment)
        self._connection.execute(refresh_tokens.delete().where(refresh_tokens.c.session_id.in_(old)))
        spent = sa.exists().where(
            sessions.c.id == refresh_tokens.c.session_id,
            refresh_tokens.c.number.not_in([sessions.c.latest, sessions.c.used]),
            refresh_tokens.c.issued_at < sessions.c.last_used_at - _SPENT_TOKENS_KEPT,
        )
        self._connection.execute(refresh_tokens.delete().where(spent))
        self._connection.execute(pairing_codes.delete().where(pairing_codes.c.expires_at < moment))
        return self._connection.execute(sessions.delete().where(_forgotten < moment)).rowcount


class AccessLog:
    """What happened to access; rows are only added, and dropped by age."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def note(self, act: AccessAct) -> None:
        row = {name: value for name, value in asdict(act).items() if name != "id"}
        self._connection.execute(access_acts.insert().values(row))

    def has_noted(self, act: Act, by: str, id_: UUID, since: datetime) -> bool:
        """Whether somebody did this with the thing of this id since then."""
        kept = access_acts.c
        same = (kept.act == act.value, kept.by == by, kept.details["id"].astext == str(id_))
        return bool(self._connection.scalar(sa.select(sa.exists().where(kept.at >= since, *same))))

    def read(self, before: int | None, login: str | None, limit: int) -> list[AccessAct]:
        """Up to ``limit`` acts before a number, the latest first."""
        query = sa.select(access_acts).order_by(access_acts.c.id.desc()).limit(limit)
        query = query if before is None else query.where(access_acts.c.id < before)
        query = query if login is None else query.where(access_acts.c.login == login)
        rows = self._connection.execute(query).mappings()
        return [AccessAct(**{**row, "act": Act(row["act"])}) for row in rows]

    def forget_before(self, moment: datetime) -> int:
        return self._connection.execute(access_acts.delete().where(access_acts.c.at < moment)).rowcount


def _session(row: sa.RowMapping) -> Session:
    reason = None if row["end_reason"] is None else EndReason(row["end_reason"])
    return Session(**{**row, "kind": Kind(row["kind"]), "end_reason": reason})
