"""Notify as a process of a test, with the Twilio stand-in as its provider; and the facts it is told."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from demo.twilio_stand_in import StandIn
from shared.envelope import Event
from tests.support import contracts
from tests.support.bus import publish
from tests.support.database import count, scalar
from tests.support.fakes import NOON
from tests.support.processes import ServiceProcess
from tests.support.sealing import SEALER

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "not-a-secret", "+77270000000"
PHONE = "+77010000001"
ARRIVED = "Заявка №1042: бригада на месте, приступает к работе."


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(ACCOUNT, TOKEN, callback_delay_s=0.05) as running:
        yield running


@pytest.fixture
def notify(
    service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path, stand_in: StandIn
) -> Iterator[ServiceProcess]:
    """The service, not yet started; quick to lose patience."""
    process = ServiceProcess(
        ["shared.run", "notify"],
        "notify",
        tmp_path,
        service_database("notify"),
        amqp_uri,
        {
            "AVARIYKA_TWILIO_ACCOUNT_SID": ACCOUNT,
            "AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN,
            "AVARIYKA_TWILIO_FROM": SENDER,
            "AVARIYKA_TWILIO_API_URL": stand_in.url,
            "AVARIYKA_NOTIFY_PROVIDER_TIMEOUT_S": "3",
            "AVARIYKA_NOTIFY_LEASE_S": "7",
            "AVARIYKA_NOTIFY_ON_CALL_TIMEOUT_S": "0.5",
            "AVARIYKA_NOTIFY_FIRST_PAUSE_S": "0.2",
            "AVARIYKA_NOTIFY_QUIET_FROM": "00:00",
            "AVARIYKA_NOTIFY_QUIET_UNTIL": "00:00",
            "AVARIYKA_NOTIFY_OLD_NEWS_AFTER_S": "1000000000",  # stories happen at a fixed date
        },
    )
    yield process
    process.kill()


class Story:
    """One request and the facts about it, as the other services tell them."""

    def __init__(self, amqp_uri: str, number: str = "1042", phone: str = PHONE) -> None:
        self.request_id, self.contact_id, self.assignment_id = (str(uuid4()) for _ in range(3))
        self._amqp_uri = amqp_uri
        self._number, self._phone = number, phone
        self._minutes = 0

    def contact(self, **changes: Any) -> Event:
        return contracts.event(
            "intake",
            "contact.known",
            contact_ref=self.contact_id,
            phone=SEALER.seal(self._phone),
            **changes,
        )

    def registered(self, **changes: Any) -> Event:
        return contracts.event(
            "intake",
            "request.registered",
            request_id=self.request_id,
            contact_ref=self.contact_id,
            number=self._number,
            **changes,
        )

    def classified(self, **changes: Any) -> Event:
        return contracts.event("triage", "request.classified", request_id=self.request_id, **changes)

    def overridden(self, category: str) -> Event:
        what = ("routing", "request.urgency_overridden")
        return contracts.event(*what, request_id=self.request_id, category=category)

    def stage(self, stage: str, **changes: Any) -> Event:
        self._minutes += 1
        return contracts.event(
            "crews",
            "assignment.progressed",
            request_id=self.request_id,
            assignment_id=self.assignment_id,
            stage=stage,
            at=(NOON + timedelta(minutes=self._minutes)).isoformat(),
            **{"result": None, **changes},
        )

    def known(self) -> list[Event]:
        return [self.contact(), self.registered()]

    def publish(self, *events: Event) -> None:
        publish(self._amqp_uri, *events)


@pytest.fixture
def story(amqp_uri: str) -> Story:
    return Story(amqp_uri)


def bodies(stand_in: StandIn, phone: str = PHONE) -> list[str]:
    return [message["body"] for message in stand_in.messages.all() if message["to"] == phone]


def states(notify: ServiceProcess) -> str:
    sql = "SELECT coalesce(string_agg(state, ' ' ORDER BY occurred_at), '') FROM messages"
    return str(scalar(notify.database_url, sql))


def nothing_pending(notify: ServiceProcess) -> bool:
    return count(notify.database_url, "messages", "state IN ('queued', 'sending')") == 0
