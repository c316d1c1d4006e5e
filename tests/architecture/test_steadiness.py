"""The check says the same of the same commit: chance, the clock and the machine may not decide."""

import ast
from collections.abc import Iterator

import pytest

from shared.config import ROOT

_REFUSED = {
    "time.sleep": "wait with `eventually`",
    "hypothesis.settings": "say `@examples(n)` of tests.support.chance",
    "date.today": "take the day from a clock",
    "datetime.utcnow": "take the time from a clock",
}


def used(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What is imported from where, and called on what, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{one.name}") for one in node.names)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.lineno, f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("room", ["unit", "contract", "integration", "e2e"])
def test_no_test_is_at_the_mercy_of_chance_or_clock(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}: {_REFUSED[name]}"
        for path in sorted((ROOT / "tests" / room).rglob("*.py"))
        for line, name in used(ast.parse(path.read_text(encoding="utf-8")))
        if name in _REFUSED
    ]
    assert found == []
