"""Quiet hours in every time zone, what they hold back, and what is too old to be told."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.announcements import Stage
from services.notify.domain.hours import ANSWERS, QuietHours, is_old_news, may_wait
from services.notify.domain.messages import State
from services.notify.domain.telling import ADVICE, TEMPLATES
from services.notify.usecases import announcing, facts, sending
from services.notify.usecases.ports import Urgency
from tests.support.fakes import NOON
from tests.unit.notify.fakes import POLICY, deliver, write
from tests.unit.notify.test_announcing import announcement, subscriber
from tests.unit.notify.world import REQUEST, World

# Those whose clocks change, also by half an hour or at midnight, and those where they do not.
ZONES = sorted(
    available_timezones()
    & {
        "Asia/Almaty",
        "Europe/Moscow",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "UTC",
    }
)
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda s: datetime.fromtimestamp(s, UTC))
ALMATY = ZoneInfo("Asia/Almaty")
NIGHT = QuietHours(time(22), time(8), ALMATY)
HOUR = timedelta(hours=1)


@given(st.times(), st.times(), st.sampled_from(ZONES), MOMENTS)
def test_quiet_ends_by_the_clock_on_the_wall_within_a_day(
    starts: time, ends: time, zone: str, now: datetime
) -> None:
    quiet = QuietHours(starts, ends, ZoneInfo(zone))
    until = quiet.until(now)
    local = now.astimezone(quiet.zone).time()
    inside = starts <= local < ends if starts <= ends else (local >= starts or local < ends)
    assert (until is not None) == inside
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        shown = until.astimezone(quiet.zone).time().replace(fold=0)
        skipped = until.astimezone(quiet.zone) - timedelta(hours=2)  # a wall hour that does not exist
        assert shown == ends or skipped.utcoffset() != until.astimezone(quiet.zone).utcoffset()


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-11-26T21:59", None),
        ("2026-11-26T22:00", "2026-11-27T08:00"),
        ("2026-11-27T00:00", "2026-11-27T08:00"),
        ("2026-11-27T07:59", "2026-11-27T08:00"),
        ("2026-11-27T08:00", None),
    ],
)
def test_the_night_of_a_city(local: str, until: str | None) -> None:
    ends = NIGHT.until(datetime.fromisoformat(local).replace(tzinfo=ALMATY))
    assert ends == (until and datetime.fromisoformat(until).replace(tzinfo=ALMATY))


def test_the_same_hour_twice_means_never() -> None:
    assert QuietHours(time(9), time(9)).until(NOON.replace(hour=9)) is None


@pytest.mark.parametrize("category", ["emergency", "urgent", None])
def test_danger_and_what_nobody_has_judged_wait_for_nothing(category: str | None) -> None:
    assert not any(may_wait(template, category, urgent=False) for template in TEMPLATES)


def test_of_planned_work_all_waits_but_advice_and_answers() -> None:
    told = {one for one in TEMPLATES if not may_wait(one, "planned", urgent=one in ADVICE)}
    assert told == {*ADVICE, *ANSWERS}


def at_night(category: str | None, hour: int = 23) -> World:
    """A request known by day; now it is night."""
    world = World()
    world.knows()
    if category is not None:
        facts.note_urgency(world.uow, Urgency(REQUEST, category, NOON))
    world.clock.advance(datetime(2026, 11, 24, hour, tzinfo=ALMATY) - world.clock.now())
    return world


def takes(world: World) -> list[str]:
    policy = replace(POLICY, quiet=NIGHT)
    jobs = sending.take_due(world.uow, policy, write, 10)
    for job in jobs:
        deliver(job, world.uow, world.provider, policy)
    return [job.message.template for job in jobs]


def hears(world: World, *stages: str) -> None:
    for stage in stages:
        world.clock.advance(timedelta(minutes=1))
        since = world.clock.now() - NOON
        world.hears(stage, int(since.total_seconds() // 60), result="fixed" if stage == "completed" else None)


@pytest.mark.parametrize("category", ["emergency", "urgent", None])
def test_news_of_danger_is_told_at_night(category: str | None) -> None:
    world = at_night(category)
    hears(world, "arrived")
    assert takes(world) == ["crew_arrived"]


def test_other_news_waits_for_the_morning_and_only_the_last_is_told() -> None:
    world = at_night("planned")
    hears(world, "arrived", "completed")
    assert takes(world) == []
    assert takes(world) == []
    assert sending.measure_backlog(world.uow).held == 2
    world.clock.advance(9 * HOUR)
    assert [takes(world), takes(world), takes(world)].count(["completed_fixed"]) == 1
    assert [message.error_code for message in world.messages] == ["overtaken", None]
    assert world.message_states == [State.SUPPRESSED, State.SENT]


def test_held_messages_are_no_backlog_and_do_not_grow_stale() -> None:
    world = at_night("planned", hour=22)
    hears(world, "arrived")
    assert takes(world) == []
    backlog = sending.measure_backlog(world.uow)
    assert (backlog.waiting, backlog.oldest, backlog.held) == (0, None, 1)
    world.clock.advance(10 * HOUR)
    assert sending.measure_backlog(world.uow).waiting == 1
    assert takes(world) == ["crew_arrived"], "ten hours of waiting are not its fault"


def test_a_dispatcher_who_calls_it_an_emergency_wakes_people() -> None:
    world = at_night("planned")
    hears(world, "arrived")
    assert takes(world) == []
    facts.note_urgency(world.uow, Urgency(REQUEST, "emergency", world.clock.now(), by_person=True))
    assert takes(world) == ["crew_arrived"]


def test_advice_waits_for_nothing() -> None:
    world = at_night(None)
    world.verdict(category="planned", decided_at=world.clock.now())
    assert takes(world) == ["advice_gas"]


@pytest.mark.parametrize("emergency", [True, False])
def test_announcements_go_on_in_the_morning_unless_people_are_in_danger(emergency: bool) -> None:
    world = at_night(None)
    announcing.subscribe(world.uow, [subscriber(1)])
    announcing.announce(world.uow, announcement(emergency=emergency))
    while announcing.list_recipients(world.uow, 10):
        pass
    announcing.move(world.uow, UUID(int=77), Stage.RUNNING)
    world.clock.advance(timedelta(seconds=1))
    assert announcing.release(world.uow, 10, NIGHT) == int(emergency)
    world.clock.advance(10 * HOUR)
    assert announcing.release(world.uow, 10, NIGHT) == int(not emergency)


@given(st.timedeltas(timedelta(), timedelta(days=30)), st.sampled_from(["emergency", "planned", None]))
def test_what_came_too_late_is_told_only_of_an_emergency_and_only_its_last(
    age: timedelta, category: str | None
) -> None:
    def old(**last: Any) -> bool:
        return is_old_news(NOON, NOON + age, 12 * HOUR, category, **last)

    assert old(is_last=False) == (age > 12 * HOUR)
    assert old(is_last=True) == (age > 12 * HOUR and category != "emergency")


def replay(category: str, *stages: str) -> World:
    """Two days later the events come again, or for the first time."""
    world = World()
    world.knows()
    facts.note_urgency(world.uow, Urgency(REQUEST, category, NOON))
    world.clock.advance(timedelta(days=2))
    for minute, stage in enumerate(stages):
        world.hears(stage, minute, result="fixed" if stage == "completed" else None)
    for _ in stages:
        world.sends()
    return world


def test_a_late_replay_tells_no_old_news() -> None:
    world = replay("planned", "arrived", "completed")
    assert world.message_states == [State.SUPPRESSED] * 2
    assert world.provider.bodies == []
    assert {message.error_code for message in world.messages} == {"old_news"}


def test_how_an_emergency_stands_is_told_however_late() -> None:
    world = replay("emergency", "departed", "arrived")
    assert world.provider.bodies == ["ru crew_arrived 1042"]
    assert [message.error_code for message in world.messages] == ["old_news", None]
