"""Which number is what: «14 мкр, 5 дней нет воды» names no house."""

import pytest

from services.intake.domain.reading import Reader, Role
from services.intake.schemas.lexicon import load_lexicon

READ = Reader(load_lexicon())


@pytest.mark.parametrize(
    ("text", "entrance", "floor", "flat"),
    [
        ("Абая 12 подъезд 2 этаж 5 кв 14", "2", "5", "14"),
        ("Абая 12, 2 подъезд 5 этаж кв 14", "2", "5", "14"),
        ("Абай 12, 2 кіреберіс, 5 қабат, 14 пәтер", "2", "5", "14"),
        ("Абая 12 2-й подъезд, 5-й этаж", "2", "5", None),
        ("abaya 12 podezd 2 etaj 5 kv 14", "2", "5", "14"),
        ("запах газа в подъезде на 5 этаже", None, "5", None),
        ("кв. 14, дом 12", None, None, "14"),
        ("Абая 12", None, None, None),
    ],
)
def test_parts_of_an_address(text: str, entrance: str | None, floor: str | None, flat: str | None) -> None:
    reading = READ(text)
    assert [reading.value(role) for role in (Role.ENTRANCE, Role.FLOOR, Role.FLAT)] == [entrance, floor, flat]


@pytest.mark.parametrize("text", ["5 дней нет воды", "3 күн су жоқ", "с 8 утра", "уже 2 часа", "40 градусов"])
def test_a_duration_is_no_house(text: str) -> None:
    assert set(READ(text).roles.values()) == {Role.COUNT}


@pytest.mark.parametrize("text", ["6 мкр 12 дом", "мкр 6 дом 12", "6-й микрорайон, дом 12", "6 ш/а 12 үйде"])
def test_a_numbered_microdistrict_and_its_house(text: str) -> None:
    reading = READ(text)
    assert (reading.value(Role.AREA), reading.value(Role.HOUSE)) == ("6", "12")
