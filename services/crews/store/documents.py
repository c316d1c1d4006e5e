"""Documents with all their versions, their signatures, and the numbers given."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.documents import Document, DocumentType, Means, Number, Party, Signature
from services.crews.store.sealed import SealedRows
from services.crews.store.tables import document_numbers, document_versions, documents, signatures
from shared.sealing import Sealer

_OWN = tuple(
    field.name for field in fields(Document) if field.name not in ("content", "number", "signatures")
)
_SIGNATURE = tuple(field.name for field in fields(Signature))


class Documents:
    """Documents by the ids their devices gave them, always in their latest version. What they say, and who
    signed how, is sealed."""

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._versions = SealedRows(document_versions, sealer, as_json=("content",))
        self._signings = SealedRows(signatures, sealer, as_json=("strokes",))

    def get(self, document_id: UUID) -> Document | None:
        found = self._select(documents.c.id == document_id)
        return found[0] if found else None

    def lock(self, document_id: UUID) -> Document | None:
        """The same, locked until this transaction ends."""
        query = sa.select(documents.c.id).where(documents.c.id == document_id).with_for_update()
        return self.get(document_id) if self._connection.scalar(query) else None

    def many(self, document_ids: Collection[UUID]) -> Sequence[Document]:
        return self._select(documents.c.id.in_(document_ids))

    def of(self, assignment_id: UUID) -> Sequence[Document]:
        return self._select(documents.c.assignment_id == assignment_id)

    def corrected_by(self, document_id: UUID) -> UUID | None:
        """The latest document that corrects this one."""
        query = (
            sa.select(documents.c.id)
            .where(documents.c.corrects == document_id)
            .order_by(documents.c.drafted_at.desc())
            .limit(1)
        )
        return self._connection.scalar(query)

    def add(self, document: Document) -> None:
        self._connection.execute(documents.insert().values(_row(document)))
        self._add_version(document, document.drafted_by)

    def put(self, document: Document, by: str) -> None:
        """Store the document as it is now; versions and signatures are only ever added."""
        changed = documents.update().where(documents.c.id == document.id).values(_row(document))
        self._connection.execute(changed)
        self._add_version(document, by)
        for signature in document.signatures:
            row = self._signings.sealed(_signature_row(signature))
            entry = insert(signatures).values(**row, document_id=document.id)
            self._connection.execute(entry.on_conflict_do_nothing(index_elements=["id"]))

    def next_serial(self, organisation_id: UUID, year: int) -> int:
        """The next number of this organisation's year. Its row stays locked until this transaction ends, and
        a transaction that fails gives its number back: the series has no gaps and no doubles."""
        first = insert(document_numbers).values(organisation_id=organisation_id, year=year, last=1)
        counted = first.on_conflict_do_update(
            index_elements=["organisation_id", "year"], set_={"last": document_numbers.c.last + 1}
        )
        serial: int = self._connection.execute(counted.returning(document_numbers.c.last)).scalar_one()
        return serial

    def forget_before(self, moment: datetime) -> int:
        """Drop documents drafted before, with all their versions and signatures, but not those that a younger
        one corrects; returns how many. The numbers given stay given."""
        younger = sa.select(documents.c.corrects).where(
            documents.c.drafted_at >= moment, documents.c.corrects.is_not(None)
        )
        is_old = sa.and_(documents.c.drafted_at < moment, documents.c.id.not_in(younger))
        old = sa.select(documents.c.id).where(is_old)
        for table in (signatures, document_versions):
            self._connection.execute(table.delete().where(table.c.document_id.in_(old)))
        return self._connection.execute(documents.delete().where(is_old)).rowcount

    def _add_version(self, document: Document, by: str) -> None:
        own = {"document_id": document.id, "version": document.version, "by": by}
        row = self._versions.sealed({**own, "content": document.content})
        self._connection.execute(insert(document_versions).values(row).on_conflict_do_nothing())

    def _select(self, condition: sa.ColumnElement[bool]) -> list[Document]:
        latest = sa.and_(
            document_versions.c.document_id == documents.c.id,
            document_versions.c.version == documents.c.version,
        )
        query = sa.select(documents, document_versions.c.content).join(document_versions, latest)
        ordered = query.where(condition).order_by(documents.c.drafted_at, documents.c.id)
        return [self._document(row) for row in self._connection.execute(ordered).mappings().all()]

    def _document(self, row: sa.RowMapping) -> Document:
        own: dict[str, Any] = {name: row[name] for name in _OWN}
        return Document(
            **{**own, "type": DocumentType(row["type"])},
            content=self._versions.opened(row)["content"],
            number=Number(row["year"], row["serial"]) if row["serial"] is not None else None,
            signatures=self._signatures(row["id"]),
        )

    def _signatures(self, document_id: UUID) -> tuple[Signature, ...]:
        query = sa.select(signatures).where(signatures.c.document_id == document_id)
        rows = self._connection.execute(query.order_by(signatures.c.sequence)).mappings()
        return tuple(_signature(self._signings.opened(row)) for row in rows)


def _signature_row(signature: Signature) -> dict[str, Any]:
    return {name: getattr(signature, name) for name in _SIGNATURE}


def _signature(row: dict[str, Any]) -> Signature:
    values = {name: row[name] for name in _SIGNATURE}
    strokes = tuple(tuple((x, y) for x, y in stroke) for stroke in row["strokes"])
    known = {"strokes": strokes, "party": Party(row["party"]), "means": Means(row["means"])}
    return Signature(**{**values, **known})


def _row(document: Document) -> dict[str, Any]:
    number = document.number
    own = {name: getattr(document, name) for name in _OWN}
    return {**own, "year": number and number.year, "serial": number and number.serial}
