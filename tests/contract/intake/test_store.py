"""One suite for the store in memory and the one in PostgreSQL: what tests of use-cases rely on is true."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain.city import CityBuilder, CityImport
from services.intake.domain.desk import Desk, Intercom, Window
from services.intake.domain.lookup import Place, Wanted
from services.intake.domain.messages import Message
from services.intake.domain.photos import Photo
from services.intake.domain.privacy import Access, Purpose
from services.intake.domain.requests import Channel, Contact, Details, Question, Request
from services.intake.domain.standing import Standing
from services.intake.errors import DraftChanged
from services.intake.schemas.lexicon import load_lexicon
from services.intake.usecases.disclosure import AccessFilter
from tests.contract.intake.conftest import Open
from tests.unit.intake.examples import NOON, listener, sources

CONTACT = Contact(uuid4(), "+77010000001", "ru", is_callable=True, sms_allowed=True)
CANDIDATES = listener().resolver.resolve("Садовая 5").choices
DRAFT = Request(
    uuid4(),
    Channel.SMS,
    "kk",
    NOON,
    NOON,
    sender_ref=CONTACT.ref,
    problem="су жоқ",
    address_text="Садовая",
    details=Details(flat="5"),
    candidates=CANDIDATES,
    question=Question.CHOICE,
    times_asked=1,
)


@pytest.fixture
def known(transactions: Open) -> Open:
    """The same with one contact and a draft of theirs."""
    with transactions() as uow:
        uow.contacts.add(CONTACT, NOON)
        uow.requests.add(DRAFT)
        uow.commit()
    return transactions


@pytest.fixture(scope="module")
def town() -> CityImport:
    return CityBuilder(load_lexicon(), lambda _step: None).build(sources())


def test_what_was_not_committed_never_was(transactions: Open) -> None:
    with transactions() as uow:
        uow.contacts.add(CONTACT, NOON)
        uow.messages.claim("SM1", "text", False, NOON)
    with transactions() as uow:
        assert uow.contacts.by_phone(CONTACT.phone) is None
        assert uow.messages.claim("SM1", "text", False, NOON)


def test_a_contact_comes_back_by_phone_and_by_ref(known: Open) -> None:
    with known() as uow:
        assert uow.contacts.by_phone(CONTACT.phone) == CONTACT
        assert uow.contacts.by_ref(CONTACT.ref) == CONTACT
        assert uow.contacts.by_phone("+77019999999") is None
        assert uow.contacts.by_ref(uuid4()) is None


def test_a_phone_number_has_one_contact(known: Open) -> None:
    with known() as uow:
        assert uow.contacts.add(replace(CONTACT, ref=uuid4()), NOON) == CONTACT


def test_a_contact_changes_its_language(known: Open) -> None:
    changed = replace(CONTACT, language="kk", sms_allowed=False)
    with known() as uow:
        uow.contacts.save(changed, NOON)
        uow.commit()
    with known() as uow:
        assert uow.contacts.by_ref(CONTACT.ref) == changed


def test_a_message_is_claimed_once_and_keeps_its_answer(known: Open) -> None:
    with known() as uow:
        assert uow.messages.claim("SM1", "су жоқ", False, NOON)
        uow.messages.answer("SM1", "қайда?", CONTACT.ref, DRAFT.id)
        uow.commit()
    with known() as uow:
        assert not uow.messages.claim("SM1", "су жоқ", False, NOON)
        assert uow.messages.reply_to("SM1") == "қайда?"


def test_a_message_without_an_answer_gives_none(known: Open) -> None:
    with known() as uow:
        uow.messages.claim("SM1", "x", True, NOON)
        assert uow.messages.reply_to("SM1") == ""


def test_a_draft_comes_back_whole(known: Open) -> None:
    with known() as uow:
        assert uow.requests.get(DRAFT.id) == DRAFT
        assert uow.requests.get(DRAFT.id, lock=True) == DRAFT
        assert uow.requests.get(uuid4()) is None


def test_a_registered_request_comes_back_whole(known: Open) -> None:
    with known() as uow:
        placed = replace(DRAFT, contact_ref=CONTACT.ref, address=CANDIDATES[0].address)
        registered = placed.registered(uow.requests.next_number(), NOON)
        uow.requests.save(registered)
        uow.commit()
    with known() as uow:
        assert uow.requests.get(DRAFT.id) == registered


def test_numbers_start_at_1001_and_are_never_given_twice(transactions: Open) -> None:
    with transactions() as uow:
        assert [uow.requests.next_number() for _ in range(3)] == [1001, 1002, 1003]
    with transactions() as uow:
        assert uow.requests.next_number() > 1003


def test_the_latest_is_the_open_draft_of_this_sender(known: Open) -> None:
    done = replace(DRAFT, id=uuid4(), contact_ref=CONTACT.ref, address=CANDIDATES[0].address)
    with known() as uow:
        uow.requests.add(done.registered(uow.requests.next_number(), NOON + timedelta(minutes=1)))
        uow.commit()
    with known() as uow:
        latest = uow.requests.latest_of(CONTACT.ref, NOON - timedelta(minutes=30))
        assert latest is not None
        assert latest.id == DRAFT.id
        assert uow.requests.latest_of(CONTACT.ref, NOON + timedelta(minutes=2)) is None
        assert uow.requests.latest_of(uuid4(), NOON - timedelta(minutes=30)) is None


def test_drafts_that_need_an_operator_come_first(known: Open) -> None:
    urgent = replace(DRAFT, id=uuid4(), needs_operator=True, received_at=NOON + timedelta(minutes=5))
    with known() as uow:
        uow.requests.add(urgent)
        uow.commit()
    with known() as uow:
        assert [draft.id for draft in uow.requests.drafts(10)] == [urgent.id, DRAFT.id]
        assert [draft.id for draft in uow.requests.drafts(1)] == [urgent.id]


def test_a_city_comes_back_as_it_was_imported(transactions: Open, town: CityImport) -> None:
    with transactions() as uow:
        assert (uow.registries.version(), uow.registries.load().streets) == ("", [])
        uow.registries.replace(town, NOON)
        uow.commit()
    with transactions() as uow:
        loaded = uow.registries.load()
        assert loaded.version == uow.registries.version() != ""
    assert {street.id: street for street in loaded.streets} == town.registry.street_by_id
    assert sorted(loaded.buildings, key=lambda b: b.id) == sorted(town.registry.buildings, key=lambda b: b.id)
    assert [d.label_in("kk") for d in loaded.districts] == ["Шығыс ауданы", "Батыс ауданы"]
    assert loaded.district_at((43.25, 76.95)) == "east"


def test_a_second_import_takes_the_place_of_the_first(transactions: Open, town: CityImport) -> None:
    smaller = replace(town, registry=replace(town.registry, buildings=town.registry.buildings[:2]))
    with transactions() as uow:
        uow.registries.replace(town, NOON)
        uow.registries.replace(replace(town, city="other", registry=listener_free_city()), NOON)
        first = uow.registries.version()
        uow.registries.replace(smaller, NOON)
        uow.commit()
    with transactions() as uow:
        assert uow.registries.version() != first
        assert len(uow.registries.load().buildings) == 2


def listener_free_city() -> Any:
    """A registry with nothing in it but its place among the cities."""
    return replace(listener().resolver.registry, streets=(), buildings=(), districts=())


def test_the_newest_standing_of_a_request_is_kept(transactions: Open) -> None:
    request_id = uuid4()
    work = Standing(request_id, "in_work", NOON, sequence=5)
    done = Standing(request_id, "closed", NOON, sequence=7, result="fixed", overdue=True)
    with transactions() as uow:
        assert uow.standings.get(request_id) is None
        for standing in (work, done, work):
            uow.standings.put(standing)
        uow.commit()
    with transactions() as uow:
        assert uow.standings.get(request_id) == done


def test_a_link_leads_to_the_request_that_claimed_it_first(known: Open) -> None:
    with known() as uow:
        assert uow.links.find("digest") is None
        assert uow.links.claim("digest", DRAFT.id, NOON) == DRAFT.id
        uow.commit()
    with known() as uow:
        assert uow.links.claim("digest", uuid4(), NOON) == DRAFT.id
        assert uow.links.find("digest") == DRAFT.id


def test_a_link_may_be_claimed_before_its_request_is_there(transactions: Open) -> None:
    with transactions() as uow:
        uow.links.claim("digest", DRAFT.id, NOON)
        uow.contacts.add(CONTACT, NOON)
        uow.requests.add(DRAFT)
        uow.commit()
    with transactions() as uow:
        assert uow.links.find("digest") == DRAFT.id


def test_no_link_leads_to_a_forgotten_request(known: Open) -> None:
    with known() as uow:
        for digest in ("one", "other"):
            uow.links.claim(digest, DRAFT.id, NOON)
        uow.links.forget(DRAFT.id)
        assert uow.links.find("one") is uow.links.find("other") is None


def test_a_name_is_kept_and_a_forgotten_person_is_a_reference_alone(known: Open) -> None:
    with known() as uow:
        uow.contacts.save(replace(CONTACT, name="Анна"), NOON)
        assert uow.contacts.by_ref(CONTACT.ref).name == "Анна"
        uow.messages.claim("SM1", "су жоқ", False, NOON)
        uow.messages.answer("SM1", "қайда?", CONTACT.ref, DRAFT.id)
        uow.contacts.forget(CONTACT.ref, NOON)
        uow.messages.forget(CONTACT.ref)
        uow.commit()
    with known() as uow:
        assert uow.contacts.by_phone(CONTACT.phone) is None
        forgotten = uow.contacts.by_ref(CONTACT.ref)
        assert (forgotten.phone, forgotten.name, forgotten.is_callable) == ("", "", False)
        assert uow.messages.reply_to("SM1") == ""
        fresh = replace(CONTACT, ref=uuid4())
        assert uow.contacts.add(fresh, NOON) == fresh


def test_requests_are_found_by_the_person_they_are_of(known: Open) -> None:
    other = replace(
        DRAFT, id=uuid4(), sender_ref=None, contact_ref=CONTACT.ref, received_at=NOON - timedelta(days=1)
    )
    with known() as uow:
        uow.requests.add(other)
        uow.requests.add(replace(DRAFT, id=uuid4(), sender_ref=None))
        assert uow.requests.of_contact(CONTACT.ref) == [other, DRAFT]


def test_people_not_heard_of_are_found_in_order(known: Open) -> None:
    quiet, late, writes = (
        Contact(uuid4(), f"+7701000001{i}", "ru", is_callable=True, sms_allowed=True) for i in range(3)
    )
    later = NOON + timedelta(hours=2)
    with known() as uow:
        uow.contacts.add(quiet, NOON)
        uow.contacts.add(late, later)
        uow.contacts.add(writes, NOON)
        uow.messages.claim("SM1", "x", False, later)
        uow.messages.answer("SM1", "y", writes.ref, None)
        uow.commit()
    nobody, soon = UUID(int=0), NOON + timedelta(hours=1)
    with known() as uow:
        idle = sorted([quiet.ref, CONTACT.ref])
        assert uow.contacts.idle(soon, nobody, 10) == idle
        assert uow.contacts.idle(soon, nobody, 1) == idle[:1]
        assert uow.contacts.idle(soon, idle[0], 10) == idle[1:]
        assert uow.contacts.idle(NOON, nobody, 10) == []
        uow.contacts.forget(idle[0], NOON)
        assert uow.contacts.idle(soon, nobody, 10) == idle[1:]


def test_the_access_log_is_asked_by_person_reader_and_time(known: Open) -> None:
    hour = timedelta(hours=1)
    entries = [
        Access(NOON + i * hour, f"actor-{i % 2}", CONTACT.ref if i < 3 else uuid4(), "card", Purpose.FORM)
        for i in range(4)
    ]
    with known() as uow:
        for entry in entries:
            uow.access_log.add(entry)
        uow.commit()

    def found(**wanted: Any) -> list[int]:
        with known() as uow:
            return [entries.index(entry) for _, entry in uow.access_log.list(AccessFilter(**wanted))]

    assert found() == [3, 2, 1, 0]
    assert found(contact_ref=CONTACT.ref) == [2, 1, 0]
    assert found(actor_id="actor-1") == [3, 1]
    assert found(since=NOON + hour, until=NOON + 3 * hour) == [2, 1]
    with known() as uow:
        (number, _), *_ = uow.access_log.list(AccessFilter(limit=1))
        assert [e for _, e in uow.access_log.list(AccessFilter(before=number))] == entries[2::-1]
        assert uow.access_log.drop(NOON + hour) == 1
        assert len(uow.access_log.list(AccessFilter())) == 3


PHOTO = Photo(uuid4(), DRAFT.id, 400, 300, 4, "digest", NOON, (43.24, 76.945))


def test_a_photo_comes_back_with_its_picture_and_is_kept_once(known: Open) -> None:
    with known() as uow:
        assert uow.photos.add(PHOTO, b"jpeg")
        assert not uow.photos.add(replace(PHOTO, id=uuid4()), b"jpeg")
        uow.commit()
    with known() as uow:
        assert uow.photos.get(PHOTO.id) == (PHOTO, b"jpeg")
        assert uow.photos.of(DRAFT.id) == [PHOTO]
        assert uow.photos.get(uuid4()) is None
        assert uow.photos.of(uuid4()) == []


def test_photos_are_listed_as_they_came_and_forgotten_together(known: Open) -> None:
    later = Photo(uuid4(), DRAFT.id, 1, 1, 5, "other", NOON + timedelta(minutes=1))
    with known() as uow:
        uow.photos.add(later, b"later")
        uow.photos.add(PHOTO, b"jpeg")
        assert uow.photos.of(DRAFT.id) == [PHOTO, later]
        uow.photos.forget(DRAFT.id)
        assert uow.photos.of(DRAFT.id) == []


def test_messages_are_found_by_their_request(known: Open) -> None:
    with known() as uow:
        for sid, at in (("web:2", NOON + timedelta(minutes=1)), ("SM1", NOON), ("SM0", NOON)):
            uow.messages.claim(sid, f"text of {sid}", False, at)
        uow.messages.answer("web:2", "", CONTACT.ref, DRAFT.id)
        uow.messages.answer("SM1", "answer", CONTACT.ref, DRAFT.id)
        uow.messages.answer("SM0", "", CONTACT.ref, None)
        uow.commit()
    with known() as uow:
        found = uow.messages.of(DRAFT.id)
    assert found == [
        Message("SM1", "text of SM1", "answer", NOON),
        Message("web:2", "text of web:2", "", NOON + timedelta(minutes=1)),
    ]
    assert [message.is_addition for message in found] == [False, True]


def test_a_request_that_somebody_else_has_changed_is_not_stored_over_it(known: Open) -> None:
    with known() as uow:
        read = uow.requests.get(DRAFT.id)
        uow.requests.save(replace(read, problem="нет воды"))
        assert uow.requests.get(DRAFT.id).version == read.version + 1
        with pytest.raises(DraftChanged):
            uow.requests.save(replace(read, problem="нет света"))
        assert uow.requests.get(DRAFT.id).problem == "нет воды"


def test_the_operator_s_own_part_comes_back_whole(known: Open) -> None:
    window = Window(NOON, NOON + timedelta(hours=2))
    desk = Desk("8701", "", "+7702", "Анна", "КСК", Intercom.CODE, "12", window, "CA1", "да", "17/3", NOON)
    with known() as uow:
        uow.requests.save(replace(uow.requests.get(DRAFT.id), desk=desk))
        uow.commit()
    with known() as uow:
        assert uow.requests.get(DRAFT.id).desk == desk


def test_requests_are_found_by_all_that_is_asked_page_by_page(known: Open) -> None:
    hour = timedelta(hours=1)
    place = CANDIDATES[0].address
    house = replace(place, building_id="osm-1", house="5")
    others = [
        replace(DRAFT, id=UUID(int=i + 1), sender_ref=None, received_at=NOON - (i // 2) * hour)
        for i in range(6)
    ]
    others[1] = replace(others[1], address=house, contact_ref=CONTACT.ref)
    others[2] = replace(others[2], desk=Desk(paper_number="17/3", entered_at=NOON))
    with known() as uow:
        others[3] = replace(others[3], address=house, contact_ref=CONTACT.ref).registered(1001, NOON)
        for request in others:
            uow.requests.add(request)
        uow.standings.put(Standing(others[3].id, "in_work", NOON, 3))
        uow.commit()

    def found(**wanted: Any) -> list[int]:
        with known() as uow:
            hits = uow.requests.search(Wanted(**wanted))
            return [others.index(request) for request in hits if request.id != DRAFT.id]

    assert found() == [0, 1, 2, 3, 4, 5]
    assert found(contact_ref=CONTACT.ref, building_id="osm-1") == found(building_id="osm-1") == [1, 3]
    assert found(contact_ref=CONTACT.ref) == [1, 3]
    assert found(street=place.street, house="5") == [1, 3]
    assert found(number="1001") == found(state="in_work") == [3]
    assert found(number="17/3") == [2]
    assert found(number="9" * 40) == found(state="closed") == []
    assert found(state="draft", since=NOON - hour, until=NOON) == [2]
    assert found(after=Place(NOON - hour, others[2].id)) == [3, 4, 5]
    assert found(after=Place(NOON - hour, others[3].id), limit=1) == [4]
    with known() as uow:
        kept = uow.standings.of([others[3].id, others[0].id])
        assert {id_: one.state for id_, one in kept.items()} == {others[3].id: "in_work"}
