"""The composition root of ``routing``: its unit of work, the rules it decides by, its rounds."""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from eventlet import tpool
from eventlet.patcher import original
from eventlet.semaphore import Semaphore

from services.routing.clients import (
    NullIntake,
    NullJournal,
    NullOutages,
    NullTokens,
    Remote,
    RpcIntake,
    RpcJournal,
    RpcOutages,
    RpcTokens,
)
from services.routing.domain.competence import Matrix
from services.routing.domain.desk import Desk
from services.routing.domain.driving import RoadTravel, read_speeds
from services.routing.domain.grades import read_matrix as read_grades
from services.routing.domain.needs import read_needs
from services.routing.domain.networks import read_networks
from services.routing.domain.options import Options
from services.routing.domain.picture import Picture, planned, situation_of
from services.routing.domain.policy import Policy
from services.routing.domain.recommendation import Wanted, advise
from services.routing.domain.roads import RoadNetwork
from services.routing.domain.travel import StraightLine, TravelTime
from services.routing.domain.turns import Turn
from services.routing.domain.zones import Zones
from services.routing.errors import InvalidReference
from services.routing.schemas.live import Screens
from services.routing.store import UnitOfWork
from services.routing.usecases.absence import notice_silence, replace_silent
from services.routing.usecases.deferring import resume_due
from services.routing.usecases.live import Sight, Subjects, look_at, notice_silent_journal
from services.routing.usecases.planning import replan
from services.routing.usecases.ports import Intake, Journal, OutageOwner, Tokens
from services.routing.usecases.reference import read_matrix
from services.routing.usecases.roads import read_factor, read_network
from services.routing.usecases.rounds import expire_offers, serve_waiting
from services.routing.usecases.swapping import swap_crews
from services.routing.usecases.transfers import escalate_transfers
from shared.changes import Changes
from shared.config import Misconfigured, Settings
from shared.db import DATABASE_AWAY, Transaction
from shared.logs import get_logger
from shared.sse import Hub
from shared.wiring import BaseWiring, Loop

_ROUNDS = 2000
"""More than a budget of a second allows."""
# Of the operating system's kind, as the threads are in which it is held: travel time keeps its searches.
_one_at_a_time = original("threading").Lock()
_REST_S = 2.0
_DATA = Path(__file__).parent / "data"
_log = get_logger(__name__)


class Wiring(BaseWiring):
    """What the entry points of this service need, built once per process."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork

    started_at: datetime
    screens: Hub

    def assemble(self) -> None:
        self.started_at = self.clock.now()
        self._local_time = local_time(self.settings)
        self._rules = rules(self.settings)
        self._straight = straight_line(self.settings)
        self._speeds = read_speeds(_data("speeds.yml"))
        self._desk: Desk | None = None
        self._refreshing = Semaphore()
        self._version = -1
        self._roads_version = 0
        self._network: RoadNetwork | None = None
        self._driving: tuple[int, str, float] | None = None
        self._changes = Changes(self.engine)
        self.screens = Hub(Screens(self._changes, self._look_at, self.catalog), self.clock)
        self._live = Loop("live", self._seconds("live_every_s"), self._tell_screens)
        self._context = replace(self._context, committed=self._show)
        self._waiting = Loop("waiting", self._seconds("waiting_every_s"), self._serve_waiting)

    def loops(self) -> Iterable[Loop]:
        yield Loop("reference", self._seconds("reference_every_s"), self.refresh)
        yield Loop("offer_timeouts", self._seconds("offer_timeouts_every_s"), self._expire_offers)
        yield Loop("escalations", self._seconds("escalations_every_s"), self._escalate)
        yield self._waiting
        yield Loop("silence", self._seconds("silence_every_s"), self._notice_silence)
        yield Loop("plan", self._seconds("plan_every_s"), self._replan)
        yield self._live
        yield Loop("deferred", self._seconds("deferred_every_s"), self._resume_due)
        yield Loop("forget_changes", 60.0, self._forget_changes)

    def stop(self) -> None:
        self.screens.close()
        super().stop()

    def vitals(self) -> dict[str, Any]:
        systems = self._desk.matrix.systems() if self._desk else {}
        crossings = self._network.crossings if self._network else 0
        return {
            "competence": {"version": self._version, "systems": sorted(systems)},
            "roads": {"version": self._roads_version, "crossings": crossings},
        }

    @property
    def desk(self) -> Desk:
        """The rules as of now; read when first needed, so that a database that is late does no harm."""
        if self._desk is None:
            self.refresh()
        assert self._desk is not None
        return self._desk

    def refresh(self) -> None:
        """Take over new zones, competences and roads, and the speeds of this hour.

        One at a time: at the start every loop asks for them, and a city's roads read eight times over at once
        fill 150 MB.
        """
        with self._refreshing:
            self._take_over()

    def _take_over(self) -> None:
        found = read_matrix(self.uow(), self._version, self._local_time)
        if found is not None:
            self._version, matrix = found
            self._desk = replace(self._desk or self._rules, matrix=matrix)
            _log.info("competence_read", version=self._version, systems=sorted(matrix.systems()))
        if self._refresh_travel() or found is not None:
            self._waiting.wake()

    def _refresh_travel(self) -> bool:
        """Drive by the present map, hour and state of the roads; whether that changed anything."""
        newer = read_network(self.uow(), self._roads_version)
        if newer is not None:
            self._roads_version, self._network = newer
        factor, band = read_factor(self.uow()), self._speeds.band_at(self.clock.now(), self._local_time)
        driving = (self._roads_version, band, factor)
        if driving == self._driving or self._desk is None:
            return False
        # Indexing a large city takes a second: in a thread, so that dispatchers are answered meanwhile.
        travel = tpool.execute(self._travel, band, factor)
        self._desk, self._driving = replace(self._desk, travel=travel), driving
        _log.info("roads_read", version=self._roads_version, band=band, factor=factor)
        return True

    def _travel(self, band: str, factor: float) -> TravelTime:
        straight = replace(self._straight, speed_kmh=self._straight.speed_kmh / factor)
        if self._network is None:
            return straight
        return RoadTravel(self._network, self._speeds, band, straight, factor)

    def reconsider(self) -> None:
        """A crew became free or came on shift: look at the waiting requests now, not at the next round."""
        self._waiting.wake()

    def journal(self, remote: Remote) -> Journal:
        return NullJournal() if self._alone else RpcJournal(remote)

    def outages(self, remote: Remote) -> OutageOwner:
        return NullOutages() if self._alone else RpcOutages(remote)

    def intake(self, remote: Remote) -> Intake:
        return NullIntake() if self._alone else RpcIntake(remote)

    def tokens(self, remote: Remote) -> Tokens:
        return NullTokens() if self._alone else RpcTokens(remote)

    @property
    def _alone(self) -> bool:
        return bool(self.settings.get("stands_alone", False))

    def _serve_waiting(self) -> None:
        served = serve_waiting(self.uow, self.desk)
        if served:
            _log.info("waiting_served", requests=served)

    def _show(self) -> None:
        """Something was committed: tell the screens now, not at the next round."""
        if self.screens.is_watched:
            self._live.wake()

    def _tell_screens(self) -> None:
        """A database that is away is asked again every two seconds, not five times a second."""
        try:
            self.screens.pump()
        except DATABASE_AWAY:
            time.sleep(_REST_S)
            raise

    def _look_at(self, subjects: Subjects) -> Sight:
        return look_at(self.uow(), subjects, self._rules.policy.audit_silent_after, self.started_at)

    def _forget_changes(self) -> None:
        self._changes.forget(self.clock.now() - timedelta(seconds=self._seconds("changes_kept_for_s")))

    def _resume_due(self) -> None:
        resumed = resume_due(self.uow, self.desk)
        if resumed:
            _log.info("deferred_resumed", requests=resumed)

    def _replan(self) -> None:
        swapped = swap_crews(self.uow, self.desk)
        in_line = replan(self.uow, self.desk, search_aside)
        if swapped or in_line:
            _log.info("replanned", in_line=in_line, swapped=swapped)

    def _notice_silence(self) -> None:
        replaced = replace_silent(self.uow, self.desk)
        if replaced:
            _log.warning("crews_silent", replaced=replaced)
        if noticed := notice_silence(self.uow(), self.desk):
            _log.warning("crews_silent_on_site", crews=noticed)
        silent_after = self._rules.policy.audit_silent_after
        if notice_silent_journal(self.uow(), silent_after, self.started_at):
            _log.error("journal_silent")

    def _expire_offers(self) -> None:
        expired = expire_offers(self.uow, self.desk)
        if expired:
            _log.info("offers_expired", offers=expired)

    def _escalate(self) -> None:
        raised = escalate_transfers(self.uow)
        if raised:
            _log.warning("transfers_escalated", transfers=raised)

    def _seconds(self, key: str) -> float:
        value = self.settings.get(key)
        if not isinstance(value, int | float) or value <= 0:
            raise Misconfigured(f"routing: {key} must be a number above 0, not {value!r}")
        return float(value)


def search_aside(picture: Picture, desk: Desk) -> list[Turn]:
    """A plan searched for in an operating system thread, so that requests are answered meanwhile."""
    turns: list[Turn] = tpool.execute(_search, picture, desk)
    return turns


def advise_aside(picture: Picture, wanted: Wanted, desk: Desk) -> Options:
    """What could be done for one request, weighed in an operating system thread."""
    options: Options = tpool.execute(_advise, picture, wanted, desk)
    return options


def _advise(picture: Picture, wanted: Wanted, desk: Desk) -> Options:
    with _one_at_a_time:
        return advise(picture, wanted, desk)


def _search(picture: Picture, desk: Desk) -> list[Turn]:
    with _one_at_a_time:
        situation = situation_of(picture, desk)
    began, budget = time.monotonic(), desk.policy.conduct.plan_budget.total_seconds()
    return planned(picture, desk, lambda: (time.monotonic() - began) / budget, _ROUNDS, situation)


def rules(settings: Settings) -> Desk:
    """The desk of the shipped data and the configuration, with nobody competent for anything yet.

    Raises Misconfigured, naming what is wrong.
    """
    try:
        policy = Policy.read({key: settings.get(key) for key in settings.values})
        grades, needs = read_grades(_data("grades.yml")), read_needs(_data("needs.yml"))
        networks = read_networks(_data("networks.yml"))
    except (InvalidReference, ValueError, TypeError, KeyError) as broken:
        raise Misconfigured(f"routing: {broken}") from broken
    nobody = Matrix(Zones([]), [], local_time(settings))
    return Desk(nobody, grades, needs, straight_line(settings), policy, networks)


def straight_line(settings: Settings) -> StraightLine:
    """What is driven by where no road is known; raises Misconfigured."""
    try:
        return StraightLine(float(settings.get("speed_kmh")), float(settings.get("detour_factor")))
    except (ValueError, TypeError) as broken:
        raise Misconfigured(f"routing: {broken}") from broken


def local_time(settings: Settings) -> ZoneInfo:
    """The city's time zone, in which hours of service are meant."""
    name = str(settings.get("timezone"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise Misconfigured(f"routing: unknown timezone {name}") from unknown


def _data(name: str) -> Any:
    return yaml.safe_load((_DATA / name).read_text(encoding="utf-8"))
