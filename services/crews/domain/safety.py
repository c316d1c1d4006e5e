"""The safety gate before work starts in a confined space or where gas is suspected.

Sources: 07117-TRUD-003 items F23-1.1-U2 (ventilate and check for gas before work), F45-1.1-U3 (assess the
site, reduce risks), F45-1.1-U2 (PPE). They ask for the check, not for figures: limits are configuration.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.crews.errors import AirNotSafe, SafetyGateClosed

CONFINED_PLACES = frozenset({"basement", "well", "chamber", "trench"})
GAS = "gas"


@dataclass(frozen=True)
class Reading:
    """One instrument reading: what was measured, the value, the unit it was measured in."""

    kind: str
    value: float
    unit: str


@dataclass(frozen=True)
class SafetyAnswers:
    """What the crew confirms before it starts."""

    ventilation: bool = False
    ppe: bool = False


@dataclass(frozen=True)
class AirLimit:
    """Within which values this dispatch service lets a crew start: its own configuration, not law.

    A kind with an upper limit is a pollutant, so its reading counts as the gas check; oxygen has a lower
    limit only and does not.
    """

    kind: str
    unit: str
    highest: float | None = None
    lowest: float | None = None

    def covers(self, reading: Reading) -> bool:
        return (self.kind, _spelling(self.unit)) == (reading.kind, _spelling(reading.unit))

    def allows(self, value: float) -> bool:
        """Whether ``value`` is inside; a value that is not a number is not."""
        above = self.lowest is None or value >= self.lowest
        below = self.highest is None or value <= self.highest
        return above and below


def needs_gate(place: str, hazards: Iterable[str]) -> bool:
    """Whether work at this place, with these hazards, starts through the gate."""
    return place in CONFINED_PLACES or GAS in hazards


def missing_answers(
    answers: SafetyAnswers, readings: Iterable[Reading], limits: Sequence[AirLimit]
) -> tuple[str, ...]:
    """What the gate still wants, in the order in which it is done: vent, measure, protect."""
    given = {
        "ventilation": answers.ventilation,
        "gas_reading": any(_checks_gas(reading, limits) for reading in readings),
        "ppe": answers.ppe,
    }
    return tuple(name for name, present in given.items() if not present)


def check_start(
    place: str,
    hazards: Iterable[str],
    answers: SafetyAnswers,
    readings: Sequence[Reading],
    limits: Sequence[AirLimit],
) -> None:
    """Raise SafetyGateClosed or AirNotSafe unless work may start now."""
    missing = missing_answers(answers, readings, limits) if needs_gate(place, hazards) else ()
    if missing:
        raise SafetyGateClosed(missing=missing)
    check_air(readings, limits)


def check_air(readings: Iterable[Reading], limits: Sequence[AirLimit]) -> None:
    """Raise AirNotSafe for the first reading outside its limit, wherever it was taken."""
    for reading in readings:
        for limit in limits:
            if limit.covers(reading) and not limit.allows(reading.value):
                raise AirNotSafe(
                    kind=reading.kind,
                    value=reading.value,
                    unit=reading.unit,
                    highest=limit.highest,
                    lowest=limit.lowest,
                )


def _checks_gas(reading: Reading, limits: Iterable[AirLimit]) -> bool:
    return any(limit.highest is not None and limit.covers(reading) for limit in limits)


def _spelling(unit: str) -> str:
    return unit.replace(" ", "").casefold()
