"""Logging in: the one place of the suite where passwords are looked at."""

from datetime import timedelta

from services.crews.domain.access import Login, LoginPolicy, count_attempt, login_key
from services.crews.errors import BadCredentials, UnknownLogin
from services.crews.usecases.ports import Passwords, Token, TokenWriter, Transactions, UnitOfWork


def issue_token(
    transactions: Transactions,
    passwords: Passwords,
    tokens: TokenWriter,
    policy: LoginPolicy,
    login: str,
    password: str,
) -> Token:
    """An access token for a right password; raises BadCredentials or TooManyAttempts.

    An unknown login takes as long as a wrong password: the hash is computed in any case, and outside of
    any transaction, because it is slow on purpose.
    """
    name = login_key(login)
    known = _count_and_find(transactions(), name, policy)
    right = passwords.matches(known[1] if known else None, password)
    if known is None or not right or not known[0].active:
        raise BadCredentials
    with transactions() as uow:
        uow.logins.forget_attempts(name)
        uow.commit()
    return tokens.issue(known[0], uow.now)


def set_password(transactions: Transactions, passwords: Passwords, login: str, password: str) -> None:
    """Give a login a new password and forget its failed attempts; raises UnknownLogin."""
    name = login_key(login)
    hashed = passwords.hash(password)
    with transactions() as uow:
        known = uow.logins.find(name)
        if known is None:
            raise UnknownLogin(f"no login {name}")
        uow.logins.save(known[0], hashed)
        uow.logins.forget_attempts(name)
        uow.commit()


def forget_old_attempts(uow: UnitOfWork, older_than: timedelta) -> int:
    """Drop counted attempts that no longer matter; returns how many logins they were for."""
    with uow:
        dropped = uow.logins.forget_attempts_before(uow.now - older_than)
        uow.commit()
    return dropped


def _count_and_find(uow: UnitOfWork, name: str, policy: LoginPolicy) -> tuple[Login, str] | None:
    with uow:
        attempts = count_attempt(uow.logins.attempts(name, uow.now), uow.now, policy)
        uow.logins.set_attempts(name, attempts)
        known = uow.logins.find(name)
        uow.commit()
    return known
