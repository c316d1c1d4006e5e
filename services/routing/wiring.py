"""The composition root of ``routing``: its unit of work, the rules it decides by, its rounds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from services.routing.clients import NullJournal, NullTokens, Remote, RpcJournal, RpcTokens
from services.routing.domain.competence import Matrix
from services.routing.domain.desk import Desk
from services.routing.domain.grades import read_matrix as read_grades
from services.routing.domain.needs import read_needs
from services.routing.domain.policy import Policy
from services.routing.domain.travel import StraightLine
from services.routing.domain.zones import Zones
from services.routing.errors import InvalidReference
from services.routing.store import UnitOfWork
from services.routing.usecases.ports import Journal, Tokens
from services.routing.usecases.reference import read_matrix
from services.routing.usecases.rounds import expire_offers, serve_waiting
from shared.config import Misconfigured, Settings
from shared.db import Transaction
from shared.logs import get_logger
from shared.wiring import BaseWiring, Loop

_DATA = Path(__file__).parent / "data"
_log = get_logger(__name__)


class Wiring(BaseWiring):
    """What the entry points of this service need, built once per process."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork

    started_at: datetime

    def assemble(self) -> None:
        self.started_at = self.clock.now()
        self._local_time = local_time(self.settings)
        self._rules = rules(self.settings)
        self._desk: Desk | None = None
        self._version = -1
        self._waiting = Loop("waiting", self._seconds("waiting_every_s"), self._serve_waiting)

    def loops(self) -> Iterable[Loop]:
        yield Loop("reference", self._seconds("reference_every_s"), self.refresh)
        yield Loop("offer_timeouts", self._seconds("offer_timeouts_every_s"), self._expire_offers)
        yield self._waiting

    def vitals(self) -> dict[str, Any]:
        systems = self._desk.matrix.systems() if self._desk else {}
        return {"competence": {"version": self._version, "systems": sorted(systems)}}

    @property
    def desk(self) -> Desk:
        """The rules as of now; read when first needed, so that a database that is late does no harm."""
        if self._desk is None:
            self.refresh()
        assert self._desk is not None
        return self._desk

    def refresh(self) -> None:
        """Take over new zones and competences."""
        found = read_matrix(self.uow(), self._version, self._local_time)
        if found is None:
            return
        self._version, matrix = found
        self._desk = replace(self._rules, matrix=matrix)
        _log.info("competence_read", version=self._version, systems=sorted(matrix.systems()))
        self._waiting.wake()

    def reconsider(self) -> None:
        """A crew became free or came on shift: look at the waiting requests now, not at the next round."""
        self._waiting.wake()

    def journal(self, remote: Remote) -> Journal:
        return NullJournal() if self._alone else RpcJournal(remote)

    def tokens(self, remote: Remote) -> Tokens:
        return NullTokens() if self._alone else RpcTokens(remote)

    @property
    def _alone(self) -> bool:
        return bool(self.settings.get("stands_alone", False))

    def _serve_waiting(self) -> None:
        served = serve_waiting(self.uow, self.desk)
        if served:
            _log.info("waiting_served", requests=served)

    def _expire_offers(self) -> None:
        expired = expire_offers(self.uow, self.desk)
        if expired:
            _log.info("offers_expired", offers=expired)

    def _seconds(self, key: str) -> float:
        value = self.settings.get(key)
        if not isinstance(value, int | float) or value <= 0:
            raise Misconfigured(f"routing: {key} must be a number above 0, not {value!r}")
        return float(value)


def rules(settings: Settings) -> Desk:
    """The desk of the shipped data and the configuration, with nobody competent for anything yet.

    Raises Misconfigured, naming what is wrong.
    """
    try:
        policy = Policy.read({key: settings.get(key) for key in settings.values})
        travel = StraightLine(float(settings.get("speed_kmh")), float(settings.get("detour_factor")))
        grades, needs = read_grades(_data("grades.yml")), read_needs(_data("needs.yml"))
    except (InvalidReference, ValueError, TypeError, KeyError) as broken:
        raise Misconfigured(f"routing: {broken}") from broken
    return Desk(Matrix(Zones([]), [], local_time(settings)), grades, needs, travel, policy)


def local_time(settings: Settings) -> ZoneInfo:
    """The city's time zone, in which hours of service are meant."""
    name = str(settings.get("timezone"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise Misconfigured(f"routing: unknown timezone {name}") from unknown


def _data(name: str) -> Any:
    return yaml.safe_load((_DATA / name).read_text(encoding="utf-8"))
