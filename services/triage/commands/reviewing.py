"""What dispatchers changed and crews found: tables, the rules behind them, and a file to learn from."""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.triage import schemas
from services.triage.commands.saying import say, say_table
from services.triage.domain.corrections import Corrected, Judged, Tally, mistaken, tally
from services.triage.domain.model import Category
from services.triage.store import UnitOfWork
from services.triage.usecases import corrections_since, faults_found_since
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine

_MOST_LISTED = 15


class Office:
    """The service's database without the running service."""

    def __init__(self, settings: Settings) -> None:
        self.clock = SystemClock()
        self._engine = make_engine(settings.database_url, pool_size=1)
        self._context = TransactionContext(self._engine, self.clock, settings.service, lambda: None)

    def transaction(self) -> UnitOfWork:
        return UnitOfWork(self._context)

    def close(self) -> None:
        self._engine.dispose()


def corrections(options: argparse.Namespace) -> int:
    with closing(Office(Settings.load("triage"))) as office:
        start = office.clock.now() - timedelta(days=options.days)
        corrected = corrections_since(office.transaction(), start)
        judged = faults_found_since(office.transaction(), start)
    report(corrected, options.days)
    report_found(judged)
    if options.output:
        write(corrected, judged, options.output)
    return 0


def report(found: Sequence[Corrected], days: int) -> None:
    """Categories decided by those set instead, then the faults and rules that were too low and too high."""
    counted = tally(found)
    say(f"{len(found)} corrections in {days} days")
    if found:
        say_table("decided ↓ set →", confusion_table(counted), [category.value for category in Category])
        _say_counts("set too low by triage", counted.too_low)
        _say_counts("set too high by triage", counted.too_high)


def report_found(judged: Sequence[Judged]) -> None:
    """How often crews named the fault, and which faults were taken for which."""
    say(f"{len(judged)} faults named by crews on site")
    wrong = mistaken(judged)
    _say_counts("decided → found", Counter({f"{named} → {found}": n for (named, found), n in wrong.items()}))


def confusion_table(counted: Tally) -> dict[str, list[int]]:
    return {before.value: [counted.confusion[before, after] for after in Category] for before in Category}


def write(corrected: Sequence[Corrected], judged: Sequence[Judged], target: Path) -> None:
    """One JSON line for each correction and each fault found; no text of the resident's is known here."""
    lines = [*map(_correction_line, corrected), *map(_found_line, judged)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    target.write_text(text, encoding="utf-8")


def _correction_line(one: Corrected) -> dict[str, Any]:
    return {
        "request_id": str(one.correction.request_id),
        "fault": one.fault,
        "rules": list(one.rules),
        **schemas.CorrectionShape().dump(one.correction),
    }


def _found_line(one: Judged) -> dict[str, Any]:
    found = schemas.FaultFoundShape().dump(one.found)
    request_id, named = str(one.found.request_id), found.pop("fault")
    return {"request_id": request_id, "fault": one.decided, "fault_found": named, **found}


def _say_counts(title: str, counts: Counter[str]) -> None:
    if counts:
        say(f"{title}: " + ", ".join(f"{name} {times}" for name, times in counts.most_common(_MOST_LISTED)))
