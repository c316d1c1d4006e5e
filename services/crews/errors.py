"""What this service refuses, each with a stable code; the text for people is in ``locale``."""

from collections.abc import Mapping
from typing import Any

from shared.errors import (
    AvariykaError,
    Conflict,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)


class AssignmentNotFound(NotFound):
    """No such work order, or it is another crew's: the two look the same on purpose."""

    code = "assignment_not_found"


class MoveNotAllowed(Conflict):
    """The work order cannot go from the stage it has to the one asked for.

    ``stage`` is what is true now, ``allowed`` what the crew may report next.
    """

    code = "move_not_allowed"

    @property
    def errors(self) -> Mapping[str, Any]:
        """What is true now as a catalogue key, for the HTTP edge to put into words."""
        return {"stage": [f"stage.{self.details['stage']}"]}


class AssignmentWithdrawn(MoveNotAllowed):
    """The dispatcher took the work order back; that is final."""

    code = "assignment_withdrawn"


class LocaliseFirst(MoveNotAllowed):
    """An emergency is localised before it is completed."""

    code = "localise_first"


class SafetyGateClosed(Unprocessable):
    """Work may not start: ``missing`` names each answer that is not there, ``why`` the source that asks it
    (design §6.6, 6.7)."""

    code = "safety_gate_closed"

    @property
    def errors(self) -> Mapping[str, Any]:
        """Each missing answer as a catalogue key, for the HTTP edge to put into words."""
        return {name: [f"safety.{name}", *self._progress(name)] for name in self.details["missing"]}

    def _progress(self, name: str) -> list[str]:
        have, want = self.details.get("progress", {}).get(name, (0, 0))
        return [f"safety.progress {have} {want}"] if want else []


class HouseNotChecked(SafetyGateClosed):
    """The danger cannot be called contained before the whole house was checked (M-1.3-U3)."""

    code = "house_not_checked"


class BadSafetyScript(AvariykaError):
    """The file of safety scripts contradicts itself or leaves a danger out: the service does not start."""

    code = "misconfigured"


class AirNotSafe(Unprocessable):
    """A reading lies outside the limit this dispatch service has configured."""

    code = "air_not_safe"


class NotOnSite(Conflict):
    """Only a crew on site says whether it can leave."""

    code = "not_on_site"


class SiteNotSafe(Unprocessable):
    """The crew cannot leave before what runs here (``holds``) is made safe."""

    code = "site_not_safe"

    @property
    def errors(self) -> Mapping[str, Any]:
        """What runs, as catalogue keys, for the HTTP edge to put into words."""
        return {hold: [f"hold.{hold}"] for hold in self.details["holds"]}


class CannotLeaveYet(SiteNotSafe):
    """The crew took on an order while it is at a dangerous step of order ``number``."""

    code = "cannot_leave_yet"


class RecordDiffers(Conflict):
    """The id of this record belongs to another one already."""

    code = "record_differs"


class MediaNotFound(NotFound):
    """No such photo or video, or it is another crew's."""

    code = "media_not_found"


class MediaDiffers(Conflict):
    """The id of this photo or video belongs to another one already."""

    code = "media_differs"


class MediaTooLarge(TooLarge):
    """A photo or video beyond the limit of its kind."""

    code = "media_too_large"


class TooManyMedia(Unprocessable):
    """The order has as many of this kind as it may have."""

    code = "too_many_media"


class MediaUnreadable(Unprocessable):
    """What was sent as a photo or video is none that we can read."""

    code = "media_unreadable"


class BadUploadOffset(Invalid):
    """A piece came without the header that says where it begins."""

    code = "bad_upload_offset"


class UploadGap(Conflict):
    """The piece begins beyond what was received; go on from ``received``."""

    code = "upload_gap"


class UploadTooLong(Unprocessable):
    """The piece goes beyond the announced size."""

    code = "upload_too_long"


class UploadIncomplete(Conflict):
    """Finished too early; go on from ``received``."""

    code = "upload_incomplete"


class UploadDamaged(Unprocessable):
    """The bytes are not those announced; send them again from the start."""

    code = "upload_damaged"


class DocumentNotFound(NotFound):
    """No such document, or it is another crew's or organisation's."""

    code = "document_not_found"


class DocumentDiffers(Conflict):
    """The id of this document or signature belongs to another one already."""

    code = "document_differs"


class DocumentFrozen(Conflict):
    """It is numbered and signed; a mistake in it is corrected by a new document."""

    code = "document_frozen"


class VersionPassed(Conflict):
    """The document has a later ``version`` than the one revised or signed."""

    code = "version_passed"


class DocumentIncomplete(Unprocessable):
    """It lacks what the law asks of it: ``missing`` names each."""

    code = "document_incomplete"

    @property
    def errors(self) -> Mapping[str, Any]:
        """Each missing part as a catalogue key, for the HTTP edge to put into words."""
        return {name: [f"document.missing.{name}"] for name in self.details["missing"]}


class NotCorrectable(Unprocessable):
    """Only a signed document of the same type is corrected by another; a draft is revised."""

    code = "not_correctable"


class ReasonRequired(Unprocessable):
    """To decline or to suspend a work order takes a reason."""

    code = "reason_required"


class ResultRequired(Unprocessable):
    """A work order is completed with a result from the list."""

    code = "order_result_required"


class IdempotencyKeyRequired(Invalid):
    """A command came without its Idempotency-Key header."""

    code = "idempotency_key_required"


class NotACrew(NotFound):
    """The caller's token speaks for a person; this answer exists for crews only."""

    code = "not_a_crew"


class BadShift(Unprocessable):
    """The end of the shift is past, or further off than a shift may last."""

    code = "bad_shift_end"


class BadCredentials(Unauthenticated):
    """Unknown login or wrong password: which of the two is not told."""

    code = "bad_credentials"


class TooManyAttempts(Unavailable):
    """The login rests for ``retry_after_s`` seconds after repeated failures."""

    code = "too_many_attempts"
    status = 429


class SessionEnded(Unauthenticated):
    """The refresh token brings nothing more: logged out, revoked, run out, used before, or never given."""

    code = "session_ended"


class PairingCodeInvalid(Unauthenticated):
    """No such pairing code: never issued, used, run out, or replaced by a newer one."""

    code = "pairing_code_invalid"


class SessionNotFound(NotFound):
    """No device or session of that id."""

    code = "session_not_found"


class EntryNotFound(NotFound):
    """No such person, organisation, crew, equipment or absence, or not yours to see."""

    code = "entry_not_found"


class VersionRequired(Unprocessable):
    """A change must name the version that it is based on (If-Match)."""

    code = "version_required"
    status = 428


class VersionConflict(Conflict):
    """Somebody else changed it since it was read: read it again."""

    code = "version_conflict"
    status = 412


class RosterNotFound(NotFound):
    """No such roster or planned shift, or not yours to see."""

    code = "roster_not_found"


class BadRoster(Unprocessable):
    """A roster that contradicts itself: its days, or a shift's times and people."""

    code = "bad_roster"


class RosterRefused(Unprocessable):
    """The roster may not be published: ``objections`` says why, each with its shift and person."""

    code = "roster_refused"


class RosterMoveNotAllowed(Conflict):
    """The roster cannot go from its state to the one asked for."""

    code = "roster_move_not_allowed"


class BadRosterFile(Unprocessable):
    """A calendar or table that cannot be read: ``problems`` maps each place to what is wrong there."""

    code = "bad_roster_file"

    @property
    def errors(self) -> Mapping[str, Any]:
        """What is wrong at each place as a catalogue key, for the HTTP edge to put into words."""
        return {place: [f"roster_file.{what}"] for place, what in self.details["problems"].items()}


class BadMasterData(Unprocessable):
    """Organisations, people or crews that contradict the rules of the profession or each other."""

    code = "bad_master_data"


class UnknownLogin(NotFound):
    """No login of that name."""

    code = "login_not_found"


class CrewNotFound(NotFound):
    """No crew of that id."""

    code = "crew_not_found"


class UnknownCommand(Unprocessable):
    """A device queued a command that this service does not know."""

    code = "unknown_command"


class UnknownPushService(Unprocessable):
    """A phone names an address that is none of the push services we call."""

    code = "unknown_push_service"


def again(code: str, details: Mapping[str, Any], errors: Any = None) -> AvariykaError:
    """An error as it was raised before, from what is kept of it."""
    kinds: list[type[AvariykaError]] = [AvariykaError]
    for kind in kinds:
        if kind.code == code:
            return kind(errors=errors, **details) if issubclass(kind, Invalid) else kind(**details)
        kinds += kind.__subclasses__()
    return AvariykaError(code, **details)
