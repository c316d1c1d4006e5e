"""Logins as administrators keep them; passwords are made, shown once, and changed by their owners."""

from collections.abc import Callable

from services.crews.domain.access import Login, login_key
from services.crews.domain.audit import AccessAct, Act
from services.crews.errors import BadCredentials, EntryNotFound
from services.crews.usecases.access import Caller, Door, count_address, set_password
from services.crews.usecases.ports import UnitOfWork


def list_logins(uow: UnitOfWork) -> list[Login]:
    """Every login by name."""
    with uow:
        return uow.logins.everyone()


def put_login(uow: UnitOfWork, login: Login, by: str) -> bool:
    """Add or change a login; a new one has no password yet, so nobody can log in with it. True if new.

    One that was put out of use gets no further token. Raises EntryNotFound for whom it should belong to.
    """
    with uow:
        known = uow.logins.find(login.name)
        staff = uow.staff.everything()
        owners = (staff.people, login.person_id), (staff.crews, login.crew_id)
        if any(id_ is not None and id_ not in register for register, id_ in owners):
            raise EntryNotFound
        if known is None or known[0] != login:
            uow.logins.save(login, None if known else "")
            details = {"roles": sorted(login.roles), "active": login.active}
            uow.access_log.note(AccessAct(uow.now, Act.LOGIN_SAVED, by, login.name, details=details))
        uow.commit()
    return known is None


def make_password(door: Door, name: str, by: str, new_password: Callable[[], str]) -> str:
    """A new password for a login, to be shown once; its sessions end. Raises UnknownLogin."""
    made = new_password()
    set_password(door.transactions, door.passwords, name, made, by)
    return made


def change_own_password(door: Door, name: str, old: str, new: str, caller: Caller) -> None:
    """Change a password by whoever knows it; every session ends. Raises BadCredentials, TooManyAttempts."""
    with door.transactions() as uow:
        count_address(uow, door, "password", caller.address)
        known = uow.logins.find(login_key(name))
        uow.commit()
    if not door.passwords.matches(known[1] if known else None, old):
        raise BadCredentials
    set_password(door.transactions, door.passwords, name, new, name)
