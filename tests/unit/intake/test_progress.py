"""What became of requests, as journal tells it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.domain.standing import Standing
from services.intake.schemas.events import read_standing
from services.intake.schemas.partners import state_text
from services.intake.usecases.progress import note_state
from shared.envelope import Event
from tests.support import contracts
from tests.unit.intake.examples import NOON, listener
from tests.unit.intake.fakes import FakeUnitOfWork


def told(sequence: int, **changes: object) -> Event:
    data = {**contracts.example("journal", "request.state_changed"), **changes}
    return Event("e1", "journal", "request.state_changed", "r1", NOON, data, sequence, "c1")


def test_an_event_of_the_contract_is_understood_and_unknown_fields_are_passed_over() -> None:
    request_id = uuid4()
    standing = read_standing(told(4, request_id=str(request_id), to_state="closed", something_new=1))
    assert (standing.request_id, standing.state, standing.sequence) == (request_id, "closed", 4)
    assert standing.is_finished


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 1, 2)])
def test_the_newest_state_stands_in_whatever_order_the_news_comes(order: tuple[int, ...]) -> None:
    uow, request_id = FakeUnitOfWork(), uuid4()
    states = {1: "transferred", 2: "in_work"}
    for sequence in order:
        at = NOON + timedelta(minutes=sequence)
        note_state(
            uow, listener().troubles.book, Standing(request_id, states[sequence], at, sequence), state_text
        )
    with uow:
        kept = uow.standings.get(request_id)
    assert kept is not None
    assert kept.state == "in_work"
    assert not kept.is_finished
