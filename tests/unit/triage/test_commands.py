"""The command line: texts in, decisions out; rules tried and compared; models trained, never worse."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.triage.clients import SHIPPED_MODEL, read_model, write_model
from services.triage.commands import main
from services.triage.domain.engine import Engine
from services.triage.domain.statistics import Statistics
from tests.unit.triage.shipped import RULES, engine

UNSEEN = "кабина встала, мы внутри сидим"
Said = pytest.CaptureFixture[str]


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def json_lines(path: Path, *lines: Any) -> Path:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules to spoil."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_file_is_classified_line_by_line(tmp_path: Path, capsys: Said) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [
        '{"id": 1, "text": "Пахнет газом", "more": 1}',
        "nonsense",
        "",
        '{"id": 3}',
        '{"id": 4, "text": "", "lang": "en"}',
        '{"id": 5, "text": "нет воды", "lang": 7}',
    ]
    source.write_text("\n".join(lines), encoding="utf-8")
    assert run("classify", "--input", source, "--output", target) == 0
    gas, nonsense, textless, empty, odd = map(json.loads, target.read_text(encoding="utf-8").splitlines())
    assert (gas["id"], gas["fault"], gas["hazards"]) == (1, "gas_smell", ["gas"])
    assert nonsense["error"].startswith("line 2: not JSON")
    assert (textless["id"], textless["error"]) == (3, "line 4: text: Missing data for required field.")
    assert (empty["fault"], empty["needs_person"]) == ("unknown", True)
    assert odd["fault"] == "water_none"
    assert "5 lines, 2 of them unreadable" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "out.jsonl"}


def test_good_rules_are_said_to_be_so(capsys: Said) -> None:
    assert run("rules", "check") == 0
    assert engine().book.version in capsys.readouterr().out


def test_bad_rules_and_missing_files_end_with_the_reason(tmp_path: Path, rules: Path, capsys: Said) -> None:
    with (rules / "rules.yml").open("a", encoding="utf-8") as file:
        file.write("extra: 1\n")
    assert run("--rules", rules, "rules", "check") == 1
    assert "unknown key 'extra'" in capsys.readouterr().err
    assert run("classify", "--input", tmp_path / "none", "--output", tmp_path / "out") == 1
    assert "No such file" in capsys.readouterr().err
    assert run("--model", rules / "rules.yml", "rules", "test") == 1
    assert "rules.yml: " in capsys.readouterr().err


def test_the_shipped_rules_decide_the_regression_phrases_as_they_say(capsys: Said) -> None:
    assert run("rules", "test") == 0
    assert "0 decided otherwise" in capsys.readouterr().out


def test_a_phrase_that_is_decided_otherwise_is_named(rules: Path, capsys: Said) -> None:
    edit(
        rules / "catalogue.yml",
        "{id: water_none, system: water, category: urgent",
        "{id: water_none, system: water, category: planned",
    )
    assert run("--rules", rules, "rules", "test") == 1
    said = capsys.readouterr().out
    assert "ru-1a «нет воды»: category 'planned' instead of 'urgent'" in said


def test_a_change_of_rules_that_loses_a_danger_is_refused(tmp_path: Path, rules: Path, capsys: Said) -> None:
    archive = json_lines(
        tmp_path / "archive.jsonl", {"id": "a1", "text": "кабина застряла с людьми"}, {"no": "text"}
    )
    edit(
        rules / "catalogue.yml",
        "id: lift_trapped, system: lift, category: emergency",
        "id: lift_trapped, system: lift, category: urgent",
    )
    assert run("--rules", rules, "rules", "diff", "--input", archive) == 1
    said = capsys.readouterr().out
    assert "DANGER LOST more-11: emergency lift_trapped people_trapped → urgent" in said
    assert "\na1: emergency lift_trapped people_trapped → emergency lift_stuck" in said
    assert run("rules", "diff") == 0
    assert "0 changed, 0 dangers lost" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([{"text": "x", "fault": "nothing_such"}], "archive.jsonl:1: the catalogue has no fault"),
        ([{"text": "x", "fault": "ice"}, {"text": "y"}], "archive.jsonl:2: "),
    ],
)
def test_an_archive_with_a_mistake_is_refused(
    tmp_path: Path, capsys: Said, lines: list[Any], complaint: str
) -> None:
    archive = json_lines(tmp_path / "archive.jsonl", *lines)
    assert run("train", "--archive", archive, "--output", tmp_path / "new.npz") == 1
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "new.npz").exists()


def test_a_citys_archive_is_learned_without_what_was_corrected(tmp_path: Path, capsys: Said) -> None:
    lines = [{"id": f"r{n}", "text": f"тарахтит движок номер {n}", "fault": "lift_unsafe"} for n in range(6)]
    archive = json_lines(
        tmp_path / "archive.jsonl", *lines, {"id": "r9", "text": "x y", "fault": "ice", "checked": True}
    )
    reviewed = [
        {"request_id": "r1"},
        {"request_id": "r2"},
        {"request_id": "r2", "fault_found": "snow"},
        {"request_id": "r3", "fault_found": "домофон"},
        {"request_id": "r9", "fault_found": "snow"},
    ]
    corrections = json_lines(tmp_path / "corrections.jsonl", *reviewed)
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    keep_few_phrases(rules / "phrases.yml")
    new = tmp_path / "new.npz"
    asked = ("--rules", rules, "--model", tmp_path / "none.npz", "train", "--archive", archive)
    assert run(*asked, "--corrections", corrections, "--output", new) == 0
    said = capsys.readouterr().out
    assert "6 texts, 1 left out" in said
    assert "learned from 10 texts" in said
    assert "lift_unsafe" in read_model(new).faults


def keep_few_phrases(path: Path) -> None:
    """Four phrases are learned in no time."""
    few = {"ice": {"ru": "гололёд\nскользко"}, "snow": {"ru": "снег\nсугроб"}}
    path.write_text(json.dumps({"phrases": few}), encoding="utf-8")


def deaf(model: Statistics) -> Statistics:
    """The same model, which has forgotten everything."""
    return Statistics("deaf", model.faults, model.vocabulary, np.zeros_like(model.weights), model.bias)


@pytest.fixture
def worse(tmp_path: Path) -> Path:
    path = tmp_path / "worse.npz"
    write_model(deaf(read_model(SHIPPED_MODEL)), path)
    return path


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """A danger in words that no rule names, which the model knows."""
    right = {"id": "1", "text": UNSEEN, "category": "emergency", "fault": "lift_trapped"}
    return json_lines(tmp_path / "labels.jsonl", {**right, "hazards": ["people_trapped"]})


def test_a_model_that_misses_more_dangers_is_not_taken(
    tmp_path: Path, worse: Path, labels: Path, capsys: Said
) -> None:
    in_use = tmp_path / "in_use.npz"
    shutil.copyfile(SHIPPED_MODEL, in_use)
    before = in_use.read_bytes()
    assert not Engine(engine().book).classify(UNSEEN).hazards, "else the test proves nothing"
    asked = ("--model", in_use, "compare", "--new", worse, "--labels", labels, "--take")
    assert run(*asked) == 1
    assert "refused" in capsys.readouterr().out
    assert in_use.read_bytes() == before


def test_a_model_as_safe_is_taken(tmp_path: Path, worse: Path, labels: Path) -> None:
    asked = ("--model", worse, "compare", "--new", SHIPPED_MODEL, "--labels", labels)
    assert run(*asked) == 0
    assert worse.read_bytes() != SHIPPED_MODEL.read_bytes()
    assert run(*asked, "--take") == 0
    assert worse.read_bytes() == SHIPPED_MODEL.read_bytes()
