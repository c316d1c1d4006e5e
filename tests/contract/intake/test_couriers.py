"""One suite for the courier of tests and the one over HTTP, and what only a wire can show."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from services.intake.clients.partners import HttpCourier, NullCourier
from services.intake.domain.deliveries import Delivery, Kind
from services.intake.domain.partners import Partner, check_signature
from services.intake.errors import PartnerAway, PartnerRefused
from services.intake.usecases.deliveries import Courier, Receipt
from shared.clock import FixedClock
from tests.support.partner import PartnerServer
from tests.unit.intake.examples import NOON
from tests.unit.intake.fakes_partners import FakeCourier

Answering = Callable[[int, object], tuple[Courier, Partner]]
PARTNER = Partner("112", "112", "the secret", NOON, "https://partner.example/cards", their_key="their key")
DELIVERY = Delivery(uuid4(), "112", Kind.CARD, uuid4(), "1", '{"kind":"card","text":"су жоқ"}', NOON, NOON)


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with PartnerServer() as running:
        yield running


@pytest.fixture(params=["fake", "http"])
def answering(request: pytest.FixtureRequest, server: PartnerServer) -> Answering:
    """``answering(200, {"reference": "7"})`` → a courier to a partner who always answers so."""

    def make(status: int, content: object) -> tuple[Courier, Partner]:
        if request.param == "fake":
            return FakeCourier(lambda _: (status, content)), PARTNER
        server.answer = lambda _: (status, {}, json.dumps(content).encode())
        return HttpCourier(FixedClock(NOON), timeout_s=2), replace(PARTNER, url=server.url)

    return make


@pytest.mark.parametrize("status", [200, 201, 202, 409])
def test_what_is_taken_is_taken_also_if_it_came_before(answering: Answering, status: int) -> None:
    courier, partner = answering(status, {})
    assert courier.deliver(partner, DELIVERY) == Receipt()


def test_a_partner_may_acknowledge_at_once(answering: Answering) -> None:
    courier, partner = answering(200, {"acknowledged": True, "reference": "K-7"})
    assert courier.deliver(partner, DELIVERY) == Receipt(acknowledged=True, reference="K-7")


@pytest.mark.parametrize("content", [[], "yes", {"acknowledged": "yes", "reference": {}}, None])
def test_an_answer_we_do_not_understand_is_still_an_arrival(answering: Answering, content: object) -> None:
    courier, partner = answering(200, content)
    assert courier.deliver(partner, DELIVERY) == Receipt()


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503, 301])
def test_what_may_pass_is_tried_again(answering: Answering, status: int) -> None:
    courier, partner = answering(status, {})
    with pytest.raises(PartnerAway) as away:
        courier.deliver(partner, DELIVERY)
    assert away.value.trouble == f"http_{status}"


@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_what_a_partner_never_wants_is_final(answering: Answering, status: int) -> None:
    courier, partner = answering(status, {})
    with pytest.raises(PartnerRefused) as refused:
        courier.deliver(partner, DELIVERY)
    assert refused.value.trouble == f"http_{status}"


def test_nothing_goes_to_a_partner_without_an_address(answering: Answering) -> None:
    courier, partner = answering(200, {})
    with pytest.raises(PartnerRefused):
        courier.deliver(replace(partner, url=""), DELIVERY)


def test_the_body_is_signed_and_names_itself(server: PartnerServer) -> None:
    partner = replace(PARTNER, url=server.url)
    HttpCourier(FixedClock(NOON)).deliver(partner, DELIVERY)
    (came,) = server.received
    assert came.body.decode() == DELIVERY.body
    assert came.headers["X-Api-Key"] == "their key"
    assert came.headers["Idempotency-Key"] == str(DELIVERY.id)
    stamp, signature = (came.headers[f"Avariyka-{name}"] for name in ("Timestamp", "Signature"))
    check_signature("the secret", stamp, signature, came.body, NOON)


def test_a_redirection_is_not_followed(server: PartnerServer) -> None:
    with PartnerServer() as inner:
        server.answer = lambda _: (307, {"Location": inner.url}, b"")
        with pytest.raises(PartnerAway):
            HttpCourier(FixedClock(NOON)).deliver(replace(PARTNER, url=server.url), DELIVERY)
        assert inner.received == []


def test_a_partner_who_is_down_or_slow_is_away(server: PartnerServer) -> None:
    courier = HttpCourier(FixedClock(NOON), timeout_s=0.2)
    server.gate.clear()
    with pytest.raises(PartnerAway) as slow:
        courier.deliver(replace(PARTNER, url=server.url), DELIVERY)
    with pytest.raises(PartnerAway) as down:
        courier.deliver(replace(PARTNER, url="http://127.0.0.1:1/cards"), DELIVERY)
    assert (slow.value.trouble, down.value.trouble) == ("timeout", "no_connection")


def test_an_endless_answer_is_read_only_so_far(server: PartnerServer) -> None:
    server.answer = lambda _: (200, {}, b'{"acknowledged": true, "x": "' + b"x" * 1_000_000)
    receipt = HttpCourier(FixedClock(NOON)).deliver(replace(PARTNER, url=server.url), DELIVERY)
    assert receipt == Receipt()


def test_where_delivery_is_switched_off_everything_waits() -> None:
    with pytest.raises(PartnerAway):
        NullCourier().deliver(PARTNER, DELIVERY)
