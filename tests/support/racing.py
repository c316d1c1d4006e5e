"""Several things let go at the same moment, for tests of races."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


def at_once(works: Sequence[Callable[[], object]], told: type[Exception]) -> list[object]:
    """The outcome of each; an exception that is ``told`` is one, any other fails the test."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        barrier.wait(60)
        try:
            return work()
        except told as refused:
            return refused

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
