"""Documents: drafted, revised, signed, shown. Every command is safe to send twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any
from uuid import UUID

from services.crews.domain.audit import Act
from services.crews.domain.documents import (
    UNSIGNED,
    Content,
    Document,
    DocumentType,
    Number,
    Signature,
    State,
    check_correctable,
    check_signable,
    revise,
    signed,
)
from services.crews.domain.facts import Job, facts
from services.crews.domain.feed import Topic
from services.crews.domain.gate import Gate
from services.crews.domain.orders import WorkOrder
from services.crews.errors import DocumentDiffers, DocumentNotFound
from services.crews.usecases.disclosure import Reader, note_reading
from services.crews.usecases.lineups import lineups_at
from services.crews.usecases.ports import UnitOfWork
from services.crews.usecases.records import gate_of, order_for


@dataclass(frozen=True)
class Draft:
    """What the crew says beside the facts, and which document it corrects."""

    id: UUID
    type: DocumentType
    statement: Mapping[str, Any]
    corrects: UUID | None = None


@dataclass(frozen=True)
class Author:
    """Who acts: ``crew_id`` None is a master, who may act on every order."""

    id: str
    crew_id: UUID | None


@dataclass(frozen=True)
class Shown:
    """A document, and the one that corrects it if there is one."""

    document: Document
    corrected_by: UUID | None = None


def draft_document(
    uow: UnitOfWork, author: Author, assignment_id: UUID, draft: Draft, gate: Gate
) -> Document:
    """Draft a document from the facts; drafted again it is the same one.

    Raises AssignmentNotFound, DocumentDiffers, DocumentNotFound, NotCorrectable.
    """
    with uow:
        order = order_for(uow, assignment_id, author.crew_id)
        uow.orders.lock(assignment_id)
        known = uow.documents.get(draft.id)
        if known is not None:
            return _same(known, assignment_id, draft)
        _check_correction(uow, order, draft)
        document = _drafted(uow, author, order, draft, gate)
        uow.documents.add(document)
        _show(uow, order, document)
        uow.commit()
    return document


def revise_document(
    uow: UnitOfWork, author: Author, document_id: UUID, base: int, statement: Mapping[str, Any], gate: Gate
) -> Document:
    """The next version of a draft, with the facts of now; raises DocumentNotFound, DocumentFrozen,
    VersionPassed."""
    with uow:
        before, order = _own(uow, author, document_id)
        if base == before.version - 1 and before.content["statement"] == statement:
            return before
        after = revise(before, base, _content(uow, order, statement, gate))
        uow.documents.put(after, author.id)
        _show(uow, order, after)
        uow.commit()
    return after


def sign_document(
    uow: UnitOfWork, author: Author, document_id: UUID, version: int, signature: Signature, zone: tzinfo
) -> Document:
    """Add a signature to the version that the signer saw; the first one numbers and freezes the document.

    The year of the number is that of the place. Tells others once all parties are heard. Raises
    DocumentNotFound, VersionPassed, DocumentIncomplete, DocumentDiffers.
    """
    with uow:
        before, order = _own(uow, author, document_id)
        if (known := before.signature(signature.id)) is not None:
            return _signed_before(before, known, signature)
        check_signable(before, version)
        after = signed(before, signature, _number(uow, before, zone))
        uow.documents.put(after, author.id)
        _show(uow, order, after)
        if after.state is State.SIGNED and before.state is not State.SIGNED:
            uow.emit("document.signed", str(after.id), _announcement(after, signature))
        uow.commit()
    return after


def show_document(uow: UnitOfWork, reader: Reader, document_id: UUID) -> Shown:
    """One document; the reading is written down. Raises DocumentNotFound."""
    with uow:
        document = uow.documents.get(document_id)
        order = uow.orders.get(document.assignment_id) if document else None
        if document is None or order is None or reader.crew_id not in (None, order.card.crew_id):
            raise DocumentNotFound
        note_reading(uow, reader, Act.DOCUMENT_READ, document.assignment_id, document_id)
        [found] = shown(uow, [document])
        uow.commit()
    return found


def list_documents(uow: UnitOfWork, reader: Reader, assignment_id: UUID) -> Sequence[Shown]:
    """The documents of an order in the order in which they were drafted; the reading is written down."""
    with uow:
        order_for(uow, assignment_id, reader.crew_id)
        found = shown(uow, uow.documents.of(assignment_id))
        for one in found:
            note_reading(uow, reader, Act.DOCUMENT_READ, assignment_id, one.document.id)
        uow.commit()
    return found


def shown(uow: UnitOfWork, found: Iterable[Document]) -> list[Shown]:
    """Documents, each with the one that corrects it, inside the transaction of the caller."""
    return [Shown(document, uow.documents.corrected_by(document.id)) for document in found]


def corrected_one(uow: UnitOfWork, document: Document) -> Document | None:
    """The earlier document that this one corrects."""
    with uow:
        return None if document.corrects is None else uow.documents.get(document.corrects)


def photos_of(uow: UnitOfWork, photo_ids: Iterable[str]) -> dict[str, bytes]:
    """Finished photos by id, those that are there."""
    with uow:
        found = [media for id_ in photo_ids if (media := uow.media.get(UUID(id_))) is not None]
        return {
            str(media.id): b"".join(uow.media.parts(media.id, 0, media.finished.size))
            for media in found
            if media.finished is not None
        }


def _show(uow: UnitOfWork, order: WorkOrder, document: Document) -> None:
    """Let the crew's devices learn of it, and that the one which it corrects is corrected."""
    for id_ in (document.id, document.corrects):
        if id_ is not None:
            uow.feed.touch(order.card.crew_id, Topic.DOCUMENT, id_)


def _same(known: Document, assignment_id: UUID, draft: Draft) -> Document:
    mine = (assignment_id, draft.type, draft.corrects)
    if (known.assignment_id, known.type, known.corrects) != mine:
        raise DocumentDiffers(id=draft.id)
    return known


def _check_correction(uow: UnitOfWork, order: WorkOrder, draft: Draft) -> None:
    if draft.corrects is None:
        return
    old = uow.documents.get(draft.corrects)
    if old is None or old.organisation_id != order.card.organisation_id:
        raise DocumentNotFound
    check_correctable(old, draft.type)


def _drafted(uow: UnitOfWork, author: Author, order: WorkOrder, draft: Draft, gate: Gate) -> Document:
    return Document(
        id=draft.id,
        assignment_id=order.card.assignment_id,
        request_id=order.card.request_id,
        organisation_id=order.card.organisation_id,
        type=draft.type,
        drafted_by=author.id,
        drafted_at=uow.now,
        version=1,
        content=_content(uow, order, draft.statement, gate),
        corrects=draft.corrects,
    )


def _content(uow: UnitOfWork, order: WorkOrder, statement: Mapping[str, Any], gate: Gate) -> Content:
    assignment_id = order.card.assignment_id
    opened = gate_of(uow, order, gate)
    job = Job(
        order=order,
        steps=uow.orders.steps(assignment_id),
        records=uow.records.of(assignment_id),
        media=uow.media.of(assignment_id),
        checklist=opened.checklist(order.site),
        safety_version=opened.book.version,
        staff=uow.staff.everything(),
        lineup=lineups_at(uow, order.stage_at).get(order.card.crew_id),
    )
    return {"facts": facts(job), "statement": dict(statement)}


def _own(uow: UnitOfWork, author: Author, document_id: UUID) -> tuple[Document, WorkOrder]:
    """A document, locked, with its order."""
    document = uow.documents.lock(document_id)
    order = uow.orders.get(document.assignment_id) if document else None
    if document is None or order is None or author.crew_id not in (None, order.card.crew_id):
        raise DocumentNotFound
    return document, order


def _number(uow: UnitOfWork, document: Document, zone: tzinfo) -> Number | None:
    """The next number for a document that has none; numbers of a transaction that fails are given again."""
    if document.number is not None:
        return None
    year = uow.now.astimezone(zone).year
    return Number(year, uow.documents.next_serial(document.organisation_id, year))


def _signed_before(document: Document, known: Signature, again: Signature) -> Document:
    if replace(known, at=again.at, by=again.by) != again:
        raise DocumentDiffers(id=again.id)
    return document


def _announcement(document: Document, last: Signature) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "assignment_id": document.assignment_id,
        "request_id": document.request_id,
        "organisation_id": document.organisation_id,
        "document": document.type,
        "document_number": str(document.number),
        "corrects": document.corrects,
        "at": last.at,
        "by": last.by,
        "unsigned_parties": sorted({s.party for s in document.signatures if s.means in UNSIGNED}),
        "sha256": document.digest,
    }
