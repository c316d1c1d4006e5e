"""Documents in memory and in PostgreSQL: the same promises."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from services.crews.domain.documents import DocumentType, Means, Number, Party, revise, signed
from tests.contract.crews.conftest import Open
from tests.unit.crews.examples import ASSIGNMENT, NOON, ORGANISATION
from tests.unit.crews.papers import accident_act, document, full_job, signature


def test_a_document_comes_back_in_its_latest_version_with_its_signatures(transactions: Open) -> None:
    first = document(DocumentType.WORK_ACT, full_job())
    second = revise(first, 1, {**first.content, "statement": {"cause": "коррозия"}})
    refusal = signature(Party.RESIDENT, Means.REFUSED, reason="не согласен")
    half = signed(second, signature(Party.LEADER), Number(2026, 1))
    whole = signed(half, refusal, None)
    with transactions() as uow:
        uow.documents.add(first)
        assert uow.documents.get(first.id) == first
        for now in (second, half, whole):
            uow.documents.put(now, "crew-7")
            assert uow.documents.lock(first.id) == now
        uow.commit()
    with transactions() as uow:
        kept = uow.documents.get(first.id)
        assert kept == whole
        assert kept is not None
        assert kept.digest == whole.digest
        assert uow.documents.of(ASSIGNMENT) == [whole]
        assert uow.documents.many([first.id, uuid4()]) == [whole]
        assert uow.documents.of(uuid4()) == []
        assert uow.documents.get(uuid4()) is uow.documents.lock(uuid4()) is None


def test_the_latest_correction_is_found(transactions: Open) -> None:
    old = accident_act()
    corrections = [
        replace(
            document(DocumentType.ACCIDENT_ACT, full_job()),
            id=UUID(int=number),
            corrects=old.id,
            drafted_at=NOON + timedelta(hours=number),
        )
        for number in (1, 2)
    ]
    with transactions() as uow:
        uow.documents.add(old)
        assert uow.documents.corrected_by(old.id) is None
        for correction in corrections:
            uow.documents.add(correction)
        assert uow.documents.corrected_by(old.id) == UUID(int=2)


def test_old_documents_go_but_not_one_that_a_younger_corrects(transactions: Open) -> None:
    old, wrong, right = (
        replace(
            document(DocumentType.SURVEY_ACT, full_job()),
            id=uuid4(),
            drafted_at=NOON - timedelta(days=days),
        )
        for days in (9, 9, 1)
    )
    signed_ = signed(old, signature(Party.LEADER), Number(2026, 1))
    with transactions() as uow:
        uow.documents.add(old)
        uow.documents.put(signed_, "crew-7")
        uow.documents.add(wrong)
        uow.documents.add(replace(right, corrects=wrong.id))
        assert uow.documents.forget_before(NOON - timedelta(days=5)) == 1
        assert {kept.id for kept in uow.documents.of(ASSIGNMENT)} == {wrong.id, right.id}
        assert uow.documents.forget_before(NOON) == 2


def test_a_number_of_a_transaction_that_failed_is_given_again(transactions: Open) -> None:
    for commits, serial in ((True, 1), (False, 2), (True, 2), (True, 3)):
        with transactions() as uow:
            assert uow.documents.next_serial(ORGANISATION, 2026) == serial
            if commits:
                uow.commit()
    with transactions() as uow:
        assert uow.documents.next_serial(ORGANISATION, 2027) == 1
        assert uow.documents.next_serial(uuid4(), 2026) == 1
