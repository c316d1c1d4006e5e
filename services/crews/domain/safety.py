"""Readings of instruments, and in which air work may start.

Sources: 07117-TRUD-003 items F23-1.1-U2 (ventilate and check for gas before work), F45-1.1-U3 (assess the
site, reduce risks), F45-1.1-U2 (PPE). They ask for the check, not for figures: limits are configuration.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.crews.errors import AirNotSafe

CONFINED_PLACES = frozenset({"basement", "well", "chamber", "trench"})
GAS = "gas"
GATED_HAZARDS = frozenset(
    {GAS, "people_trapped", "electric_shock", "flooding_live", "hot_water", "frost_no_heat"}
)


@dataclass(frozen=True)
class Reading:
    """One instrument reading: what was measured, the value, the unit it was measured in."""

    kind: str
    value: float
    unit: str


@dataclass(frozen=True)
class SafetyAnswers:
    """What the crew confirms with the command to start; everything else it recorded before."""

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
    return place in CONFINED_PLACES or not GATED_HAZARDS.isdisjoint(hazards)


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


def checks_gas(reading: Reading | None, limits: Iterable[AirLimit]) -> bool:
    """Whether a reading is one of a pollutant that this service knows a limit for."""
    return reading is not None and any(
        limit.highest is not None and limit.covers(reading) for limit in limits
    )


def _spelling(unit: str) -> str:
    return unit.replace(" ", "").casefold()
