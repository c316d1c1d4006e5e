"""Work that several want at the same moment is done in one go, and one that fails spoils nothing."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.notify.usecases.together import Together
from tests.support.waiting import eventually


class Away(Exception):
    """What the work depends on is not there."""


class Work:
    """Doubles numbers; its first go holds until it is let go, so that others come meanwhile."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.goes.append(list(numbers))
        if len(self.goes) == 1:
            self.begun.set()
            assert self.go_on.wait(60)
        if 13 in numbers:
            raise ValueError(13)
        if 99 in numbers:
            raise Away
        return [2 * number for number in numbers]


def at_once(work: Work, first: int, *others: int, most: int = 50) -> list[Callable[[], int]]:
    """What ``first`` and those that come while it is worked for get."""
    together = Together(work, (Away,), most)
    with ThreadPoolExecutor(len(others) + 1) as hands:
        asked = [hands.submit(together.do, first)]
        assert work.begun.wait(60)
        asked += [hands.submit(together.do, number) for number in others]
        eventually(lambda: len(together._waiting) == len(others), what="all stand in line")
        work.go_on.set()
    return [one.result for one in asked]


def test_who_comes_meanwhile_is_served_together() -> None:
    work = Work()
    assert [one() for one in at_once(work, 1, 2, 3, 4)] == [2, 4, 6, 8]
    assert [len(go) for go in work.goes] == [1, 3]


def test_no_more_than_are_taken_at_once() -> None:
    work = Work()
    assert sorted(one() for one in at_once(work, 1, 2, 3, 4, 5, 6, most=2)) == [2, 4, 6, 8, 10, 12]
    assert [len(go) for go in work.goes] == [1, 2, 2, 1]


def test_one_that_fails_spoils_nothing_for_the_others() -> None:
    results = at_once(Work(), 1, 13, 2)
    assert (results[0](), results[2]()) == (2, 4)
    with pytest.raises(ValueError, match="13"):
        results[1]()


def test_what_each_would_meet_again_is_not_tried_again() -> None:
    work = Work()
    results = at_once(work, 1, 99, 2)
    assert results[0]() == 2
    for one in results[1:]:
        with pytest.raises(Away):
            one()
    assert len(work.goes) == 2


def test_what_a_worker_that_is_ended_had_in_hand_is_done_by_the_next() -> None:
    goes: list[list[int]] = []

    def work(numbers: Sequence[int]) -> Sequence[int]:
        goes.append(list(numbers))
        if len(goes) == 1:
            raise SystemExit
        return numbers

    together = Together(work)
    with pytest.raises(SystemExit):
        together.do(1)
    assert together.do(2) == 2
    assert goes == [[1], [1, 2]]


def test_nobody_is_lost_when_a_worker_is_ended_while_it_tries_one_by_one() -> None:
    goes: list[list[int]] = []

    def work(numbers: Sequence[int]) -> Sequence[int]:
        goes.append(list(numbers))
        if numbers == [1]:
            raise SystemExit
        if numbers == [1, 2]:
            raise ValueError
        return numbers

    together = Together(work)
    for number in (1, 2):
        with pytest.raises(SystemExit):
            together.do(number)
    assert together.do(3) == 3
    assert goes == [[1], [1, 2], [1], [1, 2, 3]]
