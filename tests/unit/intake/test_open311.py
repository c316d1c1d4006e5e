"""Open311: what a report becomes, what the public sees of it, and how it is written on the wire."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.intake.domain.keys import ApiKey, Scope
from services.intake.domain.open311 import Seen, Where, masked, public_place
from services.intake.domain.requests import Channel, Missing, Request
from services.intake.domain.standing import Standing
from services.intake.errors import (
    RepeatKeyReused,
    RequestNotFound,
    ServiceNotFound,
    SpanTooLong,
    TokenNotFound,
)
from services.intake.schemas import open311 as wire
from services.intake.schemas.open311_catalogue import load_services
from services.intake.usecases.facts import contact_at
from services.intake.usecases.incidents import ride_of
from services.intake.usecases.open311 import (
    Query,
    find_request,
    list_reports,
    service_of,
    show_report,
    submit_report,
)
from shared.clock import FixedClock
from shared.i18n import LANGUAGES
from tests.support import contracts
from tests.unit.intake.examples import NOON, PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork

KEY = ApiKey(uuid4(), "city app", "d", frozenset({Scope.OPEN311}), 120, NOON)
LEAK = {
    "service_code": "water-leak",
    "address_string": "Абая 12",
    "description": "Заливает с пятого этажа, звоните 8 701 555 11 22",
    "phone": "8 701 000 00 01",
    "first_name": "Айгуль",
    "attribute[entrance]": "3",
    "attribute[flat]": "917",
    "attribute[danger][]": "water_on_wires",
    "media_url": "https://photos.example/1.jpg",
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def uow(clock: FixedClock) -> FakeUnitOfWork:
    return FakeUnitOfWork(clock)


def submit(
    uow: FakeUnitOfWork,
    fields: Mapping[str, str] = LEAK,
    key: ApiKey = KEY,
    repeat_key: str | None = None,
    language: str = "ru",
) -> Request:
    sent = wire.read_report(MultiDict(fields), repeat_key)
    service = service_of(load_services(), sent.service_code)
    return submit_report(uow, listener(), service, sent, key, language).request


def card(seen: Seen, shows_text: bool = False, language: str = "ru") -> dict[str, Any]:
    service = load_services().get(seen.report.service_code)
    return wire.request_card(seen, service, language, "state", shows_text)


@pytest.mark.rule("6.1")
def test_a_complete_report_is_registered_with_everything_it_says(uow: FakeUnitOfWork) -> None:
    request = submit(uow)
    assert (request.number, request.channel, request.language) == (1001, Channel.PARTNER, "ru")
    assert request.full_address is not None
    assert (request.full_address.building_id, request.full_address.entrance) == ("osm-w1", "3")
    assert request.full_address.flat == "917"
    assert request.problem.startswith("Прорвало трубу, затапливает. Заливает с пятого этажа")
    assert "Есть ли опасность: вода попадает на проводку" in request.problem
    assert uow.contacts.rows[PHONE.text].name == "Айгуль"
    assert uow.types() == ["contact.known", "request.registered"]
    for event in uow.emitted:
        contracts.check("intake", event.type, event.data)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"phone": ""}, (Missing.CONTACT,)),
        ({"phone": "111"}, (Missing.CONTACT,)),
        ({"address_string": ""}, (Missing.ADDRESS,)),
        ({"address_string": "Садовая 5"}, (Missing.ADDRESS,)),
        ({"address_string": "", "lat": "10.0", "long": "10.0"}, (Missing.ADDRESS,)),
        ({"address_string": "", "phone": ""}, (Missing.ADDRESS, Missing.CONTACT)),
    ],
)
@pytest.mark.rule("D-1.1-U3")
def test_an_incomplete_report_waits_for_a_person_behind_a_token(
    uow: FakeUnitOfWork, changes: dict[str, str], missing: tuple[Missing, ...]
) -> None:
    request = submit(uow, {**LEAK, **changes})
    assert (request.is_draft, request.missing, request.needs_operator) == (True, missing, True)
    assert find_request(uow, request.id) == request
    assert list_reports(uow, Query()) == []


def test_what_cannot_be_called_is_kept_for_the_operator(uow: FakeUnitOfWork) -> None:
    request = submit(uow, {**LEAK, "phone": "доб. 12", "email": "a.b@mail.example"})
    assert request.missing == (Missing.CONTACT,)
    assert "a.b@mail.example" in request.problem
    assert "доб. 12" in request.problem


def test_a_system_with_a_telephone_answers_for_applicants_who_left_none(uow: FakeUnitOfWork) -> None:
    with uow:
        contact = contact_at(uow, PHONE, "ru")
        uow.commit()
    key = ApiKey(uuid4(), "109", "d", frozenset({Scope.OPEN311}), 120, NOON, contact_ref=contact.ref)
    request = submit(uow, {**LEAK, "phone": ""}, key)
    assert (request.number, request.contact_ref) == (1001, contact.ref)


@pytest.mark.parametrize(
    "place",
    [
        {"lat": "43.2402", "long": "76.9451"},
        {"address_id": "osm-w1"},
        {"address_string": "проспект Абая 12"},
        {"address_id": "unknown", "lat": "43.2402", "long": "76.9451"},
        {"address_string": "у магазина", "lat": "43.2402", "long": "76.9451"},
    ],
)
def test_a_place_is_told_by_words_point_or_id(uow: FakeUnitOfWork, place: dict[str, str]) -> None:
    request = submit(uow, {**{k: v for k, v in LEAK.items() if k != "address_string"}, **place})
    assert request.address is not None
    assert request.address.building_id == "osm-w1"


def test_a_point_decides_between_streets_of_one_name(uow: FakeUnitOfWork) -> None:
    for choice in listener().resolver.resolve("Садовая 5").choices:
        point = {"lat": str(choice.point[0]), "long": str(choice.point[1])}
        request = submit(uow, {**LEAK, "address_string": "Садовая 5", **point})
        assert request.address is not None
        assert request.address.district == choice.address.district


def test_the_same_report_again_is_the_same_request_for_a_while(
    uow: FakeUnitOfWork, clock: FixedClock
) -> None:
    first = submit(uow)
    clock.advance(timedelta(minutes=9))
    assert submit(uow).id == first.id
    assert submit(uow, {**LEAK, "description": "другое"}).id != first.id
    assert submit(uow, key=ApiKey(uuid4(), "other", "e", KEY.scopes, 1, NOON)).id != first.id
    clock.advance(timedelta(minutes=2))
    assert submit(uow).id != first.id


def test_an_idempotency_key_lasts_longer_and_refuses_other_content(
    uow: FakeUnitOfWork, clock: FixedClock
) -> None:
    first = submit(uow, repeat_key="k1")
    clock.advance(timedelta(days=3))
    assert submit(uow, repeat_key="k1").id == first.id
    with pytest.raises(RepeatKeyReused):
        submit(uow, {**LEAK, "description": "другое"}, repeat_key="k1")


def test_unknown_services_and_tokens_are_told_so(uow: FakeUnitOfWork) -> None:
    with pytest.raises(ServiceNotFound):
        submit(uow, {**LEAK, "service_code": "ufo"})
    with pytest.raises(TokenNotFound):
        find_request(uow, uuid4())
    with pytest.raises(RequestNotFound):
        show_report(uow, Query(numbers=(1001,)))


@pytest.mark.rule("D-1.1-U7")
def test_the_public_sees_no_person_no_flat_and_not_whose_home_it_is(uow: FakeUnitOfWork) -> None:
    submit(uow)
    (seen,) = list_reports(uow, Query())
    shown = card(seen)
    assert (shown["address"], shown["address_id"], shown["description"]) == ("проспект Абая", None, None)
    assert (shown["lat"], shown["long"], shown["media_url"]) == (43.24, 76.945, None)
    told = json.dumps(shown, ensure_ascii=False)
    for secret in ("701", "Айгуль", "917", "пятого", "photos"):
        assert secret not in told
    assert card(seen, language="kk")["address"] == "Абай даңғылы"


def test_its_sender_sees_the_words_without_numbers(uow: FakeUnitOfWork) -> None:
    submit(uow)
    shown = card(list_reports(uow, Query())[0], shows_text=True)
    assert shown["description"] == "Заливает с пятого этажа, звоните *** *** *** *** ***"
    assert shown["media_url"] == LEAK["media_url"]


def test_a_manhole_is_shown_where_it_is(uow: FakeUnitOfWork) -> None:
    street = {"service_code": "manhole", "phone": LEAK["phone"], "address_string": "Абая 12"}
    submit(uow, street)
    shown = card(list_reports(uow, Query())[0])
    assert (shown["address"], shown["address_id"], shown["lat"]) == ("проспект Абая, 12", "osm-w1", 43.2402)


def test_a_flat_makes_any_trouble_a_home_one(uow: FakeUnitOfWork) -> None:
    submit(uow, {**LEAK, "service_code": "power-none"})
    assert card(list_reports(uow, Query())[0])["address"] == "проспект Абая"


def test_a_house_without_a_flat_is_shown_exactly(uow: FakeUnitOfWork) -> None:
    without_flat = {name: value for name, value in LEAK.items() if name != "attribute[flat]"}
    submit(uow, {**without_flat, "service_code": "power-none"})
    shown = card(list_reports(uow, Query())[0])
    assert shown["address"] == "проспект Абая, 12"


@given(st.text(max_size=300))
def test_no_number_no_letter_address_no_link_survives_masking(text: str) -> None:
    kept = masked(f"{text} a@b.kz 12кв http://x.y/z")
    assert not any(char.isdigit() and char.isdecimal() for char in kept)
    assert "@b" not in kept
    assert "http://" not in kept


@pytest.mark.parametrize("state", ["closed", "rejected", "cancelled", "consulted"])
def test_a_finished_request_is_closed(uow: FakeUnitOfWork, state: str) -> None:
    request = submit(uow)
    later = NOON + timedelta(hours=2)
    with uow:
        uow.standings.put(Standing(request.id, state, later, 7))
        uow.commit()
    (seen,) = list_reports(uow, Query())
    shown = card(seen)
    assert (shown["status"], shown["updated_datetime"]) == ("closed", "2026-11-24T14:00:00Z")
    assert list_reports(uow, Query(statuses=frozenset({"open"}))) == []
    assert list_reports(uow, Query(statuses=frozenset({"open", "closed"}))) == [seen]


@pytest.mark.rule("6.8")
def test_a_report_on_a_known_outage_says_when_its_end_is_expected(uow: FakeUnitOfWork) -> None:
    first = submit(uow, {**LEAK, "service_code": "water-none", "attribute[danger][]": ""})
    again = submit(
        uow, {**LEAK, "service_code": "water-none", "attribute[danger][]": "", "description": "тоже"}
    )
    with uow:
        outage = ride_of(uow, again.id)
        assert outage is not None
        uow.outages.save(replace(outage, ends_by=NOON + timedelta(hours=3)))
        uow.commit()
    shown = {seen.request.id: card(seen) for seen in list_reports(uow, Query())}
    assert shown[again.id]["expected_datetime"] == "2026-11-24T15:00:00Z"
    assert shown[first.id]["expected_datetime"] == "2026-11-24T15:00:00Z"


def test_requests_are_listed_by_id_code_and_time(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    first = submit(uow)
    clock.advance(timedelta(days=2))
    second = submit(uow, {**LEAK, "service_code": "lift-people"})

    def numbers(query: Query) -> list[int | None]:
        return [seen.request.number for seen in list_reports(uow, query)]

    assert numbers(Query()) == [second.number, first.number]
    assert numbers(Query(numbers=(first.number or 0, 9999, first.number or 0))) == [first.number]
    assert numbers(Query(service_codes=("lift-people", "ufo"))) == [second.number]
    assert numbers(Query(end=NOON + timedelta(days=1))) == [first.number]
    assert numbers(Query(start=NOON + timedelta(days=1))) == [second.number]
    assert numbers(Query(limit=1)) == [second.number]
    clock.advance(timedelta(days=90))
    assert numbers(Query()) == [second.number]
    with pytest.raises(SpanTooLong):
        list_reports(uow, Query(start=NOON, end=NOON + timedelta(days=91)))


def test_a_query_is_read() -> None:
    query = wire.read_query(
        {
            "service_request_id": "1001, 1002,x," + "9" * 40,
            "service_code": "a,b",
            "status": "open,closed",
            "start_date": "2026-11-01T00:00:00+05:00",
            "end_date": "2026-11-02T00:00:00",
        }
    )
    assert (query.numbers, query.service_codes) == ((1001, 1002), ("a", "b"))
    assert query.start == datetime(2026, 10, 31, 19, tzinfo=UTC)
    assert query.end == datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize("args", [{"status": "broken"}, {"start_date": "вчера"}, {"end_date": "2026"}])
def test_a_wrong_query_names_its_field(args: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        wire.read_query(args)
    assert list(refused.value.messages_dict) == list(args)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service_code": ""}, "service_code"),
        ({"lat": "91", "long": "1"}, "lat"),
        ({"lat": "nan", "long": "1"}, "lat"),
        ({"long": "76.9"}, "lat"),
        ({"description": "x" * 4001}, "description"),
    ],
)
def test_a_wrong_report_names_its_field(changes: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        wire.read_report(MultiDict({**LEAK, **changes}), None)
    assert list(refused.value.messages_dict) == [field]


@given(
    st.dictionaries(
        st.sampled_from([*LEAK, "attribute[x]", "attribute[floor]", "email", "account_id", "junk"]),
        st.text(st.characters(codec="utf-8"), max_size=60),
    )
)
def test_no_form_breaks_anything(fields: dict[str, str]) -> None:
    try:
        sent = wire.read_report(MultiDict({**fields, "service_code": "other"}), None)
    except ValidationError:
        return
    request = submit_report(FakeUnitOfWork(), listener(), load_services()["other"], sent, KEY, "kk").request
    assert request.problem.strip()
    ElementTree.fromstring(wire.encode([{"d": sent.description}], "xml", "r", "i"))


def test_repeated_attributes_are_all_read() -> None:
    fields = MultiDict([*LEAK.items(), ("attribute[danger][]", "gas"), ("attribute[danger][]", "other")])
    sent = wire.read_report(fields, None)
    assert (sent.attributes or {})["danger"] == ("water_on_wires", "gas", "other")


@pytest.mark.parametrize("language", LANGUAGES)
def test_services_are_told_in_both_languages(language: str) -> None:
    for service in load_services().values():
        told = wire.service_card(service, language)
        assert all(told[name] for name in ("service_name", "description", "keywords", "group"))
        for attribute in wire.definition_card(service, language)["attributes"]:
            assert attribute["description"]
            assert all(value["name"] for value in attribute.get("values", ()))


def test_xml_has_the_shape_of_the_specification() -> None:
    services = load_services()
    definition = wire.encode(wire.definition_card(services["water-leak"], "ru"), "xml", "service_definition")
    assert definition.startswith('<?xml version="1.0" encoding="utf-8"?>')
    root = ElementTree.fromstring(definition)
    assert (root.tag, root.findtext("service_code")) == ("service_definition", "water-leak")
    danger = next(a for a in root.iterfind("attributes/attribute") if a.findtext("code") == "danger")
    assert (danger.findtext("variable"), danger.findtext("required")) == ("true", "false")
    assert danger.findtext("values/value/key") == "people"
    errors = ElementTree.fromstring(
        wire.encode(wire.error_cards(404, ["a\x0b<b>"]), "xml", "errors", "error")
    )
    assert [(e.findtext("code"), e.findtext("description")) for e in errors] == [("404", "a<b>")]


def test_only_a_home_is_blurred() -> None:
    address = listener().resolver.resolve("Абая 12").candidates[0].address
    assert public_place(address, is_home=False).address_in("kk") == "Абай даңғылы, 12"
    blurred = public_place(address, is_home=True)
    assert (blurred.address_in("ru"), blurred.building_id) == ("проспект Абая", None)
    assert (blurred.lat, blurred.lon) != (address.lat, address.lon)
    assert {service.where for service in load_services().values()} == set(Where)
