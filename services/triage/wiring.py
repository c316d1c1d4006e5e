"""The composition root of triage: its unit of work and the engine with the rules it was given."""

from pathlib import Path
from typing import Any, ClassVar

from services.triage.clients import SHIPPED_RULES, read_rule_book
from services.triage.domain.engine import Engine
from services.triage.store import UnitOfWork
from shared.db import Transaction
from shared.wiring import BaseWiring


class Wiring(BaseWiring):
    """What the entry points need, built once per process. Bad rules stop the start, with every line named."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork

    engine: Any  # the SQLAlchemy engine of the base
    judge: Engine

    def assemble(self) -> None:
        directory = self.settings.get("rules_dir")
        self.judge = Engine(read_rule_book(Path(directory) if directory else SHIPPED_RULES))

    def vitals(self) -> dict[str, Any]:
        return {"rules_version": self.judge.book.version}
