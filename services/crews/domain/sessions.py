"""What keeps somebody logged in: a session with rotating refresh tokens; the code that pairs a phone."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.crews.domain.access import Login


class Kind(StrEnum):
    """A person at a desk logs in for a shift; a crew's phone stays paired while it is used."""

    PERSON = "person"
    DEVICE = "device"


class EndReason(StrEnum):
    """Why a session ended before its time."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, no password
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason, no token


class Verdict(StrEnum):
    """What a refresh token that we know is worth."""

    GOOD = "good"
    REUSED = "reused"
    ENDED = "ended"


@dataclass(frozen=True)
class SessionPolicy:
    """How long people and phones stay logged in.

    A person's session ends ``person_life`` after the password was given; a phone's when it has not been
    refreshed for ``device_idle``. Tokens handed out within ``grace`` of each other may all be used: two
    requests of one phone may be under way at once.
    """

    person_life: timedelta
    device_idle: timedelta
    grace: timedelta

    def ends_at(self, kind: Kind, now: datetime) -> datetime:
        return now + (self.person_life if kind is Kind.PERSON else self.device_idle)


@dataclass(frozen=True)
class Session:
    """A login that lasts. ``latest`` numbers its newest refresh token, ``used`` the newest that was used."""

    id: UUID
    login: str
    organisation_id: UUID
    crew_id: UUID | None
    kind: Kind
    label: str
    started_at: datetime
    started_by: str
    expires_at: datetime
    last_used_at: datetime
    used: int = 0
    latest: int = 1
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: EndReason | None = None

    def runs_at(self, moment: datetime) -> bool:
        return self.ended_at is None and moment < self.expires_at


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token as it is stored: its digest and its place in the row of its session's tokens."""

    digest: str
    session_id: UUID
    number: int
    issued_at: datetime


@dataclass(frozen=True)
class PairingCode:
    """A one-time code, as its digest, that lets one phone speak for a crew until ``expires_at``."""

    digest: str
    login: str
    crew_id: UUID
    issued_by: str
    issued_at: datetime
    expires_at: datetime


def begin(
    id_: UUID, login: Login, kind: Kind, label: str, by: str, now: datetime, policy: SessionPolicy
) -> Session:
    """A session that has just begun, its first refresh token handed out."""
    return Session(
        id=id_,
        login=login.name,
        organisation_id=login.organisation_id,
        crew_id=login.crew_id,
        kind=kind,
        label=label,
        started_at=now,
        started_by=by,
        expires_at=policy.ends_at(kind, now),
        last_used_at=now,
    )


def judge(session: Session, token: RefreshToken, now: datetime, policy: SessionPolicy) -> Verdict:
    """Whether a token may be exchanged for the next.

    The latest may; so may the one used last, until its successor is used: the answer that held the
    successor may have been lost in a basement. Any other was used before or was never seen by its owner,
    so somebody else holds a copy.
    """
    if not session.runs_at(now):
        return Verdict.ENDED
    recent = now - token.issued_at <= policy.grace
    return Verdict.GOOD if token.number in (session.latest, session.used) or recent else Verdict.REUSED


def renew(session: Session, token: RefreshToken, now: datetime, policy: SessionPolicy) -> Session:
    """The session after ``token`` was exchanged; a phone's lasts on from now."""
    slides = session.kind is Kind.DEVICE
    return replace(
        session,
        used=max(session.used, token.number),
        latest=session.latest + 1,
        last_used_at=now,
        expires_at=policy.ends_at(session.kind, now) if slides else session.expires_at,
    )


def end(session: Session, now: datetime, by: str, reason: EndReason) -> Session:
    """The session after it was ended; one that has ended already stays as it ended."""
    if session.ended_at is not None:
        return session
    return replace(session, ended_at=now, ended_by=by, end_reason=reason)
