from datetime import UTC, datetime, timedelta

from shared.clock import FixedClock, SystemClock

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_the_system_clock_tells_aware_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_a_fixed_clock_stands_still_until_told_to_advance() -> None:
    clock = FixedClock(NOON)
    assert [clock.now(), clock.now()] == [NOON, NOON]
    clock.advance(timedelta(minutes=5))
    assert clock.now() == NOON + timedelta(minutes=5)
