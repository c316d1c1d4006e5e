"""What use-cases rely on in a transaction is true of the fake and of the real one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.contract.shared.conftest import Bench
from tests.support.fakes import NOON


def test_events_are_told_when_the_transaction_commits_not_before(bench: Bench) -> None:
    with bench.transaction() as uow:
        uow.emit("request.registered", "r-1", {"n": 1})
        uow.emit("request.classified", "r-1", {"n": 2})
        assert bench.told() == []
        uow.commit()
    assert bench.told() == [("request.registered", "r-1", {"n": 1}), ("request.classified", "r-1", {"n": 2})]


def test_leaving_without_a_commit_tells_nothing(bench: Bench) -> None:
    with bench.transaction() as uow:
        uow.emit("request.registered", "r-1", {})
    with bench.transaction() as uow:
        uow.commit()
    assert bench.told() == []


def test_an_exception_passes_through_and_tells_nothing(bench: Bench) -> None:
    def fail() -> None:
        with bench.transaction() as uow:
            uow.emit("request.registered", "r-1", {})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert bench.told() == []


def test_each_commit_tells_what_came_since_the_one_before(bench: Bench) -> None:
    with bench.transaction() as uow:
        uow.emit("a", "r-1", {})
        uow.commit()
        uow.emit("b", "r-1", {})
        uow.commit()
        uow.emit("c", "r-1", {})
    assert [type_ for type_, _, _ in bench.told()] == ["a", "b"]


def test_a_transaction_can_be_entered_again(bench: Bench) -> None:
    uow = bench.transaction()
    for number in range(2):
        with uow:
            uow.emit("a", "r-1", {"n": number})
            uow.commit()
    assert [data for _, _, data in bench.told()] == [{"n": 0}, {"n": 1}]


def test_what_one_entry_did_not_commit_the_next_does_not_tell(bench: Bench) -> None:
    uow = bench.transaction()
    with uow:
        uow.emit("a", "r-1", {})
    with uow:
        uow.commit()
    assert bench.told() == []


def test_data_is_told_in_its_wire_form(bench: Bench) -> None:
    with bench.transaction() as uow:
        uow.emit("a", "r-1", {"at": datetime(2026, 11, 24, tzinfo=UTC), "ids": [UUID(int=7)], "f": 1.5})
        uow.commit()
    expected = {"at": "2026-11-24T00:00:00+00:00", "ids": ["00000000-0000-0000-0000-000000000007"], "f": 1.5}
    assert bench.told() == [("a", "r-1", expected)]


def test_data_that_changes_after_it_was_told_does_not_change_the_event(bench: Bench) -> None:
    with bench.transaction() as uow:
        data = {"items": [1]}
        uow.emit("a", "r-1", data)
        data["items"].append(2)
        uow.commit()
    assert bench.told() == [("a", "r-1", {"items": [1]})]


@pytest.mark.parametrize("wrong", [datetime(2026, 11, 24), object(), float("nan")])  # noqa: DTZ001
def test_data_without_a_wire_form_is_refused_at_once(bench: Bench, wrong: Any) -> None:
    with bench.transaction() as uow, pytest.raises(TypeError):
        uow.emit("a", "r-1", {"x": wrong})


def test_it_is_one_moment_inside_a_transaction(bench: Bench) -> None:
    uow = bench.transaction()
    with uow:
        bench.clock.advance(timedelta(minutes=1))
        assert uow.now == NOON
        assert uow.clock.now() == NOON + timedelta(minutes=1)
    with uow:
        assert uow.now == NOON + timedelta(minutes=1)
