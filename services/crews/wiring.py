"""The composition root of ``crews``: its unit of work, hashing off the hub, signing, and its policies."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from eventlet import GreenPool, tpool
from eventlet.semaphore import Semaphore

from services.crews.clients import Argon2Passwords, Ed25519Tokens, RandomSecrets, Run
from services.crews.clients.push import Pusher, pusher_of
from services.crews.domain.media import Picture
from services.crews.domain.tracking import ArrivalBy, Arrivals, Site, Tracker
from services.crews.schemas.app import App
from services.crews.schemas.config import Policies
from services.crews.schemas.live import Devices
from services.crews.schemas.pictures import clean
from services.crews.store import UnitOfWork
from services.crews.usecases import (
    access,
    feed,
    masterdata,
    media,
    positions,
    push,
    retention,
    rosters,
    talk,
    unconfirmed,
)
from shared.changes import Changes
from shared.db import DATABASE_AWAY, Transaction
from shared.http import Edge
from shared.sse import Hub
from shared.wiring import BaseWiring, Loop

_FORGET_EVERY_S = 600.0
_RETENTION_EVERY_S = 3600.0
_ESCALATION_LOOKS_EVERY_S = 5.0
_CHANGES_KEPT_FOR = timedelta(hours=2)
_MOST_DEVICES = 1000
_PUSHES_AT_ONCE = 20
_PUSHES_EVERY_S = 2.0
_NOTE_REVOKED_EVERY_S = 2.0
_TELL_CREWS_EVERY_S = 60.0
_TURN_SHIFTS_EVERY_S = 5.0
_UNCONFIRMED_LOOKS_EVERY_S = 5.0
_CROOKED_CLOCKS = timedelta(minutes=1)


class Wiring(BaseWiring):
    """What the entry points of this service need, built once per process."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork
    confidential: ClassVar[bool] = True

    edge = Edge()
    policies: Policies
    tracker: Tracker
    arrivals: Arrivals
    devices: Hub
    pusher: Pusher
    door: access.Door
    app: App
    pictures: Run

    def assemble(self) -> None:
        self.policies = policies = Policies.of(self.settings)
        self.app = App(policies.gate, policies.materials, policies.media)
        self._changes = Changes(self.engine)
        self.devices = Hub(Devices(self._changes, self._cursors), self.clock, most_streams=_MOST_DEVICES)
        self._live = Loop("live", policies.live_every_s, self.devices.pump)
        self._context = replace(self._context, committed=self._show)
        self.pusher = pusher_of(self.settings, GreenPool(_PUSHES_AT_ONCE).imap)
        self._turning = Loop("turn_shifts", _TURN_SHIFTS_EVERY_S, self._turn_shifts)
        self._pushing = Loop("send_pushes", _PUSHES_EVERY_S, self._push)
        self.tracker, self.arrivals = Tracker(), Arrivals(policies.tracking.fence)
        # No larger than needed: each thread keeps the memory of its last hash (19 MiB).
        tpool.set_num_threads(policies.access.hashing_threads + policies.picture_threads)
        self.pictures = in_threads(policies.picture_threads)
        key_file = self.settings.secret("AVARIYKA_TOKEN_PRIVATE_KEY_FILE")
        self.door = access.Door(
            transactions=self.uow,
            passwords=Argon2Passwords(run=in_threads(policies.access.hashing_threads)),
            tokens=Ed25519Tokens.from_file(key_file, policies.access.token_life),
            secrets=RandomSecrets(),
            logins=policies.access.login,
            addresses=policies.access.addresses,
            sessions=policies.access.sessions,
            code_life=policies.access.pairing_life,
        )

    def loops(self) -> Iterable[Loop]:
        yield Loop("note_revoked_sessions", _NOTE_REVOKED_EVERY_S, self._note_revoked)
        yield self._turning
        yield Loop("raise_unconfirmed_shifts", _UNCONFIRMED_LOOKS_EVERY_S, self._raise_unconfirmed)
        yield Loop("tell_crews", _TELL_CREWS_EVERY_S, self._tell_crews)
        yield Loop("forget_old_access", _FORGET_EVERY_S, self._forget_old)
        yield self._live
        yield self._pushing
        yield Loop("forget_changes", _FORGET_EVERY_S, self._forget_changes)
        yield Loop("write_positions", self.policies.tracking.written_every_s, self._write_positions)
        yield Loop("escalate_signals", _ESCALATION_LOOKS_EVERY_S, self._escalate)
        yield Loop("forget_unfinished_uploads", _FORGET_EVERY_S, self._forget_uploads)
        yield Loop("forget_old_pictures_and_documents", _RETENTION_EVERY_S, self._forget_old_site)

    def stop(self) -> None:
        self.devices.close()
        with suppress(*DATABASE_AWAY):
            self._write_positions()
        super().stop()

    def _show(self) -> None:
        """Something was committed: tell the devices now, not at the next round."""
        if self.devices.is_watched:
            self._live.wake()

    def turn_shifts(self) -> None:
        """A roster was published: let crews come and go now, not at the next round."""
        self._turning.wake()

    def wake_phones(self) -> None:
        """There may be something to push: do it now, not at the next round."""
        self._pushing.wake()

    def _push(self) -> None:
        while push.send_pushes(self.uow, self.pusher):
            pass

    def _cursors(self, crew_ids: Collection[UUID]) -> Mapping[UUID, int]:
        return feed.cursors(self.uow(), crew_ids)

    def _forget_changes(self) -> None:
        self._changes.forget(self.clock.now() - _CHANGES_KEPT_FOR)

    def _write_positions(self) -> None:
        taken = self.tracker.take()
        if not taken:
            return
        try:
            sites = positions.write_positions(self.uow(), taken, self.policies.tracking.thinning)
        except DATABASE_AWAY:
            self.tracker.give_back(taken)
            raise
        for site, at in self.arrivals.watch(sites, taken):
            self._arrived(site, at)

    def _arrived(self, site: Site, at: datetime) -> None:
        if self.policies.tracking.arrival is ArrivalBy.RECORD:
            positions.record_arrival(self.uow(), site, at, self.clock.now())
        elif self.policies.tracking.arrival is ArrivalBy.PROPOSAL:
            positions.propose_arrival(self.uow(), site, at)

    def _escalate(self) -> None:
        talk.escalate_signals(self.uow, self.policies.sos_escalation)

    def _note_revoked(self) -> None:
        """Here a revoked token ends within seconds; the other services believe it until its own end."""
        since = self.clock.now() - self.policies.access.token_life - _CROOKED_CLOCKS
        self.edge.revoked = frozenset(map(str, access.ended_since(self.uow(), since)))

    def _turn_shifts(self) -> None:
        rosters.turn_shifts(self.uow(), self.policies.zone)

    def _raise_unconfirmed(self) -> None:
        unconfirmed.raise_unconfirmed(self.uow(), self.policies.unconfirmed_after)

    def _tell_crews(self) -> None:
        masterdata.tell_crews(self.uow(), self.policies.zone)

    def clean(self, content: bytes) -> Picture:
        """A photo made harmless, off the hub; raises MediaUnreadable, MediaTooLarge."""
        picture: Picture = self.pictures(clean, content, self.policies.media.photo.largest)
        return picture

    def _forget_uploads(self) -> None:
        media.forget_unfinished(self.uow(), self.policies.media.unfinished_for)

    def _forget_old_site(self) -> None:
        retention.forget_old(self.uow(), self.policies.retention)

    def _forget_old(self) -> None:
        longest = max(
            self.policies.access.login, self.policies.access.addresses, key=lambda policy: policy.window
        )
        access.forget_old(self.uow(), longest.window + longest.rest, self.policies.access.log_life)


def in_threads(limit: int) -> Run:
    """Run native code that would stall the hub in operating system threads, at most ``limit`` at once."""
    turn = Semaphore(limit)

    def run(work: Any, *arguments: Any) -> Any:
        with turn:
            return tpool.execute(work, *arguments)

    return run
