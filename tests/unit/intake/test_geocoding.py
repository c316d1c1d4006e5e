"""The online geocoder behind the operators' address field, over its real wire format."""

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.intake.clients import NullGeocoder, geocoder_for
from services.intake.clients.geocoder import NominatimGeocoder
from services.intake.domain.registry import Box
from services.intake.usecases.addresses import Found, find_addresses
from services.intake.wiring import configured_geocoder
from shared.config import Misconfigured, Settings
from tests.unit.intake.examples import listener

TOWN: Box = ((43.2, 76.8), (43.3, 77.0))


class FakeGeocoder:
    """Knows the places it is given and remembers what it was asked."""

    def __init__(self, *places: Found) -> None:
        self.places = places
        self.asked: list[str] = []

    def find(self, text: str, box: Box) -> Sequence[Found]:
        self.asked.append(text)
        return self.places


class Nominatim(BaseHTTPRequestHandler):
    """Answers as Nominatim's search does."""

    answer: Any = ()
    status = 200
    asked: dict[str, list[str]]

    def do_GET(self) -> None:
        type(self).asked = parse_qs(urlsplit(self.path).query)
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(self.answer).encode())

    def log_message(self, *_arguments: object) -> None:
        """Says nothing on the terminal."""


@pytest.fixture
def nominatim() -> Iterator[tuple[type[Nominatim], NominatimGeocoder]]:
    handler = type("Handler", (Nominatim,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host, port = server.server_address[:2]
    yield handler, NominatimGeocoder(f"http://{host!s}:{port}", "tests", timeout_s=2)
    server.shutdown()
    server.server_close()


def test_places_are_asked_for_within_the_city(nominatim: tuple[type[Nominatim], NominatimGeocoder]) -> None:
    server, geocoder = nominatim
    server.answer = [{"lat": "43.25", "lon": "76.91", "display_name": "5, Новая улица"}]
    assert geocoder.find("Новая 5", TOWN) == [Found("5, Новая улица", (43.25, 76.91))]
    assert server.asked["q"] == ["Новая 5"]
    assert server.asked["bounded"] == ["1"]
    assert [float(edge) for edge in server.asked["viewbox"][0].split(",")] == [76.8, 43.2, 77.0, 43.3]


@pytest.mark.parametrize(
    ("status", "answer"), [(200, []), (429, []), (500, []), (200, [{"lat": "north", "lon": "76.91"}])]
)
def test_a_geocoder_that_knows_nothing_or_fails_is_an_empty_answer(
    nominatim: tuple[type[Nominatim], NominatimGeocoder], status: int, answer: Any
) -> None:
    server, geocoder = nominatim
    server.status, server.answer = status, answer
    assert list(geocoder.find("Новая 5", TOWN)) == []


def test_a_geocoder_that_is_away_is_an_empty_answer() -> None:
    assert list(NominatimGeocoder("http://127.0.0.1:1", "tests", timeout_s=1).find("Новая 5", TOWN)) == []


def test_without_a_geocoder_the_null_twin_stands_in() -> None:
    assert isinstance(geocoder_for("", "tests", 1), NullGeocoder)
    assert isinstance(geocoder_for("https://nominatim.example.org", "tests", 1), NominatimGeocoder)
    assert list(NullGeocoder().find("Новая 5", TOWN)) == []


def test_the_setting_must_be_an_address() -> None:
    settings = Settings.load("intake", {"AVARIYKA_INTAKE_GEOCODER": "nominatim"})
    with pytest.raises(Misconfigured, match="geocoder"):
        configured_geocoder(settings)


def test_addresses_are_found_while_they_are_typed() -> None:
    assert find_addresses(listener(), NullGeocoder(), "сатпаев 76")[0].address.street == "улица Сатпаева"


def test_what_the_registry_knows_is_not_asked_elsewhere() -> None:
    geocoder = FakeGeocoder()
    assert find_addresses(listener(), geocoder, "Абая 12")[0].address.building_id == "osm-w1"
    assert find_addresses(listener(), geocoder, "аб") == ()
    assert geocoder.asked == []


def test_a_geocoded_place_is_marked_and_never_taken_unasked() -> None:
    geocoder = FakeGeocoder(Found("5, Новая улица", (43.25, 76.91)))
    (candidate,) = find_addresses(listener(), geocoder, "Новая 5")
    assert geocoder.asked == ["Новая 5"]
    assert candidate.reasons == ("geocoded",)
    assert (candidate.address.text, candidate.address.district) == ("5, Новая улица", "east")
    assert candidate.score < 0.78


def test_a_geocoded_place_at_our_building_is_our_building() -> None:
    geocoder = FakeGeocoder(Found("12, Abay Avenue", (43.24025, 76.945)))
    (candidate,) = find_addresses(listener(), geocoder, "Neizvestnaya 12")
    assert (candidate.address.building_id, candidate.address.text) == ("osm-w1", "проспект Абая, 12")


def test_a_place_outside_the_city_is_left_out() -> None:
    geocoder = FakeGeocoder(Found("5, Новая улица, Москва", (55.75, 37.62)))
    assert list(find_addresses(listener(), geocoder, "Новая 5")) == []
