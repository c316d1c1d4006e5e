"""Group commit: what several workers want kept at the same moment is kept in one transaction."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """``work`` takes up to ``most`` items and returns as many results, in their order; it must be safe to
    repeat. Whoever comes first works for all who have come meanwhile; alone, nobody waits for anybody.

    When the work fails for several, each is tried by itself, so that one spoils nothing for the others; not
    so when it fails by one of ``hopeless`` (the database is away), which each would meet again.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        hopeless: tuple[type[Exception], ...] = (),
        most: int = 50,
    ) -> None:
        self._work = work
        self._hopeless = hopeless
        self._most = most
        self._turn = threading.Lock()
        self._waiting: deque[_Place[Item, Result]] = deque()

    def do(self, item: Item) -> Result:
        """The result of this item, or what went wrong with it."""
        place: _Place[Item, Result] = _Place(item)
        self._waiting.append(place)
        with self._turn:
            while not place.is_served:
                self._serve(self._next())
        return place.outcome()

    def _next(self) -> "list[_Place[Item, Result]]":
        return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]

    def _serve(self, places: "Sequence[_Place[Item, Result]]") -> None:
        try:
            self._work_for(places)
        except BaseException:  # this worker is being ended: the next one takes its turn
            self._waiting.extendleft(reversed([place for place in places if not place.is_served]))
            raise

    def _work_for(self, places: "Sequence[_Place[Item, Result]]") -> None:
        try:
            for place, result in zip(places, self._work([place.item for place in places]), strict=True):
                place.results.append(result)
        except self._hopeless as failure:
            _fail(places, failure)
        except Exception as failure:
            if len(places) == 1:
                return _fail(places, failure)
            for place in places:
                self._work_for([place])


class _Place(Generic[Item, Result]):
    """One worker's place in the line."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.results: list[Result] = []
        self.failure: Exception | None = None

    @property
    def is_served(self) -> bool:
        return bool(self.results) or self.failure is not None

    def outcome(self) -> Result:
        if self.failure is not None:
            raise self.failure
        return self.results[0]


def _fail(places: "Sequence[_Place[Item, Result]]", failure: Exception) -> None:
    for place in places:
        place.failure = failure
