"""The command line of triage."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from services.triage.clients import SHIPPED_MODEL, SHIPPED_RULES, read_model, read_rule_book
from services.triage.commands import models, reviewing, rules
from services.triage.commands.classifying import classify_file
from services.triage.commands.labelled import BadFile
from services.triage.domain.engine import Engine
from services.triage.errors import BadModel, BadRules

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 refused or changed for the worse."""
    options = _parser().parse_args(arguments)
    try:
        command: Command = options.command
        return command(options)
    except BadRules as bad:
        return _refuse("\n".join(bad.problems))
    except (BadModel, BadFile) as bad:
        return _refuse(str(bad))
    except OSError as unreadable:
        return _refuse(f"{unreadable.filename}: {unreadable.strerror}")


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)  # noqa: T201 - a command line speaks on its streams
    return 1


def _classify(options: argparse.Namespace) -> int:
    engine = Engine(read_rule_book(options.rules), read_model(options.model))
    answered, failed = classify_file(engine, options.input, options.output)
    print(  # noqa: T201
        f"{answered} lines, {failed} of them unreadable, by rules {engine.book.version} → {options.output}"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="avariyka triage", description=__doc__)
    top.add_argument("--rules", type=Path, default=SHIPPED_RULES, help="directory of the rule files")
    top.add_argument("--model", type=Path, default=SHIPPED_MODEL, help="file of the statistical model")
    actions = top.add_subparsers(dest="action", required=True)
    classify = actions.add_parser("classify", help="classify a JSON-lines file (id, text, optional lang)")
    classify.add_argument("--input", type=Path, required=True, metavar="FILE.jsonl")
    classify.add_argument("--output", type=Path, required=True, metavar="FILE.jsonl")
    classify.set_defaults(command=_classify)
    _add_rules(actions.add_parser("rules", help="check, try and compare the rule files"))
    _add_training(actions)
    _add_corrections(
        actions.add_parser("corrections", help="what dispatchers changed and crews found, as tables")
    )
    return top


def _add_rules(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    check = what.add_parser("check", help="name every mistake with file and line")
    check.set_defaults(command=rules.check)
    test = what.add_parser("test", help="decide the regression phrases and name each that changed")
    test.set_defaults(command=rules.test)
    diff = what.add_parser("diff", help="what these rules decide otherwise than the older ones")
    diff.add_argument("--against", type=Path, default=SHIPPED_RULES, metavar="DIR", help="the older rules")
    diff.add_argument("--input", type=Path, metavar="FILE.jsonl", help="an archive to try as well")
    diff.set_defaults(command=rules.diff)


def _add_training(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    train = actions.add_parser("train", help="learn a model from phrases.yml and a city's own archive")
    train.add_argument("--archive", type=Path, metavar="FILE.jsonl", help="id, text, fault, optional checked")
    train.add_argument("--corrections", type=Path, metavar="FILE.jsonl", help="from: corrections --output")
    train.add_argument("--output", type=Path, required=True, metavar="FILE.npz")
    train.add_argument("--labels", type=Path, metavar="FILE.jsonl", help="also judge by this labelled file")
    train.set_defaults(command=models.train)
    compare = actions.add_parser("compare", help="is a new model as safe as the one in use?")
    compare.add_argument("--new", type=Path, required=True, metavar="FILE.npz")
    compare.add_argument("--labels", type=Path, metavar="FILE.jsonl", help="texts with their labels")
    compare.add_argument("--take", action="store_true", help="put it in place of --model if it is")
    compare.set_defaults(command=models.compare)


def _add_corrections(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=30, help="how far back (default 30)")
    parser.add_argument("--output", type=Path, metavar="FILE.jsonl", help="also write each correction")
    parser.set_defaults(command=reviewing.corrections)
