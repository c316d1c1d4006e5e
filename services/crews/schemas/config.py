"""What the configuration says, checked and in the domain's terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.crews.domain.access import LoginPolicy
from services.crews.domain.gate import Gate
from services.crews.domain.media import KindLimit, MediaPolicy
from services.crews.domain.people import Thinning
from services.crews.domain.retention import Retention
from services.crews.domain.roster_rules import RosterPolicy
from services.crews.domain.safety import AirLimit
from services.crews.domain.sessions import SessionPolicy
from services.crews.domain.tracking import ArrivalBy, Fence
from services.crews.schemas.materials import read_materials
from services.crews.schemas.safety_book import read_safety_book
from shared.callers import Network, read_networks
from shared.config import ROOT, Misconfigured, Settings

_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class AccessPolicy:
    """How logins, phones and tokens are let in, and how long that is remembered."""

    login: LoginPolicy
    addresses: LoginPolicy
    sessions: SessionPolicy
    token_life: timedelta
    pairing_life: timedelta
    log_life: timedelta
    trusted_proxies: tuple[Network, ...]
    hashing_threads: int

    @classmethod
    def of(cls, settings: Settings) -> "AccessPolicy":
        return cls(
            login=_attempts(settings, "login"),
            addresses=_attempts(settings, "address"),
            sessions=SessionPolicy(
                person_life=timedelta(hours=_positive(settings, "person_session_h")),
                device_idle=timedelta(days=_positive(settings, "device_idle_days")),
                grace=timedelta(seconds=_positive(settings, "refresh_grace_s")),
            ),
            token_life=timedelta(seconds=_positive(settings, "token_ttl_s")),
            pairing_life=timedelta(minutes=_positive(settings, "pairing_code_min")),
            log_life=timedelta(days=_positive(settings, "access_log_days")),
            trusted_proxies=_networks(settings),
            hashing_threads=int(_positive(settings, "hashing_threads")),
        )


@dataclass(frozen=True)
class TrackingPolicy:
    """How positions of crews are kept and told, and when a crew has arrived by them."""

    written_every_s: float
    thinning: Thinning
    fence: Fence
    arrival: ArrivalBy

    @classmethod
    def of(cls, settings: Settings) -> "TrackingPolicy":
        return cls(
            written_every_s=_positive(settings, "positions_written_every_s"),
            thinning=Thinning(
                step_m=_positive(settings, "position_step_m"),
                every=timedelta(seconds=_positive(settings, "position_every_s")),
            ),
            fence=Fence(
                radius_m=_positive(settings, "arrival_radius_m"),
                accuracy_m=_positive(settings, "arrival_accuracy_m"),
                dwell=timedelta(seconds=_positive(settings, "arrival_dwell_s")),
            ),
            arrival=_arrival(settings),
        )


@dataclass(frozen=True)
class Policies:
    """What this dispatch service has decided for itself, read from its configuration."""

    access: AccessPolicy
    tracking: TrackingPolicy
    concern_ahead: timedelta
    live_every_s: float
    push_hosts: tuple[str, ...]
    zone: ZoneInfo
    rosters: RosterPolicy
    longest_shift: timedelta
    longest_offline: timedelta
    sos_escalation: timedelta
    unconfirmed_after: timedelta
    gate: Gate
    media: MediaPolicy
    retention: Retention
    materials: Mapping[str, str]
    picture_threads: int

    @classmethod
    def of(cls, settings: Settings) -> "Policies":
        """Raises Misconfigured, naming the setting, for values that mean nothing."""
        return cls(
            access=AccessPolicy.of(settings),
            tracking=TrackingPolicy.of(settings),
            concern_ahead=timedelta(days=_positive(settings, "concern_days")),
            live_every_s=_positive(settings, "live_every_s"),
            push_hosts=tuple(map(str, settings.get("push_hosts", []))),
            zone=_zone(settings),
            rosters=_rosters(settings),
            longest_shift=timedelta(hours=_positive(settings, "longest_shift_h")),
            longest_offline=timedelta(hours=_positive(settings, "longest_offline_h")),
            sos_escalation=timedelta(seconds=_positive(settings, "sos_escalates_every_s")),
            unconfirmed_after=timedelta(minutes=_positive(settings, "shift_unconfirmed_min")),
            gate=_gate(settings),
            media=_media(settings),
            retention=_retention(settings),
            materials=read_materials(ROOT / str(settings.get("materials"))),
            picture_threads=int(_positive(settings, "picture_threads")),
        )


def _retention(settings: Settings) -> Retention:
    return Retention(
        media=_YEAR * _positive(settings, "media_years"),
        documents=_YEAR * _positive(settings, "documents_years"),
        orders=_YEAR * _positive(settings, "orders_years"),
    )


def _arrival(settings: Settings) -> ArrivalBy:
    wanted = settings.get("arrival_by_position")
    try:
        return ArrivalBy(wanted)
    except ValueError as unknown:
        raise Misconfigured(f"crews: arrival_by_position: {unknown}") from unknown


def _gate(settings: Settings) -> Gate:
    limits = tuple(_air_limit(row) for row in settings.get("air_limits", []))
    book = read_safety_book(ROOT / str(settings.get("safety_scripts")))
    enforced = _one_of(settings, "safety_enforced", ("floor", "scripts"))
    return Gate(book, limits, only_floor=enforced == "floor")


def _one_of(settings: Settings, key: str, choices: tuple[str, ...]) -> str:
    value = settings.get(key)
    if value not in choices:
        raise Misconfigured(f"crews: {key} must be one of {', '.join(choices)}, not {value!r}")
    return str(value)


def _media(settings: Settings) -> MediaPolicy:
    photo, video = (
        KindLimit(
            largest=int(_positive(settings, f"{kind}_mb") * 2**20), most=int(_positive(settings, f"{kind}s"))
        )
        for kind in ("photo", "video")
    )
    return MediaPolicy(photo, video, timedelta(hours=_positive(settings, "unfinished_upload_h")))


def _positive(settings: Settings, key: str) -> float:
    value = settings.get(key)
    if not isinstance(value, int | float) or value <= 0:
        raise Misconfigured(f"crews: {key} must be a number above 0, not {value!r}")
    return float(value)


def _attempts(settings: Settings, what: str) -> LoginPolicy:
    return LoginPolicy(
        attempts=int(_positive(settings, f"{what}_attempts")),
        window=timedelta(seconds=_positive(settings, f"{what}_window_s")),
        rest=timedelta(seconds=_positive(settings, f"{what}_rest_s")),
    )


def _rosters(settings: Settings) -> RosterPolicy:
    def hours(key: str) -> timedelta:
        return timedelta(hours=_positive(settings, f"roster_{key}_h"))

    return RosterPolicy(
        zone=_zone(settings),
        longest=hours("longest_shift"),
        rest=hours("rest"),
        long_shift=hours("long_shift"),
        rest_after_long=hours("rest_after_long"),
        fewest_in_crew=int(_positive(settings, "roster_fewest_in_crew")),
        night_from=_clock(settings, "roster_night_from"),
        night_until=_clock(settings, "roster_night_until"),
        night_least=hours("night_least"),
        most_nights=int(_positive(settings, "roster_most_nights_in_a_row")),
        week_hours=hours("week"),
        permits=_permits(settings),
    )


def _clock(settings: Settings, key: str) -> time:
    try:
        return time.fromisoformat(str(settings.get(key)))
    except ValueError as broken:
        raise Misconfigured(f"crews: {key} is a time of day like 22:00 in quotes") from broken


def _permits(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    needed = settings.get("roster_permits") or {}
    if not isinstance(needed, Mapping) or not all(isinstance(kinds, list) for kinds in needed.values()):
        raise Misconfigured("crews: roster_permits maps a specialisation to a list of permits")
    return {str(system): tuple(map(str, kinds)) for system, kinds in needed.items()}


def _zone(settings: Settings) -> ZoneInfo:
    try:
        return ZoneInfo(str(settings.get("zone")))
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise Misconfigured(f"crews: zone: {settings.get('zone')!r} is no time zone") from unknown


def _networks(settings: Settings) -> tuple[Network, ...]:
    try:
        return read_networks(str(settings.get("trusted_proxies") or ""))
    except ValueError as wrong:
        raise Misconfigured(f"crews: trusted_proxies: {wrong}") from wrong


def _air_limit(row: Mapping[str, Any]) -> AirLimit:
    try:
        limit = AirLimit(**row)
    except TypeError as broken:
        raise Misconfigured(f"crews: air_limits: {row!r}: {broken}") from broken
    if limit.highest is None and limit.lowest is None:
        raise Misconfigured(f"crews: air_limits: {limit.kind} has neither highest nor lowest")
    return limit
