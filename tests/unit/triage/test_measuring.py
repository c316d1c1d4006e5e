"""The figures by which rules and models are judged, and the table of corrections."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from services.triage.commands.labelled import Reviewed, reviewed
from services.triage.commands.reviewing import confusion_table, report, report_found, write
from services.triage.domain.corrections import Corrected, Correction, FaultFound, Judged, tally
from services.triage.domain.measuring import Answer, Labelled, answer_of, confusion_rows, measure
from services.triage.domain.model import Category, Hazard
from tests.support.fakes import NOON
from tests.unit.triage.shipped import decide, engine

GAS, SHOCK = frozenset({Hazard.GAS}), frozenset({Hazard.ELECTRIC_SHOCK})
NONE: frozenset[Hazard] = frozenset()


def label(category: Category, fault: str, hazards: frozenset[Hazard] = NONE) -> Labelled:
    return Labelled(str(uuid4()), "", category, fault, hazards)


LABELS = [
    label(Category.EMERGENCY, "gas_smell", GAS),
    label(Category.EMERGENCY, "wire_down", SHOCK),
    label(Category.URGENT, "water_none"),
    label(Category.PLANNED, "snow"),
]
ANSWERS = [
    Answer(Category.EMERGENCY, ("gas_smell",), GAS),
    Answer(Category.URGENT, ("wire_loose", "wire_down"), NONE, needs_person=True),
    Answer(Category.URGENT, ("water_none",), NONE),
    Answer(Category.EMERGENCY, ("icicles",), frozenset({Hazard.COLLAPSE})),
]


def test_figures_are_counted_as_they_say() -> None:
    given = iter(ANSWERS)
    score = measure(LABELS, lambda _: next(given))
    facts = score.facts()
    assert (facts["texts"], facts["hazard_texts"], facts["hazards_missed"]) == (4, 2, 1)
    assert (facts["hazard_recall"], facts["hazard_precision"]) == (0.5, 0.5)
    assert (facts["emergencies_too_low"], facts["to_person"]) == (1, 0.25)
    assert (facts["fault_top1"], facts["fault_top3"]) == (0.5, 0.75)
    f1 = [0.5, 2 / 3, 0.0]
    assert facts["urgency_macro_f1"] == pytest.approx(sum(f1) / 3, abs=1e-4)
    assert confusion_rows(score) == [[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert (score.hazard_labels[Hazard.GAS], score.hazard_hits[Hazard.ELECTRIC_SHOCK]) == (1, 0)


def test_nothing_measured_is_no_division_by_zero() -> None:
    assert set(measure([], lambda _: ANSWERS[0]).facts().values()) == {0}


def test_an_answer_is_the_decision_with_up_to_three_faults() -> None:
    answer = answer_of(decide("нет воды"))
    assert answer.fault == "water_none"
    assert len(answer.likely) == len(set(answer.likely)) <= 3


def correction(before: Category, after: Category) -> Correction:
    return Correction(uuid4(), before, after, "щитовая рядом", "dispatcher-1", NOON + timedelta(minutes=1))


CORRECTED = [
    Corrected(correction(Category.URGENT, Category.EMERGENCY), "pipe_leak", ("water.pipe_leak",)),
    Corrected(correction(Category.URGENT, Category.EMERGENCY), "pipe_leak", ("model.fault",)),
    Corrected(correction(Category.EMERGENCY, Category.PLANNED), None, ()),
]


@pytest.mark.rule("D-1.2-U5")
def test_corrections_are_a_confusion_table_with_faults_and_rules() -> None:
    counted = tally(CORRECTED)
    assert confusion_table(counted)["urgent"] == [2, 0, 0, 0]
    assert confusion_table(counted)["emergency"] == [0, 0, 1, 0]
    assert counted.too_low == {"fault:pipe_leak": 2, "water.pipe_leak": 1, "model.fault": 1}
    assert counted.too_high == {"fault:None": 1}


def test_corrections_are_reported_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(CORRECTED, days=7)
    said = capsys.readouterr().out
    assert "3 corrections in 7 days" in said
    assert "set too low by triage: fault:pipe_leak 2" in said
    write(CORRECTED, FOUND, tmp_path / "corrections.jsonl")
    first, *others = (tmp_path / "corrections.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(others) == 2 + len(FOUND)
    assert '"fault": "pipe_leak"' in first
    assert '"reason": "щитовая рядом"' in first


def judged(decided: str | None, found: str) -> Judged:
    return Judged(FaultFound(uuid4(), found, "crew-7", NOON), decided)


FOUND = [judged("pipe_leak", "ice"), judged("pipe_leak", "ice"), judged("ice", "ice"), judged(None, "snow")]


def test_faults_found_are_reported_by_what_they_were_taken_for(capsys: pytest.CaptureFixture[str]) -> None:
    report_found(FOUND)
    assert capsys.readouterr().out.splitlines() == [
        "4 faults named by crews on site",
        "decided → found: pipe_leak → ice 2",
    ]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    write(CORRECTED, FOUND, tmp_path / "corrections.jsonl")
    assert reviewed(tmp_path / "corrections.jsonl") == Reviewed(
        frozenset(str(one.correction.request_id) for one in CORRECTED),
        {str(one.found.request_id): one.found.fault for one in FOUND},
    )


@pytest.mark.parametrize(
    ("corrected", "found", "checked", "learned"),
    [
        (False, None, False, "ice"),
        (True, None, False, None),
        (True, None, True, "ice"),
        (False, "snow", False, "snow"),
        (True, "snow", False, "snow"),
        (True, "snow", True, "ice"),
        (False, "домофон", False, "ice"),
        (True, "домофон", False, None),
    ],
)
def test_the_surest_word_is_learned(
    corrected: bool, found: str | None, checked: bool, learned: str | None
) -> None:
    seen = Reviewed(frozenset({"r1"} if corrected else ()), {"r1": found} if found else {})
    assert seen.fault_of({"id": "r1", "fault": "ice", "checked": checked}, engine().book) == learned
