"""Residents of a small town texting about their troubles, with everything in memory."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from services.intake.domain.outages import Outage, State
from services.intake.domain.requests import Request
from services.intake.domain.riders import HouseState, Rider
from services.intake.domain.standing import Standing
from services.intake.schemas.partners import state_text
from services.intake.schemas.phones import read_phone
from services.intake.usecases import incidents
from services.intake.usecases.conversations import Sms, receive_sms
from services.intake.usecases.ports import Phone
from services.intake.usecases.progress import note_state
from shared.clock import FixedClock
from shared.config import ROOT
from shared.i18n import Catalog
from tests.support import contracts
from tests.unit.intake.examples import NOON, listener
from tests.unit.intake.fakes import FakeUnitOfWork

CATALOG = Catalog(ROOT / "services" / "intake" / "locale")
BOOK = listener().troubles.book


class Town:
    """``text`` is one message of a new resident unless told whose; the clock moves a minute each time."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.answer = ""
        self._phones = count(1)
        self._sequence = count(1)

    def text(self, body: str, phone: Phone | None = None, later: float = 1) -> Request:
        """The request that the message made or belongs to."""
        self.clock.advance(timedelta(minutes=later))
        sender = phone or Phone(f"+7701{next(self._phones):07}", is_callable=True)
        sms = Sms(f"SM{next(self._sequence)}", sender, body)
        self.answer = receive_sms(self.uow, listener(), CATALOG, read_phone, sms)
        request_id = self.uow.messages.rows[sms.sid]["request_id"]
        return self.uow.requests.rows[request_id]

    def classified(self, request: Request, fault: str = "unknown", *hazards: str) -> None:
        incidents.refine(self.uow, BOOK, request.id, fault, frozenset(hazards))

    def stands(self, request: Request, state: str, result: str | None = None) -> None:
        """What journal says of a request."""
        told = Standing(request.id, state, self.clock.now(), next(self._sequence), result)
        note_state(self.uow, BOOK, told, state_text)

    def let_go(self, batch: int = 100) -> int:
        return incidents.end_rides(self.uow, batch)

    def rider(self, request: Request) -> Rider:
        return self.uow.riders.rows[request.id]

    def rides_with(self, request: Request) -> UUID | None:
        return self.rider(request).outage_id

    def state_of(self, house: str) -> HouseState:
        return self.only.house_by_key[house].state

    @property
    def outages(self) -> list[Outage]:
        return sorted(self.uow.outages.rows.values(), key=lambda outage: outage.number)

    @property
    def live(self) -> list[Outage]:
        return [outage for outage in self.outages if outage.is_live]

    @property
    def open(self) -> list[Outage]:
        return [outage for outage in self.outages if outage.state is State.OPEN]

    @property
    def only(self) -> Outage:
        (outage,) = self.live
        return outage

    def told(self, type_: str, request: Request | None = None) -> list[Mapping[str, Any]]:
        """What was announced, each event held against its contract."""
        for event in self.uow.emitted:
            contracts.check("intake", event.type, event.data)
        found = [event for event in self.uow.emitted if event.type == type_]
        return [event.data for event in found if request is None or event.subject == str(request.id)]
