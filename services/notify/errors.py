"""What can go wrong in ``notify``, with stable codes."""

from collections.abc import Sequence
from datetime import timedelta

from shared.errors import (
    AvariykaError,
    Conflict,
    Forbidden,
    NotFound,
    Retryable,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)


class UnknownMessage(NotFound):
    """A receipt for a message that this service did not send."""

    code = "message_unknown"


class BadSignature(Forbidden):
    """The request was not signed with our auth token, so it is not Twilio's."""

    code = "twilio_signature_invalid"


class ReceiptForged(Forbidden):
    """The receipt carries neither our key nor the operator's signature."""

    code = "receipt_key_invalid"


class ForbiddenMove(AvariykaError):
    """The message's state machine has no such move."""

    code = "message_move_not_allowed"
    status = 409


class MessageOnItsWay(Retryable):
    """A message to the person is being sent right now: forget them when it is settled."""

    code = "message_on_its_way"


class ProviderBusy(Unavailable):
    """The provider certainly did not take the message; it may take it later."""

    code = "sms_provider_busy"

    def __init__(self, why: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after or timedelta()


class OutcomeUnknown(Unavailable):
    """The provider may or may not have taken the message; ask before sending again."""

    code = "sms_outcome_unknown"


class MessageRejected(Unprocessable):
    """The provider will never take this message; ``reason`` is its own code for why."""

    code = "sms_rejected"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)
        self.reason = reason


class UnknownAnnouncement(NotFound):
    """No announcement has this id."""

    code = "announcement_unknown"


class AnnouncementMoveNotAllowed(Conflict):
    """An announcement in this stage cannot do that."""

    code = "announcement_move_not_allowed"

    def __init__(self, stage: str, allowed: Sequence[str]) -> None:
        super().__init__(stage, stage=stage, allowed=list(allowed))


class BadArea(Unprocessable):
    """The area names no place: no houses, or a polygon that is none."""

    code = "announcement_area_invalid"

    def __init__(self, why: str) -> None:
        super().__init__(why, why=why)


class NobodyThere(Unprocessable):
    """Nobody who may be written to is known in the area."""

    code = "announcement_without_recipients"


class UnknownCall(NotFound):
    """Nobody has to be called because of this message."""

    code = "call_unknown"


class CallTaken(Conflict):
    """Another operator is calling this resident."""

    code = "call_taken"


class CallNotTaken(Conflict):
    """Only who has taken a call says how it went."""

    code = "call_not_taken"


class CallSettled(Conflict):
    """The call is not needed any more."""

    code = "call_settled"

    def __init__(self, state: str) -> None:
        super().__init__(state, state=state)


class UnknownOutage(NotFound):
    """No outage that the public may know has this id."""

    code = "outage_unknown"


class UnknownAlert(NotFound):
    """No alert has this id."""

    code = "alert_unknown"


class UnknownAlertEvent(NotFound):
    """No alert list is kept for this event."""

    code = "alert_event_unknown"


class UnknownAddressee(Unprocessable):
    """The list of this alert names nobody by this code."""

    code = "alert_addressee_unknown"

    def __init__(self, addressee: str) -> None:
        super().__init__(addressee, addressee=addressee)


class AlertMoveNotAllowed(Conflict):
    """An alert in this stage cannot do that."""

    code = "alert_move_not_allowed"

    def __init__(self, stage: str, allowed: Sequence[str]) -> None:
        super().__init__(stage, stage=stage, allowed=list(allowed))


class AlertListChanged(Conflict):
    """Somebody changed the list since it was read."""

    code = "alert_list_changed"

    def __init__(self, version: int) -> None:
        super().__init__(str(version), version=version)


class BadAlertList(AvariykaError):
    """The lists that ship are unreadable; the message says where."""

    code = "alert_lists_unreadable"


class BadCredentials(Unauthenticated):
    """Login or password is wrong."""

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
