"""One alert: a list being worked through until everybody it names has been told; a pure state machine.

Steps follow one another. In a step each addressee is tried ``rounds`` times; every attempt is an entry of the
record with its times (M-1.1-U4: who, to whom, by what, when, received by). An acknowledgement counts whenever
it comes; whoever has not been told when a step runs out is for the dispatcher to tell.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.notify.domain.alert_attempts import (
    MOVES,
    OUT,
    REACHED,
    UNSETTLED,
    Attempt,
    State,
    dropped,
)
from services.notify.domain.alert_lists import Addressee, AlertList, Means, Mode, Step
from services.notify.errors import AlertMoveNotAllowed, UnknownAddressee

NewId = Callable[[], UUID]
BETWEEN_ROUNDS = timedelta(seconds=20)
"""Before the same addressee is tried again: a line that is busy stays busy for a moment."""
RINGS_AT_MOST, HANG_UP_AGAIN = timedelta(minutes=1), timedelta(seconds=5)
WAIT_OVER = "wait_over"
NO_NUMBER, NO_PROVIDER = "no_number", "no_provider"
_HOPELESS = frozenset({NO_NUMBER, NO_PROVIDER})
"""What another round would not change."""
BY_KEY, BY_LINK = "key", "link"


class Stage(StrEnum):
    """``waiting`` for the place to be known, ``running``; ``told``: every step is done; ``unanswered``: the
    list is used up and somebody has not been told; ``covered`` by another alert of the same place."""

    WAITING = "waiting"
    RUNNING = "running"
    TOLD = "told"
    UNANSWERED = "unanswered"
    STOPPED = "stopped"
    COVERED = "covered"


LIVE = frozenset({Stage.WAITING, Stage.RUNNING})


@dataclass(frozen=True)
class Subject:
    """What an alert is about; ``facts`` are put into words: address, number, houses, lat, lon, note."""

    request_id: UUID | None = None
    outage_id: UUID | None = None
    signal_id: UUID | None = None
    crew_id: UUID | None = None
    building_id: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Alert:
    """``key``: one alert for one fact. ``steps`` and ``names`` are those of the list when it began, whatever
    is edited later. ``due_at``: when it must be looked at again; None: never by itself."""

    id: UUID
    event: str
    key: str
    subject: Subject
    by: str
    created_at: datetime
    names: Mapping[str, str]
    list_version: int
    steps: tuple[Step, ...]
    due_at: datetime | None
    stage: Stage = Stage.WAITING
    attempts: tuple[Attempt, ...] = ()
    ended_at: datetime | None = None
    reason: str | None = None

    @classmethod
    def started(
        cls, id_: UUID, wanted: AlertList, key: str, subject: Subject, by: str, now: datetime
    ) -> "Alert":
        return cls(id_, wanted.event, key, subject, by, now, wanted.names, wanted.version, wanted.steps, now)

    def begun(self, subject: Subject, now: datetime) -> "Alert":
        """The place is known as well as it will be: to work."""
        self._expect(Stage.WAITING)
        return replace(self, stage=Stage.RUNNING, subject=subject, due_at=now)

    def covered(self, by: UUID, now: datetime) -> "Alert":
        """Everybody is told of this place by another alert already."""
        self._expect(Stage.WAITING)
        return replace(self, stage=Stage.COVERED, due_at=None, ended_at=now, reason=str(by))

    def stopped(self, reason: str, now: datetime) -> "Alert":
        """Nobody else is called; who is being called may still acknowledge. Again is the same as once."""
        if self.stage is Stage.STOPPED:
            return self
        self._expect(*LIVE, Stage.UNANSWERED)
        quiet = tuple(dropped(one, now) for one in self.attempts)
        return replace(self, stage=Stage.STOPPED, due_at=None, ended_at=now, reason=reason, attempts=quiet)

    def _expect(self, *stages: Stage) -> None:
        if self.stage not in stages:
            raise AlertMoveNotAllowed(self.stage.value, sorted(stage.value for stage in stages))

    # What is true of it

    def is_done(self, at: int) -> bool:
        """Whether step ``at`` is done: one acknowledged, or every one was told."""
        step = self.steps[at]
        if step.mode is Mode.UNTIL_ONE:
            return any(self._has(at, one.code, {State.ACKNOWLEDGED}) for one in step.addressees)
        return all(self._has(at, one.code, REACHED) for one in step.addressees)

    def is_used_up(self, at: int) -> bool:
        """Whether nothing is left to try in step ``at`` and nobody is being waited for."""
        waiting = any(one.state in UNSETTLED and not self._is_enough(one) for one in self._of(at))
        return not waiting and next(self._further(at), None) is None

    def untold(self) -> list[Addressee]:
        """Whom a person must call: nobody else of their step acknowledged, and all that was to be tried has
        been. Who stops an alert has seen to it."""
        if self.stage is Stage.STOPPED:
            return []
        return [
            one
            for at, step in enumerate(self.steps)
            if not self.is_done(at)
            for one in step.addressees
            if self._is_untold(at, one.code)
        ]

    def _is_untold(self, at: int, code: str) -> bool:
        """Where everyone is to be told, each for themselves; where one is enough, when nobody is left."""
        if self._has(at, code, REACHED):
            return False
        if self.steps[at].mode is Mode.UNTIL_ONE:
            return self.is_used_up(at)
        waiting = any(one.state in UNSETTLED for one in self._of(at) if one.addressee == code)
        return not waiting and all(one.code != code for _, one in self._further(at))

    def find(self, attempt_id: UUID) -> Attempt | None:
        return next((one for one in self.attempts if one.id == attempt_id), None)

    def addressee(self, attempt: Attempt) -> Addressee:
        found = self.steps[attempt.step].find(attempt.addressee)
        assert found is not None
        return found

    def _of(self, at: int) -> list[Attempt]:
        return [one for one in self.attempts if one.step == at]

    def _has(self, at: int, code: str, states: frozenset[State] | set[State]) -> bool:
        return any(one.addressee == code and one.state in states for one in self._of(at))

    def _further(self, at: int) -> Iterator[tuple[int, Addressee]]:
        """Rounds and addressees of a step that were not tried yet, in order."""
        step, tried = self.steps[at], {(one.round, one.addressee) for one in self._of(at)}
        for round_ in range(1, step.rounds + 1):
            for one in step.addressees:
                if (round_, one.code) not in tried and not self._is_settled(at, one.code):
                    yield round_, one

    def _is_settled(self, at: int, code: str) -> bool:
        """Whether somebody has been told, or never will be by this list."""
        hopeless = any(one.error_code in _HOPELESS for one in self._of(at) if one.addressee == code)
        return hopeless or self._has(at, code, REACHED)

    def is_wanted(self, attempt: Attempt) -> bool:
        """Whether an attempt that a worker took is still to be made."""
        return self.stage is Stage.RUNNING and not (
            self.is_done(attempt.step) or self._has(attempt.step, attempt.addressee, REACHED)
        )

    # What happens to it

    def changed(self, attempt: Attempt) -> "Alert":
        """With one attempt as it is now; call :meth:`advanced` next."""
        return replace(
            self, attempts=tuple(attempt if one.id == attempt.id else one for one in self.attempts)
        )

    def heard(self, attempt_id: UUID, to: State, now: datetime, **told: Any) -> "Alert":
        """After the provider's or the addressee's word; what is repeated, late or out of order changes
        nothing. ``told`` are further facts of the attempt."""
        known = self.find(attempt_id)
        if known is None or to not in MOVES[known.state]:
            return self
        return self.changed(replace(known.moved(to, now), **told))

    def told_by_hand(self, code: str, by: str, received_by: str, at: datetime, new_id: NewId) -> "Alert":
        """A dispatcher told somebody of the list. Raises UnknownAddressee, AlertMoveNotAllowed."""
        self._expect(Stage.RUNNING, Stage.UNANSWERED, Stage.TOLD, Stage.STOPPED)
        steps = [number for number, step in enumerate(self.steps) if step.find(code)]
        if not steps:
            raise UnknownAddressee(code)
        written = [self._written_down(number, code, by, received_by, at, new_id()) for number in steps]
        return replace(self, attempts=(*self.attempts, *written))

    def _written_down(
        self, step: int, code: str, by: str, received_by: str, at: datetime, id_: UUID
    ) -> Attempt:
        earlier = [one.round for one in self._of(step) if one.means is Means.MANUAL]
        return Attempt(
            id_,
            step,
            code,
            min(earlier, default=0) - 1,
            Means.MANUAL,
            at,
            at,
            State.ACKNOWLEDGED,
            placed_at=at,
            acknowledged_at=at,
            ended_at=at,
            received_by=received_by,
            note=by,
        )

    def advanced(self, now: datetime, new_id: NewId) -> "Alert":
        """After anything that happened, or when its time has come: who is not waited for any more, who is
        to be called next, who is to be hung up on, whether it is over."""
        after = self._advanced(now, new_id)
        looks = [one.due_at for one in after.attempts if one.state is State.RECALLED]
        if after.stage in LIVE and after.due_at is not None:
            looks.append(after.due_at)
        return replace(after, due_at=min(looks, default=None))

    def _advanced(self, now: datetime, new_id: NewId) -> "Alert":
        if self.stage is not Stage.RUNNING:
            return self._after_the_end(now)
        current = replace(self, attempts=tuple(self._expired(one, now) for one in self.attempts))
        for at in range(len(self.steps)):
            current = current._tidied(at, now) if current.is_done(at) else current._planned(at, now, new_id)
            if not current.is_done(at) and not current.is_used_up(at):
                return replace(current, due_at=current._next_look())
        return current._ended(now)

    def _after_the_end(self, now: datetime) -> "Alert":
        """A late acknowledgement may complete what had run out; what came back in line goes no further."""
        quiet = replace(self, attempts=tuple(dropped(one, now) for one in self.attempts))
        is_complete = self.stage is Stage.UNANSWERED and self._is_complete()
        return replace(quiet, stage=Stage.TOLD, ended_at=now) if is_complete else quiet

    def _ended(self, now: datetime) -> "Alert":
        stage = Stage.TOLD if self._is_complete() else Stage.UNANSWERED
        return replace(self, stage=stage, ended_at=now, due_at=None)

    def _is_complete(self) -> bool:
        return all(self.is_done(at) for at in range(len(self.steps)))

    def _expired(self, one: Attempt, now: datetime) -> Attempt:
        wait = timedelta(seconds=self.steps[one.step].wait_s)
        if one.state not in OUT or self._is_enough(one) or now < one.ends_at(wait):
            return one
        return one.moved(State.UNACKNOWLEDGED, now, WAIT_OVER)

    def _is_enough(self, one: Attempt) -> bool:
        """Whether a message that arrived is all that this step asks."""
        return one.state is State.DELIVERED and self.steps[one.step].mode is Mode.EVERYONE

    def _tidied(self, at: int, now: datetime) -> "Alert":
        """Nobody of a step that is done is called any more."""
        return replace(
            self, attempts=tuple(dropped(one, now) if one.step == at else one for one in self.attempts)
        )

    def _planned(self, at: int, now: datetime, new_id: NewId) -> "Alert":
        """With the attempts that are to be made now in a step."""
        current = self._without_those_told(at, now)
        one_by_one = self.steps[at].mode is Mode.UNTIL_ONE
        busy = {one.addressee for one in current._of(at) if one.state in UNSETTLED}
        new: list[Attempt] = []
        for round_, addressee in current._further(at):
            if (one_by_one and busy) or addressee.code in busy:
                continue
            due_at = current._may_try_at(at, addressee.code, now)
            new.append(Attempt(new_id(), at, addressee.code, round_, addressee.means, now, due_at))
            busy.add(addressee.code)
        return replace(current, attempts=(*current.attempts, *new))

    def _without_those_told(self, at: int, now: datetime) -> "Alert":
        """A dispatcher may have told somebody who was in line."""
        return replace(
            self,
            attempts=tuple(
                dropped(one, now) if one.step == at and self._has(at, one.addressee, REACHED) else one
                for one in self.attempts
            ),
        )

    def _may_try_at(self, at: int, code: str, now: datetime) -> datetime:
        ends = [one.ended_at for one in self._of(at) if one.addressee == code and one.ended_at]
        return max([now, *(end + BETWEEN_ROUNDS for end in ends)])

    def _next_look(self) -> datetime | None:
        looks = [
            one.due_at
            if one.state in (State.PLANNED, State.PLACING)
            else one.ends_at(timedelta(seconds=self.steps[one.step].wait_s))
            for one in self.attempts
            if one.state in UNSETTLED and not self._is_enough(one)
        ]
        return min(looks, default=None)

    def leased(self, now: datetime, lease: timedelta) -> "tuple[Alert, Sequence[Attempt]]":
        """With every attempt that is due taken for placing by one worker; which these are."""
        due = [
            one for one in self.attempts if one.state in (State.PLANNED, State.PLACING) and one.due_at <= now
        ]
        if self.stage is not Stage.RUNNING:
            return self, []
        taken = {one.id: one.leased(now, lease) for one in due}
        attempts = tuple(taken.get(one.id, one) for one in self.attempts)
        held = replace(self, attempts=attempts)
        return replace(held, due_at=held._next_look()), list(taken.values())

    def recalled(self, now: datetime) -> "tuple[Alert, Sequence[Attempt]]":
        """With every ringing call that is to be hung up now taken for that by one worker; which these are.
        One that could not be hung up for so long has ended by itself."""
        due = [one for one in self.attempts if one.state is State.RECALLED and one.due_at <= now]
        moved = {
            one.id: one.moved(State.DROPPED, now)
            if one.ended_at and now > one.ended_at + RINGS_AT_MOST
            else replace(one, due_at=now + HANG_UP_AGAIN)
            for one in due
        }
        taken = [one for one in moved.values() if one.state is State.RECALLED]
        return replace(self, attempts=tuple(moved.get(one.id, one) for one in self.attempts)), taken
