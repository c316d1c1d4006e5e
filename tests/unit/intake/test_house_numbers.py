"""House numbers in their parts, and which registered house answers to a number said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.house_numbers import RELATED, HouseNumbers
from services.intake.domain.postal import PostalAddress, PostalParser
from services.intake.domain.tokens import Kind, Tokeniser
from services.intake.schemas.lexicon import load_lexicon

NUMBERS = HouseNumbers(load_lexicon())
TOKENISE = Tokeniser(load_lexicon())
SPLIT = PostalParser(load_lexicon())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("24Д", "24Д"),
        ("38 В", "38В"),
        ('76 "А"', "76А"),
        ("7 к1", "7к1"),
        ("7к.1стр.1", "7к1 стр. 1"),
        ("14/2", "14/2"),
        ("31/1б", "31/1Б"),
        ("д. 5 корп. 2 лит. А", "5к2 лит. А"),
        ("дом 27, корпус 2, литера А", "27к2 лит. А"),
        ("дом 6, корпус 1, строение 2, литера АБ", "6к1 стр. 2 лит. АБ"),
        ("д. 93, к.2", "93к2"),
        ("43blokA", "43кA"),
        ("21к", "21К"),
        ("дом 84-86, литера Л", "84-86 лит. Л"),
        ("№ 12", "12"),
    ],
)
def test_all_forms_are_shown_alike(written: str, shown: str) -> None:
    assert NUMBERS.shown(written) == shown


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("д. 5 корп. 2 лит. А, кв. 7", ["5к2 лит. А", "7"]),
        ("Абая 12, кв 5", ["12", "5"]),
        ("12, к 2 подъезду", ["12", "2"]),
        ("24 к 2 подъезд 4", ["24к2", "4"]),
        ("12 к 18 часам", ["12", "18"]),
        ("дом 41 к.1, парадная N2", ["41к1", "2"]),
        ("76 и 76/1", ["76", "76/1"]),
    ],
)
def test_a_number_in_a_message_takes_what_belongs_to_it(text: str, numbers: list[str]) -> None:
    assert [token.raw for token in TOKENISE(text) if token.kind is Kind.NUMBER] == numbers


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("24/1", "24к1"),
        ("24к1", "24/1"),
        ("5к2", "5к2 лит. А"),
        ("5к2 лит. А", "5к2"),
        ("24А", "24 лит. А"),
        ("24B", "24В"),  # a Latin letter may mean its Cyrillic lookalike
        ("24b", "24Б"),  # or its sound
        ("8", "8/30"),  # a corner house
        ("86", "84-86"),
        ("7к1", "7к1 стр. 1"),
        ("23 стр. 1", "23к1"),
    ],
)
def test_a_house_answers_to_a_less_exact_number(asked: str, known: str) -> None:
    misfit = NUMBERS.misfit(asked, known)
    assert misfit is not None
    assert misfit < RELATED


@pytest.mark.parametrize(("asked", "known"), [("93", "93к1"), ("8", "8/1"), ("11", "11А"), ("11А", "11")])
def test_a_neighbour_under_the_same_number_is_only_related(asked: str, known: str) -> None:
    misfit = NUMBERS.misfit(asked, known)
    assert misfit is not None
    assert misfit >= RELATED


@pytest.mark.parametrize(("asked", "known"), [("11", "12"), ("5к1", "5к2"), ("7А", "7Б"), ("8/1", "8/2")])
def test_another_house_is_another_house(asked: str, known: str) -> None:
    assert NUMBERS.misfit(asked, known) is None


@given(st.text(max_size=60))
def test_any_house_number_is_read_and_fits_itself(text: str) -> None:
    shown = NUMBERS.shown(text)
    if NUMBERS.readings(text):
        assert NUMBERS.misfit(shown, shown) == 0


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("пр. Абая 12", PostalAddress("", "пр. Абая", "12")),
        ("ул. Сатпаева, д. 76 А", PostalAddress("", "ул. Сатпаева", "д. 76 А")),
        ("мкр 6 дом 12", PostalAddress("", "мкр 6", "12")),
        ("г. Астана, Кабанбай батыра 11/5", PostalAddress("г. Астана", "Кабанбай батыра", "11/5")),
        ("улица 20-я линия, 44", PostalAddress("", "улица 20-я линия", "44")),
        (
            "город Колпино, Павловская улица, дом 7, корпус 1, литера А",
            PostalAddress("город Колпино", "Павловская улица", "дом 7, корпус 1, литера А"),
        ),
        ("Луговой парк", PostalAddress("", "Луговой парк", "")),
        ("", PostalAddress("", "", "")),
    ],
)
def test_official_addresses_are_split(text: str, address: PostalAddress) -> None:
    assert SPLIT(text) == address


@given(st.text(max_size=200))
def test_any_official_address_is_survived(text: str) -> None:
    SPLIT(text)
