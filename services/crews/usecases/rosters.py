"""Rosters: written, judged, agreed with contractors, published; begun and ended by themselves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.crews.domain.access import Role
from services.crews.domain.officials import Official
from services.crews.domain.roster_rules import Case, Objection, RosterPolicy, judge_roster
from services.crews.domain.rosters import (
    Changes,
    DutyShift,
    PlannedShift,
    Roster,
    RosterAct,
    RosterKind,
    RosterState,
    RosterStep,
    Side,
    agree,
    change,
    changes,
    propose,
    publish,
)
from services.crews.errors import RosterNotFound, RosterRefused, VersionConflict, VersionRequired
from services.crews.usecases.duty import ShiftWish, put_shift
from services.crews.usecases.masterdata import tell_profiles
from services.crews.usecases.ports import UnitOfWork
from shared.encoding import plain
from shared.errors import Forbidden

_NEIGHBOURHOOD = timedelta(days=8)
_AT_ONCE = 100
_JUDGED = timedelta(days=7)  # the roster's own rule has judged the length; a crew may have come early


@dataclass(frozen=True)
class JudgedRoster:
    """A roster with everything that is wrong with it."""

    roster: Roster
    objections: list[Objection]


def put_roster(
    uow: UnitOfWork, official: Official, wanted: Roster, based_on: int | None, policy: RosterPolicy
) -> JudgedRoster:
    """Write a roster down, or change it from the version it was read in: a draft, whatever it was before.

    Sent twice it changes nothing the second time. Raises VersionRequired, VersionConflict, BadRoster.
    """
    with uow:
        uow.rosters.lock()
        before = uow.rosters.get(wanted.id)
        side_of(uow, official, before or wanted)
        saved = _saved(before, wanted, based_on)
        if saved is not before:
            uow.rosters.put(saved)
            shifts = before.shifts if before else ()
            _note(uow, saved, RosterStep.SAVED, official.id, changes(shifts, saved.shifts))
        judged = _judged(uow, saved, policy)
        uow.commit()
    return judged


def show_roster(uow: UnitOfWork, official: Official, roster_id: UUID, policy: RosterPolicy) -> JudgedRoster:
    """A roster as it was written down last, with what is wrong with it now; raises RosterNotFound."""
    with uow:
        return _judged(uow, _visible(uow, official, roster_id), policy)


def list_rosters(uow: UnitOfWork, official: Official, since: date, until: date) -> list[Roster]:
    """The rosters with a day between two days that the official may see."""
    with uow:
        found = uow.rosters.between(since, until)
        return [roster for roster in found if _sees(uow, official, roster)]


def show_history(uow: UnitOfWork, official: Official, roster_id: UUID) -> list[RosterAct]:
    """What was done to a roster by whom, the earliest first; raises RosterNotFound."""
    with uow:
        _visible(uow, official, roster_id)
        return uow.rosters.history(roster_id)


def propose_roster(
    uow: UnitOfWork, official: Official, roster_id: UUID, version: int, policy: RosterPolicy
) -> JudgedRoster:
    """Lay a contractor's schedule before the other side; raises RosterRefused with what is wrong with it."""

    def move(roster: Roster, side: Side) -> Roster:
        return propose(roster, side, official.id)

    return _move(uow, official, (roster_id, version), RosterStep.PROPOSED, move, policy)


def agree_roster(
    uow: UnitOfWork, official: Official, roster_id: UUID, version: int, policy: RosterPolicy
) -> JudgedRoster:
    """Agree to what the other side proposed, which publishes it."""

    def move(roster: Roster, side: Side) -> Roster:
        return agree(roster, side, official.id)

    return _move(uow, official, (roster_id, version), RosterStep.AGREED, move, policy)


def publish_roster(
    uow: UnitOfWork, official: Official, roster_id: UUID, version: int, policy: RosterPolicy
) -> JudgedRoster:
    """Let a roster count; crews then come on shift by themselves. Raises RosterRefused with the reasons."""

    def move(roster: Roster, _side: Side) -> Roster:
        return publish(roster)

    return _move(uow, official, (roster_id, version), RosterStep.PUBLISHED, move, policy)


def who_is_on_duty(uow: UnitOfWork, official: Official, since: datetime, until: datetime) -> list[DutyShift]:
    """The published shifts with a part between two moments that the official may see."""
    with uow:
        found = uow.rosters.published(since, until)
    return [duty for duty in found if official.sees(duty.organisation_id)]


def duty_of_crew(uow: UnitOfWork, crew_id: UUID, since: datetime, until: datetime) -> list[DutyShift]:
    """A crew's own published shifts with a part between two moments."""
    with uow:
        found = uow.rosters.published(since, until)
    return [duty for duty in found if duty.shift.crew_id == crew_id]


def confirm_duty(uow: UnitOfWork, crew_id: UUID, shift_id: UUID, by: str) -> DutyShift:
    """The crew says that it comes, or is there; again changes nothing. Raises RosterNotFound."""
    with uow:
        duty = uow.rosters.duty(shift_id)
        if duty is None or duty.shift.crew_id != crew_id:
            raise RosterNotFound
        if duty.confirmed_at is None:
            duty = replace(duty, confirmed_at=uow.now, confirmed_by=by)
            uow.rosters.put_duty(duty)
        uow.commit()
    return duty


def turn_shifts(uow: UnitOfWork, zone: ZoneInfo) -> int:
    """Put crews on shift whose time has come, take those off whose time is over; returns how many shifts.

    Others hear of the crew as it is on this shift: the people planned, not the usual ones. Safe in every
    replica: each claims its rows. A crew that prolonged its shift stays on.
    """
    with uow:
        due = uow.rosters.take_due(uow.now, _AT_ONCE)
        for duty in due:
            uow.rosters.put_duty(_turned(uow, duty))
        if due:
            uow.staff.lock()
            tell_profiles(uow, uow.staff.everything(), zone)
        uow.commit()
    return len(due)


def side_of(uow: UnitOfWork, official: Official, roster: Roster) -> Side:
    """For which side an official acts on a roster; raises Forbidden for nobody's."""
    if official.organisation_id == roster.organisation_id and official.changes(roster.organisation_id):
        return Side.CONTRACTOR
    if official.changes(roster.organisation_id) or _is_agreeing_master(uow, official, roster):
        return Side.DISPATCH
    raise Forbidden


def _is_agreeing_master(uow: UnitOfWork, official: Official, roster: Roster) -> bool:
    """The masters of the dispatch service agree the schedules of contractors (M-1.2-U9)."""
    if roster.kind is not RosterKind.CONTRACTOR or Role.MASTER not in official.roles:
        return False
    own = official.organisation_id
    organisation = uow.staff.everything().organisations.get(own) if own else None
    return organisation is not None and organisation.kind == "dispatch"


def _saved(before: Roster | None, wanted: Roster, based_on: int | None) -> Roster:
    if before is None:
        if based_on is not None:
            raise VersionConflict
        return wanted
    if (before.starts_on, before.ends_on, before.shifts) == (wanted.starts_on, wanted.ends_on, wanted.shifts):
        return before
    if based_on is None:
        raise VersionRequired
    if based_on != before.version:
        raise VersionConflict
    return change(before, wanted)


def _move(
    uow: UnitOfWork,
    official: Official,
    named: tuple[UUID, int],
    step: RosterStep,
    move: Callable[[Roster, Side], Roster],
    policy: RosterPolicy,
) -> JudgedRoster:
    """Move a roster on, in the version that was looked at; what is refused does not move."""
    with uow:
        uow.rosters.lock()
        before = _visible(uow, official, named[0])
        side = side_of(uow, official, before)
        if before.version != named[1]:
            raise VersionConflict
        after = move(before, side)
        judged = _judged(uow, after, policy)
        _refuse(judged)
        uow.rosters.put(after)
        difference = _publish(uow, after) if after.state is RosterState.PUBLISHED else Changes((), (), ())
        _note(uow, after, step, official.id, difference)
        uow.commit()
    return judged


def _judged(uow: UnitOfWork, roster: Roster, policy: RosterPolicy) -> JudgedRoster:
    opens = datetime.combine(roster.starts_on, datetime.min.time(), policy.zone) - _NEIGHBOURHOOD
    closes = datetime.combine(roster.ends_on, datetime.min.time(), policy.zone) + _NEIGHBOURHOOD
    published = uow.rosters.published(opens, closes)
    others = [duty.shift for duty in published if _is_neighbour(duty, roster)]
    return JudgedRoster(roster, judge_roster(Case(roster, uow.staff.everything(), others, policy)))


def _is_neighbour(duty: DutyShift, roster: Roster) -> bool:
    return duty.roster_id != roster.id and duty.organisation_id == roster.organisation_id


def _refuse(judged: JudgedRoster) -> None:
    refusing = [objection for objection in judged.objections if objection.refuses]
    if refusing:
        raise RosterRefused(objections=plain([vars(objection) for objection in refusing]))


def _visible(uow: UnitOfWork, official: Official, roster_id: UUID) -> Roster:
    roster = uow.rosters.get(roster_id)
    if roster is None or not _sees(uow, official, roster):
        raise RosterNotFound
    return roster


def _sees(uow: UnitOfWork, official: Official, roster: Roster) -> bool:
    return official.sees(roster.organisation_id) or _is_agreeing_master(uow, official, roster)


def _publish(uow: UnitOfWork, roster: Roster) -> Changes:
    """Make the roster's shifts the ones that count. What is over stays as it was; what runs may change."""
    counted = {duty.shift.id: duty for duty in uow.rosters.published_of(roster.id)}
    wanted = {shift.id: shift for shift in roster.shifts}
    for id_, duty in counted.items():
        if id_ not in wanted:
            _take_back(uow, duty)
    for shift in roster.shifts:
        earlier = counted.get(shift.id)
        if earlier is None:
            uow.rosters.put_duty(DutyShift(shift, roster.id, roster.organisation_id))
        elif earlier.ended_at is None and earlier.shift != shift:
            _amend(uow, earlier, shift)
    return changes([duty.shift for duty in counted.values()], roster.shifts)


def _take_back(uow: UnitOfWork, duty: DutyShift) -> None:
    if duty.begun_at is None:
        uow.rosters.drop_duty(duty.shift.id)
    elif duty.ended_at is None:
        _go_off(uow, duty)
        uow.rosters.put_duty(replace(duty, ended_at=uow.now))


def _amend(uow: UnitOfWork, duty: DutyShift, shift: PlannedShift) -> None:
    """Another plan for a shift that is not over; what concerns the crew is to be confirmed again."""
    if duty.begun_at is None:
        uow.rosters.put_duty(DutyShift(shift, duty.roster_id, duty.organisation_id))
        return
    amended = replace(duty, shift=shift)
    if shift.crew_id != duty.shift.crew_id or not shift.runs_at(uow.now):
        _go_off(uow, duty)
        amended = replace(amended, begun_at=None, confirmed_at=None, confirmed_by=None)
    elif shift.ends_at != duty.shift.ends_at and _is_on_until(uow, duty):
        _put_on(uow, shift)
    uow.rosters.put_duty(amended)


def _turned(uow: UnitOfWork, duty: DutyShift) -> DutyShift:
    if duty.shift.ends_at <= uow.now:
        if duty.begun_at is not None:
            _go_off(uow, duty)
        return replace(duty, ended_at=uow.now)
    _come_on(uow, duty.shift)
    return replace(duty, begun_at=uow.now)


def _come_on(uow: UnitOfWork, shift: PlannedShift) -> None:
    """On shift until the planned end; a crew that is on already for as long stays as it is."""
    current = uow.duty.shift(shift.crew_id) if shift.crew_id else None
    is_on = current is not None and current.runs_at(uow.now)
    if is_on and current is not None and (current.ends_at is None or current.ends_at >= shift.ends_at):
        return
    _put_on(uow, shift)


def _put_on(uow: UnitOfWork, shift: PlannedShift) -> None:
    if shift.crew_id is not None:
        put_shift(uow, shift.crew_id, ShiftWish(True, shift.ends_at), _JUDGED)


def _go_off(uow: UnitOfWork, duty: DutyShift) -> None:
    """Off shift, unless the crew itself set another end."""
    if duty.shift.crew_id is not None and _is_on_until(uow, duty):
        put_shift(uow, duty.shift.crew_id, ShiftWish(False), _JUDGED)


def _is_on_until(uow: UnitOfWork, duty: DutyShift) -> bool:
    """Whether the crew is on shift until the planned end, as the roster put it."""
    current = uow.duty.shift(duty.shift.crew_id) if duty.shift.crew_id else None
    return current is not None and current.on and current.ends_at == duty.shift.ends_at


def _note(uow: UnitOfWork, roster: Roster, step: RosterStep, by: str, difference: Changes) -> None:
    uow.rosters.note(RosterAct(roster.id, roster.version, step, by, uow.now, difference))
