"""Logging in, staying in, getting out: the one place of the suite where passwords are looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.crews.domain.access import Login, LoginPolicy, count_attempt, login_key, take_back
from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.sessions import (
    EndReason,
    Kind,
    RefreshToken,
    Session,
    SessionPolicy,
    Verdict,
    begin,
    end,
    judge,
    renew,
)
from services.crews.errors import BadCredentials, SessionEnded, UnknownLogin
from services.crews.usecases.ports import Passwords, Secrets, Token, TokenWriter, Transactions, UnitOfWork

_KEEP_ENDED = timedelta(days=90)


@dataclass(frozen=True)
class Door:
    """What letting in takes: transactions, hashes, signatures, unguessable secrets, and the policies."""

    transactions: Transactions
    passwords: Passwords
    tokens: TokenWriter
    secrets: Secrets
    logins: LoginPolicy
    addresses: LoginPolicy
    sessions: SessionPolicy
    code_life: timedelta


@dataclass(frozen=True)
class Caller:
    """Who knocks: the network address, if known, and what the device calls itself."""

    address: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Admission:
    """An access token for every service, and the refresh token that brings the next one."""

    token: Token
    refresh_token: str
    session: Session


def log_in(door: Door, login: str, password: str, caller: Caller) -> Admission:
    """Let in for a right password; raises BadCredentials or TooManyAttempts.

    An unknown login takes as long as a wrong password: the hash is computed in any case, and outside of
    any transaction, because it is slow on purpose.
    """
    name = login_key(login)
    known = _count_and_find(door, name, caller)
    right = door.passwords.matches(known[1] if known else None, password)
    if known is None or not right or not known[0].active:
        _note_refusal(door, known[0].name if known else None, caller)
        raise BadCredentials
    with door.transactions() as uow:
        uow.logins.forget_attempts(name)
        forgive_address(uow, "login", caller.address)
        admission = admit(uow, door, known[0], caller, known[0].name)
        note(uow, Act.LOGGED_IN, admission.session, known[0].name, caller)
        uow.commit()
    return admission


def refresh(door: Door, secret: str, caller: Caller) -> Admission:
    """The next access and refresh token for a refresh token; raises SessionEnded or TooManyAttempts.

    A token that was used before its last successor ends its session for everybody who holds one of its
    tokens: one of them is a thief, and nobody can tell which.
    """
    with door.transactions() as uow:
        token = uow.sessions.find_token(door.secrets.digest(secret))
        admission = _renewed(uow, door, token, caller) if token else None
        if token is None:
            count_address(uow, door, "refresh", caller.address)
        uow.commit()
    if admission is None:
        raise SessionEnded
    return admission


def log_out(uow: UnitOfWork, session_id: UUID, by: str) -> None:
    """End a session at its own wish; again changes nothing."""
    with uow:
        session = uow.sessions.get(session_id)
        if session is not None and session.ended_at is None:
            uow.sessions.put(end(session, uow.now, by, EndReason.LOGGED_OUT))
            note(uow, Act.LOGGED_OUT, session, by, Caller())
        uow.commit()


def set_password(
    transactions: Transactions, passwords: Passwords, login: str, password: str, by: str | None = None
) -> None:
    """Give a login a new password, forget its failed attempts, end its sessions; raises UnknownLogin."""
    name = login_key(login)
    hashed = passwords.hash(password)
    with transactions() as uow:
        known = uow.logins.find(name)
        if known is None:
            raise UnknownLogin(f"no login {name}")
        uow.logins.save(known[0], hashed)
        uow.logins.forget_attempts(name)
        for session in uow.sessions.running(uow.now, login=name):
            uow.sessions.put(end(session, uow.now, by or name, EndReason.PASSWORD_CHANGED))
        uow.access_log.note(AccessAct(uow.now, Act.PASSWORD_SET, by, name))
        uow.commit()


def ended_since(uow: UnitOfWork, moment: datetime) -> set[UUID]:
    """The sessions that were ended since a moment: their access tokens may still look valid."""
    with uow:
        return uow.sessions.ended_since(moment)


def list_sessions(uow: UnitOfWork, login: str | None) -> list[Session]:
    """Everybody who is in, people and phones, or those of one login."""
    with uow:
        return uow.sessions.running(uow.now, login=login_key(login) if login else None)


def read_log(uow: UnitOfWork, before: int | None, login: str | None, limit: int) -> list[AccessAct]:
    """What happened to access, the latest first, a page before a number."""
    with uow:
        return uow.access_log.read(before, login_key(login) if login else None, limit)


def forget_old(uow: UnitOfWork, attempts_for: timedelta, log_for: timedelta) -> int:
    """Drop attempts, sessions and acts that no longer matter; returns how many attempts that were."""
    with uow:
        dropped = uow.logins.forget_attempts_before(uow.now - attempts_for)
        uow.sessions.forget_before(uow.now - _KEEP_ENDED)
        uow.access_log.forget_before(uow.now - log_for)
        uow.commit()
    return dropped


def admit(uow: UnitOfWork, door: Door, login: Login, caller: Caller, by: str) -> Admission:
    """Begin a session and hand out its first tokens, inside a transaction that its caller commits."""
    kind = Kind.PERSON if login.crew_id is None else Kind.DEVICE
    session = begin(door.secrets.session_id(), login, kind, caller.label, by, uow.now, door.sessions)
    uow.sessions.put(session)
    return _hand_out(uow, door, login, session)


def note(uow: UnitOfWork, act: Act, session: Session, by: str, caller: Caller) -> None:
    """Write down what happened to a session."""
    uow.access_log.note(AccessAct(uow.now, act, by, session.login, session.id, caller.address))


def count_address(uow: UnitOfWork, door: Door, purpose: str, address: str | None) -> None:
    """Count an attempt from a network address; raises TooManyAttempts while it rests."""
    if address is not None:
        _count(uow, f"{purpose} from {address}", door.addresses)


def forgive_address(uow: UnitOfWork, purpose: str, address: str | None) -> None:
    """Take back an attempt that ended well: many honest people may share one address."""
    key = f"{purpose} from {address}"
    counted = uow.logins.attempts(key, uow.now) if address is not None else None
    if counted is not None:
        uow.logins.set_attempts(key, take_back(counted))


def _renewed(uow: UnitOfWork, door: Door, token: RefreshToken, caller: Caller) -> Admission | None:
    """The next tokens of a session, or None when it has ended, which a token used before makes it do."""
    session = uow.sessions.get(token.session_id)
    known = uow.logins.find(session.login) if session else None
    if session is None or known is None or not known[0].active:
        return None
    match judge(session, token, uow.now, door.sessions):
        case Verdict.REUSED:
            uow.sessions.put(end(session, uow.now, session.login, EndReason.TOKEN_REUSED))
            note(uow, Act.TOKEN_REUSED, session, session.login, caller)
            return None
        case Verdict.ENDED:
            note(uow, Act.REFRESH_REFUSED, session, session.login, caller)
            return None
    renewed = renew(session, token, uow.now, door.sessions)
    uow.sessions.put(renewed)
    return _hand_out(uow, door, known[0], renewed)


def _hand_out(uow: UnitOfWork, door: Door, login: Login, session: Session) -> Admission:
    secret = door.secrets.refresh_token()
    digest = door.secrets.digest(secret)
    uow.sessions.add_token(RefreshToken(digest, session.id, session.latest, uow.now))
    return Admission(door.tokens.issue(login, uow.now, session.id), secret, session)


def _count_and_find(door: Door, name: str, caller: Caller) -> tuple[Login, str] | None:
    with door.transactions() as uow:
        known = uow.logins.find(name)
        count_address(uow, door, "login", caller.address)
        if _count(uow, name, door.logins) is not None:
            login = known[0].name if known else None
            uow.access_log.note(AccessAct(uow.now, Act.LOGIN_RESTS, login=login, address=caller.address))
        uow.commit()
    return known


def _count(uow: UnitOfWork, key: str, policy: LoginPolicy) -> datetime | None:
    """Count one attempt; returns until when further ones are refused if this was the last one allowed."""
    counted = count_attempt(uow.logins.attempts(key, uow.now), uow.now, policy)
    uow.logins.set_attempts(key, counted)
    return counted.rests_until


def _note_refusal(door: Door, login: str | None, caller: Caller) -> None:
    with door.transactions() as uow:
        uow.access_log.note(AccessAct(uow.now, Act.LOGIN_REFUSED, login=login, address=caller.address))
        uow.commit()
