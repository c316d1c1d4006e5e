"""Who waits for whom: the person is locked before the request, whoever comes; nobody waits in a ring."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.intake.domain.requests import Request
from services.intake.schemas import partners as wire
from services.intake.store import UnitOfWork
from services.intake.usecases.cards import take_card
from services.intake.usecases.deliveries import send_card
from services.intake.usecases.forms import Command, Form, complete_draft, take_form
from services.intake.usecases.web import Submission, submit
from shared.clock import SystemClock
from shared.db import TransactionContext, make_engine
from tests.support.sealing import SEALER
from tests.support.waiting import eventually
from tests.unit.intake.examples import PHONE, listener
from tests.unit.intake.test_partner_cards import DISPATCHER, EXAMPLE, KEY, PARTNER, TEXTS

pytestmark = pytest.mark.servers
OPERATOR = Command("operator-1")
FORM = Form(phone=PHONE, text="Нет воды")
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Store:
    def __init__(self, url: str) -> None:
        self.engine = make_engine(url, pool_size=4)
        self._context = TransactionContext(self.engine, SystemClock(), "intake", lambda: None, SEALER)

    def uow(self) -> UnitOfWork:
        return UnitOfWork(self._context)

    def somebody_waits(self) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.execute(sa.text(_WAITING)).scalar_one())


@pytest.fixture
def store(service_database: Callable[[str], str]) -> Iterator[Store]:
    made = Store(service_database("intake"))
    yield made
    made.engine.dispose()


Work = Callable[[], object]


def a_draft(store: Store) -> tuple[UUID, Work]:
    draft: Request = take_form(store.uow(), listener(), FORM, OPERATOR, lambda request: request)
    return draft.id, lambda: complete_draft(store.uow(), listener(), draft.id, FORM, OPERATOR, str)


def a_web_form(store: Store) -> tuple[UUID, Work]:
    sent = Submission("a secret of the page", FORM, "ru")
    return submit(store.uow(), listener(), sent).request.id, lambda: submit(store.uow(), listener(), sent)


def a_card_of_a_partner(store: Store) -> tuple[UUID, Work]:
    def take(revision: int) -> UUID:
        whole = {**EXAMPLE, "revision": revision, "place": None}
        card = wire.read_card(wire.PartnerCard().load(whole), json.dumps(whole), whole)
        return take_card(store.uow(), listener(), TEXTS, PARTNER, KEY, card).request.id

    with store.uow() as uow:
        uow.partners.put(PARTNER)
        uow.commit()
    return take(1), partial(take, 2)


def a_card_to_a_partner(store: Store) -> tuple[UUID, Work]:
    with store.uow() as uow:
        uow.partners.put(PARTNER)
        uow.commit()
    draft: Request = take_form(store.uow(), listener(), FORM, OPERATOR, lambda request: request)
    encode = partial(wire.card_text, now=SystemClock().now())
    return draft.id, lambda: send_card(store.uow(), draft.id, PARTNER.id, "", DISPATCHER, encode)


@pytest.mark.parametrize("begun", [a_draft, a_web_form, a_card_of_a_partner, a_card_to_a_partner])
def test_a_call_that_ends_meanwhile_gets_the_request_of_its_caller(
    store: Store, begun: Callable[[Store], tuple[UUID, Work]]
) -> None:
    request_id, goes_on = begun(store)
    with ThreadPoolExecutor(1) as operator:
        with store.uow() as call:
            assert call.contacts.by_phone(PHONE.text), "the caller, as at the end of every call"
            other = operator.submit(goes_on)
            eventually(store.somebody_waits, what="the other waits for the caller, holding nothing")
            assert call.requests.get(request_id, lock=True)
        other.result(60)
