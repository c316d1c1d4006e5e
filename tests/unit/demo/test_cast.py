"""The demo's people and what they say."""

import json

from demo.cast import DISTRICTS, Cast, district_places, identity, new_passwords
from demo.edges import number_in
from demo.residents import appeals


def test_the_same_seed_plays_the_same_evening() -> None:
    assert list(appeals(40, 7)) == list(appeals(40, 7))
    assert list(appeals(40, 7)) != list(appeals(40, 8))


def test_every_resident_has_a_phone_of_their_own() -> None:
    assert len({appeal.phone for appeal in appeals(500, 3)}) == 500


def test_every_crew_stands_inside_its_district() -> None:
    places = district_places(json.loads(DISTRICTS.read_text(encoding="utf-8")))
    cast = Cast.load()
    assert {crew["district"] for crew in cast.crews} <= set(places)


def test_every_system_has_somebody_who_answers_for_it_and_can_go() -> None:
    cast = Cast.load()
    for organisation in cast.organisations:
        crews = [crew for crew in cast.crews if crew["organisation"] == organisation["key"]]
        able = {system for crew in crews for system in crew["specialisations"]}
        assert set(organisation["systems"]) <= able, organisation["key"]


def test_passwords_are_new_each_time_and_ids_are_not() -> None:
    assert new_passwords(["operator"]) != new_passwords(["operator"])
    assert identity("ads-1") == identity("ads-1") != identity("ads-2")


def test_the_seed_names_every_member_and_leads_by_a_high_grade() -> None:
    cast = Cast.load()
    places = district_places(json.loads(DISTRICTS.read_text(encoding="utf-8")))
    seed = cast.crews_seed(new_passwords(cast.login_names()), places)
    for organisation in seed["organisations"]:
        people = {person["key"]: person for person in organisation["people"]}
        for crew in organisation["crews"]:
            assert set(crew["members"]) <= set(people)
            assert crew["leader"] is None or people[crew["leader"]]["grade"] >= 5


def test_a_number_is_read_from_an_answer_in_either_language() -> None:
    assert number_in("Заявка №1042 принята, ул. Абая 12") == "1042"
    assert number_in("Өтінім № 1043 қабылданды") == "1043"
    assert number_in("Напишите адрес: улица и дом") is None
