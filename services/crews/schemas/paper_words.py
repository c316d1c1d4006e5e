"""How papers say what is known: words for codes, moments, figures and units, in one language."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from shared.i18n import Catalog

Said = Mapping[str, Any]


class Words:
    """The words of papers in one language; moments in the zone of the dispatch service."""

    def __init__(self, catalog: Catalog, language: str, zone: tzinfo) -> None:
        self._catalog, self.language, self._zone = catalog, language, zone

    def text(self, key: str, **values: Any) -> str:
        return self._catalog.text(self.language, f"paper.{key}", **values)

    def word(self, group: str, code: str | None) -> str:
        """The word for a code; a code nobody has a word for is better shown than hidden."""
        key = f"paper.{group}.{code}"
        return self._catalog.text(self.language, key) if self._catalog.has(self.language, key) else code or ""

    def moment(self, said: str | datetime | None, shape: str = "%d.%m.%Y %H:%M") -> str:
        if said is None:
            return ""
        moment = said if isinstance(said, datetime) else datetime.fromisoformat(said)
        return moment.astimezone(self._zone).strftime(shape)

    def date(self, said: datetime | None) -> str:
        return self.moment(said, "%d.%m.%Y")

    def amount(self, value: float, unit: str | None) -> str:
        return f"{figure(value)} {self.word('unit', unit)}".strip()

    def quantity(self, said: Said) -> str:
        return "" if said["quantity"] is None else self.amount(said["quantity"], said["unit"])

    def measured(self, reading: Said) -> str:
        return self.amount(reading["value"], reading["unit"])

    def instrument(self, said: Said) -> str:
        number, until = said["instrument_number"], said["checked_until"]
        parts = [
            said["instrument"],
            number and self.text("instrument_number", number=number),
            until and self.text("checked_until", date=".".join(reversed(until.split("-")))),
        ]
        return ", ".join(part for part in parts if part)


def figure(value: float) -> str:
    """4,5: as numbers are written in both languages."""
    return f"{value:.6g}".replace(".", ",")
