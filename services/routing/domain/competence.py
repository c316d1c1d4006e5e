"""Which organisation answers: competence in the system first, then zone, the most specific zone winning
(D-1.3-U2, D4-3.1-U1)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from uuid import UUID

from services.routing.domain.zones import Zones
from services.routing.errors import InvalidReference

ROUND_THE_CLOCK = "24/7"
EVERYWHERE = None


@dataclass(frozen=True)
class Hours:
    """Daily hours of service in local time; a span over midnight ("20:00-08:00") is one of two days."""

    opens: time
    closes: time

    @classmethod
    def read(cls, text: str) -> "Hours":
        """``24/7`` or ``HH:MM-HH:MM``; raises :class:`InvalidReference`."""
        if text == ROUND_THE_CLOCK:
            return cls(time.min, time.min)
        try:
            opens, closes = (time.fromisoformat(part) for part in text.split("-"))
        except ValueError as unreadable:
            raise InvalidReference(f"hours {text!r}: expected 24/7 or HH:MM-HH:MM") from unreadable
        return cls(opens, closes)

    def __str__(self) -> str:
        """The text that :meth:`read` reads."""
        return ROUND_THE_CLOCK if self.opens == self.closes else f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    def cover(self, local: time) -> bool:
        if self.opens == self.closes:
            return True
        if self.opens < self.closes:
            return self.opens <= local < self.closes
        return local >= self.opens or local < self.closes


@dataclass(frozen=True)
class Competence:
    """One organisation answers for one system in one zone (None: everywhere) at these hours."""

    organisation_id: UUID
    system: str
    zone: str | None
    hours: Hours


class Matrix:
    """Organisation × system × zone × hours."""

    def __init__(self, zones: Zones, competences: Iterable[Competence], local_time: tzinfo) -> None:
        self._zones = zones
        self._local_time = local_time
        self._by_system: dict[str, dict[str | None, list[Competence]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for competence in sorted(competences, key=lambda entry: str(entry.organisation_id)):
            self._by_system[competence.system][competence.zone].append(competence)

    def answering(self, system: str, lat: float, lon: float, at: datetime) -> list[UUID]:
        """Organisations that answer for ``system`` at the point now, the most specific zone first.

        The caller takes the first one that is active; an empty list means that nobody answers.
        """
        rows = self._by_system.get(system)
        if not rows:
            return []
        local = at.astimezone(self._local_time).time()
        places: list[str | None] = [*self._zones.around(lat, lon), EVERYWHERE]
        found = [entry for place in places for entry in rows.get(place, ()) if entry.hours.cover(local)]
        return list(dict.fromkeys(entry.organisation_id for entry in found))

    def systems(self) -> dict[str, bool]:
        """Every system somebody answers for, and whether somebody answers for it everywhere."""
        return {system: EVERYWHERE in rows for system, rows in sorted(self._by_system.items())}

    def disputed(self) -> list[tuple[str, str | None]]:
        """(system, zone) for which two organisations answer at the same hours: chance decides."""
        return [
            (system, zone)
            for system, rows in self._by_system.items()
            for zone, entries in rows.items()
            if len({entry.hours for entry in entries}) < len(entries)
        ]
