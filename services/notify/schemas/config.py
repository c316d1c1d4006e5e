"""What the configuration must say."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.notify.domain.hours import QuietHours
from services.notify.domain.messages import Policy
from shared.config import Misconfigured, Settings


@dataclass(frozen=True)
class Choices:
    """What this dispatch service has decided for itself, read from its configuration."""

    policy: Policy
    zone: ZoneInfo
    help_phone: str
    publisher_name: str
    cap_sender: str
    per_second: float
    announcements_per_second: float
    parallel: int
    timeout_s: float
    validity_s: int
    provider: str
    asks: bool
    ring_s: int
    detects_machines: bool
    on_call_timeout_s: float
    map_url: str
    voice_recorded: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings) -> "Choices":
        """Raises Misconfigured, naming the setting, for values that mean nothing."""
        return cls(
            policy=_policy(settings),
            zone=_zone(settings),
            help_phone=str(settings.get("help_phone")),
            publisher_name=str(settings.get("publisher_name")),
            cap_sender=_sender(settings),
            per_second=_positive(settings, "messages_per_second"),
            announcements_per_second=_positive(settings, "announcements_per_second"),
            parallel=int(_positive(settings, "parallel_sends")),
            timeout_s=_positive(settings, "provider_timeout_s"),
            validity_s=int(_positive(settings, "validity_s")),
            provider=_provider(settings),
            asks=_switch(settings, "ask_if_fixed"),
            ring_s=int(_positive(settings, "ring_s")),
            detects_machines=_switch(settings, "machine_detection"),
            on_call_timeout_s=_positive(settings, "on_call_timeout_s"),
            map_url=_map(settings),
            voice_recorded=settings.get("voice_recorded") or {},
        )


def _policy(settings: Settings) -> Policy:
    lease_s, timeout_s = _positive(settings, "lease_s"), _positive(settings, "provider_timeout_s")
    if lease_s <= 2 * timeout_s:
        raise Misconfigured("notify: lease_s must be more than twice provider_timeout_s")
    return Policy(
        jitter=random.random,
        lease=timedelta(seconds=lease_s),
        max_attempts=int(_positive(settings, "max_attempts")),
        give_up_after=timedelta(seconds=_positive(settings, "give_up_after_s")),
        first_pause=timedelta(seconds=_positive(settings, "first_pause_s")),
        longest_pause=timedelta(seconds=_positive(settings, "longest_pause_s")),
        quiet=QuietHours(_hour(settings, "quiet_from"), _hour(settings, "quiet_until"), _zone(settings)),
        old_news_after=timedelta(seconds=_positive(settings, "old_news_after_s")),
        ask_after=timedelta(seconds=_positive(settings, "ask_after_s")),
        ask_until=timedelta(seconds=_positive(settings, "ask_until_s")),
    )


def _sender(settings: Settings) -> str:
    """CAP 3.2.1: the sender's name must have no spaces, commas or characters that XML restricts."""
    name = str(settings.get("cap_sender"))
    if not name or set(name) & set(" ,<&"):
        raise Misconfigured("notify: cap_sender must be a name without spaces, commas, < and &")
    return name


def _map(settings: Settings) -> str:
    """The map that shows where a crew is: an address with places for {lat} and {lon}."""
    url = str(settings.get("map_url"))
    if "{lat}" not in url or "{lon}" not in url:
        raise Misconfigured("notify: map_url must have places for {lat} and {lon}")
    return url


def _zone(settings: Settings) -> ZoneInfo:
    name = settings.get("timezone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, TypeError, ValueError) as unknown:
        raise Misconfigured(f"notify: timezone {name!r} is not known here") from unknown


def _provider(settings: Settings) -> str:
    name = settings.get("provider")
    if name not in ("twilio", "http", None):
        raise Misconfigured(f"notify: provider must be twilio, http or null, not {name!r}")
    return name or "null"


def _switch(settings: Settings, key: str) -> bool:
    value = settings.get(key)
    if not isinstance(value, bool):
        raise Misconfigured(f"notify: {key} must be true or false, not {value!r}")
    return value


def _hour(settings: Settings, key: str) -> time:
    """``HH:MM``. YAML reads a bare 22:00 as 22 times sixty: that is understood too."""
    value = settings.get(key)
    try:
        minutes = value if type(value) is int else None
        return time(*divmod(minutes, 60)) if minutes is not None else time.fromisoformat(value)
    except (TypeError, ValueError) as wrong:
        raise Misconfigured(f"notify: {key} must be a time of day like 22:00, not {value!r}") from wrong


def _positive(settings: Settings, key: str) -> float:
    value = settings.get(key)
    if not isinstance(value, int | float) or value <= 0:
        raise Misconfigured(f"notify: {key} must be a number above 0, not {value!r}")
    return float(value)
