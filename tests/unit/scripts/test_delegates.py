"""Commands of services: which of them need the running suite."""

import pytest

from scripts.commands import _needs_no_suite


@pytest.mark.parametrize(
    ("command", "rest", "alone"),
    [
        ("triage", ["classify", "--input", "a", "--output", "b"], True),
        ("triage", ["--rules", "dir", "rules", "test"], True),
        ("triage", ["corrections", "--days", "7"], False),
        ("triage", ["corrections", "--help"], True),
        ("city", ["import", "map.osm.pbf"], False),
        ("crews", [], True),
    ],
)
def test_only_what_touches_a_database_needs_the_suite(command: str, rest: list[str], alone: bool) -> None:
    assert _needs_no_suite(command, rest) is alone
