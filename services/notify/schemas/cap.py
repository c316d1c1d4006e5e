"""Bulletins as CAP 1.2 alerts (OASIS Common Alerting Protocol) and as an Atom feed (RFC 4287)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from xml.etree import ElementTree as ET

from services.notify.domain.bulletins import PLANNED, Bulletin, Issue
from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE, ATOM_TYPE = "application/cap+xml", "application/atom+xml"
_OPEN_ENDED = timedelta(hours=24)  # CAP wants to forget: an outage without an end is looked at again in a day
Text = Callable[..., str]


@dataclass(frozen=True)
class Publisher:
    """Who publishes: CAP's ``sender`` (unique, no spaces, commas, < or &), name, telephone, public URL."""

    sender: str
    name: str
    phone: str
    url: str
    zone: tzinfo
    text: Text

    def link(self, bulletin: Bulletin) -> str:
        return f"{self.url}/public/outages/{bulletin.outage_id}.cap"

    def moment(self, at: datetime) -> str:
        """CAP 3.3.2: local time with its offset, no fractions, never Z."""
        return at.astimezone(self.zone).replace(microsecond=0).isoformat()


def identifier(bulletin: Bulletin, issue: Issue) -> str:
    return f"outage-{bulletin.outage_id}-{issue.version}"


def cap_alert(bulletin: Bulletin, publisher: Publisher) -> bytes:
    """The alert, with an ``info`` in each language."""
    alert = ET.Element("alert", xmlns=CAP)
    _put(alert, "identifier", identifier(bulletin, bulletin.issue))
    _put(alert, "sender", publisher.sender)
    _put(alert, "sent", publisher.moment(bulletin.changed_at))
    _put(alert, "status", "Actual")
    _put(alert, "msgType", _message_type(bulletin))
    _put(alert, "scope", "Public")
    if bulletin.before is not None:
        earlier = identifier(bulletin, bulletin.before)
        _put(alert, "references", f"{publisher.sender},{earlier},{publisher.moment(bulletin.before.at)}")
    for language in LANGUAGES:
        alert.append(_info(bulletin, publisher, language))
    return _document(alert)


def _message_type(bulletin: Bulletin) -> str:
    if bulletin.state == "called_off":
        return "Cancel"
    return "Alert" if bulletin.before is None else "Update"


def _info(bulletin: Bulletin, publisher: Publisher, language: str) -> ET.Element:
    over, planned = not bulletin.is_active, bulletin.kind == PLANNED
    info = ET.Element("info")
    _put(info, "language", f"{language}-KZ")
    _put(info, "category", "Infra")
    if bulletin.dangerous:
        _put(info, "category", "Safety")
    _put(info, "event", _event(bulletin, publisher.text, language))
    _put(info, "responseType", "AllClear" if over else "Prepare" if planned else "Monitor")
    _put(info, "urgency", "Past" if over else "Expected" if planned else "Immediate")
    _put(info, "severity", "Severe" if bulletin.dangerous else "Moderate")
    _put(info, "certainty", "Likely" if planned and not over else "Observed")
    _put(info, "onset", publisher.moment(bulletin.started_at))
    _put(info, "expires", publisher.moment(_expires(bulletin)))
    _put(info, "senderName", publisher.name)
    _put(info, "headline", headline(bulletin, publisher.text, language))
    if told := bulletin.tell.get(language):
        _put(info, "instruction", told)
    _put(info, "contact", publisher.phone)
    _put(_put(info, "area"), "areaDesc", "; ".join(bulletin.houses) or bulletin.number)
    return info


def _expires(bulletin: Bulletin) -> datetime:
    return bulletin.ended_at or bulletin.ends_by or bulletin.changed_at + _OPEN_ENDED


def _event(bulletin: Bulletin, text: Text, language: str) -> str:
    return ", ".join(text(language, f"symptom.{symptom}") for symptom in bulletin.symptoms)


def headline(bulletin: Bulletin, text: Text, language: str) -> str:
    """One line: what it is, its number, what is missing."""
    key = f"bulletin.{bulletin.state}" if not bulletin.is_active else f"bulletin.{bulletin.kind}"
    return text(language, key, number=bulletin.number, what=_event(bulletin, text, language))


def atom_feed(bulletins: Sequence[Bulletin], publisher: Publisher, now: datetime) -> bytes:
    """The active outages, the newest change first, each with a link to its alert."""
    feed = ET.Element("feed", xmlns=ATOM)
    own = f"{publisher.url}/public/outages.atom"
    _put(feed, "id", own)
    _put(feed, "title", publisher.text(DEFAULT_LANGUAGE, "bulletin.feed"))
    newest = max((bulletin.changed_at for bulletin in bulletins), default=now)
    _put(feed, "updated", publisher.moment(newest))
    _put(_put(feed, "author"), "name", publisher.name)
    ET.SubElement(feed, "link", rel="self", type=ATOM_TYPE, href=own)
    for bulletin in bulletins:
        feed.append(_entry(bulletin, publisher))
    return _document(feed)


def _entry(bulletin: Bulletin, publisher: Publisher) -> ET.Element:
    entry = ET.Element("entry")
    _put(entry, "id", f"urn:uuid:{bulletin.outage_id}")
    _put(entry, "title", headline(bulletin, publisher.text, DEFAULT_LANGUAGE))
    _put(entry, "updated", publisher.moment(bulletin.changed_at))
    _put(entry, "published", publisher.moment(bulletin.started_at))
    _put(entry, "summary", "; ".join(bulletin.houses))
    ET.SubElement(entry, "link", rel="alternate", type=CAP_TYPE, href=publisher.link(bulletin))
    return entry


def _put(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    child = ET.SubElement(parent, name)
    child.text = text
    return child


def _document(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
