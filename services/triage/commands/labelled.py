"""Files of texts: labelled ones to learn from or to be judged by, and the phrases that ship."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Reviewed:
    """What ``corrections --output`` wrote: request ids that a dispatcher corrected, and faults that crews
    found by request id."""

    corrected: frozenset[str] = frozenset()
    found: Mapping[str, str] = field(default_factory=dict)

    def fault_of(self, told: Mapping[str, Any], book: RuleBook) -> str | None:
        """The fault to learn for a line of an archive: what a person checked, else what the crew found, else
        the archive's word unless a dispatcher spoke against the decision."""
        request_id = str(told["id"])
        found = self.found.get(request_id)
        if told["checked"] or (found not in book.faults and request_id not in self.corrected):
            return str(told["fault"])
        return found if found in book.faults else None


def archive_examples(path: Path, book: RuleBook, seen: Reviewed) -> tuple[list[Example], int]:
    """Texts of a city's own archive with their faults, and how many were left out: those whose request a
    dispatcher corrected, no crew named the fault of, and nobody checked."""
    kept, left_out = [], 0
    for number, line in _json_lines(path):
        try:
            told = schemas.ArchivedFault().load(line)
        except ValidationError as wrong:
            raise BadFile(f"{path.name}:{number}: {wrong}") from wrong
        if told["fault"] not in book.faults:
            raise BadFile(f"{path.name}:{number}: the catalogue has no fault {told['fault']!r}")
        fault = seen.fault_of(told, book)
        if fault is None:
            left_out += 1
        else:
            kept.append(Example(told["text"], fault))
    return kept, left_out


def reviewed(path: Path) -> Reviewed:
    """A file that ``corrections --output`` wrote; raises :class:`BadFile`."""
    corrected, found = set(), {}
    for number, line in _json_lines(path):
        if not isinstance(line, dict) or "request_id" not in line:
            raise BadFile(f"{path.name}:{number}: no request_id")
        if "fault_found" in line:
            found[str(line["request_id"])] = str(line["fault_found"])
        else:
            corrected.add(str(line["request_id"]))
    return Reviewed(frozenset(corrected), found)


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
