"""What crews record on site, in memory."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from services.crews.domain.documents import Document
from services.crews.domain.media import Media
from services.crews.domain.records import Record
from tests.unit.crews.fakes.tables import Tables


class FakeRecords:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, record: Record) -> bool:
        return self._tables.records.setdefault(record.id, record) is record

    def get(self, record_id: UUID) -> Record | None:
        return self._tables.records.get(record_id)

    def many(self, record_ids: Collection[UUID]) -> list[Record]:
        return [record for record in self._tables.records.values() if record.id in record_ids]

    def of(self, assignment_id: UUID) -> list[Record]:
        return [record for record in self._tables.records.values() if record.assignment_id == assignment_id]


class FakeMedia:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, media_id: UUID) -> Media | None:
        return self._tables.media.get(media_id)

    lock = get

    def of(self, assignment_id: UUID) -> list[Media]:
        own = (media for media in self._tables.media.values() if media.assignment_id == assignment_id)
        return sorted(own, key=lambda media: (media.shot.taken_at, media.id))

    def put(self, media: Media) -> None:
        self._tables.media[media.id] = media

    def add_part(self, media_id: UUID, start: int, part: bytes) -> None:
        before = self._tables.parts.get(media_id, b"")
        assert len(before) == start
        self._tables.parts[media_id] = before + part

    def drop_parts(self, media_id: UUID) -> None:
        self._tables.parts.pop(media_id, None)

    def parts(self, media_id: UUID, start: int, stop: int) -> Iterator[bytes]:
        content = self._tables.parts.get(media_id, b"")[start:stop]
        if content:
            yield content

    def forget_unfinished(self, before: datetime) -> int:
        old = [m.id for m in self._tables.media.values() if m.finished is None and m.touched_at < before]
        for media_id in old:
            del self._tables.media[media_id]
            self.drop_parts(media_id)
        return len(old)

    def forget_before(self, moment: datetime) -> int:
        named = {document.assignment_id for document in self._tables.documents.values()}
        old = [
            media.id
            for media in self._tables.media.values()
            if media.finished and media.finished.at < moment and media.assignment_id not in named
        ]
        for media_id in old:
            del self._tables.media[media_id]
            self.drop_parts(media_id)
        return len(old)


class FakeDocuments:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, document_id: UUID) -> Document | None:
        return self._tables.documents.get(document_id)

    lock = get

    def many(self, document_ids: Collection[UUID]) -> list[Document]:
        return self._sorted(d for d in self._tables.documents.values() if d.id in document_ids)

    def of(self, assignment_id: UUID) -> list[Document]:
        return self._sorted(d for d in self._tables.documents.values() if d.assignment_id == assignment_id)

    def _sorted(self, found: Iterable[Document]) -> list[Document]:
        return sorted(found, key=lambda document: (document.drafted_at, document.id))

    def corrected_by(self, document_id: UUID) -> UUID | None:
        later = [d for d in self._tables.documents.values() if d.corrects == document_id]
        return max(later, key=lambda document: document.drafted_at).id if later else None

    def add(self, document: Document) -> None:
        self._tables.documents[document.id] = document

    def put(self, document: Document, by: str) -> None:
        self._tables.documents[document.id] = document

    def next_serial(self, organisation_id: UUID, year: int) -> int:
        series = (organisation_id, year)
        self._tables.serials[series] = self._tables.serials.get(series, 0) + 1
        return self._tables.serials[series]

    def forget_before(self, moment: datetime) -> int:
        every = self._tables.documents.values()
        corrected = {d.corrects for d in every if d.drafted_at >= moment}
        old = [d.id for d in every if d.drafted_at < moment and d.id not in corrected]
        for document_id in old:
            del self._tables.documents[document_id]
        return len(old)
