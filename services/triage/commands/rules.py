"""Trying a change of the rules before it is taken: check, regression phrases, comparison."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.triage.clients import read_model, read_rule_book
from services.triage.commands.labelled import regression_phrases, texts_of
from services.triage.commands.saying import say
from services.triage.domain.engine import Engine
from services.triage.domain.model import Category, Decision


def check(options: argparse.Namespace) -> int:
    book = read_rule_book(options.rules)
    say(f"rules {book.version}: {len(book.faults)} faults, {len(book.rules)} rules, all in order")
    return 0


def test(options: argparse.Namespace) -> int:
    """Decide every regression phrase; 1 if any is decided otherwise than it says."""
    engine = Engine(read_rule_book(options.rules), read_model(options.model))
    phrases = list(regression_phrases(options.rules))
    wrong = [line for phrase in phrases for line in differences(engine, phrase)]
    for line in wrong:
        say(line)
    say(f"rules {engine.book.version}: {len(phrases)} phrases, {len(wrong)} decided otherwise")
    return 1 if wrong else 0


def differences(engine: Engine, phrase: dict[str, Any]) -> Iterator[str]:
    """A line for a phrase that is not decided as it says it must be; none if it is."""
    decision = engine.classify(phrase["text"])
    given: dict[str, Any] = {
        "category": decision.category.value,
        "system": decision.system.value,
        "fault": decision.fault,
        "hazards": sorted(decision.hazards),
        "person": decision.needs_person,
    }
    wanted = {**phrase, "hazards": sorted(phrase["hazards"])}
    other = [key for key in given if key in wanted and wanted[key] != given[key]]
    if other:
        told = ", ".join(f"{key} {given[key]!r} instead of {wanted[key]!r}" for key in other)
        yield f"{phrase['id']} «{phrase['text']}»: {told}"


@dataclass(frozen=True)
class Change:
    """One text decided otherwise by the new rules."""

    id: str
    before: Decision
    after: Decision

    @property
    def loses_danger(self) -> bool:
        """A hazard is no longer seen, or an emergency is one no more."""
        hazards = set(self.before.hazards) - set(self.after.hazards)
        was = self.before.category is Category.EMERGENCY
        return bool(hazards) or (was and self.after.category is not Category.EMERGENCY)

    def __str__(self) -> str:
        mark = "DANGER LOST " if self.loses_danger else ""
        return f"{mark}{self.id}: {_short(self.before)} → {_short(self.after)}"


def diff(options: argparse.Namespace) -> int:
    """Every text decided otherwise; 1 if the new rules lose a danger."""
    model = read_model(options.model)
    old, new = (Engine(read_rule_book(rules), model) for rules in (options.against, options.rules))
    texts = list(_texts(options.rules, options.input))
    found = [change for key, text in texts if (change := _change(old, new, key, text))]
    for change in found:
        say(str(change))
    lost = sum(change.loses_danger for change in found)
    versions = f"{old.book.version} → {new.book.version}"
    say(f"{versions}: {len(texts)} texts, {len(found)} changed, {lost} dangers lost")
    return 1 if lost else 0


def _texts(rules: Path, archive: Path | None) -> Iterator[tuple[str, str]]:
    for phrase in regression_phrases(rules):
        yield phrase["id"], phrase["text"]
    if archive:
        yield from texts_of(archive)


def _change(old: Engine, new: Engine, key: str, text: str) -> Change | None:
    change = Change(key, old.classify(text), new.classify(text))
    return change if _short(change.before) != _short(change.after) else None


def _short(decision: Decision) -> str:
    return " ".join([decision.category, decision.fault, *decision.hazards])
