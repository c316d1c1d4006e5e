"""What the configuration says, checked and in the domain's terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.crews.domain.access import LoginPolicy
from services.crews.domain.people import Thinning
from services.crews.domain.safety import AirLimit
from shared.config import Misconfigured, Settings


@dataclass(frozen=True)
class Policies:
    """What this dispatch service has decided for itself, read from its configuration."""

    login: LoginPolicy
    thinning: Thinning
    longest_shift: timedelta
    token_life: timedelta
    hashing_threads: int
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
            hashing_threads=int(_positive(settings, "hashing_threads")),
            air_limits=tuple(_air_limit(row) for row in settings.get("air_limits", [])),
        )


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
