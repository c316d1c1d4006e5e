"""Addresses as residents of Kazakh cities write them: Russian, Kazakh, Latin and mixed.

The examples are those of the trade's material on languages; the registry is invented.
"""

import csv
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.commands import lists
from services.intake.domain.addresses import Resolution
from services.intake.domain.buildings import Buildings
from services.intake.domain.city import CityBuilder, CitySources, Renaming
from services.intake.domain.registry import Name, NameRole, Registry
from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon

LISTED = {
    "микрорайон 6": ["11", "12"],
    "микрорайон 12": ["7", "11", "21"],
    "микрорайон 14": ["5", "21", "38В"],
    "микрорайон Самал-2": ["33"],
    "микрорайон Толкын": ["4"],
    "микрорайон Шыгыс-3": ["24Д"],
    "жилой массив Коктал-1": ["21к"],
    "45 квартал": ["3"],
    "посёлок Актас": ["9"],
    "улица Сарайшык": ["7/1", "7/2"],
    "проспект Тәуелсіздік": ["33", "34"],
    "проспект Мәңгілік Ел": ["24А", "39/40"],
    "улица Жамбыла": ["14/2", "31/1б", "12"],
    "улица Сатпаева": ["76", "76/1"],
    "улица Нурпеиса Байганина": ["7 к1", "7 к2"],
    "проспект Алаш": ["10", "12"],
    "улица Московская": ["7"],
}
COMPLEXES = {("улица Сарайшык", "7/1"): "Хайвилл"}
KAZAKH = Renaming("улица Сатпаева", (Name("Қаныш Сәтбаев көшесі", NameRole.KK),))


@cache
def resolver() -> Resolver:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "city.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["street", "house", "lat", "lon", "complex"])
            for number, street in enumerate(LISTED):
                for at, house in enumerate(LISTED[street]):
                    place = (51.1 + number / 100, 71.4 + at / 1000)
                    rows.writerow([street, house, *place, COMPLEXES.get((street, house), "")])
        houses = lists.read_registry(path, load_lexicon())
    sources = CitySources("city", houses=houses, renamings=[KAZAKH])
    return Resolver(CityBuilder(load_lexicon(), lambda _step: None).build(sources).registry, load_lexicon())


def found(text: str) -> str | None:
    best = resolver().resolve(text).best
    return best.address.text if best is not None and best.address.building_id else None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("6 мкр 12 дом", "микрорайон 6, 12"),
        ("Алло, 6 микрорайон, дом 12, во дворе прорвало трубу", "микрорайон 6, 12"),
        ("12 мкр., д. 7", "микрорайон 12, 7"),
        ("в 14 микрорайоне, дом 21", "микрорайон 14, 21"),
        ("14 мкр, 21", "микрорайон 14, 21"),
        ("14-21 нет света", "микрорайон 14, 21"),
        ("6 ш/а 11 үйде су жоқ", "микрорайон 6, 11"),
        ("12-ші шағын аудан, 21 үй", "микрорайон 12, 21"),
        ("12 ықшамаудан 11 үй жылу жоқ", "микрорайон 12, 11"),
        ("14 мкр, дом 38 В", "микрорайон 14, 38В"),
        ("Самал-2, 33 үй", "микрорайон Самал 2, 33"),
        ("мкр Толкын 4", "микрорайон Толкын, 4"),
        ("Tolqyn 4 uide su joq", "микрорайон Толкын, 4"),
        ("Шығыс-3 24д", "микрорайон Шыгыс 3, 24Д"),
        ("жилой массив Коктал-1, 21к", "микрорайон Коктал 1, 21К"),
        ("45 квартал, дом 3, течёт крыша", "микрорайон 45, 3"),
        ("пос. Актас 9", "микрорайон Актас, 9"),
    ],
)
def test_microdistricts(text: str, address: str) -> None:
    assert found(text) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("тауелсиздик 33", "проспект Тәуелсіздік, 33"),
        ("Tauelsizdik 33 jaryq joq", "проспект Тәуелсіздік, 33"),
        ("Мангилик Ел 24A", "проспект Мәңгілік Ел, 24А"),  # a Latin A
        ("Мәңгілік ел даңғылы 39/40", "проспект Мәңгілік Ел, 39/40"),
        ("Джамбула 14/2", "улица Жамбыла, 14/2"),
        ("Жамбыл көшесі 31/1Б, 4 қабат", "улица Жамбыла, 31/1Б"),
        ("по ул. Жамбыла 12, кв. 5 засор", "улица Жамбыла, 12"),
        ("Қаныш Сәтбаев көшесі 76/1", "улица Сатпаева, 76/1"),
        ("satpaeva 76", "улица Сатпаева, 76"),
        ("Байганина 7к1", "улица Нурпеиса Байганина, 7к1"),
        ("Нұрпейіс Байғанин көшесі 7 корпус 2", "улица Нурпеиса Байганина, 7к2"),
        ("Байганина Нурпеиса 7/2", "улица Нурпеиса Байганина, 7к2"),
        ("Алаш даңғылы 12 лифт тоқтап тұр", "проспект Алаш, 12"),
        ("пр. Алаш 10", "проспект Алаш, 10"),
        ("ЖК Хайвилл запах газа", "улица Сарайшык, 7/1"),
        ("Хайвил жарық жоқ", "улица Сарайшык, 7/1"),
        ("возле дома 12 по проспекту Алаш бьёт вода", "проспект Алаш, 12"),
        ("Алаш 12 үйдің жанында су ағып жатыр", "проспект Алаш, 12"),
        ("во дворе дома 10, Алаш, открыт люк", "проспект Алаш, 10"),
        ("Алаш,10,кв 5,затопило", "проспект Алаш, 10"),
        ("Маскоская 7", "улица Московская, 7"),
    ],
)
def test_streets_and_complexes(text: str, address: str) -> None:
    assert found(text) == address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Алаш 12, 3 подъезд, 5 этаж, кв 48", ("3", "5", "48")),
        ("Алаш 12 үй, 2 кіреберіс, 4 қабат, 15 пәтер", ("2", "4", "15")),
        ("Alash 12 podyezd 3 etaj 5 kv 48", ("3", "5", "48")),
        ("дом 12 по Алаш, пар. 2, эт. 1, квартира 7", ("2", "1", "7")),
        ("Алаш д. 12, кв. не скажу", (None, None, None)),
        ("на 3 этаже. Алаш 12", (None, "3", None)),
    ],
)
def test_entrance_floor_and_flat(text: str, parts: tuple[str | None, ...]) -> None:
    resolution = resolver().resolve(text)
    assert (resolution.entrance, resolution.floor, resolution.flat) == parts
    assert found(text) == "проспект Алаш, 12"


@pytest.mark.parametrize(
    "text",
    [
        "14 мкр, 5 дней нет воды",
        "управляющая компания Московского района не отвечает",
        "су жоқ, кешеден бері",
        "позвоните после 12, Алаш",
    ],
)
def test_what_names_no_house_is_not_taken(text: str) -> None:
    assert found(text) is None


def test_a_message_with_two_houses_of_one_street_is_answered_by_the_first() -> None:
    assert found("Сатпаева 76 и 76/1 без воды") == "улица Сатпаева, 76"


def test_a_block_is_no_street() -> None:
    assert found("жк Нурлы Тау блок 3Б нет воды") is None


def test_a_lane_is_not_an_avenue() -> None:
    resolution = resolver().resolve("переулок Алаш 10")
    avenue = resolver().resolve("проспект Алаш 10")
    assert resolution.candidates[0].score < avenue.candidates[0].score


WORDS = [
    "Алаш",
    "алаша",
    "Жамбыла",
    "Сатпаева",
    "76",
    "76/1",
    "7к1",
    "лит",
    "А",
    "стр",
    "1",
    "корп",
    "2",
    "-",
    ",",
    ".",
    "ул",
    "пр",
    "мкр",
    "14",
    "дом",
    "д",
    "кв",
    "5",
    "подъезд",
    "№3",
    "эт",
    "по",
    "Самал-2",
    "ЖК",
    "Хайвилл",
    "84-86",
    "N",
    "района",
    "үйдің",
    "жанында",
    "12-ші",
    "ш/а",
]


def is_within(resolution: Resolution, text: str) -> bool:
    spans = [candidate.span for candidate in resolution.candidates]
    return all(0 <= start < end <= len(text) for start, end in spans)


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_spans_lie_in_the_text_and_candidates_are_few(text: str) -> None:
    resolution = resolver().resolve(text)
    assert is_within(resolution, text)
    assert len(resolution.candidates) <= 10
    assert len(resolution.choices) <= 3


@given(st.text(max_size=400))
def test_any_text_is_survived_in_a_complete_registry(text: str) -> None:
    assert is_within(resolver().resolve(text), text)


def test_buildings_in_columns_are_the_same_buildings() -> None:
    plain: Registry = resolver().registry
    columns = Buildings(plain.buildings)
    assert list(columns) == list(plain.buildings)
    assert columns[1:3] == list(plain.buildings[1:3])
    assert columns[-1] == plain.buildings[-1]
    assert columns == Buildings(plain.buildings)
    with pytest.raises(IndexError):
        columns[len(columns)]
