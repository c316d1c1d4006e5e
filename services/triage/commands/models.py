"""Training a model and comparing it with the one in use. A model that misses more dangers is never taken."""

import argparse
import hashlib
import shutil
from collections.abc import Sequence

from services.triage.clients import read_model, read_rule_book, write_model
from services.triage.commands.labelled import (
    Reviewed,
    archive_examples,
    labelled_texts,
    regression_labels,
    regression_phrases,
    reviewed,
    shipped_examples,
)
from services.triage.commands.saying import say, say_table
from services.triage.commands.training import Example, learn
from services.triage.domain.book import RuleBook
from services.triage.domain.engine import Engine
from services.triage.domain.measuring import Labelled, Score, answer_of, measure
from services.triage.domain.statistics import Statistics


def train(options: argparse.Namespace) -> int:
    """Learn, judge beside the model in use, and write only what is as safe."""
    book = read_rule_book(options.rules)
    own, archive = shipped_examples(options.rules, book), _archive(options, book)
    examples = [*own, *archive]
    model = learn(own, version_of(examples), archive)
    size = f"{len(model.faults)} faults, {len(model.vocabulary):,} features"
    say(f"learned from {len(examples):,} texts: {size}")
    labels = _labels(options, book)
    if options.model.exists() and not is_as_safe(book, read_model(options.model), model, labels):
        return 1
    write_model(model, options.output)
    written = read_model(options.output).version
    say(f"written: {options.output}, {options.output.stat().st_size:,} bytes, version {written}")
    return 0


def compare(options: argparse.Namespace) -> int:
    """1 if the new model misses more dangers; with ``--take`` it replaces the old one otherwise."""
    book = read_rule_book(options.rules)
    old, new = read_model(options.model), read_model(options.new)
    if not is_as_safe(book, old, new, _labels(options, book)):
        return 1
    if options.take:
        shutil.copyfile(options.new, options.model)
        say(f"taken: {options.model} is now {new.version}; restart triage to use it")
    return 0


def is_as_safe(book: RuleBook, old: Statistics, new: Statistics, labels: Sequence[Labelled]) -> bool:
    """Whether ``new`` misses no more dangers than ``old`` and sets no more emergencies too low."""
    before, after = (_score(Engine(book, model), labels) for model in (old, new))
    facts = [before.facts(), after.facts()]
    rows = {name: [fact[name] for fact in facts] for name in facts[0]}
    say_table(f"{len(labels)} labelled texts", rows, ["old", "new"])
    safe = after.missed <= before.missed and after.too_low <= before.too_low
    if not safe:
        say("refused: the new model misses more dangers or sets more emergencies too low")
    return safe


def _score(engine: Engine, labels: Sequence[Labelled]) -> Score:
    return measure(labels, lambda right: answer_of(engine.classify(right.text)))


def _labels(options: argparse.Namespace, book: RuleBook) -> list[Labelled]:
    own = labelled_texts(options.labels) if options.labels else []
    shipped = regression_labels(regression_phrases(options.rules))
    return [label for label in (*shipped, *own) if label.fault in book.faults]


def _archive(options: argparse.Namespace, book: RuleBook) -> list[Example]:
    """A city's own labelled texts, with the faults that crews found; without those that a dispatcher
    corrected and nobody checked since."""
    if not options.archive:
        return []
    seen = reviewed(options.corrections) if options.corrections else Reviewed()
    kept, left_out = archive_examples(options.archive, book, seen)
    say(f"{options.archive}: {len(kept):,} texts, {left_out:,} left out: corrected, not checked since")
    return kept


def version_of(examples: Sequence[Example]) -> str:
    """Names what a model was learned from: eight digits that change with any text or fault."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(f"{example.fault}\t{example.text}\n".encode())
    return digest.hexdigest()[:8]
