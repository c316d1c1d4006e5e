"""A command sent twice: the fake and the table give the same answers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.idempotency import Answer, KeyReused, StillRunning
from tests.contract.shared.conftest import Bench

KEY, ACTOR, BODY = "key-1", "crew-1", "fingerprint-1"


def answered(bench: Bench, body: Any = None) -> None:
    """The command was done and its answer kept."""
    with bench.transaction() as uow:
        assert uow.idempotency.claim(KEY, ACTOR, BODY) is None
        uow.idempotency.answer(KEY, ACTOR, 201, body)
        uow.commit()


@pytest.mark.parametrize("body", [{"stage": "accepted", "n": [1, 2.5, None]}, [], "text", None])
def test_the_first_answer_is_given_again(bench: Bench, body: Any) -> None:
    answered(bench, body)
    for _ in range(2):
        with bench.transaction() as uow:
            assert uow.idempotency.claim(KEY, ACTOR, BODY) == Answer(201, body)


def test_an_answer_is_kept_in_its_wire_form(bench: Bench) -> None:
    answered(bench, {"at": datetime(2026, 11, 24, tzinfo=UTC), "id": UUID(int=7)})
    with bench.transaction() as uow:
        again = uow.idempotency.claim(KEY, ACTOR, BODY)
    assert again.body == {"at": "2026-11-24T00:00:00+00:00", "id": "00000000-0000-0000-0000-000000000007"}


def test_the_same_key_with_another_body_is_refused(bench: Bench) -> None:
    answered(bench)
    with bench.transaction() as uow, pytest.raises(KeyReused):
        uow.idempotency.claim(KEY, ACTOR, "fingerprint-2")


def test_keys_of_different_callers_do_not_meet(bench: Bench) -> None:
    answered(bench)
    with bench.transaction() as uow:
        assert uow.idempotency.claim(KEY, "crew-2", "fingerprint-2") is None


def test_a_command_that_failed_may_be_sent_again_even_changed(bench: Bench) -> None:
    with bench.transaction() as uow:
        uow.idempotency.claim(KEY, ACTOR, BODY)
        uow.idempotency.answer(KEY, ACTOR, 201, {})
    with bench.transaction() as uow:
        assert uow.idempotency.claim(KEY, ACTOR, "fingerprint-2") is None


def test_a_claim_without_an_answer_is_still_running(bench: Bench) -> None:
    with bench.transaction() as uow:
        uow.idempotency.claim(KEY, ACTOR, BODY)
        uow.commit()
    with bench.transaction() as uow, pytest.raises(StillRunning):
        uow.idempotency.claim(KEY, ACTOR, BODY)


def test_a_second_claim_sees_what_its_own_transaction_answered(bench: Bench) -> None:
    with bench.transaction() as uow:
        uow.idempotency.claim(KEY, ACTOR, BODY)
        uow.idempotency.answer(KEY, ACTOR, 200, {"n": 1})
        assert uow.idempotency.claim(KEY, ACTOR, BODY) == Answer(200, {"n": 1})
