"""API keys: seen once, kept as a digest, bounded, taken back."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.commands.__main__ import main
from services.intake.domain.keys import Allowance, ApiKey, Scope, digest
from services.intake.errors import KeyNotFound, KeyRefused, TooManyCalls
from services.intake.usecases.keys import Grant, add_key, list_keys, recognise, revoke_key
from shared.clock import FixedClock
from tests.unit.intake.examples import NOON, PHONE
from tests.unit.intake.fakes import FakeUnitOfWork

GRANT = Grant("city app", frozenset({Scope.OPEN311}), per_minute=3, phone=PHONE)


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


def known(uow: FakeUnitOfWork, text: str, scope: Scope = Scope.OPEN311) -> ApiKey:
    return recognise(uow, Allowance(Seconds()), text, scope)


def test_a_key_is_recognised_and_kept_only_as_a_digest(uow: FakeUnitOfWork) -> None:
    key, text = add_key(uow, GRANT)
    assert known(uow, text) == key
    assert (key.digest, text in repr(uow.keys.rows)) == (digest(text), False)
    assert uow.contacts.by_phone(PHONE.text).ref == key.contact_ref  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "avr_guess", "\ud800"])
def test_what_is_no_key_is_refused(uow: FakeUnitOfWork, text: str) -> None:
    add_key(uow, GRANT)
    with pytest.raises(KeyRefused):
        known(uow, text)


def test_a_key_opens_only_what_it_was_given_for(uow: FakeUnitOfWork) -> None:
    _, text = add_key(uow, GRANT)
    with pytest.raises(KeyRefused):
        known(uow, text, Scope.CARDS)


def test_a_revoked_key_opens_nothing_and_stays_in_the_list() -> None:
    clock = FixedClock(NOON)
    uow = FakeUnitOfWork(clock)
    key, text = add_key(uow, GRANT)
    revoke_key(uow, key.id)
    clock.advance(timedelta(days=1))
    revoke_key(uow, key.id)
    with pytest.raises(KeyRefused):
        known(uow, text)
    assert [kept.revoked_at for kept in list_keys(uow)] == [NOON]
    with pytest.raises(KeyNotFound):
        revoke_key(uow, uuid4())


def test_calls_are_bounded_and_the_wait_is_told(uow: FakeUnitOfWork) -> None:
    _, text = add_key(uow, GRANT)
    seconds = Seconds()
    allowance = Allowance(seconds)
    for _ in range(3):
        recognise(uow, allowance, text, Scope.OPEN311)
    with pytest.raises(TooManyCalls) as refused:
        recognise(uow, allowance, text, Scope.OPEN311)
    assert refused.value.details == {"retry_after_s": 21}
    seconds.now = 20.0
    recognise(uow, allowance, text, Scope.OPEN311)


def test_one_caller_does_not_use_up_another_ones_calls() -> None:
    allowance = Allowance(Seconds())
    one, other = uuid4(), uuid4()
    assert allowance.take(one, 1) == 0
    assert allowance.take(one, 1) == 60
    assert allowance.take(other, 1) == 0


@pytest.mark.parametrize(
    ("options", "said"), [(["--phone", "none"], "--phone"), (["--per-minute", "0"], "--per-minute")]
)
def test_the_command_line_names_a_wrong_option(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["api-key", "add", "app", "--scope", "open311", *options]) == 1
    assert said in capsys.readouterr().err
