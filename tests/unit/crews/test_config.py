"""Configuration is checked when the service starts, and named when it is wrong."""

from typing import Any

import pytest

from services.crews.schemas.config import Policies
from shared.config import Misconfigured, Settings


def test_the_defaults_of_the_service_are_policies() -> None:
    policies = Policies.of(Settings.load("crews", {}))
    assert policies.access.token_life.total_seconds() == 15 * 60
    assert any(limit.kind == "gas" and limit.highest is not None for limit in policies.gate.limits)


def test_the_environment_overrides() -> None:
    settings = Settings.load("crews", {"AVARIYKA_CREWS_LOGIN_ATTEMPTS": "9"})
    assert Policies.of(settings).access.login.attempts == 9


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("login_attempts", 0),
        ("token_ttl_s", "a day"),
        ("position_step_m", None),
        ("hashing_threads", -1),
        ("safety_enforced", "sometimes"),
        ("zone", "Mars/Olympus"),
        ("air_limits", [{"kind": "gas", "unit": "%LEL"}]),
        ("air_limits", [{"kind": "gas", "maximum": 10}]),
    ],
)
def test_a_setting_that_means_nothing_is_named(key: str, value: Any) -> None:
    settings = Settings.load("crews", {})
    with pytest.raises(Misconfigured, match=key):
        Policies.of(Settings("crews", {**settings.values, key: value}, {}))
