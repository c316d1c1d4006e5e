"""What travels as JSON, and what is refused before it does."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.encoding import dumps, plain

ALMATY = timezone(timedelta(hours=5))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Urgency(StrEnum):
    EMERGENCY = "emergency"
    PLANNED = "planned"


class Grade(IntEnum):
    FIFTH = 5


class Mark(Enum):
    NONE = None
    WHEN = datetime(2026, 11, 24, tzinfo=UTC)


@given(JSON_VALUES)
def test_what_is_json_already_stays_as_it_is(value: Any) -> None:
    assert plain(value) == value
    assert json.loads(dumps(value)) == value


@pytest.mark.parametrize(
    ("value", "travels_as"),
    [
        (Urgency.EMERGENCY, "emergency"),
        (Grade.FIFTH, 5),
        (Mark.NONE, None),
        (Mark.WHEN, "2026-11-24T00:00:00+00:00"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (datetime(2026, 11, 24, 17, 30, tzinfo=ALMATY), "2026-11-24T17:30:00+05:00"),
        (date(2026, 11, 24), "2026-11-24"),
        ((1, (2, 3)), [1, [2, 3]]),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({Urgency.PLANNED, Urgency.EMERGENCY}), ["emergency", "planned"]),
        ({UUID(int=2), UUID(int=1)}, [str(UUID(int=1)), str(UUID(int=2))]),
        ({Mark.WHEN}, ["2026-11-24T00:00:00+00:00"]),
        ({Urgency.PLANNED: {UUID(int=7): 1}}, {"planned": {str(UUID(int=7)): 1}}),
    ],
)
def test_our_own_types_have_one_wire_form(value: Any, travels_as: Any) -> None:
    assert plain(value) == travels_as
    assert json.loads(dumps(value)) == travels_as


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 11, 24),  # noqa: DTZ001 - the naive one is the point
        {"at": [datetime(2026, 11, 24)]},  # noqa: DTZ001
        float("nan"),
        [float("-inf")],
        b"bytes",
        Decimal("1.5"),
        object(),
    ],
)
def test_what_has_no_wire_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        dumps(value)


def test_letters_travel_unescaped_and_without_spaces() -> None:
    assert dumps({"text": "Су ағып жатыр", "n": [1, 2]}) == '{"text":"Су ағып жатыр","n":[1,2]}'
