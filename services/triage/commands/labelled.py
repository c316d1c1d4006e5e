"""Files of texts: labelled ones to learn from or to be judged by, and the phrases that ship."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from services.triage import schemas
from services.triage.commands.training import Example
from services.triage.domain.book import RuleBook
from services.triage.domain.measuring import Labelled


class BadFile(Exception):
    """A file of texts cannot be used; the message names the line."""


def shipped_examples(rules: Path, book: RuleBook) -> list[Example]:
    """The phrases of ``phrases.yml``, in both languages; raises :class:`BadFile`."""
    path = rules / "phrases.yml"
    try:
        phrases = yaml.safe_load(path.read_text(encoding="utf-8"))["phrases"]
        said = [
            Example(text, fault)
            for fault, languages in phrases.items()
            for lines in languages.values()
            for text in lines.strip().splitlines()
        ]
    except (OSError, yaml.YAMLError, KeyError, AttributeError) as broken:
        raise BadFile(f"{path.name}: {broken}") from broken
    if unknown := {example.fault for example in said} - set(book.faults):
        raise BadFile(f"{path.name}: not in the catalogue: {', '.join(sorted(unknown))}")
    return said


def archive_examples(path: Path, book: RuleBook, corrected: frozenset[str]) -> tuple[list[Example], int]:
    """Texts of a city's own archive with their faults, and how many were left out: those whose request a
    dispatcher corrected (``corrected``: request ids) and that were not labelled anew."""
    kept, left_out = [], 0
    for number, line in _json_lines(path):
        try:
            told = schemas.ArchivedFault().load(line)
        except ValidationError as wrong:
            raise BadFile(f"{path.name}:{number}: {wrong}") from wrong
        if told["fault"] not in book.faults:
            raise BadFile(f"{path.name}:{number}: the catalogue has no fault {told['fault']!r}")
        if str(told["id"]) in corrected and not told["checked"]:
            left_out += 1
        else:
            kept.append(Example(told["text"], told["fault"]))
    return kept, left_out


def corrected_ids(path: Path) -> frozenset[str]:
    """Request ids of a file that ``corrections --output`` wrote."""
    return frozenset(str(line.get("request_id")) for _, line in _json_lines(path))


def labelled_texts(path: Path) -> list[Labelled]:
    """A labelled JSON-lines file; raises :class:`BadFile` naming the first line that cannot be used."""
    found = []
    for number, line in _json_lines(path):
        try:
            found.append(schemas.LabelledText().load(line))
        except ValidationError as wrong:
            raise BadFile(f"{path.name}:{number}: {wrong}") from wrong
    return found


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """Id (or line number) and text of each line of an archive that has a text."""
    for number, line in _json_lines(path):
        if isinstance(line, dict) and isinstance(line.get("text"), str):
            yield str(line.get("id", number)), line["text"]


def regression_phrases(directory: Path) -> Iterator[dict[str, Any]]:
    """The phrases whose decisions must stay, from every file of ``regression/``."""
    for path in sorted((directory / "regression").glob("*.yml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))


def regression_labels(phrases: Iterable[dict[str, Any]]) -> list[Labelled]:
    return [
        schemas.LabelledText().load({key: value for key, value in phrase.items() if key != "note"})
        for phrase in phrases
    ]


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except ValueError as broken:
                    raise BadFile(f"{path.name}:{number}: {broken}") from broken
