"""Classifying a file of texts: an archive of any size, a line at a time, with progress on stderr."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from services.triage import schemas
from services.triage.domain.engine import Engine

_PROGRESS_EVERY_S = 2.0


def classified(engine: Engine, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """A decision for each JSON line (``id``, ``text``, optional ``lang``); a bad line gets an ``error``."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _answer(engine, number, line)


def classify_file(engine: Engine, source: Path, target: Path) -> tuple[int, int]:
    """Write a decision for every line of ``source``; returns how many lines, and how many were unreadable.

    The file appears whole or not at all.
    """
    answered = failed = 0
    unfinished = target.with_name(f".{target.name}.part")
    with (
        source.open(encoding="utf-8", errors="replace") as lines,
        unfinished.open("w", encoding="utf-8") as out,
    ):
        for answer in _with_progress(classified(engine, lines)):
            out.write(json.dumps(answer, ensure_ascii=False) + "\n")
            answered += 1
            failed += "error" in answer
    unfinished.replace(target)
    return answered, failed


def _answer(engine: Engine, number: int, line: str) -> dict[str, Any]:
    asked: Any = None
    try:
        asked = json.loads(line)
        question = schemas.ArchivedText().load(asked)
    except (ValueError, ValidationError, RecursionError) as broken:
        return {
            "id": asked.get("id") if isinstance(asked, dict) else None,
            "error": f"line {number}: {_told(broken)}",
        }
    decision = engine.classify(question["text"], question["lang"])
    return {"id": question["id"], **schemas.DecisionShape(exclude=["decided_at"]).dump(decision)}


def _told(broken: Exception) -> str:
    """What is wrong with a line: of its fields by name, or that it is no JSON object at all."""
    if not isinstance(broken, ValidationError):
        return f"not JSON: {broken}"
    by_field = broken.messages_dict
    if "_schema" in by_field:
        return 'expected an object with "id" and "text"'
    return "; ".join(f"{name}: {' '.join(said)}" for name, said in by_field.items())


def _with_progress(answers: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    started = told = time.monotonic()
    for number, answer in enumerate(answers, start=1):
        yield answer
        now = time.monotonic()
        if now - told >= _PROGRESS_EVERY_S:
            told = now
            print(f"{number:,} texts, {number / (now - started):,.0f}/s", file=sys.stderr)  # noqa: T201
