"""What an alert says by voice, in a message and on the page of its link; and the link itself."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hmac import compare_digest
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alert_lists import Means
from services.notify.domain.alerts import Alert
from services.notify.domain.speech import Speaker
from shared.i18n import Catalog
from shared.sealing import Sealer

LINK_PATH = "/a"
_SERVICE = Path(__file__).parent.parent
_PROOF_BYTES = 6
_PARTS = ("crew", "address", "number", "outage", "note")
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True)
class Links:
    """Secret addresses by which a message is acknowledged: the attempt's id and a proof that only we make."""

    sealer: Sealer
    public_url: str

    def of(self, attempt_id: UUID) -> str:
        return f"{self.public_url}{LINK_PATH}/{self._token(attempt_id)}"

    def read(self, token: str) -> UUID | None:
        """The attempt that a link names; None for what we never made, letter by letter.

        Base64 reads many spellings as the same bytes (spare bits of the last, foreign ones passed over),
        so the spelling itself is compared, not what it decodes to.
        """
        try:
            attempt_id = UUID(bytes=urlsafe_b64decode(token + "=" * (-len(token) % 4))[:16])
        except (ValueError, binascii.Error):
            return None
        return attempt_id if compare_digest(token.encode(), self._token(attempt_id).encode()) else None

    def _token(self, attempt_id: UUID) -> str:
        return urlsafe_b64encode(attempt_id.bytes + self._proof(attempt_id)).rstrip(b"=").decode()

    def _proof(self, attempt_id: UUID) -> bytes:
        return bytes.fromhex(self.sealer.index(f"alert {attempt_id}").rsplit(":", 1)[1])[:_PROOF_BYTES]


@dataclass(frozen=True)
class AlertWords:
    """Puts an alert into words. ``map_url`` has places for {lat} and {lon}."""

    catalog: Catalog
    publisher: str
    map_url: str
    links: Links

    def __call__(self, alert: Alert, attempt: Attempt, language: str) -> str:
        """What is said to an addressee, or written with the link to acknowledge by."""
        if attempt.means is Means.VOICE:
            told = (self._text(language, "intro"), self.told(alert, language), self._text(language, "press"))
            return " ".join(told)
        position = self.position(alert) or ""
        confirm = self._text(language, "confirm", link=self.links.of(attempt.id))
        return " ".join(part for part in (self.told(alert, language), position, confirm) if part)

    def told(self, alert: Alert, language: str) -> str:
        """The event and its place."""
        facts = dict(alert.subject.facts)
        if "symptom" in facts:
            facts["what"] = self.catalog.text(language, f"symptom.{facts['symptom']}")
        said = [self._text(language, part, **facts) for part in _PARTS if facts.get(part)]
        return " ".join([f"{alert.names[language]}.", *said])

    def position(self, alert: Alert) -> str | None:
        """A map of where the crew is."""
        facts = alert.subject.facts
        if "lat" not in facts or "lon" not in facts:
            return None
        return self.map_url.format(lat=facts["lat"], lon=facts["lon"])

    def page(self, alert: Alert, attempt: Attempt, language: str) -> str:
        """The page of a link, with the button that acknowledges: looking at it is no acknowledgement."""
        content = {
            "language": language,
            "title": alert.names[language],
            "words": self.told(alert, language),
            "position": self.position(alert),
            "acknowledged": attempt.state is State.ACKNOWLEDGED,
            "t": lambda name: self.catalog.text(language, name),
        }
        return _environment().get_template("alert.html").render(**content)

    def _text(self, language: str, part: str, **facts: str) -> str:
        names = {"publisher": self.publisher, "outage": "", "houses": "", "what": "", **facts}
        return self.catalog.text(language, f"alert.{part}", **names)


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_SERVICE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def read_speakers(recorded: Mapping[str, str]) -> dict[str, Speaker]:
    """The voices of ``data/speech.yml``; ``recorded``: by language, where recordings lie."""
    content: Mapping[str, Any] = yaml.safe_load((_SERVICE / "data" / "speech.yml").read_text("utf-8"))
    return {
        language: Speaker(**voice, recorded=recorded.get(language)) for language, voice in content.items()
    }
