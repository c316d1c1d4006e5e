"""The composition root of ``crews``: its unit of work, hashing off the hub, signing, and its policies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from eventlet import tpool
from eventlet.semaphore import Semaphore

from services.crews.clients import Argon2Passwords, Ed25519Tokens, Run
from services.crews.domain.access import LoginPolicy
from services.crews.domain.people import Thinning
from services.crews.domain.safety import AirLimit
from services.crews.store import UnitOfWork
from services.crews.usecases import access
from shared.config import Misconfigured, Settings
from shared.db import Transaction
from shared.wiring import BaseWiring, Loop

_FORGET_EVERY_S = 600.0


@dataclass(frozen=True)
class Policies:
    """What this dispatch service has decided for itself, read from its configuration."""

    login: LoginPolicy
    thinning: Thinning
    longest_shift: timedelta
    token_life: timedelta
    air_limits: tuple[AirLimit, ...]

    @classmethod
    def of(cls, settings: Settings) -> "Policies":
        """Raises Misconfigured, naming the setting, for values that mean nothing."""
        return cls(
            login=LoginPolicy(
                attempts=int(_positive(settings, "login_attempts")),
                window=timedelta(seconds=_positive(settings, "login_window_s")),
                rest=timedelta(seconds=_positive(settings, "login_rest_s")),
            ),
            thinning=Thinning(
                step_m=_positive(settings, "position_step_m"),
                every=timedelta(seconds=_positive(settings, "position_every_s")),
            ),
            longest_shift=timedelta(hours=_positive(settings, "longest_shift_h")),
            token_life=timedelta(seconds=_positive(settings, "token_ttl_s")),
            air_limits=tuple(_air_limit(row) for row in settings.get("air_limits", [])),
        )


class Wiring(BaseWiring):
    """What the entry points of this service need, built once per process."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork

    policies: Policies
    passwords: Argon2Passwords
    tokens: Ed25519Tokens

    def assemble(self) -> None:
        self.policies = Policies.of(self.settings)
        threads = int(_positive(self.settings, "hashing_threads"))
        self.passwords = Argon2Passwords(run=in_threads(threads))
        key_file = self.settings.secret("AVARIYKA_TOKEN_PRIVATE_KEY_FILE")
        self.tokens = Ed25519Tokens.from_file(key_file, self.policies.token_life)

    def loops(self) -> Iterable[Loop]:
        yield Loop("forget_login_attempts", _FORGET_EVERY_S, self._forget_attempts)

    def _forget_attempts(self) -> None:
        access.forget_old_attempts(self.uow(), self.policies.login.window + self.policies.login.rest)


def in_threads(limit: int) -> Run:
    """Run native code that would stall the hub in operating system threads, at most ``limit`` at once."""
    turn = Semaphore(limit)

    def run(work: Any, *arguments: Any) -> Any:
        with turn:
            return tpool.execute(work, *arguments)

    return run


def _positive(settings: Settings, key: str) -> float:
    value = settings.get(key)
    if not isinstance(value, int | float) or value <= 0:
        raise Misconfigured(f"crews: {key} must be a number above 0, not {value!r}")
    return float(value)


def _air_limit(row: Mapping[str, Any]) -> AirLimit:
    try:
        limit = AirLimit(**row)
    except TypeError as broken:
        raise Misconfigured(f"crews: air_limits: {row!r}: {broken}") from broken
    if limit.highest is None and limit.lowest is None:
        raise Misconfigured(f"crews: air_limits: {limit.kind} has neither highest nor lowest")
    return limit
