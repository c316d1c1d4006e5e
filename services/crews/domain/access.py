"""Who may log in as what, and when a login that keeps failing must rest."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.crews.errors import BadMasterData, TooManyAttempts

LONGEST_TOKEN = timedelta(hours=12)


class Role(StrEnum):
    """What a login may do in the suite; ``crew`` is the device of a crew."""

    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    SENIOR_DISPATCHER = "senior_dispatcher"
    MASTER = "master"
    FITTER = "fitter"
    CONTRACTOR = "contractor"
    ADMINISTRATOR = "administrator"
    CREW = "crew"


READ_ALL = frozenset({Role.DISPATCHER, Role.SENIOR_DISPATCHER, Role.MASTER, Role.ADMINISTRATOR})
"""Who reads what any crew recorded on site."""


def login_key(login: str) -> str:
    """A login as it is compared and stored: people type capitals and spaces as they like."""
    return login.strip().casefold()


@dataclass(frozen=True)
class Login:
    """A name to log in by. It stands for a post or a crew and is shown as the author of what it does."""

    name: str
    organisation_id: UUID
    roles: frozenset[Role]
    person_id: UUID | None = None
    crew_id: UUID | None = None
    active: bool = True

    def __post_init__(self) -> None:
        if (self.person_id is None) is (self.crew_id is None):
            raise BadMasterData(f"login {self.name} belongs to a person or to a crew", login=self.name)
        if (Role.CREW in self.roles) is (self.crew_id is None):
            raise BadMasterData(f"login {self.name}: the role crew is for crews only", login=self.name)
        if not self.roles:
            raise BadMasterData(f"login {self.name} has no role", login=self.name)


@dataclass(frozen=True)
class LoginPolicy:
    """How many failed attempts within ``window`` make a login rest for ``rest``."""

    attempts: int
    window: timedelta
    rest: timedelta


@dataclass(frozen=True)
class Attempts:
    """The attempts of one login that have not ended in success, counted since ``since``."""

    count: int
    since: datetime
    rests_until: datetime | None = None


def count_attempt(before: Attempts | None, now: datetime, policy: LoginPolicy) -> Attempts:
    """The attempts including this one; raises TooManyAttempts while the login rests.

    An attempt is counted before the password is looked at, so that a hundred guesses at the same moment
    are a hundred attempts.
    """
    if before is not None and before.rests_until is not None and now < before.rests_until:
        raise TooManyAttempts(retry_after_s=max(1, round((before.rests_until - now).total_seconds())))
    if before is None or before.rests_until is not None or now - before.since > policy.window:
        before = Attempts(0, now)
    counted = replace(before, count=before.count + 1)
    if counted.count >= policy.attempts:
        return replace(counted, rests_until=now + policy.rest)
    return counted


def take_back(counted: Attempts) -> Attempts:
    """The attempts after one of them ended in success; those of others at the same address stay counted."""
    return replace(counted, count=max(0, counted.count - 1), rests_until=None)
