"""Cards of partners: taken once, corrected, followed; news and cards that go out to them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from marshmallow import ValidationError

from services.intake.domain.deliveries import MOST_ATTEMPTS, Delivery, Progress, pause_after
from services.intake.domain.keys import ApiKey, Scope
from services.intake.domain.partners import Partner, check_signature, checked_url, sign
from services.intake.domain.privacy import Purpose
from services.intake.domain.requests import Channel, Missing
from services.intake.domain.standing import Standing
from services.intake.errors import (
    CardNotFound,
    CardSignatureInvalid,
    DeliveryNotFound,
    NothingToRetry,
    PartnerExists,
    PartnerNotFound,
    PartnerSilent,
    PartnerUrlRefused,
    RequestNotFound,
    RevisionReused,
)
from services.intake.schemas import partners as wire
from services.intake.usecases import deliveries
from services.intake.usecases.cards import Followed, follow_card, take_card
from services.intake.usecases.deliveries import Outcome, Receipt, deliver_due, send_card, settle
from services.intake.usecases.disclosure import Reader
from services.intake.usecases.forms import Command, Form, complete_draft
from services.intake.usecases.partners import add_partner, change_partner, partner_of, retire_partner
from services.intake.usecases.progress import note_state
from shared.clock import FixedClock
from shared.config import ROOT
from shared.i18n import Catalog
from shared.topology import CONTRACTS
from tests.support import contracts
from tests.unit.intake.examples import NOON, PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork
from tests.unit.intake.fakes_partners import FakeCourier

TEXTS = Catalog(ROOT / "services" / "intake" / "locale")
PARTNER = Partner("112", "112", "the secret", NOON, "https://partner.example/cards")
SILENT = Partner("104", "Газ", "another secret", NOON)
KEY = ApiKey(uuid4(), "112", "d", frozenset({Scope.CARDS}), 600, NOON, partner="112")
DISPATCHER = Reader("dispatcher-1", frozenset({"dispatcher"}), Purpose.TRANSFER)


def contract(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CONTRACTS / "http" / name).read_text(encoding="utf-8"))
    return loaded


EXAMPLE = contract("partner-card.v1.example.json")
CARD_SCHEMA = Draft202012Validator(contract("partner-card.v1.schema.json"), format_checker=FormatChecker())
STATE_SCHEMA = Draft202012Validator(contract("partner-state.v1.schema.json"), format_checker=FormatChecker())


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def uow(clock: FixedClock) -> FakeUnitOfWork:
    made = FakeUnitOfWork(clock)
    with made:
        made.partners.put(PARTNER)
        made.partners.put(SILENT)
        made.commit()
    return made


def take(uow: FakeUnitOfWork, changes: Mapping[str, Any] | None = None) -> Followed:
    whole = {**EXAMPLE, **(changes or {})}
    content = json.dumps(whole, ensure_ascii=False)
    card = wire.read_card(wire.PartnerCard().load(whole), content, whole)
    return take_card(uow, listener(), TEXTS, PARTNER, KEY, card)


def note(uow: FakeUnitOfWork, followed: Followed, state: str, sequence: int) -> None:
    told = Standing(followed.request.id, state, uow.clock.now(), sequence)
    note_state(uow, listener().troubles.book, told, wire.state_text)


def send(uow: FakeUnitOfWork, followed: Followed, partner: str = "112", words: str = "") -> Delivery:
    encode = partial(wire.card_text, now=NOON)
    return send_card(uow, followed.request.id, partner, words, DISPATCHER, encode)


def serve(uow: FakeUnitOfWork, status: int = 200, content: Any = None) -> list[dict[str, Any]]:
    """One round to the partner; what was given to the courier."""
    courier = FakeCourier(lambda _: (status, content))
    deliver_due(lambda: uow, courier, "112")
    return [json.loads(given.body) for given in courier.given]


def test_the_examples_fit_their_schemas() -> None:
    for schema in (CARD_SCHEMA, STATE_SCHEMA):
        Draft202012Validator.check_schema(schema.schema)
    CARD_SCHEMA.validate(EXAMPLE)
    STATE_SCHEMA.validate(contract("partner-state.v1.example.json"))


@pytest.mark.rule("6.1")
def test_a_complete_card_is_registered_with_its_dangers_in_words(uow: FakeUnitOfWork) -> None:
    followed = take(uow)
    request = followed.request
    assert (request.number, request.channel, request.author) == (1001, Channel.PARTNER, "partner:112")
    assert request.problem.split("\n") == [
        "Хлопок в подъезде, заклинило дверь",
        "Запах газа.",
        "Внутри заперт человек.",
        "Пострадали люди: 2.",
        "Заперто людей: 1.",
        "112: аварийная.",
    ]
    assert (request.desk.intercom, request.desk.intercom_note) == ("code", "45К1234")
    assert request.full_address is not None
    assert (request.full_address.building_id, request.full_address.flat) == ("osm-w1", "45")
    assert uow.contacts.rows[PHONE.text].name == "Айгуль С."
    assert "request.registered" in uow.types()
    for event in uow.emitted:
        contracts.check("intake", event.type, event.data)
    status = wire.CardStatus().dump(wire.status_card(followed))
    assert (status["number"], status["state"], status["missing"]) == ("1001", "registered", [])


def test_the_original_is_kept_word_for_word(uow: FakeUnitOfWork) -> None:
    followed = take(uow, {"their_own_field": {"x": 1}})
    assert json.loads(followed.card.content)["their_own_field"] == {"x": 1}


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"place": {"text": "где-то"}}, (Missing.ADDRESS,)),
        ({"place": None}, (Missing.ADDRESS,)),
        ({"applicant": None, "dispatcher": None}, (Missing.CONTACT,)),
        (
            {
                "text": "",
                "hazards": [],
                "casualties": None,
                "urgency": "unknown",
                "place": EXAMPLE["place"] | {"intercom": None},
            },
            (Missing.PROBLEM,),
        ),
    ],
)
@pytest.mark.rule("D-1.1-U3")
def test_an_incomplete_card_waits_for_an_operator(
    uow: FakeUnitOfWork, changes: dict[str, Any], missing: tuple[Missing, ...]
) -> None:
    followed = take(uow, changes)
    assert (followed.state, followed.request.missing) == ("draft", missing)
    assert followed.request.needs_operator


def test_the_partners_dispatcher_is_called_when_the_applicant_left_no_number(uow: FakeUnitOfWork) -> None:
    request = take(uow, {"applicant": {"phone": "нет", "email": "a@b.example"}}).request
    assert request.contact_ref == uow.contacts.rows["+77270000112"].ref
    assert "a@b.example" in request.problem
    assert "нет" in request.problem.split("\n")


def test_a_card_that_comes_again_changes_nothing(uow: FakeUnitOfWork) -> None:
    first = take(uow)
    again = take(uow, {"sent_at": "2026-11-24T12:30:00+00:00"})
    assert again == first
    assert len(uow.requests.rows) == 1
    with pytest.raises(RevisionReused):
        take(uow, {"text": "другое"})


def test_a_further_revision_completes_a_draft(uow: FakeUnitOfWork) -> None:
    first = take(uow, {"place": None})
    second = take(uow, {"revision": 2})
    assert (second.request.id, second.state) == (first.request.id, "registered")
    assert [card.revision for card in uow.cards.of_request(first.request.id)] == [1, 2]


def test_a_revision_of_a_registered_request_is_told_to_those_who_work_on_it(uow: FakeUnitOfWork) -> None:
    first = take(uow)
    second = take(uow, {"revision": 2, "text": "вход со двора"})
    assert second.request == first.request
    assert second.card.revision == 2
    assert uow.types()[-1] == "request.supplemented"
    contracts.check("intake", "request.supplemented", uow.emitted[-1].data)
    (message,) = uow.messages.of(first.request.id)
    assert message.body.startswith("вход со двора\n")


@pytest.mark.parametrize(
    "danger", [{"hazards": [*EXAMPLE["hazards"], "fire"]}, {"casualties": {"injured": 3, "trapped": 1}}]
)
@pytest.mark.rule("6.7")
def test_a_danger_that_is_new_is_a_request_of_its_own(uow: FakeUnitOfWork, danger: dict[str, Any]) -> None:
    first = take(uow)
    second = take(uow, {"revision": 2, "applicant": None, **danger})
    assert (second.request.number, second.state) == (1002, "registered")
    assert second.request.full_address == first.request.full_address
    assert second.request.problem.endswith("Дополнение к заявке № 1001.")
    third = take(uow, {"revision": 3, "applicant": None, **danger})
    assert third.request == second.request


def test_word_after_the_work_is_over_is_a_new_request(uow: FakeUnitOfWork) -> None:
    first = take(uow)
    note(uow, first, "closed", 9)
    assert take(uow, {"revision": 2, "text": "снова"}).request.number == 1002


def test_a_late_earlier_revision_does_not_undo_a_later_one(uow: FakeUnitOfWork) -> None:
    later = take(uow, {"revision": 2, "applicant": None, "dispatcher": None, "text": "новее"})
    earlier = take(uow, {"revision": 1, "text": "старее"})
    assert earlier.request.problem == later.request.problem
    assert earlier.card.revision == 2


def test_partners_do_not_share_card_ids(uow: FakeUnitOfWork) -> None:
    first = take(uow)
    with pytest.raises(CardNotFound):
        follow_card(uow, SILENT, EXAMPLE["external_id"])
    assert follow_card(uow, PARTNER, EXAMPLE["external_id"]).request == first.request


def test_words_that_are_new_to_us_refuse_no_card(uow: FakeUnitOfWork) -> None:
    request = take(uow, {"hazards": ["gas", "radiation"], "urgency": "apocalyptic"}).request
    assert request.number == 1001
    assert "radiation" in request.problem.split("\n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(EXAMPLE)), JSON))
def test_no_card_breaks_anything(changes: dict[str, Any]) -> None:
    fresh = FakeUnitOfWork()
    try:
        followed = take(fresh, changes)
    except ValidationError:
        return
    assert followed.request.needs_operator is followed.request.is_draft
    assert wire.CardStatus().dump(wire.status_card(followed))["external_id"] == followed.card.external_id


@given(st.data())
def test_what_the_schema_allows_is_taken(data: st.DataObject) -> None:
    maybe = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)
    card: dict[str, Any] = {
        "card_version": 1,
        "external_id": data.draw(st.text("abc-1", min_size=1, max_size=100)),
        "revision": data.draw(st.integers(1, 2**31 - 1)),
        "language": data.draw(st.sampled_from(["ru", "kk", None])),
        "urgency": data.draw(st.sampled_from(["emergency", "urgent", "planned", "unknown"])),
        "casualties": data.draw(st.none() | st.fixed_dictionaries({"dead": st.integers(0, 100_000)})),
        "text": data.draw(maybe),
        "place": data.draw(
            st.none() | st.fixed_dictionaries({"text": maybe, "flat": maybe, "lat": st.none()})
        ),
        "applicant": data.draw(st.none() | st.fixed_dictionaries({"name": maybe, "phone": maybe})),
        "dispatcher": data.draw(st.none() | st.fixed_dictionaries({"phone": maybe})),
    }
    if card["place"] is not None:
        card["place"]["lon"] = None
    CARD_SCHEMA.validate(card)
    assert take(FakeUnitOfWork(), card).card.revision == card["revision"]


def test_news_of_a_card_goes_out_once_for_each_state(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    followed = take(uow)
    note(uow, followed, "registered", 1)
    clock.advance(timedelta(minutes=1))
    note(uow, followed, "in_work", 5)
    note(uow, followed, "in_work", 5)
    note(uow, followed, "classified", 3)
    news = serve(uow)
    for told in news:
        STATE_SCHEMA.validate(told)
    assert [(told["state"], told["sequence"]) for told in news[:1]] == [("registered", 1)]
    assert {(told["state"], told["sequence"]) for told in news[1:]} == {("in_work", 5), ("classified", 3)}
    assert {told["number"] for told in news} == {"1001"}
    assert {told["external_id"] for told in news} == {EXAMPLE["external_id"]}
    assert PHONE.text.removeprefix("+7") not in json.dumps(news)


def test_no_news_goes_where_nobody_listens(uow: FakeUnitOfWork) -> None:
    followed = take(uow)
    with uow:
        uow.partners.put(replace(PARTNER, url=""))
        uow.commit()
    note(uow, followed, "registered", 1)
    assert uow.deliveries.rows == {}


@pytest.mark.rule("6.11")
def test_a_dispatcher_sends_a_card_and_it_is_on_record_who_gave_the_number(uow: FakeUnitOfWork) -> None:
    followed = take(uow)
    delivery = send(uow, followed, words="Нужна бригада на перекрытие")
    assert [(a.actor_id, a.why, a.through) for a in uow.access_log.rows.values()] == [
        ("dispatcher-1", Purpose.TRANSFER, "card:112")
    ]
    (card,) = serve(uow, content={"acknowledged": True, "reference": "K-7"})
    CARD_SCHEMA.validate(card)
    assert card["text"].startswith("Нужна бригада на перекрытие\nХлопок")
    assert (card["applicant"]["phone"], card["number"]) == (PHONE.text, "1001")
    assert (card["external_id"], card["place"]["flat"]) == (str(followed.request.id), "45")
    kept = uow.deliveries.rows[delivery.id]
    assert (kept.progress, kept.delivered_at, kept.acknowledged_at) == (Progress.DELIVERED, NOON, NOON)
    assert kept.reference == "K-7"


def test_our_card_is_one_that_we_could_take(uow: FakeUnitOfWork) -> None:
    send(uow, take(uow))
    (card,) = serve(uow)
    other = FakeUnitOfWork()
    content = json.dumps(card)
    taken = wire.read_card(wire.PartnerCard().load(card), content, card)
    assert take_card(other, listener(), TEXTS, PARTNER, KEY, taken).state == "registered"


def test_a_second_card_to_a_partner_is_its_next_revision(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    followed = take(uow)
    send(uow, followed)
    clock.advance(timedelta(minutes=1))
    send(uow, followed, words="обновление")
    assert [card["revision"] for card in serve(uow)] == [1, 2]


def test_a_card_needs_a_request_a_partner_and_an_address(uow: FakeUnitOfWork) -> None:
    followed = take(uow)
    with pytest.raises(PartnerSilent):
        send(uow, followed, "104")
    with pytest.raises(PartnerNotFound):
        send(uow, followed, "103")
    retire_partner(uow, "112")
    with pytest.raises(PartnerNotFound):
        send(uow, followed)
    missing = replace(followed, request=replace(followed.request, id=uuid4()))
    with pytest.raises(RequestNotFound):
        send(uow, missing)
    assert uow.access_log.rows == {}


def test_a_partner_who_is_away_is_tried_again_later_each_time(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    delivery = send(uow, take(uow))
    assert len(serve(uow, 503)) == 1
    assert serve(uow, 503) == []
    clock.advance(pause_after(1))
    assert len(serve(uow, 503)) == 1
    clock.advance(pause_after(1))
    assert serve(uow) == []
    clock.advance(pause_after(2))
    assert len(serve(uow)) == 1
    kept = uow.deliveries.rows[delivery.id]
    assert (kept.progress, kept.attempts, kept.trouble) == (Progress.DELIVERED, 3, "")


def test_one_failure_stops_the_round(uow: FakeUnitOfWork) -> None:
    followed = take(uow)
    for sequence in range(1, 4):
        note(uow, followed, "in_work", sequence)
    assert len(serve(uow, 503)) == 1
    assert len(serve(uow)) == 2


def test_attempts_end_and_a_person_may_begin_anew(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    delivery = send(uow, take(uow))
    for _ in range(MOST_ATTEMPTS):
        assert len(serve(uow, 503)) == 1
        clock.advance(timedelta(hours=1))
    assert serve(uow) == []
    (failed,) = deliveries.list_deliveries(uow, Progress.FAILED, 10)
    assert (failed.id, failed.attempts, failed.trouble) == (delivery.id, MOST_ATTEMPTS, "http_503")
    assert deliveries.count_deliveries(uow) == {"waiting": 0, "failed": 1}
    deliveries.retry(uow, delivery.id)
    told = [event.data for event in uow.emitted if event.type == "delivery.changed"]
    for data in told:
        contracts.check("intake", "delivery.changed", data)
    said = [(data["state"], data["trouble"]) for data in told]
    assert said == [("failed", "http_503"), ("waiting", "http_503")]
    assert len(serve(uow)) == 1
    with pytest.raises(NothingToRetry):
        deliveries.retry(uow, delivery.id)
    with pytest.raises(DeliveryNotFound):
        deliveries.retry(uow, uuid4())


def test_what_a_partner_refuses_is_shown_at_once_and_holds_up_nothing(uow: FakeUnitOfWork) -> None:
    followed = take(uow)
    send(uow, followed)
    send(uow, followed)
    assert len(serve(uow, 422)) == 2
    assert deliveries.count_deliveries(uow) == {"waiting": 0, "failed": 2}


def test_a_late_failure_does_not_undo_what_arrived(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    delivery = send(uow, take(uow))
    with uow:
        first = uow.deliveries.take("112", clock.now())
        uow.commit()
    clock.advance(timedelta(minutes=2))
    with uow:
        second = uow.deliveries.take("112", clock.now())
        uow.commit()
    assert first is not None
    assert second is not None
    settle(uow, first, Outcome(trouble="timeout"))
    assert uow.deliveries.rows[delivery.id] == second
    settle(uow, first, Outcome(Receipt()))
    settle(uow, second, Outcome(trouble="timeout", is_final=True))
    assert uow.deliveries.rows[delivery.id].progress is Progress.DELIVERED


def test_a_partner_acknowledges_later_and_twice(uow: FakeUnitOfWork, clock: FixedClock) -> None:
    delivery = send(uow, take(uow))
    serve(uow)
    clock.advance(timedelta(minutes=3))
    for _ in range(2):
        kept = deliveries.acknowledge(uow, PARTNER, delivery.id, "K-9")
        assert (kept.acknowledged_at, kept.reference) == (NOON + timedelta(minutes=3), "K-9")
        clock.advance(timedelta(minutes=1))
    with pytest.raises(DeliveryNotFound):
        deliveries.acknowledge(uow, SILENT, delivery.id, "K-9")


def test_a_draft_that_an_operator_completes_is_followed_by_the_partner(uow: FakeUnitOfWork) -> None:
    followed = take(uow, {"place": None})
    complete_draft(
        uow, listener(), followed.request.id, Form(address_text="Абая 12"), Command("o"), lambda _r: {}
    )
    assert follow_card(uow, PARTNER, EXAMPLE["external_id"]).state == "registered"


def test_pauses_grow_to_half_an_hour() -> None:
    pauses = [pause_after(attempt).total_seconds() for attempt in range(1, MOST_ATTEMPTS)]
    assert pauses[:4] == [5, 15, 45, 135]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 1800


BODY = '{"text":"су жоқ"}'.encode()


@pytest.mark.parametrize("late_s", [-300, 0, 300])
def test_a_fresh_signature_is_believed(late_s: int) -> None:
    at = int(NOON.timestamp())
    check_signature("s", str(at), sign("s", at, BODY), BODY, NOON + timedelta(seconds=late_s))


@pytest.mark.parametrize("what", ["secret", "body", "time", "late", "early", "empty", "garbage", "huge"])
def test_anything_else_is_not(what: str) -> None:
    at = int(NOON.timestamp())
    signature = {"empty": "", "garbage": "v1=\ud800ё"}.get(what, sign("s", at, BODY))
    stamp = {"time": str(at + 1), "huge": "9" * 400}.get(what, str(at))
    now = NOON + timedelta(seconds={"late": 301, "early": -301}.get(what, 0))
    with pytest.raises(CardSignatureInvalid):
        check_signature(
            "t" if what == "secret" else "s", stamp, signature, BODY + (b" " if what == "body" else b""), now
        )


@pytest.mark.parametrize("url", ["https://112.example/cards", "https://10.0.0.5:8443/x"])
def test_an_address_that_a_person_configures(url: str) -> None:
    assert checked_url(url, allow_http=False) == url


@pytest.mark.parametrize(
    "url",
    ["http://112.example/", "ftp://x/", "file:///etc/passwd", "https://", "https://u:p@x/", "https://x/#a"],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(PartnerUrlRefused):
        checked_url(url, allow_http=False)
    assert checked_url("http://112.example/", allow_http=True)


def test_partners_are_added_changed_and_retired(uow: FakeUnitOfWork) -> None:
    added = add_partner(uow, "109", "iKomek", "", "")
    assert not added.listens
    with pytest.raises(PartnerExists):
        add_partner(uow, "109", "again", "", "")
    changed = change_partner(uow, "109", url="https://x.example/", renew_secret=True)
    assert changed.listens
    assert changed.secret != added.secret
    assert change_partner(uow, "109", their_key="k").secret == changed.secret
    key = replace(KEY, partner="109")
    assert partner_of(uow, key).id == "109"
    retire_partner(uow, "109")
    for unknown in (key, replace(KEY, partner=None), replace(KEY, partner="103")):
        with pytest.raises(CardSignatureInvalid):
            partner_of(uow, unknown)
    with pytest.raises(PartnerNotFound):
        change_partner(uow, "103")
