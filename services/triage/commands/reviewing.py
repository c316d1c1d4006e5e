"""What dispatchers changed: the confusion table, the faults and rules behind it, and a file to learn from."""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from services.triage import schemas
from services.triage.commands.saying import say, say_table
from services.triage.domain.corrections import Corrected, Tally, tally
from services.triage.domain.model import Category
from services.triage.store import UnitOfWork
from services.triage.usecases import corrections_since
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
        found = corrections_since(office.transaction(), start)
    report(found, options.days)
    if options.output:
        write(found, options.output)
    return 0


def report(found: Sequence[Corrected], days: int) -> None:
    """Categories decided by those set instead, then the faults and rules that were too low and too high."""
    counted = tally(found)
    say(f"{len(found)} corrections in {days} days")
    if found:
        say_table("decided ↓ set →", confusion_table(counted), [category.value for category in Category])
        _say_counts("set too low by triage", counted.too_low)
        _say_counts("set too high by triage", counted.too_high)


def confusion_table(counted: Tally) -> dict[str, list[int]]:
    return {before.value: [counted.confusion[before, after] for after in Category] for before in Category}


def write(found: Sequence[Corrected], target: Path) -> None:
    """One JSON line for each correction; no text of the resident's is known here."""
    with target.open("w", encoding="utf-8") as out:
        for one in found:
            line = {
                "request_id": str(one.correction.request_id),
                "fault": one.fault,
                "rules": list(one.rules),
                **schemas.CorrectionShape().dump(one.correction),
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _say_counts(title: str, counts: Counter[str]) -> None:
    if counts:
        say(f"{title}: " + ", ".join(f"{name} {times}" for name, times in counts.most_common(_MOST_LISTED)))
