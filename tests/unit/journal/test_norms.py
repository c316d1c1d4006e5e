"""The norm table and the arithmetic of deadlines."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.journal.domain.norms import Case, ClockName, Hours, Standing, deadline
from services.journal.errors import BadNorms
from tests.unit.journal.lives import book, norm

ALMATY = ZoneInfo("Asia/Almaty")
BERLIN = ZoneInfo("Europe/Berlin")  # a city whose clocks jump
CHUTE = Hours(time(8), time(23))

moments = st.timedeltas(timedelta(), timedelta(days=365)).map(datetime(2026, 1, 1, tzinfo=UTC).__add__)
limits = st.timedeltas(timedelta(minutes=1), timedelta(days=5))
windows = st.tuples(st.times(), st.times()).filter(lambda pair: pair[0] < pair[1]).map(lambda p: Hours(*p))
long_windows = windows.filter(lambda hours: _length(hours) > timedelta(hours=1))


def _length(hours: Hours) -> timedelta:
    day = date(2026, 6, 1)
    return datetime.combine(day, hours.closes) - datetime.combine(day, hours.opens)


def case(**changes: object) -> Case:
    values = {"on": date(2026, 11, 24), "category": "emergency", "system": "water", "fault": "pipe_burst"}
    return Case(**{**values, **changes})  # type: ignore[arg-type]


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ALMATY)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (local(24, 10), local(24, 12)),
        (local(24, 22), local(25, 9)),
        (local(24, 21), local(24, 23)),
        (local(24, 23, 30), local(25, 10)),
        (local(24, 3), local(24, 10)),
    ],
)
def test_the_refuse_chute_norm_rests_at_night(start: datetime, due: datetime) -> None:
    assert deadline(start.astimezone(UTC), timedelta(hours=2), CHUTE, ALMATY) == due


@given(moments, limits)
def test_a_norm_round_the_clock_is_plain_addition(start: datetime, limit: timedelta) -> None:
    assert deadline(start, limit, None, ALMATY) == start + limit


@given(moments, limits, long_windows, st.sampled_from([ALMATY, BERLIN]))
def test_a_deadline_is_never_before_its_limit_and_always_in_the_hours(
    start: datetime, limit: timedelta, hours: Hours, zone: ZoneInfo
) -> None:
    due = deadline(start, limit, hours, zone)
    assert due >= start + limit
    opens, closes = hours.on(due.astimezone(zone).date(), zone)
    assert opens.astimezone(UTC) < due <= closes.astimezone(UTC)


@given(moments, limits, limits, long_windows)
def test_waiting_twice_is_waiting_the_sum(
    start: datetime, first: timedelta, second: timedelta, hours: Hours
) -> None:
    halfway = deadline(start, first, hours, ALMATY)
    assert deadline(halfway, second, hours, ALMATY) == deadline(start, first + second, hours, ALMATY)


@given(moments, limits, long_windows)
def test_a_later_start_is_never_due_earlier(start: datetime, limit: timedelta, hours: Hours) -> None:
    later = start + timedelta(minutes=17)
    assert deadline(later, limit, hours, ALMATY) >= deadline(start, limit, hours, ALMATY)


def test_hours_must_open_before_they_close() -> None:
    with pytest.raises(BadNorms):
        Hours(time(23), time(8))


@pytest.mark.rule("6.9")
def test_the_most_specific_norm_wins_and_whose_it_is_comes_first() -> None:
    hour = timedelta(hours=1)
    general = norm(ClockName.COMPLETE, hour, id="general")
    fault = norm(ClockName.COMPLETE, hour, id="fault", faults=frozenset({"pipe_burst"}))
    country = norm(ClockName.COMPLETE, hour, id="country", countries=frozenset({"kz"}))
    city = norm(ClockName.COMPLETE, hour, id="city", cities=frozenset({"almaty"}))
    contract = norm(ClockName.COMPLETE, hour, id="contract", organisations=frozenset({"org-1"}))
    ladder = [general, fault, country, city, contract]
    for known in range(1, len(ladder) + 1):
        norms = book(*ladder[:known], country="kz", city="almaty")
        chosen = norms.choose(ClockName.COMPLETE, case(organisation_id="org-1"))
        assert chosen is ladder[known - 1]


@pytest.mark.parametrize(
    "condition",
    [
        {"categories": frozenset({"planned"})},
        {"systems": frozenset({"gas"})},
        {"faults": frozenset({"leak"})},
        {"hazards": frozenset({"gas"})},
        {"cities": frozenset({"astana"})},
        {"countries": frozenset({"ru"})},
        {"organisations": frozenset({"org-2"})},
        {"valid_from": date(2027, 1, 1)},
        {"valid_to": date(2026, 1, 1)},
    ],
)
def test_a_norm_for_something_else_does_not_apply(condition: dict[str, object]) -> None:
    norms = book(norm(ClockName.COMPLETE, timedelta(hours=1), **condition), country="kz", city="almaty")
    assert norms.choose(ClockName.COMPLETE, case(organisation_id="org-1")) is None


@pytest.mark.rule("6.9")
def test_a_new_edition_applies_to_requests_registered_since() -> None:
    old = norm(ClockName.COMPLETE, timedelta(hours=2), valid_to=date(2026, 6, 30))
    new = norm(ClockName.COMPLETE, timedelta(hours=1), valid_from=date(2026, 7, 1))
    norms = book(old, new)
    assert norms.choose(ClockName.COMPLETE, case(on=date(2026, 6, 30))) is old
    assert norms.choose(ClockName.COMPLETE, case(on=date(2026, 7, 1))) is new
    assert norms.find(old.id) is new


@pytest.mark.rule("6.9")
def test_a_default_is_not_law() -> None:
    assert not norm(ClockName.COMPLETE, timedelta(hours=1)).is_law
    assert norm(ClockName.COMPLETE, timedelta(hours=1), standing=Standing.LOCAL_ACT).is_law
