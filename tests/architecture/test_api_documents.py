"""The documents under ``contracts/`` say what the code does now."""

from pathlib import Path

import pytest

from scripts.apidocs import documents

MADE = dict(documents())


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.name)
def test_the_document_is_up_to_date(path: Path) -> None:
    advice = "run python -m scripts.apidocs and commit what it writes"
    assert path.read_text(encoding="utf-8") == MADE[path], advice
