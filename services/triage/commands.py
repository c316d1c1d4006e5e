"""``./avariyka triage``: classify a file of texts, or check the rule files after an edit."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from services.triage import schemas
from services.triage.clients import SHIPPED_RULES, read_rule_book
from services.triage.domain.engine import Engine
from services.triage.errors import BadRules


def classified(engine: Engine, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """A decision for each JSON line (``id``, ``text``, optional ``lang``); a bad line gets an ``error``."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _answer(engine, number, line)


def classify_file(source: Path, target: Path, rules: Path) -> None:
    engine = Engine(read_rule_book(rules))
    answered = failed = 0
    with source.open(encoding="utf-8", errors="replace") as lines, target.open("w", encoding="utf-8") as out:
        for answer in classified(engine, lines):
            out.write(json.dumps(answer, ensure_ascii=False) + "\n")
            answered += 1
            failed += "error" in answer
    _say(f"{answered} lines, {failed} of them unreadable, by rules {engine.book.version} → {target}")


def _answer(engine: Engine, number: int, line: str) -> dict[str, Any]:
    asked: Any = None
    try:
        asked = json.loads(line)
        question = schemas.ArchivedText().load(asked)
    except (ValueError, ValidationError) as broken:
        return {
            "id": asked.get("id") if isinstance(asked, dict) else None,
            "error": f"line {number}: {broken}",
        }
    decision = engine.classify(question["text"], question["lang"])
    return {"id": question["id"], **schemas.DecisionShape(exclude=["decided_at"]).dump(decision)}


def check_rules(rules: Path) -> None:
    book = read_rule_book(rules)
    _say(f"rules {book.version}: {len(book.faults)} faults, {len(book.rules)} rules, all in order")


def main() -> None:
    parser = argparse.ArgumentParser(prog="avariyka triage", description=__doc__)
    parser.add_argument("--rules", type=Path, default=SHIPPED_RULES, help="directory of the rule files")
    actions = parser.add_subparsers(dest="action", required=True)
    classify = actions.add_parser("classify", help="classify a JSON-lines file")
    classify.add_argument("--input", type=Path, required=True, metavar="FILE.jsonl")
    classify.add_argument("--output", type=Path, required=True, metavar="FILE.jsonl")
    actions.add_parser("rules", help="check the rule files").add_argument("what", choices=["check"])
    options = parser.parse_args()
    try:
        if options.action == "classify":
            classify_file(options.input, options.output, options.rules)
        else:
            check_rules(options.rules)
    except BadRules as bad:
        sys.exit("\n".join(bad.problems))
    except OSError as unreadable:
        sys.exit(f"{unreadable.filename}: {unreadable.strerror}")


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a command line speaks on stdout


if __name__ == "__main__":
    main()
