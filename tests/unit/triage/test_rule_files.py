"""The rule files: what is shipped holds together, and a mistake is named with its file and line."""

import shutil
from pathlib import Path

import pytest

from services.triage.clients import FILES, read_rule_book
from services.triage.commands.labelled import shipped_examples
from services.triage.domain.engine import Engine
from services.triage.domain.model import UNKNOWN_FAULT, Category, Kind, Standing
from services.triage.errors import BadRules
from tests.unit.triage.shipped import RULES, engine

BOOK = engine().book


def test_every_fault_can_be_found() -> None:
    """By a rule, or by the phrases the model learns from; a fault with a danger always by a rule too."""
    by_rule = {rule.fault.id for rule in BOOK.rules if rule.fault}
    learned = {example.fault for example in shipped_examples(RULES, BOOK)}
    assert set(BOOK.faults) - by_rule - learned == set()
    assert UNKNOWN_FAULT not in by_rule
    assert {fault.id for fault in BOOK.faults.values() if fault.hazards} <= by_rule


def test_only_talk_is_a_consultation() -> None:
    talk = {fault.id for fault in BOOK.faults.values() if fault.category is Category.CONSULTATION}
    asked = {rule.fault.id for rule in BOOK.rules if rule.kind is Kind.QUESTION and rule.fault}
    assert talk == asked | {"other_authority"}


@pytest.mark.rule("D-1.2-U3")
def test_every_rule_and_fault_cites_its_source() -> None:
    cited = {rule.source.id for rule in BOOK.rules} | {fault.source.id for fault in BOOK.faults.values()}
    assert cited <= set(BOOK.sources)
    assert {"M-1.3-U1", "practice", "ru-416"} <= cited


@pytest.mark.rule("6.9")
def test_a_default_is_never_shown_as_law() -> None:
    for source in BOOK.sources.values():
        if source.standing is Standing.DEFAULT:
            assert "не закон Республики Казахстан" in source.title["ru"]
            assert "Қазақстан Республикасының заңы емес" in source.title["kk"]


@pytest.mark.rule("6.12")
def test_names_and_scripts_are_in_both_languages() -> None:
    for fault in BOOK.faults.values():
        assert set(fault.names) == {"ru", "kk"}
    for script in BOOK.scripts.values():
        assert len(script.steps["ru"]) == len(script.steps["kk"]) > 0, script.id


@pytest.mark.rule("M-1.3-U2")
@pytest.mark.rule("M-1.3-U3")
def test_the_gas_script_airs_measures_and_calls_104() -> None:
    said = " ".join(BOOK.faults["gas_smell"].script.steps["ru"])
    for demanded in ("104", "откройте окна и двери", "вентустановка", "подъездах", "цокольных", "подвалах"):
        assert demanded in said


def test_hazards_are_only_raised_by_emergencies_or_people() -> None:
    for rule in BOOK.rules:
        if rule.kind is Kind.FAULT and rule.hazards:
            assert rule.fault is not None
            assert rule.fault.category is Category.EMERGENCY, rule.id


def test_the_version_names_the_rules_and_changes_with_any_edit(copied: Path) -> None:
    before = read_rule_book(copied).version
    assert before == BOOK.version
    number, _, _ = before.partition("+")
    assert f'version: "{number}"' in (copied / "rules.yml").read_text(encoding="utf-8")
    with (copied / "scripts.yml").open("a", encoding="utf-8") as file:
        file.write("# a word\n")
    assert read_rule_book(copied).version != before


def test_an_edited_rule_decides_differently(copied: Path) -> None:
    edit(
        copied,
        "catalogue.yml",
        "water_none, system: water, category: urgent",
        "water_none, system: water, category: planned",
    )
    assert Engine(read_rule_book(copied)).classify("нет воды").category is Category.PLANNED


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("catalogue.yml", "system: gas,", "system: gaz,", "unknown 'gaz'"),
        ("catalogue.yml", "script: gas, handling", "script: gaz, handling", "unknown 'gaz'"),
        ("catalogue.yml", "id: carbon_monoxide", "id: gas_smell", "'gas_smell' stands here twice"),
        ("catalogue.yml", "category: urgent, place: flat", "place: flat", "missing: category"),
        ("scripts.yml", "- id: gas\n    source:", "- id: gas\n    sauce:", "missing: source"),
        ("scripts.yml", "steps:\n        - \"Не включайте", "steps: \"Не включайте", "expected key"),
        ("rules.yml", "fault: gas_smell", "fault: gas_smel", "unknown 'gas_smel'; did you mean gas_smell"),
        ("rules.yml", '"@gas @smell"', '"@gas @smel"', "unknown list @smel"),
        ("rules.yml", '"@gas @smell"', '"газ! @smell"', "not a word: 'газ!'"),
        ("rules.yml", '"@gas @smell"', '"га* @smell"', "a stem needs 3 letters"),
        ("rules.yml", "certainty: 0.98", "certainty: 98", "a number from 0 to 1, not 98"),
        ("rules.yml", "certainty: 0.98", "certainty: sure", "expected a number"),
        ("rules.yml", "reach: 7", "reach: 99", "a number from 1 to 30"),
        ("rules.yml", "needs_person: true", "needs_person: yes", "expected true or false"),
        ("rules.yml", "id: gas.alarm", "id: gas.smell", "'gas.smell' stands here twice"),
        ("rules.yml", "    reach: 7\n", "    reach: 7\n    reach: 8\n", "'reach' stands here twice"),
        ("rules.yml", "    reach: 7\n", "    reech: 7\n", "unknown key 'reech'"),
        ("rules.yml", 'water: "вод~', 'water: "вод~~', "not a word"),
        ("rules.yml", "hazards: [gas]", "hazards: [petrol]", "unknown 'petrol'"),
        ("rules.yml", "hazards: [gas]", "hazards: gas", "expected a list"),
        ("rules.yml", 'any: ["@outage_scale|центральн*+водоснабж*"]', "any: []", "at least one pattern"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_where_it_is(copied: Path, file: str, old: str, new: str, complaint: str) -> None:
    line = edit(copied, file, old, new)
    with pytest.raises(BadRules) as refused:
        read_rule_book(copied)
    (problem, *_) = refused.value.problems
    name, number, said = problem.split(":", 2)
    assert (name, complaint in said) == (file, True), problem
    assert abs(int(number) - line) <= 1, f"{problem} (edited line {line})"


def test_all_mistakes_are_named_at_once(copied: Path) -> None:
    edit(copied, "rules.yml", "fault: gas_smell", "fault: gas_smel")
    edit(copied, "rules.yml", "fault: lift_trapped", "fault: lift_traped")
    with pytest.raises(BadRules) as refused:
        read_rule_book(copied)
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("content", ["", "- a list", "sources: {", "\x00", "version: \udce9"])
def test_a_broken_file_is_refused(copied: Path, content: str) -> None:
    (copied / "catalogue.yml").write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadRules) as refused:
        read_rule_book(copied)
    assert all(problem.startswith("catalogue.yml:") for problem in refused.value.problems)


def test_a_missing_file_is_refused(copied: Path) -> None:
    (copied / "rules.yml").unlink()
    with pytest.raises(BadRules, match=r"rules\.yml:1:"):
        read_rule_book(copied)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(RULES / name, tmp_path / name)
    return tmp_path


def edit(directory: Path, file: str, old: str, new: str) -> int:
    """Replace the first ``old`` and return its line."""
    text = (directory / file).read_text(encoding="utf-8")
    assert old in text, old
    (directory / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
