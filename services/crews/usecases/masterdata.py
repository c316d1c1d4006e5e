"""Organisations, people, crews and their logins, as an administrator gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.crews.domain.access import Login
from services.crews.domain.people import Organisation, Profile, Staff
from services.crews.usecases.duty import ShiftWish, put_shift
from services.crews.usecases.ports import Passwords, Transactions, UnitOfWork


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


def sow(transactions: Transactions, passwords: Passwords, seed: Seed, longest: timedelta) -> list[str]:
    """Bring what the seed holds into the database and tell routing what is new; again changes nothing.

    Returns the names of the logins that are new. A login that exists keeps its password, and a crew that
    is on shift keeps its shift.
    """
    known = known_logins(transactions())
    new = [given for given in seed.logins if given.login.name not in known]
    hashes = {given.login.name: passwords.hash(given.password) for given in new}
    with transactions() as uow:
        _save_staff(uow, seed.staff)
        for given in seed.logins:
            uow.logins.save(given.login, hashes.get(given.login.name))
        for crew_id, wish in seed.shifts.items():
            _begin_missing_shift(uow, crew_id, wish, longest)
        uow.commit()
    return sorted(hashes)


def _save_staff(uow: UnitOfWork, new: Staff) -> None:
    before = uow.staff.everything()
    after = before.updated(new)
    changed = after.differing(before)
    uow.staff.save(changed)
    for organisation in changed.organisations.values():
        _tell_organisation(uow, organisation)
    for profile in after.differing_profiles(before):
        _tell_crew(uow, profile)


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


def _tell_crew(uow: UnitOfWork, profile: Profile) -> None:
    crew = profile.crew
    data = {
        "crew_id": crew.id,
        "organisation_id": crew.organisation_id,
        "name": crew.name,
        "specialisations": crew.specialisations,
        "grades": profile.grades,
        "leader_grade": profile.leader_grade,
        "equipment": crew.equipment,
        "languages": crew.languages,
        "base": {"lat": crew.base_lat, "lon": crew.base_lon},
        "active": crew.active,
        "at": uow.now,
    }
    uow.emit("crew.changed", str(crew.id), data)
