"""When something happened by our clock, told by a device whose clock may be anything."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.moments import DeviceTime
from tests.unit.crews.examples import NOON

HOUR = timedelta(hours=1)
moments = st.floats(-70 * 365, 70 * 365).map(lambda days: NOON + timedelta(days=days))


def test_only_how_long_ago_is_believed_whatever_the_clock_shows() -> None:
    for wrong_by in (timedelta(0), timedelta(days=-4000), timedelta(days=900)):
        told = DeviceTime(NOON - 2 * HOUR + wrong_by, NOON + wrong_by)
        assert told.happened(NOON) == NOON - 2 * HOUR
        assert told.skew(NOON) == wrong_by


def test_what_was_sent_at_once_happened_now() -> None:
    assert DeviceTime(NOON - HOUR).happened(NOON) == NOON
    assert DeviceTime().happened(NOON) == NOON
    assert DeviceTime(NOON).skew(NOON) is None


def test_a_clock_that_was_set_back_meanwhile_reports_nothing_from_the_future() -> None:
    assert DeviceTime(NOON + HOUR, NOON).happened(NOON) == NOON


@given(done_at=moments, sent_at=moments, not_before=moments)
def test_it_is_always_within_bounds(done_at: datetime, sent_at: datetime, not_before: datetime) -> None:
    happened = DeviceTime(done_at, sent_at, 24 * HOUR).happened(NOON, not_before)
    assert NOON - 24 * HOUR <= happened <= NOON
    assert happened >= min(not_before, NOON)
