"""What is confidential, who may see it, and how it looks to everybody else (D-1.1-U7, design §6 rule 11)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

MASK = "***"
_NUMBER_LIKE = re.compile(r"(?<!\w)\+?\d(?:[ \u00a0()-]{0,3}\d){6,}(?!\w)")
_MAILBOX = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}")
_E164 = re.compile(r"\+(?P<country>[17]|\d{3})(?P<area>\d{3})\d{3,7}(?P<end>\d{2})")


class Secret(StrEnum):
    """What of a person is shown only to those who need it."""

    NUMBER = "number"
    NAME = "name"


class Purpose(StrEnum):
    """Why someone reads a number or a name; without a reason nobody does."""

    CALL_BACK = "call_back"
    FORM = "form"
    COMPLAINT = "complaint"
    QUALITY = "quality"
    LEGAL = "legal"
    TRANSFER = "transfer"


_BOTH = frozenset(Secret)
MAY_SEE: Mapping[str, frozenset[Secret]] = MappingProxyType(
    {
        "operator": _BOTH,
        "dispatcher": _BOTH,
        "senior_dispatcher": _BOTH,
        "master": frozenset({Secret.NAME}),
        "administrator": frozenset(),
    }
)
"""Who may see what, for a reason that is written down. A role that is not here sees nothing at all."""


@dataclass(frozen=True, slots=True)
class Access:
    """One reading of somebody's number or name: who, when, whose, through what, why."""

    at: datetime
    actor_id: str
    contact_ref: UUID | None
    through: str
    why: Purpose
    request_id: UUID | None = None


def visible(roles: Iterable[str]) -> frozenset[Secret]:
    """All that someone with these roles may see."""
    return frozenset().union(*(MAY_SEE.get(role, frozenset()) for role in roles))


def mask_phones(text: str) -> str:
    """``text`` with every run of seven or more digits, however grouped, and every e-mail address replaced
    by ``***``."""
    hidden = _NUMBER_LIKE.sub(lambda match: match[0] if _DATE_LIKE.fullmatch(match[0]) else MASK, text)
    return _MAILBOX.sub(MASK, hidden)


def mask_number(phone: str) -> str:
    """``+77010000001`` as ``+7 701 *** ** 01``: enough to recognise one's own, not to call it."""
    parts = _E164.fullmatch(phone)
    return f"+{parts['country']} {parts['area']} *** ** {parts['end']}" if parts else MASK if phone else ""


def mask_name(name: str) -> str:
    """A name as its initials: ``I*** P***``."""
    return " ".join(word[0] + MASK for word in name.split())
