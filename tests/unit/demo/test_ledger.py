"""The evening's account must notice everything that is missing or doubled."""

from typing import Any

from demo import ledger
from demo.actors import Outcome
from demo.ledger import Account, Entry
from demo.residents import Appeal
from tests.support.contracts import example

PHONE = "+77000010001"


def fact(source: str, kind: str, **changes: Any) -> dict[str, Any]:
    return {"type": kind, "data": example(source, kind, **changes)}


def timeline(state: str) -> dict[str, Any]:
    return {
        "state": state,
        "entries": [
            fact("intake", "request.registered", received_at="2026-11-24T18:00:00Z"),
            fact("triage", "request.classified", category="emergency"),
            fact("routing", "assignment.made", offered_at="2026-11-24T18:00:00.250Z"),
            fact("routing", "assignment.made", offered_at="2026-11-24T18:01:00Z"),
            fact("crews", "assignment.progressed", stage="completed", at="2026-11-24T18:30:00Z"),
        ],
    }


def closed(number: str) -> Entry:
    return Entry(number, "urgent", "closed", 0.1, 60.0, 1)


def test_an_entry_tells_the_first_offer_and_the_end() -> None:
    assert ledger.entry("1042", timeline("closed")) == Entry("1042", "emergency", "closed", 0.25, 1800.0, 2)


def test_an_entry_of_a_request_nobody_touched_yet() -> None:
    bare = {"state": "registered", "entries": timeline("x")["entries"][:1]}
    assert ledger.entry("1042", bare) == Entry("1042", None, "registered", None, None, 0)


def test_balanced_only_when_everything_is_at_its_end() -> None:
    assert Account([closed("1001")]).balanced
    assert not Account([Entry("1001", "urgent", "in_work", 0.1, None, 1)]).balanced
    assert not Account([closed("1001")], unanswered=["Нет воды: отказ"]).balanced
    assert not Account([closed("1001")], repeated=["Заявка"]).balanced
    assert not Account([closed("1001")], dead_letters=1).balanced


def test_a_message_said_twice_to_the_same_resident_is_counted() -> None:
    said = {"to": PHONE, "body": "Заявка 1042: бригада выехала", "status": "delivered"}
    other = {**said, "to": "+77009999999"}
    counted, repeated = ledger.count_messages([said, dict(said), other], frozenset({PHONE}))
    assert (counted, repeated) == ({"delivered": 2}, [said["body"]])
    between = {**said, "body": "Заявка 1042: бригаду забрала авария"}
    assert ledger.count_messages([said, between, said], frozenset({PHONE}))[1] == []


def test_an_appeal_without_a_number_is_not_forgotten() -> None:
    appeal = Appeal(PHONE, "ru", "Нет воды", "Абая 12", split=False, by_phone=False)
    silent = Outcome(appeal, answers=["Напишите адрес"])
    assert ledger.unanswered([silent, Outcome(appeal, number="1042")]) == ["Нет воды: Напишите адрес"]


def test_the_table_has_a_row_for_each_category_and_their_sum() -> None:
    table = ledger.rows(Account([closed("1001"), Entry("1002", "emergency", "closed", 0.3, 10.0, 2)]))
    assert [row["category"] for row in table] == [*ledger.CATEGORIES, "all"]
    assert table[-1] | {"to_offer_p50_s": None, "to_offer_p95_s": None} == {
        "category": "all",
        "requests": 2,
        "closed": 2,
        "offered": 2,
        "to_offer_p50_s": None,
        "to_offer_p95_s": None,
        "offers": 3,
    }
    assert table[-1]["to_offer_p50_s"] == 0.2
