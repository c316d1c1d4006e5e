"""A door with policies short enough for tests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.crews.domain.access import LoginPolicy
from services.crews.domain.sessions import SessionPolicy
from services.crews.usecases import ports
from services.crews.usecases.access import Door
from tests.unit.crews.fakes import CountedSecrets, PlainTokens

POLICY = LoginPolicy(attempts=3, window=timedelta(minutes=5), rest=timedelta(minutes=1))
ADDRESSES = LoginPolicy(attempts=8, window=timedelta(minutes=5), rest=timedelta(minutes=1))
SESSIONS = SessionPolicy(timedelta(hours=12), timedelta(days=30), timedelta(seconds=30))


def door_of(transactions: Callable[[], ports.UnitOfWork], passwords: ports.Passwords, **changes: Any) -> Door:
    """A door to a store, with readable tokens and foreseeable secrets."""
    usual: dict[str, Any] = {
        "tokens": PlainTokens(),
        "secrets": CountedSecrets(),
        "logins": POLICY,
        "addresses": ADDRESSES,
        "sessions": SESSIONS,
        "code_life": timedelta(minutes=10),
    }
    return Door(transactions, passwords, **{**usual, **changes})
