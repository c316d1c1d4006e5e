"""The call log, and what applicants added."""

from dataclasses import fields
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.routing.domain.calls import Direction, Means, Party, PhoneCall, Result
from services.routing.store.tables import calls, supplements

_COLUMNS = [calls.c[field.name] for field in fields(PhoneCall)]


class Calls:
    """Dispatchers' calls."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, call: PhoneCall) -> None:
        self._connection.execute(calls.insert(), vars(call))

    def of_request(self, request_id: UUID) -> list[PhoneCall]:
        """The calls about one request, in their order."""
        query = sa.select(*_COLUMNS).where(calls.c.request_id == request_id)
        return self._read(query.order_by(calls.c.at, calls.c.call_id))

    def between(self, since: datetime, until: datetime, limit: int) -> list[PhoneCall]:
        """The calls of a time, the latest first."""
        query = sa.select(*_COLUMNS).where(calls.c.at >= since, calls.c.at < until)
        return self._read(query.order_by(calls.c.at.desc(), calls.c.call_id).limit(limit))

    def supplement(self, request_id: UUID, photos: int, at: datetime) -> None:
        """Count one more addition to a request."""
        first = insert(supplements).values(request_id=request_id, count=1, photos=photos, last_at=at)
        again = {
            "count": supplements.c.count + 1,
            "photos": supplements.c.photos + photos,
            "last_at": sa.func.greatest(supplements.c.last_at, at),
        }
        self._connection.execute(first.on_conflict_do_update(index_elements=["request_id"], set_=again))

    def _read(self, query: sa.Select[tuple[object, ...]]) -> list[PhoneCall]:
        return [_call(row) for row in self._connection.execute(query).mappings()]


def _call(row: sa.RowMapping) -> PhoneCall:
    kinds = {"party": Party, "direction": Direction, "channel": Means, "result": Result}
    return PhoneCall(**{**row, **{name: kind(row[name]) for name, kind in kinds.items()}})
