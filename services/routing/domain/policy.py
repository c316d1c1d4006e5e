"""Norms and preferences this service plans by: versioned configuration, never law (design rule 6.9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.routing.domain.words import Category
from services.routing.errors import InvalidReference

_SENDABLE = tuple(category for category in Category if category is not Category.CONSULTATION)


@dataclass(frozen=True)
class Policy:
    """What may be tuned without touching a rule."""

    respond_within: Mapping[Category, timedelta]
    acknowledge_within: Mapping[Category, timedelta]
    work_takes: Mapping[Category, timedelta]
    ask_again_after: timedelta
    position_valid_for: timedelta
    other_language_costs: timedelta
    low_confidence_below: float
    audit_silent_after: timedelta

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Policy":
        """The policy of ``config.yml``; raises :class:`InvalidReference` for a norm of zero or less."""
        return cls(
            respond_within=_by_category(values, "respond_within_s"),
            acknowledge_within=_by_category(values, "acknowledge_within_s"),
            work_takes=_by_category(values, "work_takes_s"),
            ask_again_after=_span(values, "ask_again_after_s"),
            position_valid_for=_span(values, "position_valid_for_s"),
            other_language_costs=timedelta(seconds=float(values["other_language_costs_s"])),
            low_confidence_below=float(values["low_confidence_below"]),
            audit_silent_after=_span(values, "audit_silent_after_s"),
        )


def _by_category(values: Mapping[str, Any], key: str) -> dict[Category, timedelta]:
    return {category: _span(values[key], category.value, f"{key}.") for category in _SENDABLE}


def _span(values: Mapping[str, Any], key: str, where: str = "") -> timedelta:
    seconds = float(values[key])
    if not seconds > 0:
        raise InvalidReference(f"{where}{key} must be more than zero, is {seconds}")
    return timedelta(seconds=seconds)
