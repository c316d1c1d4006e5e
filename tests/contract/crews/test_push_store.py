"""Phones and pushes: the fake and PostgreSQL keep the same promises."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from services.crews.domain.push import PushKind, Subscription
from tests.contract.crews.conftest import Open
from tests.unit.crews.examples import ASSIGNMENT, CREW, NOON

LEASE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=1)
PHONE = Subscription(UUID(int=1), CREW, "https://push.example/1", "key", "secret")
OTHER = Subscription(UUID(int=2), CREW, "https://push.example/2", "key", "secret")


def test_every_phone_of_the_crew_is_told_and_each_push_is_claimed_once(transactions: Open) -> None:
    with transactions() as uow:
        assert [uow.pushes.subscribe(phone, NOON) for phone in (PHONE, OTHER)] == [PHONE.id, OTHER.id]
        uow.pushes.add(CREW, PushKind.OFFER, ASSIGNMENT, NOON, LATER)
        uow.pushes.add(uuid4(), PushKind.OFFER, ASSIGNMENT, NOON, LATER)
        uow.commit()
    with transactions() as uow:
        assert uow.pushes.claim(NOON - LEASE, LEASE, 10) == []
        claimed = uow.pushes.claim(NOON, LEASE, 10)
        assert sorted(push.subscription.id for push in claimed) == [PHONE.id, OTHER.id]
        assert {(p.kind, p.subject, p.expires_at, p.attempts) for p in claimed} == {
            (PushKind.OFFER, ASSIGNMENT, LATER, 1)
        }
        assert uow.pushes.claim(NOON, LEASE, 10) == []
        uow.pushes.done(claimed[0].id)
        uow.pushes.postpone(claimed[1].id, NOON + 2 * LEASE)
        assert uow.pushes.claim(NOON + LEASE, LEASE, 10) == []
        [again] = uow.pushes.claim(NOON + 2 * LEASE, LEASE, 10)
        assert again == replace(claimed[1], attempts=2)


def test_an_address_belongs_to_the_crew_that_named_it_last(transactions: Open) -> None:
    crew = uuid4()
    with transactions() as uow:
        uow.pushes.subscribe(PHONE, NOON)
        assert uow.pushes.subscribe(replace(PHONE, id=uuid4(), crew_id=crew), NOON) == PHONE.id
        uow.pushes.add(CREW, PushKind.OFFER, ASSIGNMENT, NOON, LATER)
        assert uow.pushes.claim(NOON, LEASE, 10) == []
        uow.pushes.add(crew, PushKind.OFFER, ASSIGNMENT, NOON, LATER)
        uow.pushes.unsubscribe(PHONE.id, CREW)
        assert len(uow.pushes.claim(NOON, LEASE, 1)) == 1
        uow.pushes.add(crew, PushKind.OFFER, ASSIGNMENT, NOON, LATER)
        uow.pushes.unsubscribe(PHONE.id)
        assert uow.pushes.claim(LATER, LEASE, 10) == []
