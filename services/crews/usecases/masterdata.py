"""Organisations, people, crews and their logins, as an administrator gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.crews.domain.access import Login
from services.crews.domain.fitness import Moment
from services.crews.domain.people import Organisation, Profile, Staff
from services.crews.usecases.duty import ShiftWish, put_shift
from services.crews.usecases.lineups import lineups_at
from services.crews.usecases.ports import Passwords, Transactions, UnitOfWork
from shared.encoding import plain


@dataclass(frozen=True)
class NewLogin:
    """A login with the password it gets if it does not exist yet."""

    login: Login
    password: str


@dataclass(frozen=True)
class Seed:
    """Everything one seed file holds."""

    staff: Staff
    logins: Sequence[NewLogin]
    shifts: Mapping[UUID, ShiftWish]


def known_logins(uow: UnitOfWork) -> set[str]:
    """The names of the logins there are."""
    with uow:
        return uow.logins.names()


def sow(
    transactions: Transactions, passwords: Passwords, seed: Seed, longest: timedelta, zone: ZoneInfo
) -> list[str]:
    """Bring what the seed holds into the database and tell routing what is new; again changes nothing.

    Returns the names of the logins that are new. A login that exists keeps its password, and a crew that
    is on shift keeps its shift.
    """
    known = known_logins(transactions())
    new = [given for given in seed.logins if given.login.name not in known]
    hashes = {given.login.name: passwords.hash(given.password) for given in new}
    with transactions() as uow:
        save_staff(uow, seed.staff, zone)
        for given in seed.logins:
            uow.logins.save(given.login, hashes.get(given.login.name))
        for crew_id, wish in seed.shifts.items():
            _begin_missing_shift(uow, crew_id, wish, longest)
        uow.commit()
    return sorted(hashes)


def tell_crews(uow: UnitOfWork, zone: ZoneInfo) -> int:
    """Tell of crews that became other by the passing of time: a check ran out, somebody fell ill or is back.

    Safe in every replica: one at a time, and what was told last is remembered. Returns how many were told.
    """
    with uow:
        uow.staff.lock()
        told = tell_profiles(uow, uow.staff.everything(), zone)
        uow.commit()
    return told


def save_staff(uow: UnitOfWork, new: Staff, zone: ZoneInfo) -> None:
    """Add or replace what is in ``new`` and tell others, inside a transaction that the caller commits."""
    uow.staff.lock()
    before = uow.staff.everything()
    after = before.updated(new)
    changed = after.differing(before)
    uow.staff.save(changed)
    for organisation in changed.organisations.values():
        _tell_organisation(uow, organisation)
    tell_profiles(uow, after, zone)


def tell_profiles(uow: UnitOfWork, staff: Staff, zone: ZoneInfo) -> int:
    """Tell every crew that is not as it was told last, inside a transaction that the caller commits."""
    moment = Moment.of(uow.now, zone)
    told = uow.staff.told()
    lineups = lineups_at(uow, uow.now)
    profiles = (staff.profile(crew_id, moment, lineups.get(crew_id)) for crew_id in staff.crews)
    changed = [profile for profile in profiles if told.get(profile.crew.id) != _told(profile)]
    for profile in changed:
        uow.staff.note_told(profile.crew.id, _told(profile))
        uow.emit("crew.changed", str(profile.crew.id), {**_described(profile), "at": uow.now})
    return len(changed)


def _begin_missing_shift(uow: UnitOfWork, crew_id: UUID, wish: ShiftWish, longest: timedelta) -> None:
    current = uow.duty.shift(crew_id)
    if wish.on and current is not None and current.runs_at(uow.now):
        return
    put_shift(uow, crew_id, wish, longest)


def _tell_organisation(uow: UnitOfWork, organisation: Organisation) -> None:
    data = {
        "organisation_id": organisation.id,
        "name": organisation.name,
        "kind": organisation.kind,
        "active": organisation.active,
        "at": uow.now,
    }
    uow.emit("organisation.changed", str(organisation.id), data)


def _described(profile: Profile) -> dict[str, Any]:
    crew = profile.crew
    return {
        "crew_id": crew.id,
        "organisation_id": crew.organisation_id,
        "name": crew.name,
        "specialisations": crew.specialisations,
        "grades": profile.grades,
        "leader_grade": profile.leader_grade,
        "equipment": profile.equipment,
        "languages": crew.languages,
        "base": {"lat": crew.base_lat, "lon": crew.base_lon},
        "active": profile.active,
    }


def _told(profile: Profile) -> Mapping[str, Any]:
    """What was told, as the database gives it back."""
    described: Mapping[str, Any] = plain(_described(profile))
    return described
