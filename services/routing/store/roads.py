"""The road network and the state of the roads in PostgreSQL."""

import io
from dataclasses import asdict
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.conditions import Conditions
from services.routing.domain.roads import RoadMap, RoadNetwork
from services.routing.store.tables import road_conditions, road_map

_KINDS = "kinds"
_FACTS = ("version", "source", "crossings", "length_km", "imported_at")


class Roads:
    """One road map, replaced as a whole, and one word on how the roads are."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def version(self) -> int:
        """Goes up with every import; 0 before the first."""
        return self._connection.scalar(sa.select(road_map.c.version)) or 0

    def network(self) -> RoadNetwork | None:
        packed = self._connection.scalar(sa.select(road_map.c.network))
        return None if packed is None else _unpacked(packed)

    def map(self) -> RoadMap | None:
        row = self._connection.execute(sa.select(*(road_map.c[name] for name in _FACTS))).one_or_none()
        return None if row is None else RoadMap(*row)

    def replace(self, network: RoadNetwork, source: str, now: datetime) -> None:
        row = {
            "source": source,
            "crossings": network.crossings,
            "length_km": round(network.length_km, 1),
            "network": _packed(network),
            "imported_at": now,
        }
        first = insert(road_map).values(one=True, version=1, **row)
        again = {**row, "version": road_map.c.version + 1}
        self._connection.execute(first.on_conflict_do_update(index_elements=["one"], set_=again))

    def conditions(self) -> Conditions | None:
        columns = (road_conditions.c[name] for name in Conditions.__dataclass_fields__)
        row = self._connection.execute(sa.select(*columns)).one_or_none()
        return None if row is None else Conditions(*row)

    def report(self, told: Conditions) -> None:
        row = asdict(told)
        first = insert(road_conditions).values(one=True, **row)
        self._connection.execute(first.on_conflict_do_update(index_elements=["one"], set_=row))


def _packed(network: RoadNetwork) -> bytes:
    """The arrays as numpy's own compressed file, which reads without running anything."""
    arrays = {name: getattr(network, name) for name in RoadNetwork.__dataclass_fields__ if name != _KINDS}
    file = io.BytesIO()
    np.savez_compressed(file, kinds=np.array(network.kinds), **arrays)
    return file.getvalue()


def _unpacked(packed: bytes) -> RoadNetwork:
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        arrays = {name: file[name] for name in RoadNetwork.__dataclass_fields__}
    return RoadNetwork(**{**arrays, _KINDS: tuple(arrays[_KINDS].tolist())})
