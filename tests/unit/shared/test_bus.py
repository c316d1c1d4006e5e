"""What becomes of a message, by what its handler did (design §4, ADR 0005)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from marshmallow import ValidationError
from nameko.exceptions import ContainerBeingKilled

from shared.bus import ATTEMPT_HEADER, ReliableEventHandler, WrongHandlerName
from shared.db import AlreadyHandled
from shared.envelope import Event
from shared.errors import Permanent, Retryable, Unavailable
from shared.topology import RETRY_DELAYS_MS
from tests.support.contracts import event

METHOD = "on_intake_request_registered"
QUEUE = f"evt-intake-request.registered--triage.{METHOD}"


class Consumer:
    """Writes down how each message was settled."""

    def __init__(self) -> None:
        self.settled: list[Any] = []

    def register_provider(self, provider: Any) -> None:
        self.provider = provider

    def ack_message(self, message: Any) -> None:
        self.settled.append("acknowledged")

    def requeue_message(self, message: Any) -> None:
        self.settled.append("given back")

    def settle_retry(self, message: Any, queue: str, attempt: int) -> None:
        self.settled.append(("retry", queue, attempt))

    def settle_dead(self, message: Any, reason: str, queue: str) -> None:
        self.settled.append(("dead", queue, reason))


@dataclass
class Container:
    """A service that handles every event as told."""

    behave: Callable[[Event], None] = lambda event: None
    service_name: str = "triage"
    shared_extensions: dict[Any, Any] = field(default_factory=dict)

    def spawn_worker(
        self, entrypoint: Any, args: Any, kwargs: Any, context_data: Any, handle_result: Any
    ) -> None:
        self.context_data = context_data
        failure = None
        try:
            self.behave(*args)
        except ContainerBeingKilled:
            raise
        except Exception as error:
            failure = (type(error), error, None)
        handle_result(SimpleNamespace(), None, failure)


def handler(container: Container, method: str = METHOD, type_: str = "request.registered") -> Any:
    bound: Any = ReliableEventHandler("intake", type_).bind(container, method)
    bound.queue_consumer = Consumer()
    bound.setup()
    return bound


def outcome(behave: Callable[[Event], None], body: Any = None, attempt: int = 0) -> Any:
    """How a message is settled whose earlier attempts were so many."""
    container = Container(behave)  # nameko keeps only a weak reference to it
    bound = handler(container)
    message = SimpleNamespace(headers={ATTEMPT_HEADER: attempt} if attempt else {})
    bound.handle_message(event("intake", "request.registered").to_json() if body is None else body, message)
    [settled] = bound.queue_consumer.settled
    return settled


def failing(error: Exception) -> Callable[[Event], None]:
    def behave(event: Event) -> None:
        raise error

    return behave


def test_done_is_acknowledged() -> None:
    assert outcome(lambda event: None) == "acknowledged"


def test_the_handler_gets_the_event_and_works_under_its_story() -> None:
    told = event("intake", "request.registered")
    seen: list[Event] = []
    container = Container(seen.append)
    handler(container).handle_message(told.to_json(), SimpleNamespace(headers={}))
    assert seen == [told]
    assert container.context_data == {"correlation_id": told.correlation_id}


def test_a_repeat_is_acknowledged() -> None:
    assert outcome(failing(AlreadyHandled())) == "acknowledged"


@pytest.mark.parametrize("error", [Permanent("no such case"), ValidationError({"text": ["Missing."]})])
def test_the_hopeless_goes_to_the_dead_letters_with_its_reason(error: Exception) -> None:
    assert outcome(failing(error)) == ("dead", QUEUE, f"{type(error).__name__}: {error}")


@pytest.mark.parametrize("error", [Retryable(), Unavailable(), KeyError("a bug"), OSError("gone")])
def test_any_other_failure_is_tried_again_later(error: Exception) -> None:
    assert outcome(failing(error)) == ("retry", QUEUE, 1)


@pytest.mark.parametrize("attempt", range(len(RETRY_DELAYS_MS)))
def test_attempts_are_counted_in_the_message(attempt: int) -> None:
    assert outcome(failing(Retryable()), attempt=attempt) == ("retry", QUEUE, attempt + 1)


def test_when_attempts_are_used_up_it_is_kept_as_a_dead_letter() -> None:
    used_up = outcome(failing(Retryable("not yet")), attempt=len(RETRY_DELAYS_MS))
    assert used_up == ("dead", QUEUE, "Retryable: not yet")


@pytest.mark.parametrize("body", ["text", [], {"id": "e-1"}, 5])
def test_what_is_no_event_never_reaches_the_handler(body: Any) -> None:
    kind, queue, reason = outcome(failing(AssertionError("reached")), body=body)
    assert (kind, queue) == ("dead", QUEUE)
    assert reason.startswith("MalformedEvent")


def test_a_message_that_meets_the_end_of_the_process_is_given_back() -> None:
    assert outcome(failing(ContainerBeingKilled())) == "given back"


@pytest.mark.parametrize(
    ("method", "type_"),
    [("handle_request", "request.registered"), ("on_intake_no_such", "no.such")],
    ids=["renamed method", "event without this reader"],
)
def test_a_name_outside_the_contract_stops_the_start(method: str, type_: str) -> None:
    with pytest.raises(WrongHandlerName):
        handler(Container(), method, type_)
