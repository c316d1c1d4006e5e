"""The address registry in PostgreSQL: written by an import, read whole into memory."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import shapely
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.intake.domain.buildings import Buildings
from services.intake.domain.city import CityImport
from services.intake.domain.registry import (
    Building,
    District,
    Name,
    NameRole,
    Registry,
    Street,
    StreetKind,
)
from services.intake.store import tables

_BATCH = 2000


class Registries:
    """Cities as imported."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def version(self) -> str:
        """Changes with every import; empty before the first one."""
        query = sa.select(tables.cities.c.version).order_by(tables.cities.c.city)
        return ",".join(str(version) for version in self._connection.execute(query).scalars())

    def load(self) -> Registry:
        """Everything of every city."""
        version = self.version()
        streets = [_street(row) for row in self._rows(tables.streets)]
        buildings = Buildings(_building(row) for row in self._rows(tables.buildings))
        districts = [_district(row) for row in self._rows(tables.districts)]
        return Registry(streets, buildings, districts, version)

    def replace(self, imported: CityImport, now: datetime) -> UUID:
        """Put this import in the place of the city's earlier one; requests keep the address they have."""
        city, registry, version = imported.city, imported.registry, uuid4()
        for table in (tables.buildings, tables.streets, tables.districts):
            self._connection.execute(sa.delete(table).where(table.c.city == city))
        row = {"version": version, "summary": dict(imported.summary), "imported_at": now}
        entry = insert(tables.cities).values(city=city, **row)
        self._connection.execute(entry.on_conflict_do_update(index_elements=["city"], set_=row))
        self._fill(tables.districts, (_district_row(city, district) for district in registry.districts))
        self._fill(tables.streets, (_street_row(city, street) for street in registry.streets))
        self._fill(tables.buildings, (_building_row(city, building) for building in registry.buildings))
        return version

    def _rows(self, table: sa.Table) -> Iterable[sa.Row[Any]]:
        # In portions: a large city at once would leave its rows' memory with the process.
        query = sa.select(table).order_by(table.c.id).execution_options(yield_per=_BATCH)
        return self._connection.execute(query)

    def _fill(self, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
        every = list(rows)
        for start in range(0, len(every), _BATCH):
            self._connection.execute(sa.insert(table), every[start : start + _BATCH])


def _street_row(city: str, street: Street) -> dict[str, Any]:
    return {
        "id": street.id,
        "city": city,
        "kind": street.kind.value,
        "label": street.label,
        "names": [[name.text, name.role.value] for name in street.names],
        "points": [list(point) for point in street.points],
        "length_m": street.length_m,
        "localities": list(street.localities),
        "district": street.district,
    }


def _street(row: sa.Row[Any]) -> Street:
    return Street(
        id=row.id,
        kind=StreetKind(row.kind),
        label=row.label,
        names=_names(row.names),
        points=tuple((lat, lon) for lat, lon in row.points),
        length_m=row.length_m,
        localities=tuple(row.localities),
        district=row.district,
    )


def _building_row(city: str, building: Building) -> dict[str, Any]:
    fields = {
        name: getattr(building, name)
        for name in ("id", "street_id", "house", "lat", "lon", "district", "manager")
    }
    return {"city": city, **fields, "also": [list(address) for address in building.also]}


def _building(row: sa.Row[Any]) -> Building:
    also = tuple((street, house) for street, house in row.also)
    return Building(row.id, row.street_id, row.house, row.lat, row.lon, row.district, also, row.manager)


def _district_row(city: str, district: District) -> dict[str, Any]:
    names = [[name.text, name.role.value] for name in district.names]
    return {"city": city, "id": district.id, "names": names, "shape": shapely.to_wkb(district.shape)}


def _district(row: sa.Row[Any]) -> District:
    return District(row.id, _names(row.names), shapely.from_wkb(row.shape))


def _names(stored: list[list[str]]) -> tuple[Name, ...]:
    return tuple(Name(text, NameRole(role)) for text, role in stored)
