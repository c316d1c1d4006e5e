"""Columns that hold sealed text: sealed on the way in, opened on the way out. What is absent stays absent."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from services.crews.store.tables import sealed_columns
from shared.encoding import dumps
from shared.sealing import Sealer


class SealedRows:
    """Rows of one table in plain, as its store works with them. ``as_json`` names the sealed columns that
    hold JSON; the others hold text."""

    def __init__(self, table: sa.Table, sealer: Sealer, as_json: tuple[str, ...] = ()) -> None:
        self._columns = sealed_columns(table)
        self._sealer = sealer
        self._as_json = as_json

    def sealed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """``row`` as the table holds it."""
        texts = {**row, **{name: dumps(row[name]) for name in self._as_json}}
        return {**texts, **{name: texts[name] and self._sealer.seal(texts[name]) for name in self._columns}}

    def opened(self, row: Mapping[str, Any] | sa.RowMapping) -> dict[str, Any]:
        """``row`` as it was before it was sealed; raises Unreadable."""
        texts = {**row, **{name: row[name] and self._sealer.open(row[name]) for name in self._columns}}
        return {**texts, **{name: json.loads(texts[name]) for name in self._as_json}}
