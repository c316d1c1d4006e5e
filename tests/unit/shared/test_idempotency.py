"""Fingerprints must outlive a release: stored ones are compared with those of newer code."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.idempotency import fingerprint

BODIES = st.dictionaries(st.text(), st.text() | st.none() | st.lists(st.text()))


def test_a_fingerprint_never_changes() -> None:
    body = {"at": datetime(2026, 11, 24, tzinfo=UTC), "reason": "Нет доступа", "readings": [1, 2.5, None]}
    expected = "b32d3853baeab119203645640474d033eea3d4617183df8e68f34d802cff20e7"
    assert fingerprint("complete", UUID(int=7), body) == expected


@given(BODIES)
def test_the_order_of_the_fields_says_nothing(body: dict[str, object]) -> None:
    assert fingerprint("accept", dict(reversed(body.items()))) == fingerprint("accept", body)


@given(BODIES, BODIES)
def test_different_bodies_have_different_fingerprints(
    one: dict[str, object], other: dict[str, object]
) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


def test_the_command_counts_beside_its_body() -> None:
    assert fingerprint("accept", {}) != fingerprint("decline", {})
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
