"""People, organisations, crews and equipment as masters and administrators keep them, and who is away."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.crews.domain.concerns import Finding, find_concerns
from services.crews.domain.fitness import Absence, Equipment, Moment
from services.crews.domain.officials import Official
from services.crews.domain.oncall import Call, OnCallList, calls_for
from services.crews.domain.people import Crew, Organisation, Person, Staff
from services.crews.errors import EntryNotFound, VersionConflict, VersionRequired
from services.crews.usecases.masterdata import save_staff, tell_profiles
from services.crews.usecases.ports import UnitOfWork
from shared.encoding import compact, plain
from shared.errors import Forbidden

Thing = Organisation | Person | Crew | Equipment | OnCallList


class Register(StrEnum):
    """One kind of master data; the value is where :class:`Staff` keeps it."""

    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    CREWS = "crews"
    EQUIPMENT = "equipment"
    ON_CALL = "on_call"


@dataclass(frozen=True)
class Wanted:
    """Which entries a page shows: after an entry, in the order of names."""

    organisation_id: UUID | None = None
    active: bool | None = None
    after: UUID | None = None
    limit: int = 100


@dataclass(frozen=True)
class ThingPage:
    """Some entries in the order of their names; ask again after ``next_after``, None on the last page."""

    things: list[Thing]
    next_after: UUID | None


def version_of(thing: Thing) -> str:
    """What an entry says, as a short word: it changes when the entry does (HTTP's ETag)."""
    return hashlib.sha256(compact(plain(asdict(thing))).encode()).hexdigest()[:16]


def list_things(uow: UnitOfWork, official: Official, register: Register, wanted: Wanted) -> ThingPage:
    """One page of the entries the official may see."""
    with uow:
        entries = _entries(uow.staff.everything(), register)
    shown = [thing for thing in entries.values() if _is_wanted(thing, wanted, official)]
    shown.sort(key=_place)
    last = entries.get(wanted.after) if wanted.after else None
    rest = shown if last is None else [thing for thing in shown if _place(thing) > _place(last)]
    page = rest[: wanted.limit]
    return ThingPage(page, page[-1].id if len(rest) > len(page) else None)


def show_thing(uow: UnitOfWork, official: Official, register: Register, id_: UUID) -> Thing:
    """One entry; raises EntryNotFound also for one that the official may not see."""
    with uow:
        thing = _entries(uow.staff.everything(), register).get(id_)
    if thing is None or not official.sees(owner_of(thing)):
        raise EntryNotFound
    return thing


def put_thing(
    uow: UnitOfWork,
    official: Official,
    register: Register,
    thing: Thing,
    based_on: str | None,
    zone: ZoneInfo,
) -> bool:
    """Add an entry, or change it from the version it was read in, and tell others; returns whether it is new.

    Sent twice it changes nothing the second time. Raises VersionRequired where an entry exists and no version
    is named, VersionConflict where it has changed since, BadMasterData where things do not fit together.
    """
    with uow:
        uow.staff.lock()
        before = _entries(uow.staff.everything(), register).get(thing.id)
        _check_right(official, thing, before)
        _check_version(before, thing, based_on)
        save_staff(uow, _staff_of(register, thing), zone)
        uow.commit()
    return before is None


def put_absence(uow: UnitOfWork, official: Official, absence: Absence, zone: ZoneInfo) -> None:
    """Write down that somebody is away; routing hears of it when it begins. Raises EntryNotFound."""
    with uow:
        uow.staff.lock()
        _check_excuse(uow, official, absence.person_id)
        save_staff(uow, Staff({}, {}, {}, {}, {absence.id: absence}), zone)
        uow.commit()


def end_absence(uow: UnitOfWork, official: Official, absence_id: UUID, zone: ZoneInfo) -> None:
    """Somebody is back, or will not be away after all; raises EntryNotFound. Again changes nothing."""
    with uow:
        uow.staff.lock()
        staff = uow.staff.everything()
        absence = staff.absences.get(absence_id)
        if absence is None:
            raise EntryNotFound
        _check_excuse(uow, official, absence.person_id)
        _cut_short(uow, absence)
        tell_profiles(uow, uow.staff.everything(), zone)
        uow.commit()


def list_absences(uow: UnitOfWork, official: Official, since: datetime) -> list[tuple[Absence, Person]]:
    """Who is or will be away, those included who came back after ``since``; the earliest first."""
    with uow:
        staff = uow.staff.everything()
    shown = [
        (absence, staff.people[absence.person_id])
        for absence in staff.absences.values()
        if absence.ends_at is None or absence.ends_at >= since
    ]
    visible = [pair for pair in shown if official.sees(pair[1].organisation_id)]
    return sorted(visible, key=lambda pair: (pair[0].starts_at, pair[0].id))


def whom_to_call(uow: UnitOfWork, purpose: str) -> tuple[list[Call], Staff]:
    """Whom to call now for a purpose, in order, with the staff that gives their names."""
    with uow:
        staff = uow.staff.everything()
        duty = [duty.shift for duty in uow.rosters.published(uow.now, uow.now + timedelta(microseconds=1))]
    return calls_for(purpose, staff.on_call.values(), staff, duty, uow.now), staff


def everybody(uow: UnitOfWork) -> Staff:
    """All master data, for naming people and crews in texts."""
    with uow:
        return uow.staff.everything()


def list_concerns(uow: UnitOfWork, official: Official, ahead: timedelta, zone: ZoneInfo) -> list[Finding]:
    """What a master should see to: permits, checks, crews that lack somebody."""
    with uow:
        found = find_concerns(uow.staff.everything(), Moment.of(uow.now, zone), ahead)
    return [finding for finding in found if official.sees(finding.organisation_id)]


def owner_of(thing: Thing) -> UUID:
    """The organisation an entry belongs to; an organisation belongs to itself."""
    return thing.id if isinstance(thing, Organisation) else thing.organisation_id


def _entries(staff: Staff, register: Register) -> Mapping[UUID, Thing]:
    entries: Mapping[UUID, Thing] = getattr(staff, register.value)
    return entries


def _staff_of(register: Register, thing: Thing) -> Staff:
    held: dict[str, Any] = {name.value: {} for name in Register}
    return Staff(**{**held, register.value: {thing.id: thing}})


def _is_wanted(thing: Thing, wanted: Wanted, official: Official) -> bool:
    owner = owner_of(thing)
    return (
        official.sees(owner)
        and wanted.organisation_id in (None, owner)
        and wanted.active in (None, thing.active)
    )


def _place(thing: Thing) -> tuple[str, str]:
    return thing.name.casefold(), str(thing.id)


def _check_right(official: Official, thing: Thing, before: Thing | None) -> None:
    owners = {owner_of(thing), owner_of(before or thing)}
    if not all(official.changes(owner) for owner in owners):
        raise Forbidden


def _check_version(before: Thing | None, thing: Thing, based_on: str | None) -> None:
    if before is None and based_on is not None:
        raise VersionConflict
    if before is None or before == thing:
        return
    if based_on is None:
        raise VersionRequired
    if based_on != version_of(before):
        raise VersionConflict


def _check_excuse(uow: UnitOfWork, official: Official, person_id: UUID) -> None:
    person = uow.staff.everything().people.get(person_id)
    if person is None:
        raise EntryNotFound
    if not official.excuses(person.organisation_id):
        raise Forbidden


def _cut_short(uow: UnitOfWork, absence: Absence) -> None:
    """What has been stays written down; what has not begun never was."""
    if absence.starts_at >= uow.now:
        uow.staff.drop_absence(absence.id)
    elif absence.runs_at(uow.now):
        ended = replace(absence, ends_at=uow.now)
        uow.staff.save(Staff({}, {}, {}, {}, {ended.id: ended}))
