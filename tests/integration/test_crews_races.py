"""What happens at the same moment in crews, on a real PostgreSQL: every interleaving ends in one truth."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.crews.clients import RandomSecrets
from services.crews.domain.access import Login, LoginPolicy, Role
from services.crews.domain.officials import Official
from services.crews.domain.orders import Stage, Step
from services.crews.domain.rosters import DutyShift, PlannedShift
from services.crews.errors import AssignmentWithdrawn, BadCredentials, PairingCodeInvalid, TooManyAttempts
from services.crews.store import UnitOfWork
from services.crews.usecases.access import Admission, Caller, log_in, refresh
from services.crews.usecases.commands import perform
from services.crews.usecases.devices import issue_code, list_devices, pair
from services.crews.usecases.masterdata import tell_crews
from services.crews.usecases.orders import (
    list_orders,
    receive_order,
    report_stage,
    show_order,
    withdraw_order,
)
from services.crews.usecases.rosters import turn_shifts
from shared.clock import SystemClock
from shared.db import AlreadyHandled, TransactionContext, make_engine
from tests.support import racing
from tests.support.contracts import event
from tests.support.database import count
from tests.support.sealing import SEALER
from tests.unit.crews.doors import door_of
from tests.unit.crews.examples import (
    ANN,
    ASSIGNMENT,
    BEN,
    CARD,
    CREW,
    GATE,
    NOON,
    ORGANISATION,
    STAFF,
    command,
    order,
    step,
)
from tests.unit.crews.fakes import PlainPasswords
from tests.unit.crews.rostering import ROSTER, roster

pytestmark = pytest.mark.servers
ROUNDS = 25
WITHDRAWAL = Step(Stage.WITHDRAWN, "dispatcher-1", NOON, reason="dispatcher")


@pytest.fixture
def url(service_database: Callable[[str], str]) -> str:
    return service_database("crews")


@pytest.fixture
def context(url: str) -> Iterator[TransactionContext]:
    engine = make_engine(url, pool_size=12)
    yield TransactionContext(engine, SystemClock(), "crews", lambda: None, SEALER)
    engine.dispose()


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """The outcome of each, all let go at the same moment; whatever fails is one."""
    return racing.at_once(works, Exception)


def report(
    context: TransactionContext, stage: Stage, key: str, assignment_id: UUID = ASSIGNMENT
) -> dict[str, Any]:
    work = partial(report_stage, step=step(stage), gate=GATE)
    return perform(UnitOfWork(context), command(stage.value, key, assignment_id), work)


def stage_of(context: TransactionContext, assignment_id: UUID) -> Stage:
    return show_order(UnitOfWork(context), CREW, assignment_id).order.stage


def test_an_order_and_its_withdrawal_at_once_end_withdrawn(context: TransactionContext) -> None:
    for _ in range(ROUNDS):
        card = order(assignment_id=uuid4()).card
        outcomes = at_once(
            [
                partial(receive_order, UnitOfWork(context), card),
                partial(withdraw_order, UnitOfWork(context), card.assignment_id, WITHDRAWAL),
            ]
        )
        assert outcomes == [None, None]
        assert stage_of(context, card.assignment_id) is Stage.WITHDRAWN


def test_accepting_and_withdrawing_at_once_end_withdrawn_and_told_truly(
    context: TransactionContext, url: str
) -> None:
    accepted = 0
    for _ in range(ROUNDS):
        id_ = uuid4()
        receive_order(UnitOfWork(context), order(assignment_id=id_).card)
        answer, _none = at_once(
            [
                partial(report, context, Stage.ACCEPTED, f"accept {id_}", id_),
                partial(withdraw_order, UnitOfWork(context), id_, WITHDRAWAL),
            ]
        )
        accepted += isinstance(answer, dict)
        assert isinstance(answer, dict | AssignmentWithdrawn)
        assert stage_of(context, id_) is Stage.WITHDRAWN
    assert count(url, "outbox") == accepted, "a stage is told if and only if it was taken"


def test_one_command_sent_many_times_at_once_is_done_once(context: TransactionContext, url: str) -> None:
    receive_order(UnitOfWork(context), CARD)
    answers = at_once([lambda: report(context, Stage.ACCEPTED, "one key")] * 8)
    assert answers == [answers[0]] * 8
    assert isinstance(answers[0], dict)
    assert count(url, "outbox") == 1
    assert count(url, "steps", "stage = 'accepted'") == 1


def test_two_devices_of_one_crew_pressing_at_once_make_one_step(
    context: TransactionContext, url: str
) -> None:
    receive_order(UnitOfWork(context), CARD)
    answers = at_once([partial(report, context, Stage.ACCEPTED, f"key {n}") for n in range(6)])
    assert all(isinstance(answer, dict) and answer["stage"] == "accepted" for answer in answers)
    assert count(url, "outbox", "type = 'assignment.progressed'") == 1


def test_one_event_delivered_many_times_at_once_has_effect_once(
    context: TransactionContext, url: str
) -> None:
    cause = event("routing", "assignment.made")
    outcomes = at_once([lambda: receive_order(UnitOfWork(context, cause, "receive_order"), CARD)] * 6)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, AlreadyHandled) for outcome in outcomes) == 5
    assert count(url, "steps") == 1


def test_a_device_that_follows_its_cursor_misses_nothing(context: TransactionContext) -> None:
    """Numbers are taken inside transactions; were they visible out of order, the reader would skip some."""
    ids = [uuid4() for _ in range(60)]
    writing = threading.Event()
    writing.set()

    def write(part: Sequence[UUID]) -> None:
        for id_ in part:
            receive_order(UnitOfWork(context), order(assignment_id=id_).card)

    def follow() -> set[UUID]:
        seen: set[UUID] = set()
        cursor, last_look = 0, False
        while not last_look:
            last_look = not writing.is_set()
            page = list_orders(UnitOfWork(context), CREW, cursor, limit=7)
            while page.orders:
                seen |= {shown.card.assignment_id for shown in page.orders}
                cursor = page.cursor
                page = list_orders(UnitOfWork(context), CREW, cursor, limit=7)
        return seen

    with ThreadPoolExecutor(6) as pool:
        following = pool.submit(follow)
        for done in [pool.submit(write, ids[start::4]) for start in range(4)]:
            done.result(120)
        writing.clear()
        assert following.result(120) == set(ids)


@pytest.mark.parametrize("login", ["crew-7", "nobody"])
def test_many_guesses_at_once_are_many_attempts(context: TransactionContext, login: str) -> None:
    policy = LoginPolicy(attempts=3, window=timedelta(minutes=5), rest=timedelta(minutes=1))
    passwords = PlainPasswords()
    door = door_of(lambda: UnitOfWork(context), passwords, logins=policy)

    def guess() -> object:
        return log_in(door, login, "guess", Caller())

    outcomes = at_once([guess] * 10)
    assert sum(isinstance(outcome, BadCredentials) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 7
    assert passwords.looked_at == 3


@pytest.fixture
def office(context: TransactionContext) -> TransactionContext:
    """A crew with its login, and a shift of a published roster that is due."""
    with UnitOfWork(context) as uow:
        uow.staff.save(STAFF)
        uow.logins.save(Login("crew-7", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW), "hash of right")
        uow.rosters.put(roster())
        for number in range(3):
            begins = uow.now - timedelta(minutes=number + 1)
            planned = PlannedShift(uuid4(), begins, begins + timedelta(hours=8), (ANN, BEN), CREW, ANN)
            uow.rosters.put_duty(DutyShift(planned, ROSTER, ORGANISATION))
        uow.commit()
    return context


def test_timers_of_many_replicas_turn_a_shift_once(office: TransactionContext, url: str) -> None:
    zone = ZoneInfo("Asia/Almaty")
    turned = at_once([lambda: turn_shifts(UnitOfWork(office), zone)] * 6)
    assert [failure for failure in turned if isinstance(failure, Exception)] == []
    assert sum(int(str(number)) for number in turned) == 3
    assert count(url, "duty_shifts", "begun_at IS NOT NULL") == 3
    assert count(url, "outbox", "type = 'crew.changed'") == 1


def test_timers_of_many_replicas_tell_of_a_crew_once(office: TransactionContext, url: str) -> None:
    zone = ZoneInfo("Asia/Almaty")
    assert sorted(at_once([lambda: tell_crews(UnitOfWork(office), zone)] * 6), key=str) == [0] * 5 + [1]
    assert count(url, "outbox", "type = 'crew.changed'") == 1


def test_a_pairing_code_lets_one_of_many_phones_in(office: TransactionContext) -> None:
    door = door_of(lambda: UnitOfWork(office), PlainPasswords(), secrets=RandomSecrets())
    code = issue_code(door, Official("d", frozenset({Role.DISPATCHER})), CREW).code
    outcomes = at_once([lambda: pair(door, code, Caller("10.0.0.1"))] * 6)
    assert sum(isinstance(outcome, PairingCodeInvalid) for outcome in outcomes) == 5
    assert len(list_devices(UnitOfWork(office), Official("d", frozenset({Role.DISPATCHER})), CREW)) == 1


def test_one_phone_refreshing_many_times_at_once_stays_in(office: TransactionContext) -> None:
    door = door_of(lambda: UnitOfWork(office), PlainPasswords(), secrets=RandomSecrets())
    known = log_in(door, "crew-7", "right", Caller()).refresh_token
    outcomes = at_once([lambda: refresh(door, known, Caller())] * 6)
    admitted = [outcome for outcome in outcomes if isinstance(outcome, Admission)]
    assert len({admission.refresh_token for admission in admitted}) == 6
    assert refresh(door, admitted[0].refresh_token, Caller()).session.id == admitted[0].session.id
