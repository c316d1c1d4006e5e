"""The shipped rules, read once, and the phrases that must stay decided as they are."""

from functools import cache
from typing import Any

import yaml

from services.triage.clients import SHIPPED_MODEL, read_model, read_rule_book
from services.triage.domain.engine import Engine
from services.triage.domain.model import Decision
from shared.config import ROOT

RULES = ROOT / "services" / "triage" / "data"
PHRASES = RULES / "regression"


@cache
def engine() -> Engine:
    return Engine(read_rule_book(RULES), read_model(SHIPPED_MODEL))


def decide(text: str) -> Decision:
    return engine().classify(text)


@cache
def rules_alone() -> Engine:
    """The shipped rules without the model: what they see, nothing may hide."""
    return Engine(read_rule_book(RULES))


def rules_of(decision: Decision) -> set[str]:
    return {reason.rule for reason in decision.reasons}


def phrases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((PHRASES / name).read_text(encoding="utf-8"))
    return loaded
