"""What crews record on site: the fake and PostgreSQL keep the same promises."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from services.crews.domain.documents import DocumentType
from services.crews.domain.media import Finished
from services.crews.domain.notes import Note
from services.crews.domain.orders import Stage
from services.crews.domain.records import Kind as RecordKind
from tests.contract.crews.conftest import Open
from tests.unit.crews.examples import (
    ASSIGNMENT,
    CREW,
    NOON,
    VIDEO,
    command,
    media,
    order,
    record,
    step,
    walked,
)
from tests.unit.crews.papers import document, full_job


def test_a_note_is_kept_once_and_shown_to_its_crew_only(transactions: Open) -> None:
    told = command("complete", "key", result="fixed", readings=[{"kind": "gas", "value": 0.0}])
    note = Note.of(told, NOON, NOON + timedelta(hours=1), "assignment_withdrawn")
    with transactions() as uow:
        uow.notes.add(note)
        uow.notes.add(replace(note, command="other"))
        uow.commit()
    with transactions() as uow:
        assert uow.notes.on([ASSIGNMENT, uuid4()], CREW) == [note]
        assert uow.notes.on([ASSIGNMENT], uuid4()) == []
        assert uow.notes.on([uuid4()], CREW) == []


def test_records_are_kept_once_and_come_back_in_the_order_in_which_they_came(transactions: Open) -> None:
    reading = {"kind": "pressure", "value": 4.5, "unit": "bar", "place": None}
    first = record(RecordKind.READING, **reading)
    second = record(
        RecordKind.RETRACTION, note="ошибка", replaces=first.id, device_at=NOON - timedelta(hours=1)
    )
    with transactions() as uow:
        assert [uow.records.add(kept) for kept in (first, second, replace(first, by="other"))] == [
            True,
            True,
            False,
        ]
        uow.commit()
    with transactions() as uow:
        assert uow.records.of(ASSIGNMENT) == [first, second]
        assert uow.records.get(first.id) == first
        assert uow.records.many([first.id, uuid4()]) == [first]
        assert uow.records.get(uuid4()) is None
        assert uow.records.of(uuid4()) == []


def test_media_are_kept_in_parts_and_read_from_anywhere(transactions: Open) -> None:
    coming = media()
    with transactions() as uow:
        uow.media.put(coming)
        for start in range(0, len(VIDEO), 100):
            uow.media.add_part(coming.id, start, VIDEO[start : start + 100])
        uow.commit()
    with transactions() as uow:
        assert uow.media.get(coming.id) == uow.media.lock(coming.id) == coming
        assert uow.media.of(ASSIGNMENT) == [coming]
        for start, stop in ((0, len(VIDEO)), (0, 1), (99, 101), (100, 100), (250, 5000)):
            assert b"".join(uow.media.parts(coming.id, start, stop)) == VIDEO[start:stop]
        uow.media.drop_parts(coming.id)
        assert list(uow.media.parts(coming.id, 0, 10)) == []
        kept = replace(coming, finished=Finished(NOON, "image/jpeg", 7, "0" * 64, 3, 2))
        uow.media.put(kept)
        assert uow.media.get(coming.id) == kept
        assert uow.media.get(uuid4()) is None


def test_what_nobody_goes_on_with_is_forgotten_with_its_parts(transactions: Open) -> None:
    hour = timedelta(hours=1)
    old, young = media(touched_at=NOON - 2 * hour), media(touched_at=NOON)
    kept = media(touched_at=NOON - 2 * hour, finished=Finished(NOON, "video/mp4", 1, "0" * 64))
    with transactions() as uow:
        for coming in (old, young, kept):
            uow.media.put(coming)
            uow.media.add_part(coming.id, 0, b"x")
        assert uow.media.forget_unfinished(NOON - hour) == 1
        uow.commit()
    with transactions() as uow:
        assert {found.id for found in uow.media.of(ASSIGNMENT)} == {young.id, kept.id}
        assert list(uow.media.parts(old.id, 0, 1)) == []


def test_old_pictures_go_but_not_those_that_a_document_names(transactions: Open) -> None:
    done = Finished(NOON, "image/jpeg", 1, "0" * 64, 1, 1)
    young, old, named = (
        media(id=uuid4(), finished=replace(done, at=NOON - timedelta(days=days)), assignment_id=order_id)
        for days, order_id in ((1, uuid4()), (9, uuid4()), (9, ASSIGNMENT))
    )
    with transactions() as uow:
        for kept in (young, old, named):
            uow.media.put(kept)
        uow.documents.add(document(DocumentType.WORK_ACT, full_job()))
        assert uow.media.forget_before(NOON - timedelta(days=5)) == 1
        assert uow.media.get(old.id) is None
        assert [uow.media.get(kept.id) for kept in (young, named)] == [young, named]


def test_old_orders_go_with_all_that_was_recorded_on_them_but_not_those_that_something_names(
    transactions: Open,
) -> None:
    long_ago, ended = NOON - timedelta(days=9), [Stage.DECLINED]
    old, young, open_, named = (uuid4() for _ in range(4))
    with transactions() as uow:
        for id_, at, stages in (
            (old, long_ago, ended),
            (young, NOON, ended),
            (open_, long_ago, []),
            (named, long_ago, ended),
        ):
            uow.orders.put(replace(walked(order(assignment_id=id_), stages), stage_at=at))
            uow.orders.add_step(id_, step(Stage.OFFERED))
            uow.records.add(replace(record(RecordKind.WORK, text="стояк"), assignment_id=id_))
            uow.notes.add(
                Note.of(command("note", assignment_id=id_, note="ключ у соседки"), long_ago, long_ago)
            )
        uow.notes.add(Note.of(command("sos", assignment_id=None), long_ago, long_ago))
        uow.notes.add(Note.of(command("sos", assignment_id=None), NOON, NOON))
        uow.media.put(media(assignment_id=named))
        assert uow.orders.forget_before(NOON - timedelta(days=5)) == 1
        uow.commit()
    with transactions() as uow:
        everything = [old, young, open_, named]
        staying = {young, open_, named}
        assert {one.card.assignment_id for one in uow.orders.many(everything)} == staying
        assert uow.orders.histories(everything).keys() == staying
        assert {id_ for id_ in everything if uow.records.of(id_)} == staying
        assert {note.assignment_id for note in uow.notes.on(everything, CREW)} == staying
