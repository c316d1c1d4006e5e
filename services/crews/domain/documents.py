"""The papers of a job: drafted from what was recorded, numbered, signed, never changed after (F45-1.2-U5).

A draft may be revised; the first signature gives it the next number of its organisation's year and freezes
it. A mistake found later is a new document that names the old one. The act of an accident is what article 39
paragraph 4 of the Kazakh law on housing relations asks since the law of 15.07.2025 No 207-VIII: date, place,
time, cause, photo and video, signed by the harmed person, by the one who caused it, and by the chair, the
representative or the council of the house.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.crews.errors import (
    DocumentFrozen,
    DocumentIncomplete,
    NotCorrectable,
    ReasonRequired,
    VersionPassed,
)

Content = Mapping[str, Any]
Stroke = tuple[tuple[float, float], ...]


class DocumentType(StrEnum):
    """What kind of paper it is (F45-1.5-K6, F45-1.2-U5)."""

    WORK_ACT = "work_act"
    SURVEY_ACT = "survey_act"
    DEFECT_LIST = "defect_list"
    DIAGNOSTICS = "diagnostics_protocol"
    ACCIDENT_ACT = "accident_act"


class Party(StrEnum):
    """As whom somebody signs; ``chair`` is the owners' chair, a representative or the house council."""

    LEADER = "leader"
    FITTER = "fitter"
    MASTER = "master"
    RESIDENT = "resident"
    HARMED = "harmed"
    CAUSER = "causer"
    CHAIR = "chair"


class Means(StrEnum):
    """How it was signed, or that it was not: ``refused`` and ``absent`` are recorded with their reason."""

    DRAWN = "drawn"
    NAMED = "named"
    REFUSED = "refused"
    ABSENT = "absent"


class State(StrEnum):
    """Where a document stands."""

    DRAFT = "draft"
    SIGNING = "signing"
    SIGNED = "signed"


UNSIGNED = frozenset({Means.REFUSED, Means.ABSENT})
SIGNERS: Mapping[DocumentType, tuple[Party, ...]] = {
    DocumentType.WORK_ACT: (Party.LEADER, Party.RESIDENT),
    DocumentType.SURVEY_ACT: (Party.LEADER,),
    DocumentType.DEFECT_LIST: (Party.LEADER,),
    DocumentType.DIAGNOSTICS: (Party.LEADER,),
    DocumentType.ACCIDENT_ACT: (Party.HARMED, Party.CAUSER, Party.CHAIR),
}
"""Whose signature, or recorded refusal, each type needs before it is done."""
LAW_ASKS = ("happened_at", "place", "cause")


@dataclass(frozen=True)
class Number:
    """A place in the series of one organisation's year."""

    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.serial}/{self.year}"


@dataclass(frozen=True)
class Signature:
    """One signature or refusal. ``strokes`` are lines drawn with a finger in a box of width 1 and height 1.

    ``device_at`` is the time on the device, ``at`` the server's; ``id`` was given by the device.
    """

    id: UUID
    party: Party
    means: Means
    name: str
    device_at: datetime
    at: datetime
    by: str
    strokes: tuple[Stroke, ...] = ()
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.means in UNSIGNED and not self.reason:
            raise ReasonRequired(wanted=self.means)


@dataclass(frozen=True)
class Document:
    """One document in its latest version; ``id`` was given by the device that drafted it."""

    id: UUID
    assignment_id: UUID
    request_id: UUID
    organisation_id: UUID
    type: DocumentType
    drafted_by: str
    drafted_at: datetime
    version: int
    content: Content
    corrects: UUID | None = None
    number: Number | None = None
    frozen_at: datetime | None = None
    signatures: tuple[Signature, ...] = ()

    @property
    def missing_parties(self) -> tuple[Party, ...]:
        """Who has neither signed nor been recorded as refusing or absent."""
        heard = {signature.party for signature in self.signatures}
        return tuple(party for party in SIGNERS[self.type] if party not in heard)

    @property
    def state(self) -> State:
        if self.number is None:
            return State.DRAFT
        return State.SIGNING if self.missing_parties else State.SIGNED

    @property
    def digest(self) -> str:
        """SHA-256 of what is written in it: printed on the paper, so that a changed copy shows."""
        text = json.dumps(self.content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def signature(self, signature_id: UUID) -> Signature | None:
        return next((found for found in self.signatures if found.id == signature_id), None)


def revise(document: Document, base: int, content: Content) -> Document:
    """The next version, made from version ``base``; raises DocumentFrozen, VersionPassed."""
    if document.number is not None:
        raise DocumentFrozen(number=str(document.number))
    if base != document.version:
        raise VersionPassed(version=document.version)
    return replace(document, version=document.version + 1, content=content)


def check_signable(document: Document, version: int) -> None:
    """Raise VersionPassed if the signer saw another version, DocumentIncomplete if it lacks what it must
    say."""
    if version != document.version:
        raise VersionPassed(version=document.version)
    missing = _missing(document)
    if missing:
        raise DocumentIncomplete(missing=missing)


def signed(document: Document, signature: Signature, number: Number | None) -> Document:
    """With one more signature; the first one freezes the document under its ``number``."""
    if document.number is None:
        document = replace(document, number=number, frozen_at=signature.at)
    return replace(document, signatures=(*document.signatures, signature))


def check_correctable(old: Document, type_: DocumentType) -> None:
    """Raise NotCorrectable unless ``old`` is frozen and of the same type: a draft is simply revised."""
    if old.number is None or old.type is not type_:
        raise NotCorrectable


def _missing(document: Document) -> tuple[str, ...]:
    if document.type is not DocumentType.ACCIDENT_ACT:
        return ()
    said = document.content["statement"]
    missing = [name for name in LAW_ASKS if not said.get(name)]
    if not document.content["facts"]["media"]:
        missing.append("media")
    return tuple(missing)
