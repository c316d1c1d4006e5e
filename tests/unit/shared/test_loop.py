"""Background loops: they survive what their work throws, wake early and stop at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from shared.wiring import Loop

HOUR = 3600.0
DEADLINE_S = 60.0


class Work:
    """Counts its runs; lets the test wait for the next one."""

    def __init__(self, *failures: BaseException) -> None:
        self.runs = 0
        self._failures = list(failures)
        self._ran = threading.Semaphore(0)

    def __call__(self) -> None:
        self.runs += 1
        self._ran.release()
        if self._failures:
            raise self._failures.pop(0)

    def await_run(self) -> None:
        assert self._ran.acquire(timeout=DEADLINE_S), f"no further run; {self.runs} until now"


@contextmanager
def running(loop: Loop) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=loop.run_for_ever, daemon=True)
    thread.start()
    yield thread
    loop.stop()
    thread.join(DEADLINE_S)
    assert not thread.is_alive(), "the loop did not stop"


def failures_counted(name: str) -> float:
    return REGISTRY.get_sample_value("loop_failures_total", {"loop": name}) or 0.0


def test_it_runs_at_once_and_again_after_its_time() -> None:
    work = Work()
    with running(Loop("often", 0.001, work)):
        for _ in range(3):
            work.await_run()


def test_it_is_woken_before_its_time() -> None:
    work = Work()
    loop = Loop("seldom", HOUR, work)
    with running(loop):
        work.await_run()
        for _ in range(10):
            loop.wake()
            work.await_run()


def test_a_wake_during_a_run_causes_another_run() -> None:
    runs, again = [], threading.Event()

    def work() -> None:
        runs.append("run")
        if len(runs) == 1:
            loop.wake()
        else:
            again.set()

    loop = Loop("busy", HOUR, work)
    with running(loop):
        assert again.wait(DEADLINE_S)


def test_it_stops_without_waiting_for_its_time() -> None:
    work = Work()
    with running(Loop("seldom", HOUR, work)):
        work.await_run()
    assert work.runs == 1


def test_a_stop_that_comes_first_or_from_within_is_not_forgotten() -> None:
    early = Loop("early", HOUR, Work())
    early.stop()
    early.run_for_ever()
    inner = Loop("inner", HOUR, lambda: inner.stop())
    with running(inner) as thread:
        thread.join(DEADLINE_S)
        assert not thread.is_alive()


def test_it_survives_every_failure_and_counts_the_unexpected() -> None:
    work = Work(ValueError("a bug"), KeyError("another"))
    loop = Loop("buggy", HOUR, work)
    before = failures_counted("buggy")
    with running(loop):
        work.await_run()
        for _ in range(2):
            loop.wake()
            work.await_run()
    assert failures_counted("buggy") == before + 2


@pytest.mark.parametrize(
    "down",
    [OSError("refused"), sa.exc.OperationalError("", {}, OSError()), sa.exc.TimeoutError("pool")],
)
def test_a_server_that_is_down_is_waited_for_and_is_no_fault_of_the_loop(down: Exception) -> None:
    before = failures_counted("patient")
    Loop("patient", HOUR, Work(down)).run_once()
    assert failures_counted("patient") == before
