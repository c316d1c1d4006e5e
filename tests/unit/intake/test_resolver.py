"""Finding the address inside whole messages."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.domain.addresses import Resolution
from services.intake.domain.houses import Precision
from services.intake.domain.registry import Registry
from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon
from tests.support.chance import examples
from tests.unit.intake.examples import listener, registry


def resolve(text: str) -> Resolution:
    return listener().resolver.resolve(text)


def found(text: str) -> str:
    best = resolve(text).best
    return best.address.text if best is not None else "?"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Прорвало трубу, топит подвал, Абая 12", "проспект Абая, 12"),
        ("Абай 12 опять су жоқ, балалармен как жить???", "проспект Абая, 12"),
        ("net vody abaya 12", "проспект Абая, 12"),
        ("uide su joq, Abay 12", "проспект Абая, 12"),
        ("во дворе дома 12 по Абая хлещет вода", "проспект Абая, 12"),
        ("Абай даңғылы 12-үй, 5-пәтер, жарық жоқ", "проспект Абая, 12"),
        ("дом 12, проспект Абая", "проспект Абая, 12"),
        ("Сәтбаев көшесі 76А", "улица Сатпаева, 76А"),
        ('ул.Сатпаева, дом № 76 "А", кв.12', "улица Сатпаева, 76А"),
        ("satpaeva 76a", "улица Сатпаева, 76А"),
        ("6 мкр 12 дом", "микрорайон 6, 12"),
        ("в 6 микрорайоне, дом 12", "микрорайон 6, 12"),
        ("6 ш/а 12 үйде су жоқ", "микрорайон 6, 12"),
        ("6-ші шағын аудан 12 үй", "микрорайон 6, 12"),
        ("6-12 нет света", "микрорайон 6, 12"),
        ("Самал-2 33", "микрорайон Самал 2, 33"),
        ("самал 2 дом 33", "микрорайон Самал 2, 33"),
        ("мкр Аксай-2, дом 13а", "микрорайон Аксай 2, 13А"),
        ("Гагарина 7 корпус 1", "ул. Гагарина, 7к1"),
        ("7 к1 Гагарина", "ул. Гагарина, 7к1"),
        ("Толе би 31/1Б запах газа", "улица Толе Би, 31/1Б"),
        ("толеби 31/1б", "улица Толе Би, 31/1Б"),
        ("Фурманова 50 нет света", "проспект Назарбаева, 50"),
        ("Калинина 8", "улица Кабанбай Батыра, 8"),
        ("Торговая 10", "улица Гоголя, 10"),
        ("Кабанбай 85 топит", "улица Кабанбай Батыра, 85"),
        ("Джамбула 100", "улица Жамбыла, 100"),
        ("альфараби 77", "проспект Аль-Фараби, 77"),
        ("тауелсиздик 33", "Тәуелсіздік даңғылы, 33"),
        ("20-я линия 44", "улица 20-я линия, 44"),
        ("Розыбакеива 20 лифт застрял", "улица Розыбакиева, 20"),
        ("ул. Назарбоева 50", "проспект Назарбаева, 50"),
        ("угол Абая и Розыбакиева, бьёт вода", "проспект Абая / улица Розыбакиева"),
        ("Абая-Розыбакиева из-под асфальта вода", "проспект Абая / улица Розыбакиева"),
    ],
)
def test_addresses_as_people_write_them(text: str, address: str) -> None:
    assert found(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "нет воды",
        "лифт застрял 5 этаж",
        "запах газа в подъезде на 5 этаже, боимся заходить",
        "14 мкр, 5 дней нет воды",
        "су жоқ, 3 күн болды",
        "вторые сутки сидим без отопления, батареи холодные, 2 подъезд",
    ],
)
def test_a_message_without_an_address_gets_none(text: str) -> None:
    assert resolve(text).best is None


def test_days_are_not_a_house() -> None:
    resolution = resolve("6 мкр, 5 дней нет воды")
    assert [candidate.address.house for candidate in resolution.candidates] == [None]


def test_a_street_without_a_house_is_only_half_an_address() -> None:
    resolution = resolve("на Абая прорвало трубу")
    assert resolution.best is None
    assert [choice.is_complete for choice in resolution.choices][:1] == [False]


def test_a_dash_after_a_street_separates_the_flat() -> None:
    best = resolve("Абая 12-14").best
    assert best is not None
    assert (best.address.house, best.address.flat) == ("12", "14")


@pytest.mark.parametrize(
    ("text", "precision", "building"),
    [
        ("Абая 12", Precision.BUILDING, "osm-w1"),
        ("Абая 16", Precision.STREET, None),
        ("Розыбакиева 100500", Precision.STREET, None),
        ("6 мкр 99 дом", Precision.AREA, None),
    ],
)
def test_precision_says_how_well_the_place_is_known(
    text: str, precision: Precision, building: str | None
) -> None:
    first = resolve(text).candidates[0].address
    assert (first.precision, first.building_id) == (precision, building)


def test_an_unknown_house_lies_between_its_neighbours() -> None:
    best = resolve("Абая 16").best
    assert best is not None
    assert best.point == pytest.approx((43.2402, 76.943), abs=1e-6)


def test_the_avenue_is_meant_rather_than_the_lane_of_that_name() -> None:
    assert found("Абая 100") == "проспект Абая, 100"


def test_the_type_said_counts_for_the_namesake() -> None:
    def lane(text: str) -> float:
        return next(c.score for c in resolve(text).candidates if c.address.street == "улица Абая")

    assert lane("улица Абая 100") > lane("Абая 100") > lane("проспект Абая 100")


def test_namesakes_of_one_size_are_offered_with_their_districts() -> None:
    resolution = resolve("Садовая 5")
    assert resolution.best is None
    assert {choice.district_in("ru") for choice in resolution.choices} == {
        "Западный район",
        "Восточный район",
    }
    assert {choice.district_in("kk") for choice in resolution.choices} == {"Батыс ауданы", "Шығыс ауданы"}


def test_a_locality_named_beside_it_decides() -> None:
    best = resolve("Береке, Садовая 5").best
    assert best is not None
    assert best.address.district == "east"


def test_choices_are_never_more_than_three() -> None:
    assert len(resolve("улица Абая 1, Садовая 5, Гоголя 3, Жамбыла 4").choices) <= 3


def test_the_address_is_told_in_the_readers_language() -> None:
    best = resolve("Абая 12").best
    assert best is not None
    assert (best.text_in("ru"), best.text_in("kk")) == ("проспект Абая, 12", "Абай даңғылы, 12")


def test_reasons_are_given() -> None:
    assert resolve("пр. Абая 12").candidates[0].reasons == (
        "street_exact",
        "type_agrees",
        "house_in_registry",
    )
    assert resolve("Фурманова 50").candidates[0].reasons[:2] == ("street_exact", "old_name")
    assert resolve("Розыбакеива 20").candidates[0].reasons[0] == "street_misspelt"


@pytest.mark.parametrize("typo", ["Розыбакеива", "Розбакиева", "Розыбакиевва", "Рзыбакиева", "Розыбакмева"])
def test_one_typing_error_does_not_hide_a_street(typo: str) -> None:
    assert found(f"{typo} 20") == "улица Розыбакиева, 20"


def test_numbers_in_names_are_not_guessed() -> None:
    assert all("Самал 2" not in choice.address.text for choice in resolve("Самал-4 33").choices)


def test_an_empty_registry_finds_nothing() -> None:
    resolver = Resolver(Registry(), load_lexicon())
    assert resolver.resolve("Абая 12, кв 5") == Resolution(flat="5")


JUMBLE = (
    "абая абай ул. пр. мкр 6 12 12/2 24Д кв дом үй көшесі нет воды газ 5 дней - , розыбакиева гоголя и угол"
    " 14-21 к1 подъезд Садовая этаж"
)
WORDS = st.sampled_from(JUMBLE.split(" "))


@given(st.lists(WORDS, max_size=40).map(" ".join))
@example("дом 14-21 абая")
@examples(150)
def test_any_jumble_of_address_words_gives_ordered_candidates_inside_the_text(text: str) -> None:
    resolution = resolve(text)
    scores = [candidate.score for candidate in resolution.candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= c.span[0] < c.span[1] <= len(text) for c in resolution.candidates)
    assert all(c.address.lat and c.address.text for c in resolution.candidates)


@given(st.text(max_size=500))
def test_any_text_is_survived(text: str) -> None:
    resolve(text)


@pytest.mark.parametrize(
    "word", ["Абая ", "ул Абая 1 ", "12 ", "очень плохо ", "ул абаа 1 ", "а1-", "6 мкр "]
)
def test_ten_kilobytes_take_no_quadratic_time(word: str) -> None:
    text = word * (10_240 // len(word.encode()))
    resolve("")  # the registry is read once, by whoever comes first
    started = time.process_time()
    resolve(text)
    assert time.process_time() - started < 2


def test_every_registered_building_is_found_by_its_own_address() -> None:
    by_id = registry().street_by_id
    lost = []
    for building in registry().buildings:
        best = resolve(f"{by_id[building.street_id].label} {building.house}").best
        if best is None or best.address.building_id != building.id:
            lost.append(building)
    assert lost == []
