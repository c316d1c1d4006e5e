"""Distances in a city, by the equirectangular approximation (error below 0.3 % over 50 km)."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from services.intake.domain.registry import Point

METRES_PER_DEGREE = 111_195.0


def metres(one: Point, other: Point) -> float:
    """Distance between two points in metres."""
    north = (other[0] - one[0]) * METRES_PER_DEGREE
    east = (other[1] - one[1]) * METRES_PER_DEGREE * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(north, east)


def between(one: Point, other: Point, share: float) -> Point:
    """The point ``share`` (0–1) of the way from one to the other."""
    return (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)


def length(line: Sequence[Point]) -> float:
    """Length of a polyline in metres."""
    return sum(metres(one, other) for one, other in pairwise(line))


def sampled(line: Sequence[Point], every_m: float) -> list[Point]:
    """The ends of a polyline and points about ``every_m`` metres apart along it."""
    samples = [line[0]]
    for one, other in pairwise(line):
        steps = max(1, round(metres(one, other) / every_m))
        samples += [between(one, other, step / steps) for step in range(1, steps + 1)]
    return thinned(samples, every_m / 2)


def thinned(points: Sequence[Point], apart_m: float) -> list[Point]:
    """``points`` without those closer than ``apart_m`` to the one kept before; the last one stays."""
    kept = [points[0]]
    for point in points[1:]:
        if metres(kept[-1], point) >= apart_m:
            kept.append(point)
    if kept[-1] != points[-1]:
        kept.append(points[-1])
    return kept


def meeting_point(one: Sequence[Point], other: Sequence[Point], within_m: float) -> Point | None:
    """Where two sampled lines come nearest, None if that is further than ``within_m`` metres apart."""
    first, second = np.radians(np.asarray(one)), np.radians(np.asarray(other))
    north = first[:, None, 0] - second[None, :, 0]
    east = (first[:, None, 1] - second[None, :, 1]) * math.cos(float(first[0, 0]))
    nearest = int(np.argmin(north**2 + east**2))
    a, b = one[nearest // len(other)], other[nearest % len(other)]
    return between(a, b, 0.5) if metres(a, b) <= within_m else None
