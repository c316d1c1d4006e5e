"""Finding requests, and what an operator is shown around the one that is being typed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from marshmallow import ValidationError

from services.intake.domain.desk import Desk
from services.intake.domain.lookup import MANY_A_DAY, Notice, Place, Wanted
from services.intake.domain.outages import Kind, Outage, State
from services.intake.domain.requests import Details
from services.intake.domain.riders import House
from services.intake.domain.standing import Standing
from services.intake.domain.troubles import Level
from services.intake.errors import BadCursor, RequestNotFound
from services.intake.schemas.http import request_card
from services.intake.schemas.lookup import (
    AroundShape,
    FoundList,
    SearchQuery,
    around_card,
    found_list,
    is_drafts_alone,
    wanted_of,
)
from services.intake.usecases.forms import Command, Form, take_form
from services.intake.usecases.lookup import HISTORY, Around, find_requests, look_around
from services.intake.usecases.ports import Phone
from shared.config import ROOT
from shared.i18n import LANGUAGES, Catalog
from tests.unit.intake.examples import NOON, OTHER_PHONE, PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork

CATALOG = Catalog(ROOT / "services" / "intake" / "locale")
HERE = "Сатпаева 76А"


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


def take(uow: FakeUnitOfWork, address: str = HERE, phone: Phone = PHONE, **changes: Any) -> UUID:
    form = Form(phone=phone, text="Капает кран", address_text=address, **changes)
    return UUID(take_form(uow, listener(), form, Command("operator-1"), request_card)["request_id"])


def draft(uow: FakeUnitOfWork, **changes: Any) -> UUID:
    form = Form(**{"text": "Нет света", "address_text": HERE, "register": False, **changes})
    return UUID(take_form(uow, listener(), form, Command("operator-1"), request_card)["request_id"])


def ids(found: Any) -> list[UUID]:
    return [one.request.id for one in found]


def words(msgid: str) -> str:
    return CATALOG.text("ru", msgid)


def later(uow: FakeUnitOfWork, by: timedelta) -> None:
    clock: Any = uow.clock
    clock.advance(by)


def find(uow: FakeUnitOfWork, wanted: Wanted | None = None, **asked: Any) -> list[UUID]:
    return ids(find_requests(uow, listener(), wanted or Wanted(), **asked))


def test_requests_are_found_by_phone_and_by_address(uow: FakeUnitOfWork) -> None:
    first, second = take(uow), take(uow, "Абая 12", OTHER_PHONE)
    assert find(uow, phone=PHONE) == find(uow, address="сатпаев 76а") == [first]
    assert find(uow, phone=OTHER_PHONE) == find(uow, address="Абая 12") == [second]
    assert set(find(uow, address="сатпаева")) == {first}
    assert find(uow, phone=Phone("+77019999999", is_callable=True)) == []
    assert find(uow, address="Луна 1") == []
    assert find(uow, phone=PHONE, address="Абая 12") == []


def test_pages_follow_one_another_and_nothing_is_left_out(uow: FakeUnitOfWork) -> None:
    taken = []
    for _ in range(5):
        taken.append(take(uow))
        later(uow, timedelta(minutes=1))
    seen: list[UUID] = []
    wanted = Wanted(limit=2)
    while page := find_requests(uow, listener(), wanted):
        seen += ids(page)
        card = found_list(page, 2, words)
        FoundList().load(FoundList().dump(card))
        if card["next"] is None:
            break
        wanted = replace(wanted, after=Place.read(card["next"]))
    assert seen == taken[::-1]


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "W10=", "WzEsIDJd", Place(NOON.replace(tzinfo=None), UUID(int=7)).cursor()]
)
def test_a_cursor_of_nobody_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        Place.read(cursor)


def test_lists_tell_states_and_no_number(uow: FakeUnitOfWork) -> None:
    request_id = take(uow)
    uow.standings.put(Standing(request_id, "in_work", NOON, 3, overdue=True))
    [card] = found_list(find_requests(uow, listener(), Wanted()), 50, words)["requests"]
    assert (card["state"], card["state_text"], card["overdue"]) == ("in_work", "Бригада работает", True)
    assert find(uow, Wanted(state="in_work")) == [request_id]
    assert find(uow, Wanted(state="registered")) == []


def test_around_a_draft_stand_the_house_the_person_and_the_outages(uow: FakeUnitOfWork) -> None:
    neighbour, mine, elsewhere = take(uow, phone=OTHER_PHONE), take(uow), take(uow, "Абая 12")
    typed = draft(uow, desk={"phone": PHONE.text, "phone_text": "8701"})
    around = look_around(uow, typed)
    assert set(ids(around.here)) == {neighbour, mine}
    assert set(ids(around.theirs)) == {mine, elsewhere}
    assert around.outages == []
    with pytest.raises(RequestNotFound):
        look_around(uow, uuid4())


def test_old_history_of_a_house_is_not_shown(uow: FakeUnitOfWork) -> None:
    take(uow)
    later(uow, HISTORY + timedelta(seconds=1))
    assert look_around(uow, draft(uow)).here == []


def outage(entrances: tuple[str, ...] = ()) -> Outage:
    house = House("osm-w3", "улица Сатпаева, 76А", 43.2, 76.9, entrances=entrances)
    return Outage(
        uuid4(), 7, Kind.ACCIDENT, State.OPEN, ("no_power",), Level.HOUSE, NOON, NOON, NOON, (house,),
        cause="кабель", tell={"ru": "Свет будет к 18:00", "kk": "Жарық 18:00-де болады"},
    )  # fmt: skip


@pytest.mark.rule("M-1.3-U4")
@pytest.mark.parametrize(("entrance", "shown"), [(None, True), ("2", True), ("1", False)])
def test_outages_of_the_entrance_are_shown(uow: FakeUnitOfWork, entrance: str | None, shown: bool) -> None:
    one = outage(entrances=("2",))
    uow.outages.add(one)
    around = look_around(uow, draft(uow, details=Details(entrance=entrance)))
    assert [found.number for found in around.outages] == ([7] if shown else [])
    if shown:
        [card] = AroundShape().dump(around_card(around, "kk", words))["outages"]
        assert (card["number"], card["tell"]) == ("7", "Жарық 18:00-де болады")


def noticed(around: Around) -> list[str]:
    return [notice.value for notice in around.warnings]


def test_an_open_request_of_the_same_flat_is_noticed(uow: FakeUnitOfWork) -> None:
    other = take(uow, details=Details(flat="5"))
    assert noticed(look_around(uow, draft(uow))) == []
    same = draft(uow, details=Details(flat="5"))
    assert noticed(look_around(uow, same)) == ["open_here"]
    uow.standings.put(Standing(other, "closed", NOON, 9))
    uow.requests.rows = {key: row for key, row in uow.requests.rows.items() if key in (other, same)}
    assert noticed(look_around(uow, same)) == []


def test_many_requests_and_the_same_text_are_notices_never_refusals(uow: FakeUnitOfWork) -> None:
    for _ in range(MANY_A_DAY):
        take(uow, "Абая 12")
    typed = {"desk": {"phone": PHONE.text}}
    assert noticed(look_around(uow, draft(uow, **typed))) == ["many_from_this_number"]
    again = look_around(uow, draft(uow, text="  капает  КРАН ", **typed))
    assert noticed(again) == ["many_from_this_number", "same_text_today"]
    take(uow)
    later(uow, timedelta(days=1, seconds=1))
    assert noticed(look_around(uow, draft(uow, address_text="Абая 20", text="капает кран", **typed))) == []


@pytest.mark.rule("D-1.1-U2")
def test_a_paper_record_that_was_entered_before_is_noticed(uow: FakeUnitOfWork) -> None:
    first, second = draft(uow), draft(uow, address_text="Абая 12")
    for one in (first, second):
        on_paper = Desk(paper_number="17/3", entered_at=NOON)
        uow.requests.rows[one] = replace(uow.requests.rows[one], desk=on_paper)
    assert noticed(look_around(uow, second)) == ["paper_number_known"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_and_state_has_words(language: str) -> None:
    from services.intake.schemas.lookup import STATES

    msgids = [f"warning.{notice}" for notice in Notice] + [f"state.{state}" for state in STATES]
    assert [msgid for msgid in msgids if not CATALOG.has(language, msgid)] == []


def test_drafts_alone_keep_their_own_order() -> None:
    assert is_drafts_alone(SearchQuery().load({"status": "draft"}))
    assert not is_drafts_alone(SearchQuery().load({"status": "draft", "number": "1"}))
    assert not is_drafts_alone(SearchQuery().load({}))


def test_a_search_by_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        wanted_of(SearchQuery().load({"phone": "abc"}))
