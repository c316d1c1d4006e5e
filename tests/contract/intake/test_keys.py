"""API keys in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from services.intake.domain.keys import ApiKey, Scope
from tests.contract.intake.conftest import Open
from tests.unit.intake.examples import NOON

KEY = ApiKey(uuid4(), "city app", "d1", frozenset({Scope.OPEN311, Scope.CARDS}), 120, NOON, partner="109")


def test_a_key_comes_back_by_its_digest(transactions: Open) -> None:
    with transactions() as uow:
        uow.keys.add(KEY)
        uow.commit()
    with transactions() as uow:
        assert uow.keys.by_digest("d1") == KEY
        assert uow.keys.by_digest("d2") is None


def test_a_key_is_revoked_once(transactions: Open) -> None:
    with transactions() as uow:
        uow.keys.add(KEY)
        assert uow.keys.revoke(KEY.id, NOON)
        assert uow.keys.revoke(KEY.id, NOON + timedelta(days=1))
        assert not uow.keys.revoke(uuid4(), NOON)
        assert uow.keys.by_digest("d1") == replace(KEY, revoked_at=NOON)


def test_keys_are_listed_the_newest_first(transactions: Open) -> None:
    newer = replace(KEY, id=uuid4(), digest="d2", created_at=NOON + timedelta(days=1))
    with transactions() as uow:
        for key in (KEY, newer):
            uow.keys.add(key)
        assert uow.keys.every() == [newer, KEY]
