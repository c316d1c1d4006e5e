"""A store, a provider and a clock in memory, and what happens to one request in them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.notify.domain.messages import SETTLING, Message, State
from services.notify.domain.telling import Progress, Verdict
from services.notify.usecases import facts, sending
from services.notify.usecases.ports import Contact, Job, Request
from shared.clock import FixedClock
from tests.support.fakes import NOON
from tests.unit.notify.fakes import POLICY, FakeProvider, FakeUnitOfWork, deliver, write

REQUEST, CONTACT, ASSIGNMENT = UUID(int=1), UUID(int=2), UUID(int=3)
ANN = Contact(CONTACT, "+77010000001", "ru", sms_allowed=True, at=NOON)
MINUTE = timedelta(minutes=1)


class World:
    """One store, one provider, one clock."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.provider = FakeProvider(self.clock)

    def knows(self, contact: Contact = ANN, channel: str = "sms") -> None:
        facts.note_contact(self.uow, contact)
        facts.note_request(self.uow, Request(REQUEST, "1042", CONTACT), channel, NOON)
        self.later(SETTLING)

    def hears(self, stage: str, minutes: int = 0, **changes: Any) -> None:
        at = NOON + minutes * MINUTE
        facts.tell_progress(
            self.uow, Progress(str(REQUEST), str(ASSIGNMENT), stage, at, **changes), NOON.tzinfo or _fail()
        )
        self.later(SETTLING)

    def verdict(self, **changes: Any) -> None:
        plain = Verdict(str(REQUEST), "emergency", "gas", "gas_smell", ["gas"], False, NOON)
        facts.tell_verdict(self.uow, replace(plain, **changes))

    def takes(self, limit: int = 10) -> list[Job]:
        return sending.take_due(self.uow, POLICY, write, limit)

    def sends(self) -> list[Message | None]:
        return [self.deliver(job) for job in self.takes()]

    def deliver(self, job: Job) -> Message | None:
        return deliver(job, self.uow, self.provider)

    def sends_all(self) -> None:
        while self.sends():
            pass

    def later(self, by: timedelta = MINUTE) -> None:
        self.clock.advance(by)

    @property
    def messages(self) -> list[Message]:
        return list(sending.list_messages(self.uow, REQUEST))

    @property
    def message(self) -> Message:
        [only] = self.messages
        return only

    @property
    def message_states(self) -> list[State]:
        return [message.state for message in self.messages]

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(event.data["template"], event.data["state"]) for event in self.uow.emitted]


def _fail() -> Any:
    raise AssertionError
