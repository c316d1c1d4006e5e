"""Alert lists (списки оповещения): of which event whom to tell, in which order, by what means; pure.

07117-TRUD-003 M-1.1-U1, U5: operative and emergency services, executive bodies, the higher dispatch service.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Means(StrEnum):
    """How an addressee is told. ``manual``: a dispatcher did it, by whatever means, and wrote it down."""

    VOICE = "voice"
    SMS = "sms"
    MANUAL = "manual"


class Mode(StrEnum):
    """When a step is done: one of its addressees acknowledged, or every one has been told."""

    UNTIL_ONE = "until_one"
    EVERYONE = "everyone"


@dataclass(frozen=True)
class Addressee:
    """A service or a person in charge. ``numbers`` (E.164) are tried in turn, one a round.

    ``purpose`` names an on-call list of crews: whoever it names now comes before the fixed numbers.
    ``languages``: in which it is spoken to, one after the other.
    """

    code: str
    names: Mapping[str, str]
    means: Means
    languages: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    purpose: str | None = None


@dataclass(frozen=True)
class Step:
    """Addressees who are told together (``everyone``) or one after the other (``until_one``).

    ``wait_s``: seconds from ringing, or from the message's leaving, in which an acknowledgement is waited
    for. ``rounds``: how often each is tried before the step counts as unanswered.
    """

    mode: Mode
    addressees: tuple[Addressee, ...]
    wait_s: int
    rounds: int

    def find(self, code: str) -> Addressee | None:
        return next((one for one in self.addressees if one.code == code), None)


@dataclass(frozen=True)
class Starts:
    """Facts that start an alert by themselves; none of them: it is started by hand only.

    ``houses``: an outage with at least so many houses off, of one of ``symptoms`` (none named: of any).
    """

    hazards: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    unless_faults: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    houses: int | None = None

    def by_verdict(self, hazards: Collection[str], fault: str) -> bool:
        if fault in self.unless_faults:
            return False
        return fault in self.faults or not set(self.hazards).isdisjoint(hazards)

    def by_outage(self, symptoms: Collection[str], houses: int) -> bool:
        if self.houses is None or houses < self.houses:
            return False
        return not self.symptoms or not set(self.symptoms).isdisjoint(symptoms)


@dataclass(frozen=True)
class AlertList:
    """The list of one event. Version 0 is the one that ships, as long as nobody has edited it."""

    event: str
    names: Mapping[str, str]
    starts: Starts
    steps: tuple[Step, ...]
    active: bool = True
    version: int = 0
    changed_by: str | None = None
    changed_at: datetime | None = None
