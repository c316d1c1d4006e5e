"""A point becomes the address of its building, of its street, or of nothing we know."""

from services.intake.domain.houses import Precision
from services.intake.domain.places import address_at, nearest_choice
from tests.unit.intake.examples import listener, registry


def test_a_point_at_a_building_is_the_building() -> None:
    address = address_at(registry(), (43.2404, 76.9452))
    assert address is not None
    assert (address.text, address.text_kk) == ("проспект Абая, 12", "Абай даңғылы, 12")
    assert (address.building_id, address.house, address.precision) == ("osm-w1", "12", Precision.BUILDING)


def test_a_point_in_the_yard_is_told_by_its_street_and_keeps_its_place() -> None:
    address = address_at(registry(), (43.2415, 76.945))
    assert address is not None
    assert (address.text, address.building_id, address.house) == ("проспект Абая", None, None)
    assert (address.lat, address.lon, address.precision) == (43.2415, 76.945, Precision.STREET)


def test_a_point_in_the_steppe_has_no_address() -> None:
    assert address_at(registry(), (43.20, 76.80)) is None


def test_of_several_readings_the_one_around_the_sender_is_meant() -> None:
    choices = listener().resolver.resolve("Садовая 5").choices
    assert len(choices) == 2
    for choice in choices:
        assert nearest_choice(choices, choice.point) == choice
    assert nearest_choice(choices, (43.24, 76.9)) is None
