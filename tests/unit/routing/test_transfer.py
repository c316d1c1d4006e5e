"""Rule 6.3: no transfer without time, channel and unit."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.routing.domain.transfer import Rung, TransferRefusal, acknowledge, refuse
from services.routing.domain.words import Channel
from services.routing.errors import AlreadyAcknowledged, AlreadyRefused, InvalidTransfer
from tests.unit.routing.examples import NOW, transfer


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U4")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unit", ""),
        ("unit", "   "),
        ("unit", None),
        ("channel", None),
        ("channel", "pigeon"),
        ("transferred_at", None),
        ("transferred_at", datetime(2026, 11, 24, 18)),  # noqa: DTZ001 - naive on purpose
        ("acknowledge_by", None),
    ],
)
def test_a_transfer_without_time_channel_or_unit_is_invalid(field: str, value: Any) -> None:
    with pytest.raises(InvalidTransfer) as refused:
        transfer(**{field: value})
    assert refused.value.details["missing"] == [field]


@pytest.mark.rule("D-1.3-U5")
def test_an_unacknowledged_transfer_is_overdue_after_its_norm() -> None:
    assert not transfer().overdue(NOW + timedelta(minutes=3))
    assert transfer().overdue(NOW + timedelta(minutes=3, seconds=1))


@pytest.mark.rule("D-1.3-U5")
def test_an_acknowledged_transfer_is_never_overdue_and_knows_who_when_how() -> None:
    received = acknowledge(transfer(), NOW, Channel.PHONE, "dispatcher-1", "мастер смены")
    assert not received.overdue(NOW + timedelta(days=1))
    assert (received.acknowledged_channel, received.acknowledged_by) == (Channel.PHONE, "dispatcher-1")
    assert received.acknowledged_unit == "мастер смены"


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U5")
def test_an_unanswered_transfer_climbs_rung_by_rung() -> None:
    sent = transfer(escalate_by=NOW + timedelta(minutes=6))
    later = [NOW + timedelta(minutes=minutes) for minutes in (3, 4, 7)]
    assert [sent.rung_due(at) for at in later] == [None, Rung.DISPATCHER, Rung.DISPATCHER]
    once = replace(sent, escalated=1)
    assert [once.rung_due(at) for at in later] == [None, None, Rung.SENIOR]
    assert replace(sent, escalated=2).rung_due(later[-1]) is None
    assert replace(once, acknowledged_at=NOW).rung_due(later[-1]) is None
    assert replace(once, refused_at=NOW).rung_due(later[-1]) is None


def test_what_was_received_may_be_given_back_once() -> None:
    received = acknowledge(transfer(), NOW, Channel.PHONE, "dispatcher-1")
    back = refuse(received, NOW, TransferRefusal.NO_CAPACITY, Channel.PHONE, "dispatcher-1", None)
    assert not back.is_open
    with pytest.raises(AlreadyRefused):
        refuse(back, NOW, TransferRefusal.OTHER, Channel.PHONE, "dispatcher-1", None)
    with pytest.raises(AlreadyRefused):
        acknowledge(replace(back, acknowledged_at=None), NOW, Channel.PHONE, "dispatcher-1")


def test_a_clock_set_back_makes_nothing_received_before_it_was_sent() -> None:
    before = NOW - timedelta(hours=1)
    assert acknowledge(transfer(), before, Channel.PHONE, "d").acknowledged_at == NOW
    back = refuse(transfer(), before, TransferRefusal.OTHER, Channel.PHONE, "d", None)
    assert back.refused_at == NOW


def test_nothing_is_acknowledged_twice() -> None:
    with pytest.raises(AlreadyAcknowledged):
        acknowledge(replace(transfer(), acknowledged_at=NOW), NOW, Channel.PHONE, "dispatcher-1")
