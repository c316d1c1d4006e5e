"""Documents: drafted from facts, numbered once, frozen by the first signature, never changed after."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.crews.domain.audit import Act
from services.crews.domain.documents import (
    SIGNERS,
    UNSIGNED,
    Document,
    DocumentType,
    Means,
    Number,
    Party,
    Signature,
    State,
)
from services.crews.domain.media import Finished, MediaKind
from services.crews.domain.records import Record
from services.crews.domain.retention import Retention
from services.crews.errors import (
    AssignmentNotFound,
    DocumentDiffers,
    DocumentFrozen,
    DocumentIncomplete,
    DocumentNotFound,
    NotCorrectable,
    ReasonRequired,
    VersionPassed,
)
from services.crews.schemas.documents import Statement
from services.crews.usecases.commands import perform
from services.crews.usecases.disclosure import Reader
from services.crews.usecases.documents import (
    Author,
    Draft,
    Shown,
    corrected_one,
    draft_document,
    list_documents,
    photos_of,
    revise_document,
    show_document,
    sign_document,
)
from services.crews.usecases.feed import changes_since
from services.crews.usecases.orders import receive_order
from services.crews.usecases.records import keep_record
from services.crews.usecases.retention import forget_old
from shared.clock import FixedClock
from tests.support import contracts
from tests.support.chance import examples
from tests.unit.crews.examples import ASSIGNMENT, CARD, CREW, GATE, NOON, STAFF, command, media, order
from tests.unit.crews.fakes import FakeUnitOfWork
from tests.unit.crews.papers import ACCIDENT, PHOTO_IDS, full_records, jpeg, signature
from tests.unit.crews.rostering import ben_alone

ALMATY = ZoneInfo("Asia/Almaty")
OURS = Author("crew-7", CREW)
MASTER = Author("master-1", None)
READER = Reader("crew-7", CREW, "10.0.0.7")
T, P = DocumentType, Party


def said(**statement: Any) -> dict[str, Any]:
    return dict(Statement().dump(Statement().load(statement)))


@pytest.fixture
def uow() -> FakeUnitOfWork:
    uow = FakeUnitOfWork(FixedClock(NOON))
    uow.tables.staff = STAFF
    receive_order(uow, CARD)
    return uow


def drafted(uow: FakeUnitOfWork, type_: DocumentType = T.WORK_ACT, **changes: Any) -> Document:
    statement = changes.pop("statement", said())
    draft = Draft(**{"id": uuid4(), "type": type_, "statement": statement, **changes})
    return draft_document(uow, OURS, ASSIGNMENT, draft, GATE)


def recorded(uow: FakeUnitOfWork, kept: Record) -> None:
    perform(uow, command("record"), partial(keep_record, record=kept))


def sign(uow: FakeUnitOfWork, document: Document, *signatures: Signature) -> Document:
    for one in signatures:
        document = sign_document(uow, OURS, document.id, document.version, one, ALMATY)
    return document


def photo(uow: FakeUnitOfWork) -> None:
    with uow:
        kept = Finished(NOON, "image/jpeg", len(jpeg()), "0" * 64, 800, 600)
        uow.media.put(media(id=PHOTO_IDS[0], kind=MediaKind.PHOTO, finished=kept))
        uow.media.add_part(PHOTO_IDS[0], 0, jpeg())
        uow.commit()


@pytest.mark.rule("F45-1.2-U5")
def test_a_draft_says_what_the_timeline_knows(uow: FakeUnitOfWork) -> None:
    for kept in full_records():
        recorded(uow, kept)
    photo(uow)
    facts = drafted(uow).content["facts"]
    assert (facts["number"], facts["address"], facts["organisation"]) == ("1042", "ул. Абая, 12", "Водоканал")
    assert facts["people"][0] == {"name": "Первый", "grade": 5, "leader": True}
    assert [len(facts[f"{name}s"]) for name in ("work", "material", "defect", "diagnostic")] == [1, 2, 1, 1]
    assert [named["id"] for named in facts["media"]] == [str(PHOTO_IDS[0])]
    assert photos_of(uow, [str(PHOTO_IDS[0]), str(uuid4())]) == {str(PHOTO_IDS[0]): jpeg()}


def test_a_document_names_who_was_on_the_roster_not_the_usual_crew(uow: FakeUnitOfWork) -> None:
    with uow:
        uow.rosters.put_duty(ben_alone())
        uow.commit()
    people = drafted(uow, T.WORK_ACT).content["facts"]["people"]
    assert people == [{"name": "Второй", "grade": 4, "leader": True}]


def test_a_draft_is_revised_by_version_with_the_facts_of_then(uow: FakeUnitOfWork) -> None:
    first = drafted(uow)
    for kept in full_records():
        recorded(uow, kept)
    wish = said(conclusion="Течь устранена")
    second = revise_document(uow, OURS, first.id, 1, wish, GATE)
    assert (second.version, second.content["statement"]["conclusion"]) == (2, "Течь устранена")
    assert not first.content["facts"]["works"]
    assert second.content["facts"]["works"]
    assert revise_document(uow, OURS, first.id, 1, wish, GATE) == second, "sent again"
    with pytest.raises(VersionPassed) as passed:
        revise_document(uow, OURS, first.id, 1, said(conclusion="иначе"), GATE)
    assert passed.value.details == {"version": 2}


def test_the_first_signature_numbers_and_freezes(uow: FakeUnitOfWork) -> None:
    document = drafted(uow)
    assert (document.state, document.number) == (State.DRAFT, None)
    half = sign(uow, document, signature(P.LEADER))
    assert (half.state, half.number, half.missing_parties) == (State.SIGNING, Number(2026, 1), (P.RESIDENT,))
    with pytest.raises(DocumentFrozen):
        revise_document(uow, OURS, document.id, 1, said(cause="x"), GATE)
    assert uow.emitted == []
    refusal = signature(P.RESIDENT, Means.REFUSED, reason="не согласен")
    whole = sign(uow, half, refusal)
    assert (whole.state, whole.number, whole.content) == (State.SIGNED, Number(2026, 1), document.content)


@pytest.mark.rule("F45-1.2-U5")
def test_a_signed_document_is_told_once_as_the_contract_says(uow: FakeUnitOfWork) -> None:
    refusal = signature(P.RESIDENT, Means.REFUSED, reason="не согласен")
    whole = sign(uow, drafted(uow), signature(P.LEADER), refusal, signature(P.FITTER), refusal)
    [told] = uow.emitted
    assert (told.type, told.subject) == ("document.signed", str(whole.id))
    contracts.check("crews", told.type, told.data)
    assert (told.data["document_number"], told.data["unsigned_parties"]) == ("1/2026", ["resident"])


def test_a_signature_sent_again_is_one_and_its_id_belongs_to_it(uow: FakeUnitOfWork) -> None:
    document = drafted(uow)
    first = signature(P.LEADER)
    once = sign(uow, document, first)
    later = replace(first, at=NOON + timedelta(hours=1))
    assert sign(uow, once, later) == once
    with pytest.raises(DocumentDiffers):
        sign(uow, once, replace(first, name="Другой"))


def test_one_signs_only_what_one_saw(uow: FakeUnitOfWork) -> None:
    document = drafted(uow)
    revise_document(uow, OURS, document.id, 1, said(cause="x"), GATE)
    with pytest.raises(VersionPassed):
        sign(uow, document, signature(P.LEADER))


@pytest.mark.parametrize("means", sorted(UNSIGNED))
def test_a_refusal_is_recorded_with_its_reason(means: Means) -> None:
    with pytest.raises(ReasonRequired):
        signature(P.RESIDENT, means)
    assert signature(P.RESIDENT, means, reason="не открыл дверь").reason


LAW = {"happened_at": ACCIDENT["happened_at"], "place": "подвал", "cause": "коррозия"}


@pytest.mark.rule("207-VIII")
@pytest.mark.parametrize("left_out", [*LAW, "media"])
def test_the_act_of_an_accident_is_not_signed_without_what_the_law_asks(
    uow: FakeUnitOfWork, left_out: str
) -> None:
    if left_out != "media":
        photo(uow)
    statement = said(**{name: text for name, text in LAW.items() if name != left_out})
    document = drafted(uow, T.ACCIDENT_ACT, statement=statement)
    with pytest.raises(DocumentIncomplete) as refused:
        sign(uow, document, signature(P.HARMED))
    assert refused.value.details == {"missing": (left_out,)}
    assert refused.value.errors == {left_out: [f"document.missing.{left_out}"]}


@pytest.mark.rule("207-VIII")
def test_the_act_of_an_accident_is_done_when_all_three_the_law_names_were_heard(uow: FakeUnitOfWork) -> None:
    photo(uow)
    document = drafted(uow, T.ACCIDENT_ACT, statement=said(**LAW))
    absent = signature(P.CAUSER, Means.ABSENT, name="Не установлен", reason="не установлен")
    two = sign(uow, document, signature(P.HARMED), absent)
    assert (two.state, two.missing_parties) == (State.SIGNING, (P.CHAIR,))
    assert sign(uow, two, signature(P.CHAIR, Means.NAMED)).state is State.SIGNED


def test_a_mistake_is_corrected_by_a_new_document_that_names_the_old(uow: FakeUnitOfWork) -> None:
    old = drafted(uow, T.SURVEY_ACT)
    with pytest.raises(NotCorrectable):
        drafted(uow, T.SURVEY_ACT, corrects=old.id)
    old = sign(uow, old, signature(P.LEADER))
    with pytest.raises(NotCorrectable):
        drafted(uow, T.WORK_ACT, corrects=old.id)
    new = drafted(uow, T.SURVEY_ACT, corrects=old.id)
    assert corrected_one(uow, new) == old
    assert show_document(uow, READER, old.id).corrected_by == new.id
    assert show_document(uow, READER, old.id).document == old
    assert sign(uow, new, signature(P.LEADER)).number == Number(2026, 2)
    with pytest.raises(DocumentNotFound):
        drafted(uow, T.SURVEY_ACT, corrects=uuid4())


@pytest.mark.rule("6.11")
def test_who_read_a_document_is_written_down(uow: FakeUnitOfWork) -> None:
    document = drafted(uow)
    show_document(uow, READER, document.id)
    with pytest.raises(DocumentNotFound):
        show_document(uow, Reader("crew-9", uuid4()), document.id)
    [act] = uow.tables.acts
    told = (act.act, act.by, act.address, act.details["id"])
    assert told == (Act.DOCUMENT_READ, "crew-7", "10.0.0.7", str(document.id))


def test_a_document_is_forgotten_before_the_pictures_that_it_names(uow: FakeUnitOfWork) -> None:
    photo(uow)
    drafted(uow)
    day = timedelta(days=1)
    uow.clock = FixedClock(NOON + 3 * day)
    assert forget_old(uow, Retention(media=day, documents=9 * day, orders=9 * day)) == 0
    assert forget_old(uow, Retention(media=9 * day, documents=day, orders=9 * day)) == 1
    assert forget_old(uow, Retention(media=day, documents=day, orders=9 * day)) == 1
    assert not uow.tables.media


def _ids(found: Sequence[Shown]) -> set[tuple[UUID, UUID | None]]:
    return {(shown.document.id, shown.corrected_by) for shown in found}


def test_devices_learn_of_records_and_of_every_change_of_a_document(uow: FakeUnitOfWork) -> None:
    before = changes_since(uow, CREW, None, 50).cursor
    material = full_records()[0]
    recorded(uow, material)
    old = sign(uow, drafted(uow, T.SURVEY_ACT), signature(P.LEADER))
    news = changes_since(uow, CREW, before, 50)
    assert [record.id for record in news.records] == [material.id]
    assert news.documents == [Shown(old)]
    new = drafted(uow, T.SURVEY_ACT, corrects=old.id)
    later = changes_since(uow, CREW, news.cursor, 50)
    assert _ids(later.documents) == {(new.id, None), (old.id, new.id)}
    whole = changes_since(uow, CREW, None, 50)
    assert (whole.records, _ids(whole.documents)) == (news.records, _ids(later.documents))


def test_drafted_again_it_is_the_same_document(uow: FakeUnitOfWork) -> None:
    first = drafted(uow)
    assert drafted(uow, id=first.id) == first
    with pytest.raises(DocumentDiffers):
        drafted(uow, T.SURVEY_ACT, id=first.id)
    assert [shown.document for shown in list_documents(uow, READER, ASSIGNMENT)] == [first]


def test_another_crews_documents_do_not_exist_for_this_one_but_do_for_a_master(uow: FakeUnitOfWork) -> None:
    document = drafted(uow)
    stranger = Author("crew-8", uuid4())
    with pytest.raises(DocumentNotFound):
        sign_document(uow, stranger, document.id, 1, signature(P.LEADER), ALMATY)
    with pytest.raises(DocumentNotFound):
        show_document(uow, Reader("crew-9", stranger.crew_id), document.id)
    with pytest.raises(DocumentNotFound):
        show_document(uow, Reader("master-1", None), uuid4())
    with pytest.raises(AssignmentNotFound):
        draft_document(uow, stranger, ASSIGNMENT, Draft(uuid4(), T.WORK_ACT, said()), GATE)
    assert sign_document(uow, MASTER, document.id, 1, signature(P.MASTER), ALMATY).number


def test_the_year_of_a_number_is_the_year_of_the_place() -> None:
    clock = FixedClock(datetime(2026, 12, 31, 18, 59, tzinfo=UTC))
    uow = FakeUnitOfWork(clock)
    receive_order(uow, CARD)
    numbers = []
    for _ in range(2):
        numbers.append(sign(uow, drafted(uow), signature(P.LEADER)).number)
        clock.advance(timedelta(minutes=2))
    assert numbers == [Number(2026, 1), Number(2027, 1)]


kinds = st.sampled_from(list(DocumentType))
many = st.lists(st.tuples(kinds, st.integers(0, 2), st.booleans()), max_size=6)


@examples(20)
@given(many)
def test_numbers_of_each_organisation_run_without_gaps(tries: list[tuple[DocumentType, int, bool]]) -> None:
    """Whatever is drafted, signed or left: the numbers given are 1, 2, 3 ... in each series."""
    uow = FakeUnitOfWork(FixedClock(NOON))
    series: dict[UUID, list[int]] = {}
    for type_, owner, is_signed in tries:
        organisation, id_ = UUID(int=owner), uuid4()
        receive_order(uow, order(assignment_id=id_, organisation_id=organisation).card)
        document = draft_document(uow, OURS, id_, Draft(uuid4(), type_, said()), GATE)
        if is_signed and type_ is not T.ACCIDENT_ACT:
            number = sign(uow, document, signature(SIGNERS[type_][0])).number
            assert number is not None
            series.setdefault(organisation, []).append(number.serial)
    assert all(given_ == list(range(1, len(given_) + 1)) for given_ in series.values())
