"""Registered exactly when address, problem and contact are there (rule 6.1)."""

from dataclasses import replace
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from services.intake.domain.addresses import Address
from services.intake.domain.houses import Precision
from services.intake.domain.requests import Channel, Details, Missing, Request, State
from services.intake.errors import AlreadyRegistered, Incomplete
from tests.unit.intake.examples import NOON

ADDRESS = Address("Абая, 12", None, "Абая", "12", None, None, "5", None, 43.2, 76.9, Precision.STREET)
COMPLETE = Request(
    uuid4(), Channel.SMS, "ru", NOON, NOON, contact_ref=uuid4(), problem="нет воды", address=ADDRESS
)
EMPTY: dict[str, dict[str, Any]] = {
    "address": {"address": None},
    "problem": {"problem": "  "},
    "contact": {"contact_ref": None},
}


@pytest.mark.rule("6.1")
@pytest.mark.rule("D-1.1-U3")
@pytest.mark.parametrize("absent", list(product([False, True], repeat=3)))
def test_registered_exactly_when_nothing_is_missing(absent: tuple[bool, ...]) -> None:
    left_out = [name for name, is_absent in zip(EMPTY, absent, strict=True) if is_absent]
    request = COMPLETE
    for name in left_out:
        request = replace(request, **EMPTY[name])
    assert request.missing == tuple(Missing(name) for name in left_out)
    if left_out:
        with pytest.raises(Incomplete):
            request.registered(1001, NOON)
    else:
        registered = request.registered(1001, NOON)
        assert (registered.state, registered.number, registered.registered_at) == (
            State.REGISTERED,
            1001,
            NOON,
        )


def test_a_registered_request_is_not_registered_again() -> None:
    with pytest.raises(AlreadyRegistered):
        COMPLETE.registered(1001, NOON).registered(1002, NOON)


def test_details_come_from_wherever_they_were_said() -> None:
    request = replace(COMPLETE, details=Details(entrance="2"))
    address = request.full_address
    assert address is not None
    assert (address.entrance, address.floor, address.flat) == ("2", None, "5")


@pytest.mark.rule("D-1.1-U7")
def test_the_public_problem_has_no_phone_number() -> None:
    assert replace(COMPLETE, problem="нет воды, 87012345678").public_problem == "нет воды, ***"
