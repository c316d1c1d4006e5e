"""One suite for the store in memory and the one in PostgreSQL: what tests of use-cases rely on is true."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.notify.domain.messages import Message, Receipt, Recipient, State
from services.notify.domain.plans import Plan
from services.notify.domain.telling import Telling
from services.notify.store import UnitOfWork
from services.notify.usecases.ports import Backlog, Contact, Request, Urgency
from shared.clock import FixedClock
from shared.db import TransactionContext, make_engine
from tests.support.fakes import NOON
from tests.support.sealing import SEALER

REQUEST, CONTACT = UUID(int=1), UUID(int=2)
ANN = Contact(CONTACT, "+77010000001", "ru", sms_allowed=True, at=NOON)
ANN_RECEIVES = Recipient("+77010000001", "ru", sms_allowed=True, request_number="1042")
MINUTE = timedelta(minutes=1)
NEVER = NOON - timedelta(days=1)
Open = Callable[[], Any]


@dataclass
class Kept:
    """Changes and questions, each in a transaction of its own."""

    open: Open

    def put(self, *things: Contact | Request | Message) -> None:
        with self.open() as uow:
            for thing in things:
                repository = {Contact: uow.contacts, Request: uow.requests, Message: uow.messages}[
                    type(thing)
                ]
                (repository.add if isinstance(thing, Message) else repository.put)(thing)
            uow.commit()

    def save(self, message: Message | None) -> None:
        assert message is not None
        with self.open() as uow:
            uow.messages.save([message])
            uow.commit()

    def get(self, message_id: UUID) -> Any:
        return self.ask(lambda uow: uow.messages.lock([message_id]).get(message_id))

    def ask(self, question: Callable[[Any], Any]) -> Any:
        with self.open() as uow:
            return question(uow)

    def due(self, after: timedelta = timedelta(), limit: int = 10) -> list[tuple[str, bool]]:
        found = self.ask(lambda uow: uow.messages.due(NOON + after, limit, NEVER))
        return [(one.message.fact, one.overtaken) for one in found]


@pytest.fixture
def kept(transactions: Open) -> Kept:
    return Kept(transactions)


@pytest.fixture
def known(kept: Kept) -> Kept:
    kept.put(ANN, Request(REQUEST, "1042", CONTACT))
    return kept


def news(fact: str, minutes: int = 0, **changes: Any) -> Message:
    told = Telling("localised", fact, NOON + minutes * MINUTE, {"time": "18:15"})
    return replace(Message.queued(uuid4(), REQUEST, told, NOON), **{"due_at": NOON, **changes})


def sent(message: Message, sid: str = "SM1") -> Message:
    received = message.received(Receipt(sid, State.SENT), NOON)
    assert received is not None
    return received


def test_what_was_not_committed_never_was(transactions: Open) -> None:
    with transactions() as uow:
        uow.messages.add(news("a"))
    with transactions() as uow:
        assert uow.messages.of_request(REQUEST) == []


def test_a_message_comes_back_as_it_was(known: Kept) -> None:
    plain = news("a")
    full = replace(
        sent(news("b", 1).written(ANN_RECEIVES, "Ұзақ мәтін").leased(NOON, MINUTE)),
        error_code="twilio_30003",
        ended_at=NOON + MINUTE,
        urgent=True,
    )
    known.put(plain, full)
    assert known.get(plain.id) == plain
    assert known.ask(lambda uow: uow.messages.lock([], ["SM1"])) == {full.id: full}
    assert known.ask(lambda uow: uow.messages.of_request(REQUEST)) == [plain, full]
    assert known.ask(lambda uow: uow.messages.lock([uuid4()], ["SM2"])) == {}


def test_saving_changes_the_message(known: Kept) -> None:
    message = news("a")
    known.put(message)
    leased = message.written(ANN_RECEIVES, "Текст").leased(NOON, MINUTE)
    with known.open() as uow:
        uow.messages.lease([leased])
        uow.commit()
    assert known.get(message.id) == leased
    known.save(sent(leased))
    assert known.get(message.id) == sent(leased)


def test_a_receipt_finds_its_message_by_the_providers_id_or_by_ours(known: Kept) -> None:
    settled, unsettled = sent(news("a"), "SM1"), news("b", 1)
    known.put(settled, unsettled)
    found = known.ask(lambda uow: uow.messages.lock([unsettled.id], ["SM1", "SM2"]))
    assert list(found.items()) == sorted({settled.id: settled, unsettled.id: unsettled}.items())


def test_many_messages_are_saved_at_once_each_as_it_is(known: Kept) -> None:
    queued, held, failed = news("a"), news("b", 1), news("c", 2)
    known.put(queued, held, failed)
    after = [sent(queued), held.held(NOON + MINUTE), failed.failed(NOON, "gave_up")]
    with known.open() as uow:
        uow.messages.save(after)
        uow.messages.save([])
        uow.commit()
    assert [known.get(one.id) for one in after] == after


def test_sent_messages_whose_receipt_is_missed_are_found_in_the_order_of_sending(known: Kept) -> None:
    written = news("a", due_at=NOON + MINUTE).written(ANN_RECEIVES, "Текст")
    early = replace(sent(written, "SM1"), sent_at=NOON + MINUTE)
    late = replace(sent(replace(written, id=uuid4(), fact="b"), "SM2"), sent_at=NOON + 2 * MINUTE)
    asked = replace(sent(replace(written, id=uuid4(), fact="c"), "SM3"), due_at=NOON + 9 * MINUTE)
    long_ago = replace(sent(replace(written, id=uuid4(), fact="d"), "SM4"), sent_at=NOON)
    ended = replace(early, id=uuid4(), fact="e", provider_sid="SM5", state=State.DELIVERED)
    known.put(late, early, asked, long_ago, ended, news("f"))

    def silent(limit: int) -> list[Message]:
        return list(known.ask(lambda uow: uow.messages.silent(NOON + 5 * MINUTE, NOON, limit)))

    assert silent(9) == [early, late]
    assert silent(1) == [early]


def test_many_contacts_at_once_keep_what_is_newest(kept: Kept) -> None:
    newer = replace(ANN, language="kk", script="latin", at=NOON + MINUTE)
    other = replace(ANN, id=UUID(int=7))
    with kept.open() as uow:
        uow.contacts.put(newer)
        uow.contacts.put_all([ANN, other, other])
        uow.contacts.put_all([])
        uow.commit()
    kept.put(Request(REQUEST, "1042", CONTACT), news("a"))
    [due] = kept.ask(lambda uow: uow.messages.due(NOON, 10, NEVER))
    assert (due.recipient.language, due.recipient.script) == ("kk", "latin")


def test_a_fact_is_added_once(kept: Kept) -> None:
    with kept.open() as uow:
        assert uow.messages.add(news("a"))
        assert not uow.messages.add(news("a", 5))
        assert uow.messages.add(news("b"))
        assert uow.messages.add(replace(news("a"), template="crew_arrived"))
        assert uow.messages.add(replace(news("a"), request_id=UUID(int=9)))
        uow.commit()


def test_messages_wait_for_their_recipient(kept: Kept) -> None:
    kept.put(news("a"))
    assert kept.due() == []
    kept.put(Request(REQUEST, "1042", CONTACT))
    assert kept.due() == []
    kept.put(ANN)
    assert kept.due() == [("a", False)]


def test_a_forgotten_contact_gets_nothing_and_older_news_does_not_bring_it_back(known: Kept) -> None:
    waiting = news("a", 1)
    told = sent(news("b").written(ANN_RECEIVES, "Текст").leased(NOON, MINUTE))
    known.put(waiting, told)
    with known.open() as uow:
        assert not uow.messages.is_sending_to(CONTACT)
        uow.messages.forget(CONTACT)
        uow.contacts.forget(CONTACT, NOON + MINUTE)
        uow.commit()
    known.put(ANN)
    kept = known.get(told.id)
    assert (kept.phone, kept.body, kept.state) == (None, None, told.state)
    [due] = known.ask(lambda uow: uow.messages.due(NOON, 10, NEVER))
    assert (due.message.fact, due.recipient.phone, due.recipient.sms_allowed) == ("a", "", False)


def test_a_message_on_its_way_is_seen(known: Kept) -> None:
    known.put(news("a").written(ANN_RECEIVES, "Текст").leased(NOON, MINUTE))
    assert known.ask(lambda uow: uow.messages.is_sending_to(CONTACT))
    assert not known.ask(lambda uow: uow.messages.is_sending_to(uuid4()))


def test_a_message_without_recipient_becomes_hopeless(kept: Kept) -> None:
    kept.put(news("a"))
    [hopeless] = kept.ask(lambda uow: uow.messages.due(NOON, 10, NOON + MINUTE))
    assert hopeless.recipient is None


def test_the_recipient_is_as_last_known(known: Kept) -> None:
    known.put(news("a"))
    known.put(replace(ANN, phone="+77010000002", at=NOON + MINUTE))
    known.put(replace(ANN, language="kk", sms_allowed=False, at=NOON - MINUTE))
    [due] = known.ask(lambda uow: uow.messages.due(NOON, 10, NEVER))
    assert due.recipient == replace(ANN_RECEIVES, phone="+77010000002")


def test_a_message_is_due_after_its_pause_or_lease(known: Kept) -> None:
    message = news("a")
    known.put(message)
    known.save(message.written(ANN_RECEIVES, "Текст").leased(NOON, MINUTE))
    assert known.due(after=MINUTE / 2) == []
    assert known.due(after=MINUTE) == [("a", False)]


def test_status_messages_of_a_request_leave_one_by_one(known: Kept) -> None:
    first, second = news("first", 1), news("second", 2)
    known.put(second, first, news("advice", 3, urgent=True))
    assert known.due() == [("advice", False), ("first", False)]
    known.save(first.written(ANN_RECEIVES, "Текст").leased(NOON, MINUTE))
    assert known.due() == [("advice", False)], "the first is on its way"
    known.save(sent(first))
    assert known.due() == [("advice", False), ("second", False)]


def test_requests_do_not_wait_for_each_other(known: Kept) -> None:
    other = UUID(int=8)
    known.put(Request(other, "1043", CONTACT), news("a"), news("b", 1, request_id=other))
    assert {fact for fact, _ in known.due()} == {"a", "b"}


@pytest.mark.parametrize(
    ("state", "overtaken"),
    [
        (State.SENDING, True),
        (State.SENT, True),
        (State.DELIVERED, True),
        (State.FAILED, False),
        (State.SUPPRESSED, False),
    ],
)
def test_news_is_overtaken_by_later_news_that_left(known: Kept, state: State, overtaken: bool) -> None:
    later_lease = NOON + timedelta(hours=1)
    known.put(news("late", 1), news("later", 2, state=state, due_at=later_lease))
    assert known.due() == [("late", overtaken)]


def test_advice_neither_overtakes_nor_is_overtaken(known: Kept) -> None:
    known.put(news("advice", 1, urgent=True), news("status", 2, state=State.SENT))
    known.put(news("early", 0), news("told", 0, urgent=True, state=State.SENT, occurred_at=NOON + MINUTE))
    assert dict(known.due()) == {"advice": False, "early": True}


def test_urgent_first_then_by_waiting_time_up_to_the_limit(known: Kept) -> None:
    for number in range(3):
        request_id = UUID(int=20 + number)
        due_at = NOON - number * MINUTE
        known.put(
            Request(request_id, str(number), CONTACT),
            news(f"status-{number}", request_id=request_id, due_at=due_at),
            news(f"advice-{number}", request_id=request_id, due_at=due_at, urgent=True),
        )
    assert [fact for fact, _ in known.due(limit=4)] == ["advice-2", "advice-1", "advice-0", "status-2"]


def test_known_sids_and_told_templates(known: Kept) -> None:
    known.put(sent(news("a"), "SM1"), sent(news("b"), "SM2"))
    assert known.ask(lambda uow: uow.messages.known_sids(["SM2", "SM3"])) == {"SM2"}
    assert known.ask(lambda uow: uow.messages.known_sids([])) == set()
    assert known.ask(lambda uow: uow.messages.has_any(REQUEST, ["closed", "localised"]))
    assert not known.ask(lambda uow: uow.messages.has_any(REQUEST, ["closed"]))
    assert not known.ask(lambda uow: uow.messages.has_any(UUID(int=9), ["localised"]))


def test_the_backlog_counts_what_is_pending(known: Kept) -> None:
    assert known.ask(lambda uow: uow.messages.backlog(NOON)) == Backlog(0, None)
    known.put(news("a"), news("b", created_at=NOON - MINUTE), sent(news("c")))
    assert known.ask(lambda uow: uow.messages.backlog(NOON)) == Backlog(2, NOON - MINUTE)


def test_the_urgency_of_a_request_and_the_persons_word_on_it(known: Kept) -> None:
    def put(category: str, minutes: int, by_person: bool = False) -> None:
        with known.open() as uow:
            uow.urgencies.put(Urgency(REQUEST, category, NOON + minutes * MINUTE, by_person))
            uow.commit()

    def category() -> Any:
        [due] = known.ask(lambda uow: uow.messages.due(NOON, 10, NEVER))
        return due.category

    known.put(news("a"))
    assert category() is None
    put("planned", 2)
    put("urgent", 1)
    assert category() == "planned"
    put("emergency", 0, by_person=True)
    put("consultation", 5)
    assert category() == "emergency"
    put("urgent", 6, by_person=True)
    assert category() == "urgent"


def test_what_sleeps_is_counted_apart_let_go_and_comes_after_fresh_news(known: Kept) -> None:
    other = UUID(int=8)
    known.put(Request(other, "1043", CONTACT), news("fresh", request_id=other, due_at=NOON + MINUTE))
    asleep = news("asleep").held(NOON + MINUTE)
    known.put(asleep)
    assert known.get(asleep.id) == asleep
    assert known.ask(lambda uow: uow.messages.backlog(NOON)) == Backlog(1, NOON, 1)
    assert known.ask(lambda uow: uow.messages.backlog(NOON + MINUTE)) == Backlog(2, NOON)
    assert [fact for fact, _ in known.due(after=MINUTE)] == ["fresh", "asleep"]
    known.put(news("later", 1))
    assert known.due() == [("later", False)], "what sleeps keeps no other waiting"
    with known.open() as uow:
        uow.messages.let_go(REQUEST, NOON)
        uow.commit()
    assert known.due() == [("asleep", False)], "awake, it goes first"


def test_the_words_that_left_last_come_with_what_is_due(known: Kept) -> None:
    first = sent(news("a").written(ANN_RECEIVES, "Выехали"), "SM1")
    second = replace(sent(news("b", 1).written(ANN_RECEIVES, "Приехали"), "SM2"), sent_at=NOON + MINUTE)
    urgent = replace(second, id=uuid4(), fact="c", urgent=True, provider_sid="SM3", sent_at=NOON + 2 * MINUTE)
    failed = replace(urgent, id=uuid4(), fact="d", urgent=False, provider_sid="SM4", state=State.FAILED)
    known.put(first, second, urgent, failed, news("e", 2))
    (due,) = known.ask(lambda uow: uow.messages.due(NOON, 10, NEVER))
    assert (due.message.fact, due.said_last) == ("e", "Приехали")


def test_what_is_followed_by_news_that_waits_is_marked(known: Kept) -> None:
    known.put(news("first"), news("second", 1))
    [first] = known.ask(lambda uow: uow.messages.due(NOON, 10, NEVER))
    assert (first.message.fact, first.followed, first.overtaken) == ("first", True, False)


@pytest.mark.servers
def test_what_one_replica_takes_another_passes_by(service_database: Callable[[str], str]) -> None:
    engine = make_engine(service_database("notify"), pool_size=3)
    context = TransactionContext(engine, FixedClock(NOON), "notify", lambda: None, SEALER)
    kept = Kept(lambda: UnitOfWork(context))
    kept.put(ANN, Request(REQUEST, "1042", CONTACT), news("first", 1), news("second", 2))
    with UnitOfWork(context) as one, UnitOfWork(context) as other:
        assert [due.message.fact for due in one.messages.due(NOON, 10, NEVER)] == ["first"]
        assert other.messages.due(NOON, 10, NEVER) == []
    engine.dispose()


@pytest.mark.servers
def test_one_provider_message_belongs_to_one_of_ours(service_database: Callable[[str], str]) -> None:
    engine = make_engine(service_database("notify"), pool_size=1)
    context = TransactionContext(engine, FixedClock(NOON), "notify", lambda: None, SEALER)
    kept = Kept(lambda: UnitOfWork(context))
    kept.put(sent(news("a"), "SM1"))
    with pytest.raises(sa.exc.IntegrityError):
        kept.put(sent(news("b"), "SM1"))
    engine.dispose()


def test_the_newest_plan_of_a_request_is_kept(transactions: Open) -> None:
    newer, older = Plan(REQUEST, 5, "complete", NOON + MINUTE), Plan(REQUEST, 4, "arrive", NOON)
    with transactions() as uow:
        assert uow.plans.get(REQUEST) is None
        for plan in (older, newer, older):
            uow.plans.put(plan)
        uow.commit()
    with transactions() as uow:
        assert uow.plans.get(REQUEST) == newer
