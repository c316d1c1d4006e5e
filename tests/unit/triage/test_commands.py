"""The command line: a file of texts in, decisions out; rules checked with every mistake named."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from services.triage import commands
from tests.unit.triage.shipped import RULES, engine


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["triage", *arguments])
    commands.main()


def test_a_file_is_classified_line_by_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [
        '{"id": 1, "text": "Пахнет газом", "more": 1}',
        "nonsense",
        "",
        '{"id": 3}',
        '{"id": 4, "text": "", "lang": "en"}',
    ]
    source.write_text("\n".join(lines), encoding="utf-8")
    run(monkeypatch, "classify", "--input", str(source), "--output", str(target))
    gas, nonsense, textless, empty = map(json.loads, target.read_text(encoding="utf-8").splitlines())
    assert (gas["id"], gas["fault"], gas["hazards"]) == (1, "gas_smell", ["gas"])
    assert nonsense["error"].startswith("line 2: ")
    assert (textless["id"], textless["error"].startswith("line 4: ")) == (3, True)
    assert (empty["fault"], empty["needs_person"]) == ("unknown", True)
    assert "4 lines, 2 of them unreadable" in capsys.readouterr().out


def test_good_rules_are_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "rules", "check")
    assert engine().book.version in capsys.readouterr().out


def test_bad_rules_and_missing_files_end_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    with (tmp_path / "rules" / "rules.yml").open("a", encoding="utf-8") as rules:
        rules.write("extra: 1\n")
    with pytest.raises(SystemExit, match=r"rules\.yml:\d+: unknown key 'extra'"):
        run(monkeypatch, "--rules", str(tmp_path / "rules"), "rules", "check")
    with pytest.raises(SystemExit, match="No such file"):
        run(monkeypatch, "classify", "--input", str(tmp_path / "none"), "--output", str(tmp_path / "out"))
