"""The composition root of triage: its unit of work, and the engine with its rules and its model."""

from pathlib import Path
from typing import Any, ClassVar

from services.triage.clients import SHIPPED_MODEL, SHIPPED_RULES, give_back, read_model, read_rule_book
from services.triage.domain.engine import Engine
from services.triage.store import UnitOfWork
from shared.db import Transaction
from shared.wiring import BaseWiring


class Wiring(BaseWiring):
    """What the entry points need, built once per process. Bad rules or a bad model stop the start."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork

    engine: Any  # the SQLAlchemy engine of the base
    judge: Engine

    def assemble(self) -> None:
        rules, model = self.settings.get("rules_dir"), self.settings.get("model_file")
        book = read_rule_book(Path(rules) if rules else SHIPPED_RULES)
        self.judge = Engine(book, read_model(Path(model) if model else SHIPPED_MODEL))
        give_back()

    def vitals(self) -> dict[str, Any]:
        model = self.judge.statistics
        return {"rules_version": self.judge.book.version, "model_version": model.version if model else None}
