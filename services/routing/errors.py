"""What this service refuses, each with a stable code; the text for people is in ``locale``."""

from collections.abc import Sequence
from typing import Any

from shared.errors import (
    AvariykaError,
    Conflict,
    Forbidden,
    NotFound,
    Permanent,
    Retryable,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)


class ForbiddenMove(Conflict):
    """An assignment cannot go from ``state`` to ``wanted`` (design §5)."""

    code = "forbidden_move"


class InvalidTransfer(AvariykaError):
    """A transfer without time, channel or unit is no transfer (D-1.3-U4)."""

    code = "invalid_transfer"
    status = 422


class InvalidZone(AvariykaError):
    """A zone's polygon is broken; ``zone`` and ``reason`` say which and how."""

    code = "invalid_zone"
    status = 422


class InvalidReference(AvariykaError):
    """Competence or grade data contradict their format; the message says where."""

    code = "invalid_reference"
    status = 422


class InvalidSituation(AvariykaError):
    """The planner was told what cannot be: a norm of zero, a clock that jumped, a request held twice."""

    code = "invalid_situation"
    status = 422


class NoRoads(AvariykaError):
    """The files were read, but hold no road that a car may use."""

    code = "no_roads"
    status = 422


class UnreadableMap(AvariykaError):
    """A file is missing or is no map; the message is for the person at the command line."""

    code = "unreadable_map"
    status = 422


class NoGradeRule(AvariykaError):
    """The standard has no rule for this work (a winch over 2 t, say): a person must decide."""

    code = "no_grade_rule"
    status = 422


class CaseIncomplete(Conflict):
    """The request has no address or no urgency yet, so nobody can be sent."""

    code = "request_incomplete"


class NoCoordinates(CaseIncomplete):
    """Nobody knows where the request is on the map, so no crew can be ranked: transfer it by voice."""

    code = "no_coordinates"


class RequestNotFound(NotFound):
    code = "request_not_found"


class CrewNotFound(NotFound):
    code = "crew_not_found"


class CaseChanged(AvariykaError):
    """Somebody else changed the request since the caller read it: ``version`` is the newer one."""

    code = "request_changed"
    status = 412


class DoneBefore(Conflict):
    """This very command, known by its key, was carried out before."""

    code = "done_before"


class RequestClosed(Conflict):
    """The request is closed, cancelled or joined: no crew goes for it any more."""

    code = "request_closed"


class AlreadyAssigned(Conflict):
    """This very crew has the request already."""

    code = "already_assigned"


class CrewAtWork(Conflict):
    """Another crew works on site: withdraw it first, with a reason."""

    code = "crew_at_work"


class CrewUnsuitable(Conflict):
    """The crew may not be sent; ``errors`` names every reason as a catalogue key."""

    code = "crew_unsuitable"

    def __init__(self, crew: str, refusals: Sequence[str]) -> None:
        super().__init__(crew=crew, refusals=list(refusals))

    @property
    def errors(self) -> dict[str, Any]:
        return {"crew_id": [f"refusal.{code}" for code in self.details["refusals"]]}


class AssignedElsewhere(Conflict):
    """Another crew has the request: pin it to that one, or assign anew."""

    code = "assigned_elsewhere"


class NothingToPin(Conflict):
    """No crew has the request, and none has it in line: name one."""

    code = "nothing_to_pin"


class NotPinned(Conflict):
    code = "not_pinned"


class NothingToWithdraw(Conflict):
    """The request has no live assignment."""

    code = "nothing_to_withdraw"


class NotTransferred(Conflict):
    """There is no transfer to acknowledge yet."""

    code = "not_transferred"


class AlreadyAcknowledged(Conflict):
    code = "already_acknowledged"


class DeferredToThePast(Unprocessable):
    """The moment to which the work is put off has passed already."""

    code = "deferred_to_the_past"


class NotDeferred(Conflict):
    """The request is not put off, so it cannot be taken up again."""

    code = "not_deferred"


class SeniorNeeded(Forbidden):
    """Only a senior dispatcher or a master may put off an emergency."""

    code = "senior_needed"


class CalledInTheFuture(Unprocessable):
    """A call is noted after it was made."""

    code = "called_in_the_future"


class NobodyAnswers(Conflict):
    """No organisation answers for the request at this place now: a dispatcher chooses one first."""

    code = "nobody_answers"


class AlreadyRefused(Conflict):
    """The organisation has given the request back already."""

    code = "already_refused"


class OrganisationNotFound(NotFound):
    """No active organisation of this id is known here."""

    code = "organisation_not_found"


class OrganisationWithoutCrews(Conflict):
    """It has no crews in this system, so nobody there would see the request: call them."""

    code = "organisation_without_crews"


class BadMoment(Unprocessable):
    """A transfer by voice, written down later, at a moment that is still to come or before the last one."""

    code = "bad_moment"


class NoCrewNeeded(Conflict):
    """A consultation is answered without a crew: change the urgency first."""

    code = "no_crew_needed"


class SameUrgency(Conflict):
    """The request has this urgency already."""

    code = "same_urgency"


class CloseRefused(Conflict):
    """The journal does not let the request be closed now; ``reason`` is its code."""

    code = "close_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)

    @property
    def errors(self) -> dict[str, Any]:
        return {"request_id": [f"error.{self.details['reason']}"]}


class BadCursor(Unprocessable):
    """The cursor is not one that an earlier page gave."""

    code = "bad_cursor"


class BadCredentials(Unauthenticated):
    code = "bad_credentials"


class SessionEnded(Unauthenticated):
    """The refresh token brings nothing more; the password is asked again."""

    code = "session_ended"


class TooManyAttempts(Unavailable):
    """The login rests after repeated failures."""

    code = "too_many_attempts"
    status = 429


class CrewsUnavailable(Unavailable):
    """Nobody checks passwords now: the crews service does not answer."""

    code = "crews_unavailable"


class IntakeUnavailable(Unavailable):
    """Requests cannot be joined or split now: intake, which owns the outages, does not answer."""

    code = "intake_unavailable"


class OutageRefused(Conflict):
    """Intake does not let the request join or leave the outage; ``reason`` is its code."""

    code = "outage_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)

    @property
    def errors(self) -> dict[str, Any]:
        return {"outage_id": [f"error.{self.details['reason']}"]}


class RetryRefused(Conflict):
    """Intake does not try the delivery again; ``reason`` is its code."""

    code = "retry_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)

    @property
    def errors(self) -> dict[str, Any]:
        return {"delivery_id": [f"error.{self.details['reason']}"]}


class JournalUnavailable(Unavailable):
    """The official state cannot be changed now: the journal does not answer."""

    code = "journal_unavailable"


class UnknownAssignment(Permanent):
    """A crew reports on an assignment that this service never made."""

    code = "unknown_assignment"


class CaseBusy(Retryable):
    """Another transaction is at a request that this one needs beside its own; told again, it will be free."""

    code = "case_busy"


class AlertNotFound(NotFound):
    """No alert of that id is known to have missed anybody for this request."""

    code = "alert_not_found"


class SignalNotFound(NotFound):
    """No crew has sent a signal of that id."""

    code = "signal_not_found"
