"""What happens at the same moment on a site, on a real PostgreSQL."""

from collections import Counter
from functools import partial
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.crews.domain.documents import DocumentType, Party
from services.crews.errors import UploadGap
from services.crews.store import UnitOfWork
from services.crews.usecases.commands import perform
from services.crews.usecases.disclosure import Reader
from services.crews.usecases.documents import Author, Draft, draft_document, show_document, sign_document
from services.crews.usecases.media import begin_upload, receive_piece, show_media
from services.crews.usecases.orders import receive_order
from services.crews.usecases.records import keep_record, list_records
from shared.db import TransactionContext
from tests.integration.test_crews_races import at_once, context, url
from tests.unit.crews.examples import (
    ASSIGNMENT,
    CREW,
    GATE,
    ORGANISATION,
    VIDEO,
    command,
    media,
    order,
    safety,
)
from tests.unit.crews.papers import signature
from tests.unit.crews.test_documents import said
from tests.unit.crews.test_media import POLICY

__all__ = ["context", "url"]
pytestmark = pytest.mark.servers
OURS = Author("crew-7", CREW)
AT_ONCE = 10


def drafted(context: TransactionContext, assignment_id: UUID) -> UUID:
    draft = Draft(uuid4(), DocumentType.SURVEY_ACT, said())
    return draft_document(UnitOfWork(context), OURS, assignment_id, draft, GATE).id


def sign(context: TransactionContext, document_id: UUID, *, fails: bool = False) -> None:
    """Sign, or fall just before the commit, when the number is taken already."""
    uow = UnitOfWork(context)
    if fails:
        uow.commit = _fall  # type: ignore[method-assign]
    one = signature(Party.LEADER, id=uuid4())
    sign_document(uow, OURS, document_id, 1, one, ZoneInfo("Asia/Almaty"))


def _fall() -> None:
    raise RuntimeError("the process died here")


def test_numbers_signed_at_once_have_no_gap_and_no_double(context: TransactionContext) -> None:
    receive_order(UnitOfWork(context), order().card)
    for _ in range(5):
        ids = [drafted(context, ASSIGNMENT) for _ in range(AT_ONCE)]
        at_once([partial(sign, context, id_, fails=number % 3 == 0) for number, id_ in enumerate(ids)])
    with UnitOfWork(context) as uow:
        numbers = [document.number for document in uow.documents.of(ASSIGNMENT) if document.number]
        assert uow.documents.next_serial(ORGANISATION, numbers[0].year) == len(numbers) + 1
    assert len(numbers) == 5 * 6
    assert sorted(number.serial for number in numbers) == list(range(1, len(numbers) + 1))


def test_one_document_signed_by_many_at_once_has_one_number(context: TransactionContext) -> None:
    receive_order(UnitOfWork(context), order().card)
    document_id = drafted(context, ASSIGNMENT)
    outcomes = at_once([partial(sign, context, document_id) for _ in range(AT_ONCE)])
    assert outcomes == [None] * AT_ONCE
    document = show_document(UnitOfWork(context), Reader("crew-7", CREW), document_id).document
    assert (document.number and document.number.serial, len(document.signatures)) == (1, AT_ONCE)


def test_a_record_sent_many_times_at_once_is_kept_once(context: TransactionContext) -> None:
    receive_order(UnitOfWork(context), order().card)
    record = safety("ppe")
    work = partial(keep_record, record=record)
    sent = [partial(perform, UnitOfWork(context), command("record"), work) for _ in range(AT_ONCE)]
    receipts = at_once(sent)
    assert [receipt["id"] for receipt in receipts if isinstance(receipt, dict)] == [str(record.id)] * AT_ONCE
    assert len(list_records(UnitOfWork(context), CREW, ASSIGNMENT)) == 1


def test_pieces_sent_at_once_make_the_same_bytes(context: TransactionContext) -> None:
    receive_order(UnitOfWork(context), order().card)
    coming = media()
    begun = at_once(
        [partial(begin_upload, UnitOfWork(context), CREW, coming, POLICY) for _ in range(AT_ONCE)]
    )
    assert Counter(type(outcome) for outcome in begun) == {type(coming): AT_ONCE}
    while show_media(UnitOfWork(context), CREW, coming.id).received < len(VIDEO):
        starts = range(0, len(VIDEO), 150)
        outcomes = at_once(
            [
                partial(receive_piece, UnitOfWork(context), CREW, coming.id, at, VIDEO[at : at + 200])
                for at in starts
            ]
        )
        assert {type(outcome) for outcome in outcomes} <= {type(coming), UploadGap}
    with UnitOfWork(context) as uow:
        assert b"".join(uow.media.parts(coming.id, 0, len(VIDEO))) == VIDEO
