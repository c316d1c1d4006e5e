"""Signals and messages: the fake and PostgreSQL keep the same promises."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from services.crews.domain.messages import Message
from services.crews.domain.people import Position
from services.crews.domain.signals import Signal, SignalKind, acknowledged, escalated
from tests.contract.crews.conftest import Open
from tests.unit.crews.examples import ASSIGNMENT, CARD, CREW, NOON

MINUTE = timedelta(minutes=1)
HERE = Position(43.24, 76.91, 12.5, NOON)
SOS = Signal(
    UUID(int=1),
    SignalKind.SOS,
    CREW,
    ASSIGNMENT,
    CARD.request_id,
    None,
    "Обвал",
    HERE,
    NOON - MINUTE,
    NOON,
    "crew-7",
)
HELP = replace(SOS, id=UUID(int=2), kind=SignalKind.HELP, position=None, recorded_at=NOON - MINUTE)


def test_a_signal_comes_back_as_it_was_saved_last(transactions: Open) -> None:
    with transactions() as uow:
        uow.signals.lock(CREW)
        for signal in (SOS, HELP, replace(HELP, repeats=3, service="gas")):
            uow.signals.save(signal)
        uow.commit()
    with transactions() as uow:
        latest = replace(HELP, repeats=3, service="gas")
        assert uow.signals.get(SOS.id) == SOS
        assert uow.signals.get(uuid4()) is None
        assert uow.signals.many([SOS.id, HELP.id, uuid4()]) == [latest, SOS]
        assert uow.signals.open(CREW) == [latest, SOS]
        assert uow.signals.open(uuid4()) == []


def test_old_words_go_but_no_signal_that_nobody_has_heard(transactions: Open) -> None:
    heard = acknowledged(replace(HELP, id=UUID(int=3)), "dispatcher-1", NOON, "Едем")
    young = replace(heard, id=UUID(int=4), recorded_at=NOON + MINUTE)
    words = [
        Message(UUID(int=n), CREW, None, True, "crew-7", "?", at, at)
        for n, at in ((1, NOON), (2, NOON + MINUTE))
    ]
    with transactions() as uow:
        for signal in (HELP, heard, young):
            uow.signals.save(signal)
        for word in words:
            uow.messages.add(word)
        assert uow.signals.forget_before(NOON + MINUTE) == 1
        assert uow.messages.forget_before(NOON + MINUTE) == 1
        uow.commit()
    with transactions() as uow:
        assert uow.signals.many([HELP.id, heard.id, young.id]) == [HELP, young]
        assert uow.messages.latest(CREW, 9) == words[1:]


def test_the_open_sos_of_a_crew_is_found_until_a_person_takes_it_on(transactions: Open) -> None:
    with transactions() as uow:
        uow.signals.save(SOS)
        uow.signals.save(replace(SOS, id=uuid4(), crew_id=uuid4(), recorded_at=NOON + MINUTE))
        uow.signals.save(HELP)
        uow.commit()
    with transactions() as uow:
        assert uow.signals.open_sos(CREW) == SOS
        assert uow.signals.crews_with_sos_before(NOON) == [CREW]
        uow.signals.save(escalated(SOS, NOON + 5 * MINUTE))
        assert uow.signals.crews_with_sos_before(NOON) == []
        assert uow.signals.crews_with_sos_before(NOON + 5 * MINUTE)[-1] == CREW
        uow.signals.save(acknowledged(SOS, "dispatcher-1", NOON, "Едем"))
        assert uow.signals.open_sos(CREW) is None
        assert uow.signals.open(CREW) == [HELP]


def test_messages_are_kept_once_and_the_latest_come_last(transactions: Open) -> None:
    sent = [
        Message(UUID(int=n), CREW, ASSIGNMENT, n % 2 == 0, "x", f"{n}", NOON, NOON + n * MINUTE)
        for n in range(4)
    ]
    with transactions() as uow:
        assert [uow.messages.add(message) for message in sent] == [True] * 4
        assert not uow.messages.add(replace(sent[0], text="другое"))
        uow.commit()
    with transactions() as uow:
        assert uow.messages.latest(CREW, 3) == sent[1:]
        assert uow.messages.latest(uuid4(), 3) == []
        assert uow.messages.many([sent[3].id, sent[0].id]) == [sent[0], sent[3]]
