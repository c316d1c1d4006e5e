"""Phones of crews: paired by a one-time code, listed, put out again when they are lost."""

from dataclasses import dataclass
from uuid import UUID

from services.crews.domain.access import Login, Role
from services.crews.domain.audit import AccessAct, Act
from services.crews.domain.officials import Official
from services.crews.domain.people import Crew
from services.crews.domain.sessions import EndReason, Kind, PairingCode, Session, end
from services.crews.errors import CrewNotFound, PairingCodeInvalid, SessionNotFound
from services.crews.usecases.access import (
    Admission,
    Caller,
    Door,
    admit,
    count_address,
    forgive_address,
    note,
)
from services.crews.usecases.ports import UnitOfWork
from shared.errors import Forbidden


@dataclass(frozen=True)
class IssuedCode:
    """A one-time code in clear, shown once, and what is stored of it."""

    code: str
    stored: PairingCode


def issue_code(door: Door, official: Official, crew_id: UUID) -> IssuedCode:
    """A new code for one phone of a crew; the code issued before it is void. Raises CrewNotFound."""
    with door.transactions() as uow:
        crew = uow.staff.crew(crew_id)
        if crew is None or not crew.active:
            raise CrewNotFound(f"no crew {crew_id}")
        _check(official, crew.organisation_id)
        login = _login_of(uow, crew)
        code = door.secrets.pairing_code()
        stored = PairingCode(
            door.secrets.digest(code), login.name, crew_id, official.id, uow.now, uow.now + door.code_life
        )
        uow.sessions.put_code(stored)
        uow.access_log.note(AccessAct(uow.now, Act.CODE_ISSUED, official.id, login.name))
        uow.commit()
    return IssuedCode(code, stored)


def pair(door: Door, code: str, caller: Caller) -> Admission:
    """Let the phone in that brings a live code, which is used up; raises PairingCodeInvalid, TooManyAttempts.

    The attempt is counted before the code is looked at, so that guessing in parallel gains nothing.
    """
    with door.transactions() as uow:
        count_address(uow, door, "pairing", caller.address)
        uow.commit()
    with door.transactions() as uow:
        admission = _paired(uow, door, door.secrets.digest(code), caller)
        uow.commit()
    if admission is None:
        raise PairingCodeInvalid
    return admission


def list_devices(uow: UnitOfWork, official: Official, crew_id: UUID | None) -> list[Session]:
    """The phones that are in, of one crew or of every crew that the caller answers for."""
    with uow:
        running = uow.sessions.running(uow.now, crew_id=crew_id, kind=Kind.DEVICE)
    return [s for s in running if official.lets_in(s.organisation_id)]


def revoke_device(uow: UnitOfWork, official: Official, session_id: UUID) -> None:
    """Put a phone out: it gets no further token. Again changes nothing; raises SessionNotFound."""
    with uow:
        session = uow.sessions.get(session_id)
        if session is None or session.kind is not Kind.DEVICE:
            raise SessionNotFound
        _check(official, session.organisation_id)
        revoke(uow, session, official.id)
        uow.commit()


def revoke_session(uow: UnitOfWork, by: str, session_id: UUID) -> None:
    """Put anybody out. Again changes nothing; raises SessionNotFound."""
    with uow:
        session = uow.sessions.get(session_id)
        if session is None:
            raise SessionNotFound
        revoke(uow, session, by)
        uow.commit()


def revoke(uow: UnitOfWork, session: Session, by: str) -> None:
    """End a session at another's wish, inside a transaction that the caller commits."""
    if session.ended_at is None:
        uow.sessions.put(end(session, uow.now, by, EndReason.REVOKED))
        note(uow, Act.SESSION_REVOKED, session, by, Caller())


def _paired(uow: UnitOfWork, door: Door, digest: str, caller: Caller) -> Admission | None:
    code = uow.sessions.take_code(digest)
    known = uow.logins.find(code.login) if code and uow.now < code.expires_at else None
    if code is None or known is None or not known[0].active:
        uow.access_log.note(AccessAct(uow.now, Act.PAIRING_REFUSED, address=caller.address))
        return None
    forgive_address(uow, "pairing", caller.address)
    admission = admit(uow, door, known[0], caller, code.issued_by)
    note(uow, Act.DEVICE_PAIRED, admission.session, code.issued_by, caller)
    return admission


def _login_of(uow: UnitOfWork, crew: Crew) -> Login:
    """The login that a crew's phones act as; a crew without one gets one that no password opens."""
    known = uow.logins.of_crew(crew.id)
    if known is not None:
        return known
    made = Login(f"crew-{crew.id}", crew.organisation_id, frozenset({Role.CREW}), crew_id=crew.id)
    uow.logins.save(made, "")
    return made


def _check(official: Official, organisation_id: UUID) -> None:
    if not official.lets_in(organisation_id):
        raise Forbidden
