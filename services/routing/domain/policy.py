"""Norms and preferences this service plans by: versioned configuration, never law (design rule 6.9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.routing.domain.conduct import Conduct, by_category, span
from services.routing.domain.words import Category


@dataclass(frozen=True)
class Policy:
    """What may be tuned without touching a rule."""

    respond_within: Mapping[Category, timedelta]
    acknowledge_within: Mapping[Category, timedelta]
    escalate_within: Mapping[Category, timedelta]
    work_takes: Mapping[Category, timedelta]
    ask_again_after: timedelta
    position_valid_for: timedelta
    other_language_costs: timedelta
    low_confidence_below: float
    audit_silent_after: timedelta
    conduct: Conduct

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Policy":
        """The policy of ``config.yml``; raises :class:`InvalidReference` for a norm of zero or less."""
        return cls(
            respond_within=by_category(values, "respond_within_s"),
            acknowledge_within=by_category(values, "acknowledge_within_s"),
            escalate_within=by_category(values, "escalate_within_s"),
            work_takes=by_category(values, "work_takes_s"),
            ask_again_after=span(values, "ask_again_after_s"),
            position_valid_for=span(values, "position_valid_for_s"),
            other_language_costs=timedelta(seconds=float(values["other_language_costs_s"])),
            low_confidence_below=float(values["low_confidence_below"]),
            audit_silent_after=span(values, "audit_silent_after_s"),
            conduct=Conduct.read(values["sending"]),
        )
