"""A resident's end of the line: texting to the service and reading its answers."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from services.intake.domain.requests import Request
from services.intake.domain.standing import CrewReport, Deadline, Standing
from services.intake.schemas.lexicon import load_latin
from services.intake.schemas.phones import read_phone
from services.intake.usecases.conversations import Sms, receive_sms
from services.intake.usecases.manners import Manners
from services.intake.usecases.ports import Phone
from shared.clock import FixedClock
from shared.config import ROOT
from shared.i18n import Catalog
from tests.support import contracts
from tests.unit.intake.examples import NOON, PHONE, listener
from tests.unit.intake.fakes import FakeUnitOfWork

CATALOG = Catalog(ROOT / "services" / "intake" / "locale")
ALMATY = ZoneInfo("Asia/Almaty")


class Line:
    """Residents texting to the service."""

    def __init__(self, **manners: Any) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.manners = Manners(zone=ALMATY, latin=load_latin(), **manners)
        self._sids = count()
        self._sequences = count(1)

    def text(self, body: str, sender: Phone = PHONE, sid: str | None = None, **more: Any) -> str:
        message = Sms(sid or f"SM{next(self._sids)}", sender, body, **more)
        return receive_sms(self.uow, listener(), CATALOG, read_phone, message, self.manners)

    def journal_says(self, state: str, request: Request | None = None, **more: Any) -> None:
        about = (request or self.only).id
        told = Standing(about, state, self.clock.now(), next(self._sequences), **more)
        with self.uow as uow:
            uow.standings.put(told)
            uow.commit()

    def crew_reports(self, stage: str, minutes: int | None = None) -> None:
        now = self.clock.now()
        arrives_at = None if minutes is None else now + timedelta(minutes=minutes)
        with self.uow as uow:
            uow.standings.put_crew(CrewReport(self.only.id, stage, now, arrives_at))
            uow.commit()

    def due(self, clock: str, minutes: int) -> Deadline:
        return Deadline(clock, self.clock.now() + timedelta(minutes=minutes))

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    @property
    def requests(self) -> list[Request]:
        return list(self.uow.requests.rows.values())

    @property
    def only(self) -> Request:
        (request,) = self.requests
        return request

    def told(self, type_: str) -> list[Mapping[str, Any]]:
        return [event.data for event in self.uow.emitted if event.type == type_]

    def check_events(self) -> None:
        for event in self.uow.emitted:
            contracts.check("intake", event.type, event.data)
