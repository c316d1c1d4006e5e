"""Logins, sessions and the access log in memory; hashes, tokens and secrets that one can read."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.crews.domain.access import Attempts, Login
from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.sessions import Kind, PairingCode, RefreshToken, Session
from services.crews.usecases.ports import Token
from tests.unit.crews.fakes.tables import Tables


class FakeLogins:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def find(self, name: str) -> tuple[Login, str] | None:
        return self._tables.logins.get(name)

    def names(self) -> set[str]:
        return set(self._tables.logins)

    def everyone(self) -> list[Login]:
        return [self._tables.logins[name][0] for name in sorted(self._tables.logins)]

    def of_crew(self, crew_id: UUID) -> Login | None:
        found = [login for login, _ in self._tables.logins.values() if login.crew_id == crew_id]
        return min(found, key=lambda login: login.name, default=None)

    def save(self, login: Login, password_hash: str | None = None) -> None:
        kept = self._tables.logins[login.name][1] if password_hash is None else password_hash
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


class FakeSessions:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, session_id: UUID) -> Session | None:
        return self._tables.sessions.get(session_id)

    def put(self, session: Session) -> None:
        self._tables.sessions[session.id] = session

    def running(
        self,
        now: datetime,
        *,
        login: str | None = None,
        crew_id: UUID | None = None,
        kind: Kind | None = None,
    ) -> list[Session]:
        found = (
            session
            for session in self._tables.sessions.values()
            if session.runs_at(now)
            and login in (None, session.login)
            and crew_id in (None, session.crew_id)
            and kind in (None, session.kind)
        )
        return sorted(found, key=lambda session: (session.started_at, session.id))

    def ended_since(self, moment: datetime) -> set[UUID]:
        sessions = self._tables.sessions.values()
        return {s.id for s in sessions if s.ended_at is not None and s.ended_at >= moment}

    def add_token(self, token: RefreshToken) -> None:
        self._tables.refresh_tokens[token.digest] = token

    def find_token(self, digest: str) -> RefreshToken | None:
        return self._tables.refresh_tokens.get(digest)

    def put_code(self, code: PairingCode) -> None:
        self._tables.codes[code.crew_id] = code

    def take_code(self, digest: str) -> PairingCode | None:
        found = [code for code in self._tables.codes.values() if code.digest == digest]
        return self._tables.codes.pop(found[0].crew_id) if found else None

    def forget_before(self, moment: datetime) -> int:
        tables = self._tables
        tables.codes = {crew: code for crew, code in tables.codes.items() if code.expires_at >= moment}
        old = {id_ for id_, s in tables.sessions.items() if (s.ended_at or s.expires_at) < moment}
        tables.refresh_tokens = {
            digest: token
            for digest, token in tables.refresh_tokens.items()
            if token.session_id not in old and not self._long_spent(token)
        }
        for id_ in old:
            del tables.sessions[id_]
        return len(old)

    def _long_spent(self, token: RefreshToken) -> bool:
        session = self._tables.sessions[token.session_id]
        is_old = token.issued_at < session.last_used_at - timedelta(days=7)
        return is_old and token.number not in (session.latest, session.used)


class FakeAccessLog:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def note(self, act: AccessAct) -> None:
        self._tables.acts.append(replace(act, id=len(self._tables.acts) + 1))

    def has_noted(self, act: Act, by: str, id_: UUID, since: datetime) -> bool:
        same = (a for a in self._tables.acts if (a.act, a.by, a.details.get("id")) == (act, by, str(id_)))
        return any(a.at >= since for a in same)

    def read(self, before: int | None, login: str | None, limit: int) -> list[AccessAct]:
        acts = (a for a in reversed(self._tables.acts) if before is None or a.id < before)
        return [act for act in acts if login in (None, act.login)][:limit]

    def forget_before(self, moment: datetime) -> int:
        before = len(self._tables.acts)
        self._tables.acts = [act for act in self._tables.acts if act.at >= moment]
        return before - len(self._tables.acts)


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

    def issue(self, login: Login, now: datetime, session_id: UUID) -> Token:
        return Token(f"token of {login.name}", now, tuple(sorted(login.roles)), login.name)


class CountedSecrets:
    """Secrets that one can foresee: numbered as they are made."""

    def __init__(self) -> None:
        self._made = 0

    def session_id(self) -> UUID:
        return UUID(int=self._next())

    def refresh_token(self) -> str:
        return f"refresh {self._next()}"

    def pairing_code(self) -> str:
        return f"{self._next():08}"

    def digest(self, secret: str) -> str:
        return f"digest of {secret}"

    def _next(self) -> int:
        self._made += 1
        return self._made
