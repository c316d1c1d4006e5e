"""What intake needs from outside: proof that a webhook is Twilio's, and a preview from triage."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from twilio.request_validator import RequestValidator

from services.intake.domain.registry import Box
from services.intake.errors import InvalidSignature, SignatureUnverifiable
from services.intake.usecases.addresses import Found, Geocoder
from shared.errors import Unavailable
from shared.logs import get_logger

_log = get_logger(__name__)


class Signatures(Protocol):
    """Tells the provider's webhooks from everybody else's requests."""

    def check(self, url: str, form: Any, signature: str) -> None: ...


class TwilioSignatures:
    """Twilio's own validator: HMAC-SHA1 over the public address and the sorted form fields."""

    def __init__(self, auth_token: str) -> None:
        self._validator = RequestValidator(auth_token)

    def check(self, url: str, form: Any, signature: str) -> None:
        """Raises InvalidSignature unless the form was signed with our token for this address."""
        if not self._validator.validate(url, form, signature):
            raise InvalidSignature


class NullSignatures:
    """Stands in when no auth token is configured: nothing can be trusted, so nothing is taken."""

    def check(self, url: str, form: Any, signature: str) -> None:  # noqa: ARG002 - the port's signature
        _log.error("twilio_auth_token_missing")
        raise SignatureUnverifiable


def signatures_for(auth_token: str) -> Signatures:
    return TwilioSignatures(auth_token) if auth_token else NullSignatures()


class Remote(Protocol):
    """Another service by RPC; see ``shared.rpc``."""

    def call(self, method: str, **arguments: Any) -> Any: ...


class TriagePreview:
    """What triage thinks of a request while the operator is still on the line. Never needed, only useful."""

    def __init__(self, triage: Remote) -> None:
        self._triage = triage

    def classify(self, text: str, language: str) -> Mapping[str, Any] | None:
        """The decision, or None when triage does not answer in time."""
        try:
            decision: Mapping[str, Any] = self._triage.call("classify", text=text, language=language)
        except Unavailable:
            _log.warning("classification_preview_unavailable")
            return None
        return decision


class NullPreview:
    """Stands in for triage where there is none."""

    def classify(self, text: str, language: str) -> Mapping[str, Any] | None:  # noqa: ARG002
        _log.info("classification_preview_is_null")
        return None


class NullGeocoder:
    """Stands in where no geocoder is configured: the registry alone is asked."""

    def find(self, text: str, box: Box) -> Sequence[Found]:  # noqa: ARG002
        _log.debug("geocoder_is_null")
        return ()


def geocoder_for(url: str, user_agent: str, timeout_s: float) -> Geocoder:
    """The geocoder at an address, its Null twin without one."""
    if url:
        # Only here: geopy brings an HTTP stack of 13 MB along, for a thing that is off by default.
        from services.intake.clients.geocoder import NominatimGeocoder

        return NominatimGeocoder(url, user_agent, timeout_s)
    _log.info("geocoder_not_configured")
    return NullGeocoder()
