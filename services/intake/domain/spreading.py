"""When requests are one incident: repeats, crowds, and how far an outage reaches by itself (rule 6.8)."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from services.intake.domain import geometry
from services.intake.domain.outages import Kind, Outage, State
from services.intake.domain.registry import Point
from services.intake.domain.riders import HouseState, Rider
from services.intake.domain.troubles import Symptom, TroubleBook

FURTHEST = timedelta(days=7)
"""No repeat window and no outage rate is longer than this: older riders need not be looked at."""


def lead_of(rider: Rider, earlier: Iterable[Rider], book: TroubleBook) -> Rider | None:
    """The first of the ``earlier`` open riders that this one repeats (M-1.3-U4)."""
    repeated = [
        other
        for other in earlier
        if other.request_id != rider.request_id
        and other.left_at is None
        and other.only_ours == rider.only_ours
        and book.symptom(other.symptom).accounts_for(rider.symptom)
        and rider.is_repeat_of(other, other.level)
        and rider.at - other.at <= book.symptom(other.symptom).repeat_within
    ]
    return min(repeated, key=lambda other: (other.at, other.number), default=None)


def crowd(
    rider: Rider, around: Iterable[Rider], symptom: Symptom, feeds: Mapping[str, str]
) -> tuple[Rider, ...]:
    """The recent riders with which this one makes an outage, the first one first; none if they are too few.

    The newcomer comes last whatever its clock says: it may have begun before those that it waited for, but
    they have a crew by now, or will in a moment, and one that led and rode at once would get nobody.

    Enough different flats of its house, or of it and the houses within reach: on one feed if both feeds are
    known, else within the spread in metres.
    """
    limit = symptom.outage
    if limit is None or rider.only_ours:
        return ()
    recent = [
        one
        for one in around
        if rider.at - one.at <= limit.within and not one.only_ours and one.left_at is None
    ]
    for group in (
        [one for one in recent if one.house == rider.house],
        [one for one in recent if one.house and is_near(rider, one.house, one.point, limit.spread_m, feeds)],
    ):
        others = {one.request_id: one for one in group if one.request_id != rider.request_id}.values()
        if len({one.door for one in (*others, rider)}) >= limit.count:
            return (*sorted(others, key=lambda one: (one.at, one.number)), rider)
    return ()


def reaches(outage: Outage, rider: Rider, symptom: Symptom, feeds: Mapping[str, str]) -> bool:
    """Whether an open outage that is still spreading may have come to the rider's house."""
    limit = symptom.outage
    if limit is None or rider.only_ours or outage.state is not State.OPEN or outage.kind is Kind.PLANNED:
        return False
    fresh = outage.last_joined_at is not None and rider.at - outage.last_joined_at <= 2 * limit.within
    known = outage.house_by_key.get(rider.house)
    if not fresh or (known is not None and known.state is HouseState.RESTORED):
        return False
    return any(
        is_near(rider, house.key, house.point, limit.spread_m, feeds)
        for house in outage.houses
        if house.state is HouseState.OFF
    )


def is_near(rider: Rider, house: str, point: Point, spread_m: float, feeds: Mapping[str, str]) -> bool:
    """Whether one cause may hit both houses: the same feed, or near each other where a feed is unknown."""
    if rider.house == house:
        return True
    here, there = feeds.get(rider.house), feeds.get(house)
    if here is not None and there is not None:
        return here == there
    return geometry.metres(rider.point, point) <= spread_m
