"""The spot of a road nearest to a place, by a grid: small, and as quick for one place as for hundreds.

A k-d tree of scipy's answers as well, but brings 15 MB with it that nothing else here needs.
"""

import numpy as np
from numpy.typing import NDArray

_Numbers = NDArray[np.float64]
_Whole = NDArray[np.int64]
_CELL_M = 60.0


class Nearest:
    """Points on a plane, in metres to the north and east, kept row by row of square cells."""

    def __init__(self, north: _Numbers, east: _Numbers) -> None:
        self._south, self._west = float(north.min()), float(east.min())
        north, east = north - self._south, east - self._west
        # A map of a whole country is thinly filled: its cells are larger, or there would be too many.
        area = (float(north.max()) + 1.0) * (float(east.max()) + 1.0)
        self._cell_m = max(_CELL_M, (area / len(north)) ** 0.5)
        row, column = self._cells(north), self._cells(east)
        self._rows, self._columns = int(row.max()) + 1, int(column.max()) + 1
        cell = row * self._columns + column
        order = np.argsort(cell, kind="stable")
        self._order = order.astype(np.int32)
        self._north, self._east = north[order].astype(np.float32), east[order].astype(np.float32)
        counts = np.bincount(cell, minlength=self._rows * self._columns)
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def query(self, north: _Numbers, east: _Numbers, within_m: float) -> tuple[_Numbers, _Whole]:
        """Of each place: metres to the nearest point, and which it is; inf, and any, beyond ``within_m``."""
        north, east = north - self._south, east - self._west
        metres, found = np.full(len(north), np.inf), np.zeros(len(north), np.int64)
        reach, unsure = 1, np.arange(len(north))
        while len(unsure):
            metres[unsure], found[unsure] = self._around(north[unsure], east[unsure], reach)
            # What lies in so many cells around is the nearest for certain only as far as they reach.
            sure_m = reach * self._cell_m
            unsure = unsure[metres[unsure] > sure_m] if sure_m < within_m else unsure[:0]
            reach *= 4
        return np.where(metres <= within_m, metres, np.inf), found

    def _around(self, north: _Numbers, east: _Numbers, reach: int) -> tuple[_Numbers, _Whole]:
        """The same among the points of so many cells around each place's own."""
        first, last = self._runs(north, east, reach)
        lengths = last - first
        run = np.repeat(np.arange(len(first)), lengths)
        point = np.arange(len(run)) - (np.cumsum(lengths) - lengths)[run] + first[run]
        each = lengths.reshape(len(north), -1).sum(axis=1)
        place = np.repeat(np.arange(len(north)), each)
        metres = np.hypot(self._north[point] - north[place], self._east[point] - east[place])
        least, found = np.full(len(north), np.inf), np.zeros(len(north), np.int64)
        if len(metres):
            least[each > 0] = np.minimum.reduceat(metres, (np.cumsum(each) - each)[each > 0])
        hits = np.flatnonzero(metres == least[place])
        found[place[hits]] = self._order[point[hits]]
        return least, found

    def _runs(self, north: _Numbers, east: _Numbers, reach: int) -> tuple[_Whole, _Whole]:
        """From where to where the points of each row of cells around stand, place by place."""
        rows = self._cells(north)[:, None] + np.arange(-reach, reach + 1)
        column = self._cells(east)[:, None]
        left = np.clip(column - reach, 0, self._columns)
        right = np.clip(column + reach + 1, 0, self._columns)
        row = np.clip(rows, 0, self._rows - 1) * self._columns
        first = self._starts[row + left]
        last = np.where(rows == np.clip(rows, 0, self._rows - 1), self._starts[row + right], first)
        return first.ravel().astype(np.int64), last.ravel().astype(np.int64)

    def _cells(self, metres: _Numbers) -> _Whole:
        cells: _Whole = np.floor(metres / self._cell_m).astype(np.int64)
        return cells
