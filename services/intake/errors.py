"""What can go wrong at the edges of intake; codes are contracts, texts are in ``locale``."""

from shared.errors import (
    AvariykaError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unavailable,
    Unprocessable,
)


class InvalidSignature(Forbidden):
    """The webhook was not signed by our provider's account."""

    code = "invalid_signature"


class SignatureUnverifiable(Unavailable):
    """No auth token is configured, so no webhook can be trusted; the provider will repeat it."""

    code = "signature_unverifiable"


class MessageSidMissing(Invalid):
    code = "message_sid_missing"


class CallSidMissing(Invalid):
    code = "call_sid_missing"


class BadCallNorms(AvariykaError):
    """The table of call norms is unreadable; the message says where. Stops the start."""

    code = "bad_call_norms"


class CallNotFound(NotFound):
    code = "call_not_found"


class CallbackNotFound(NotFound):
    code = "callback_not_found"


class CallbackTaken(Conflict):
    """Another operator is calling this person right now."""

    code = "callback_taken"


class CallbackSettled(Conflict):
    """There is nobody to call any more: told, not reached, or answered meanwhile."""

    code = "callback_settled"


class CallbackNotClaimed(Conflict):
    """Only who has claimed a call back can say how it ended."""

    code = "callback_not_claimed"


class RequestNotFound(NotFound):
    code = "request_not_found"


class NothingToJudge(Conflict):
    """The work on this request has not ended, or nothing was repaired."""

    code = "nothing_to_judge"


class HeldMessageNotFound(NotFound):
    """No such message was held back, or another operator has put it aside."""

    code = "held_message_not_found"


class AlreadyRegistered(Conflict):
    """A registered request is not edited here: other services work on it already."""

    code = "already_registered"


class DraftDropped(Conflict):
    """The applicant has called it off before it was registered; what happens now is a new request."""

    code = "draft_dropped"


class Incomplete(Unprocessable):
    """Address, problem and contact are mandatory (rule 6.1)."""

    code = "draft_incomplete"


class NoSuchChoice(Unprocessable):
    """The number is not one of the addresses offered."""

    code = "no_such_choice"


class BadFormat(NotFound):
    """Open311 answers in JSON and XML only."""

    code = "format_not_found"


class JurisdictionNotFound(NotFound):
    """Another jurisdiction than the one we serve."""

    code = "jurisdiction_not_found"


class ServiceNotFound(NotFound):
    """No such Open311 service."""

    code = "service_not_found"


class TokenNotFound(NotFound):
    """No report has this token."""

    code = "token_not_found"


class SpanTooLong(Invalid):
    """A listing may span 90 days."""

    code = "span_too_long"


class RepeatKeyReused(Unprocessable):
    """The same ``Idempotency-Key`` came with another report."""

    code = "idempotency_key_reused"


class OutageNotFound(NotFound):
    code = "outage_not_found"


class ForbiddenOutageMove(Conflict):
    """The outage is over, or it is not in the state that this needs."""

    code = "forbidden_outage_move"


class OutageChanged(Conflict):
    """Somebody else changed the outage after the caller read it."""

    code = "outage_changed"
    status = 412


class VersionRequired(AvariykaError):
    """A change must name the version that it is based on (If-Match)."""

    code = "version_required"
    status = 428


class NotRiding(Conflict):
    """The request rides on no outage."""

    code = "not_riding"


class AlreadyRiding(Conflict):
    """The request rides on an outage already, or is finished."""

    code = "already_riding"


class UnknownSymptom(Unprocessable):
    """The symptom is not one of ``data/troubles.yml``."""

    code = "unknown_symptom"


class CardSignatureInvalid(Forbidden):
    """A partner's call is not signed with the partner's secret, or was signed too long ago."""

    code = "card_signature_invalid"


class CardNotFound(NotFound):
    """The partner has sent no such card."""

    code = "card_not_found"


class RevisionReused(Conflict):
    """A revision of a card came before with other content."""

    code = "card_revision_reused"


class PartnerNotFound(NotFound):
    """No such partner, or one that is retired."""

    code = "partner_not_found"


class PartnerExists(Conflict):
    code = "partner_exists"


class PartnerSilent(Unprocessable):
    """The partner has no address to which cards could be sent."""

    code = "partner_has_no_address"


class PartnerUrlRefused(Invalid):
    """Not an address that we would call."""

    code = "partner_url_refused"


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"


class NothingToRetry(Conflict):
    """The delivery has not failed."""

    code = "nothing_to_retry"


class PartnerAway(Unavailable):
    """A delivery did not arrive now, and may later; ``trouble`` says why in a stable code."""

    code = "partner_away"

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class PartnerRefused(Unprocessable):
    """A partner does not want what we sent, and never will; ``trouble`` says why in a stable code."""

    code = "partner_refused"

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class KeyRefused(Forbidden):
    """No API key, or one that does not open this."""

    code = "api_key_refused"


class TooManyCalls(AvariykaError):
    """The key has used up its calls for now; ``retry_after_s`` says how long to wait."""

    code = "too_many_calls"
    status = 429


class CommandRefused(AvariykaError):
    """Root of what the command line refuses; the message is for the person there."""

    code = "command_refused"


class BadOption(CommandRefused):
    """An option that makes no sense."""

    code = "bad_option"


class KeyNotFound(CommandRefused):
    """No API key has this id."""

    code = "api_key_not_found"

    def __init__(self) -> None:
        super().__init__("no such key: `api-key list` shows them all")


class PhotoUnreadable(Unprocessable):
    """Not a picture of a kind that we open, or a broken one."""

    code = "photo_unreadable"


class PhotoTooLarge(TooLarge):
    """More bytes or more pixels than we open."""

    code = "photo_too_large"


class PhotoUnknown(NotFound):
    code = "photo_unknown"


class LinkUnknown(NotFound):
    """No request has this secret link; an outsider learns nothing more."""

    code = "link_unknown"


class DraftChanged(AvariykaError):
    """Somebody changed the draft meanwhile; ``version`` is what it is now."""

    code = "draft_changed"
    status = 412


class BadCursor(Unprocessable):
    """``after`` is not the ``next`` of an earlier page."""

    code = "bad_cursor"


class BadPaperTime(Invalid):
    """A record of a paper journal is from the future, or too old."""

    code = "bad_paper_time"


class NotForYourRole(Forbidden):
    """The role may not see numbers or names, whatever the reason."""

    code = "not_for_your_role"


class ContactNotFound(NotFound):
    code = "contact_not_found"


class ContactStillNeeded(Conflict):
    """One of the person's requests is open; ``numbers`` names them."""

    code = "contact_still_needed"


class ContactAwaitsCall(ContactStillNeeded):
    """Somebody has promised to call the person back."""

    code = "contact_awaits_call"


class CityImportFailed(CommandRefused):
    """Root of what ``import-city`` refuses."""

    code = "city_import_failed"


class UnreadableFile(CityImportFailed):
    """A file is missing or is not what it should be."""

    code = "unreadable_file"


class NoAddresses(CityImportFailed):
    """The files were read, but hold no street, place or house number."""

    code = "no_addresses"
