"""How long a text is in SMS parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.sms import is_gsm, masked, parts

pytestmark = pytest.mark.rule("6.12")
GSM = "abcXYZ 0123456789@£$é_"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("№" + "a" * 69, 1),
        ("№" + "a" * 70, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_parts_at_their_edges(text: str, count: int) -> None:
    assert parts(text) == count


@pytest.mark.parametrize(
    ("text", "gsm"),
    [
        ("No water, Abaya 12", True),
        ("a|b^{}[]~\\€", True),
        ("№12", False),
        ("á", False),
        ("su joq", True),
        ("ı", False),
    ],
)
def test_one_letter_outside_the_alphabet_turns_the_whole_text(text: str, gsm: bool) -> None:
    assert is_gsm(text) is gsm


def test_a_letter_of_two_units_is_never_split() -> None:
    straddling = "a" * 152 + "€" + "a" * 152
    assert len(straddling) + 1 == 306
    assert parts(straddling) == 3, "the euro sign moves whole into the second part, which then overflows"


@given(st.text(max_size=700), st.text(max_size=20))
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert 1 <= parts(text) <= parts(text + more)


@given(st.text(alphabet=GSM, max_size=900))
def test_without_double_letters_parts_follow_from_length(text: str) -> None:
    length = len(text)
    assert parts(text) == (1 if length <= 160 else -(-length // 153))


@pytest.mark.rule("6.11")
@pytest.mark.parametrize(
    ("phone", "shown"), [("+77010000001", "+7701***0001"), ("+12025550123", "+1202***0123"), ("1234", "***")]
)
def test_numbers_are_masked(phone: str, shown: str) -> None:
    assert masked(phone) == shown
