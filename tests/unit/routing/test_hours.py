"""Hours of the week and days of a contract."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.hours import ALWAYS, WEEK, Hours, Term, tell_span
from services.routing.errors import InvalidReference

MONDAY = datetime(2026, 11, 23)  # noqa: DTZ001 - local time
_TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
_MOMENTS = st.integers(0, WEEK - 1).map(lambda minute: MONDAY + timedelta(minutes=minute))
_DAYS = st.sets(st.integers(0, 6), min_size=1).map(frozenset)


@pytest.mark.parametrize(
    ("text", "hours", "covered"),
    [
        ("24/7", 3, True),
        ("08:00-20:00", 8, True),
        ("08:00-20:00", 20, False),
        ("20:00-08:00", 23, True),
        ("20:00-08:00", 7, True),
        ("20:00-08:00", 8, False),
        ("Mo-Fr 08:00-20:00", 24 * 4 + 12, True),
        ("Mo-Fr 08:00-20:00", 24 * 5 + 12, False),
        ("Sa,Su 00:00-24:00", 24 * 6 + 23, True),
        ("Sa-Su 00:00-24:00", 12, False),
        ("Fr-Mo 08:00-20:00", 12, True),
        # The night belongs to the day it begins on: Friday's ends on Saturday, Sunday has none.
        ("Mo-Fr 20:00-08:00", 24 * 5 + 7, True),
        ("Mo-Fr 20:00-08:00", 24 * 5 + 21, False),
        ("Mo-Fr 20:00-08:00", 7, False),
        ("Su 20:00-08:00", 7, True),
    ],
)
def test_hours(text: str, hours: float, covered: bool) -> None:
    assert Hours.read(text).cover(MONDAY + timedelta(hours=hours)) is covered


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "08:00",
        "8-20-22",
        "25:00-08:00",
        "Mo-We-Fr 08:00-09:00",
        "Xx 08:00-09:00",
        "٠٨:00-20:00",
    ],
)
def test_unreadable_hours_are_refused(text: str) -> None:
    with pytest.raises(InvalidReference):
        Hours.read(text)


@given(_TIMES, _TIMES, _MOMENTS)
def test_a_span_and_its_opposite_share_the_day(opens: time, closes: time, at: datetime) -> None:
    if opens != closes:
        assert Hours(opens, closes).cover(at) is not Hours(closes, opens).cover(at)


@given(_TIMES, _TIMES, _DAYS, _MOMENTS)
def test_open_is_what_lies_in_a_span(opens: time, closes: time, days: frozenset[int], at: datetime) -> None:
    hours = Hours(opens, closes, days)
    minute = int((at - MONDAY).total_seconds()) // 60
    assert hours.cover(at) is any(start <= minute < end for start, end in hours.spans())


@given(_TIMES, _TIMES, _DAYS)
def test_what_is_written_is_read_back(opens: time, closes: time, days: frozenset[int]) -> None:
    hours = Hours(opens, closes, days)
    again = Hours.read(str(hours))
    assert sorted(again.spans()) == sorted(hours.spans())
    assert 0 < hours.minutes <= WEEK


def test_round_the_clock_is_the_whole_week() -> None:
    assert ALWAYS.minutes == WEEK
    assert str(ALWAYS) == "24/7"
    assert tell_span(20 * 60, WEEK) == "Mo 20:00 - Mo 00:00"


def test_a_contract_holds_on_its_first_and_last_day() -> None:
    term = Term(date(2026, 1, 1), date(2026, 12, 31))
    held = [term.cover(date(*day)) for day in ((2025, 12, 31), (2026, 1, 1), (2026, 12, 31), (2027, 1, 1))]
    assert held == [False, True, True, False]
    assert Term().cover(date.max)


def test_a_contract_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidReference):
        Term(date(2027, 1, 1), date(2026, 12, 31))
