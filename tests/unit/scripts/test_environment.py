"""The keys of a local suite: made up for its own databases, demanded for databases that outlive it."""

from pathlib import Path

import pytest

from scripts.environment import SEALING_VARIABLES, sealing_keys
from scripts.errors import Failure
from shared.sealing import INDEX_KEY, KEYS, Sealer, new_key

OWN = {"AVARIYKA_NOTIFY_DATABASE_URL": "postgresql://somewhere/notify"}


def test_keys_are_made_once_and_remembered(tmp_path: Path) -> None:
    made = sealing_keys(tmp_path / "secrets.json", {})
    assert set(made) == set(SEALING_VARIABLES) == {KEYS, INDEX_KEY}
    assert sealing_keys(tmp_path / "secrets.json", {}) == made
    assert Sealer.from_environment(made).has_keys


def test_a_database_of_one_s_own_needs_keys_of_one_s_own(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=f"set {KEYS} and {INDEX_KEY}.*openssl"):
        sealing_keys(tmp_path / "secrets.json", OWN)
    given = {**OWN, KEYS: new_key(), INDEX_KEY: new_key()}
    assert sealing_keys(tmp_path / "secrets.json", given) == {}
