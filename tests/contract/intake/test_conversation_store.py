"""What conversations keep: the promises of the store in memory and of the one in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from services.intake.domain.judging import Judged
from services.intake.domain.requests import Channel, Contact, Request, Script
from services.intake.domain.standing import CrewReport, Deadline, Standing
from tests.contract.intake.conftest import Open
from tests.unit.intake.examples import NOON

CONTACT = Contact(uuid4(), "+77010000001", "ru", is_callable=True, sms_allowed=True)
DRAFT = Request(uuid4(), Channel.SMS, "ru", NOON, NOON, sender_ref=CONTACT.ref, problem="нет воды")


def test_a_standing_keeps_deadlines_dangers_and_the_crews_latest_report(transactions: Open) -> None:
    due = (Deadline("arrive", NOON + timedelta(minutes=30)),)
    told = Standing(uuid4(), "transferred", NOON, 3, category="emergency", hazards=("gas",), deadlines=due)
    departed = CrewReport(told.request_id, "departed", NOON, NOON + timedelta(minutes=12))
    arrived = CrewReport(told.request_id, "arrived", NOON + timedelta(minutes=9))
    with transactions() as uow:
        uow.standings.put_crew(departed)
        assert uow.standings.get(told.request_id) is None
        uow.standings.put(told)
        assert uow.standings.get(told.request_id) == replace(told, crew=departed)
        uow.standings.put_crew(arrived)
        uow.standings.put_crew(departed)
        uow.commit()
    with transactions() as uow:
        assert uow.standings.get(told.request_id) == replace(told, crew=arrived)


def test_the_last_word_on_finished_work_counts(transactions: Open) -> None:
    said = Judged(uuid4(), True, NOON)
    with transactions() as uow:
        uow.judgements.put(said)
        assert uow.judgements.of([said.request_id, uuid4()]) == {said.request_id: said}
        changed = replace(said, fixed=False, at=NOON + timedelta(days=1))
        uow.judgements.put(changed)
        uow.commit()
    with transactions() as uow:
        assert uow.judgements.of([said.request_id]) == {said.request_id: changed}
        assert uow.judgements.of([]) == {}


def test_consent_and_letters_of_a_person_are_kept(transactions: Open) -> None:
    said = replace(CONTACT, sms_allowed=False, consent_at=NOON, script=Script.LATIN)
    with transactions() as uow:
        assert uow.contacts.add(CONTACT, NOON) == CONTACT
        uow.contacts.save(said, NOON)
        uow.commit()
    with transactions() as uow:
        assert uow.contacts.by_phone(CONTACT.phone) == said


def test_a_dropped_draft_is_nobodys_business_and_a_grave_one_is(transactions: Open) -> None:
    with transactions() as uow:
        uow.contacts.add(CONTACT, NOON)
        uow.requests.add(replace(DRAFT, cancelled_at=NOON))
        assert uow.requests.latest_of(CONTACT.ref, NOON - timedelta(hours=1)) is None
        assert uow.requests.drafts(10) == []
        grave = replace(DRAFT, cancelled_at=NOON, needs_operator=True)
        uow.requests.save(grave)
        assert uow.requests.latest_of(CONTACT.ref, NOON - timedelta(hours=1)) == grave
        assert list(uow.requests.drafts(10)) == [grave]


def test_the_newest_messages_of_a_person_in_their_order(transactions: Open) -> None:
    with transactions() as uow:
        uow.contacts.add(CONTACT, NOON)
        for minute in range(5):
            sid, at = f"SM{minute}", NOON + timedelta(minutes=minute)
            assert uow.messages.claim(sid, f"text {minute}", False, at, ("https://media/1",))
            uow.messages.answer(sid, f"answer {minute}", CONTACT.ref, None, held=minute > 3)
        uow.commit()
    with transactions() as uow:
        found = uow.messages.recent(CONTACT.ref, NOON, 3)
        assert [(message.body, message.reply) for message in found] == [
            ("text 2", "answer 2"),
            ("text 3", "answer 3"),
            ("text 4", "answer 4"),
        ]
        assert uow.messages.recent(uuid4(), NOON, 3) == []


def test_a_message_held_back_waits_until_it_is_released_or_its_sender_forgotten(transactions: Open) -> None:
    with transactions() as uow:
        uow.contacts.add(CONTACT, NOON)
        uow.requests.add(DRAFT)
        for number in range(4):
            sid = f"SM{number}"
            assert uow.messages.claim(sid, f"text {number}", False, NOON + timedelta(minutes=-number))
            uow.messages.answer(sid, "", CONTACT.ref, None, held=number > 0)
        uow.commit()
    with transactions() as uow:
        assert [one.message.sid for one in uow.messages.held(2)] == ["SM3", "SM2"]
        assert uow.messages.held_one("SM0") is None
        uow.messages.release("SM3", DRAFT.id)
        uow.messages.release("SM2", None)
        uow.commit()
    with transactions() as uow:
        assert [(one.message.body, one.sender_ref) for one in uow.messages.held(9)] == [
            ("text 1", CONTACT.ref)
        ]
        taken = uow.messages.held_one("SM3")
        assert taken is not None
        assert taken.request_id == DRAFT.id
        assert uow.messages.held_one("SM2") is None
        uow.messages.forget(CONTACT.ref)
        assert uow.messages.held(9) == []
