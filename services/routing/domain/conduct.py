"""How the machine sends crews: versioned configuration of a dispatch service, never law (design rule 6.9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.routing.domain.words import Category, Mode
from services.routing.errors import InvalidReference

SENDABLE = tuple(category for category in Category if category is not Category.CONSULTATION)


@dataclass(frozen=True)
class Conduct:
    """What the machine may do by itself.

    ``mode`` and ``advise_within``: where a dispatcher confirms, and how long a request waits for that.
    ``arrive_within``: by when somebody should be there where the journal runs no clock; of a clock for the
    localising or for the whole work, ``localise_takes`` and the usual work are taken off.
    ``preempts``: whose crew a category may take on its way; ``preempts_on_site``: what may even be left on
    site. Both only for a gain of ``preempt_gain``, and from one request at most ``preempted_at_most`` times.
    ``silent_after``: a crew under way that has said nothing for so long is replaced.
    ``silent_on_site_after``: one at work is called by a dispatcher, never replaced; with hazards or in a
    confined space after ``silent_in_danger_after``. ``breakdown_words``:
    parts of words by which a crew says that it is out of service.
    ``swap_gain``: by how much sooner a crew must be there to take a request from one that has not set out.
    ``window_lead``: how long before the time agreed with the resident a crew is sent at the earliest.
    ``plan_gain``: the least for which a crew's next job changes, in weighted seconds of the planner.
    ``plan_budget``: how long one plan is searched for; one older than ``plan_valid_for`` binds nobody.
    """

    version: str
    mode: Mapping[Category, Mode]
    advise_within: Mapping[Category, timedelta]
    arrive_within: Mapping[Category, timedelta]
    localise_takes: timedelta
    preempts: Mapping[Category, frozenset[Category]]
    preempts_on_site: frozenset[Category]
    preempt_gain: timedelta
    preempted_at_most: int
    silent_after: Mapping[Category, timedelta]
    silent_on_site_after: Mapping[Category, timedelta]
    silent_in_danger_after: timedelta
    breakdown_words: tuple[str, ...]
    swap_gain: timedelta
    window_lead: timedelta
    plan_gain: timedelta
    plan_budget: timedelta
    plan_valid_for: timedelta

    def is_breakdown(self, reason: str | None) -> bool:
        """Whether a crew's own words say that it cannot work any more, and not only here."""
        told = (reason or "").casefold()
        return any(word in told for word in self.breakdown_words)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Conduct":
        """The section ``sending`` of ``config.yml``.

        Raises :class:`InvalidReference` for a time of zero or less, and for work that may be called off in
        favour of what is no more urgent.
        """
        return cls(
            version=str(values["version"]),
            mode={category: Mode(values["mode"][category.value]) for category in SENDABLE},
            advise_within=by_category(values, "advise_within_s"),
            arrive_within=by_category(values, "arrive_within_s"),
            localise_takes=span(values, "localise_takes_s"),
            preempts={category: _preempted(category, values) for category in SENDABLE},
            preempts_on_site=frozenset(Category(name) for name in values["preempts_on_site"]),
            preempt_gain=span(values, "preempt_gain_s"),
            preempted_at_most=int(values["preempted_at_most"]),
            silent_after=by_category(values, "silent_after_s"),
            silent_on_site_after=by_category(values, "silent_on_site_after_s"),
            silent_in_danger_after=span(values, "silent_in_danger_after_s"),
            breakdown_words=tuple(str(word).casefold() for word in values["breakdown_words"]),
            swap_gain=span(values, "swap_gain_s"),
            window_lead=span(values, "window_lead_s"),
            plan_gain=span(values, "plan_gain_s"),
            plan_budget=span(values, "plan_budget_s"),
            plan_valid_for=span(values, "plan_valid_for_s"),
        )


def by_category(values: Mapping[str, Any], key: str) -> dict[Category, timedelta]:
    """A time for every urgency that sends a crew; raises :class:`InvalidReference`, naming a bad one."""
    return {category: span(values[key], category.value, f"{key}.") for category in SENDABLE}


def span(values: Mapping[str, Any], key: str, where: str = "") -> timedelta:
    """Seconds of configuration as a time; raises :class:`InvalidReference` unless it is more than zero."""
    seconds = float(values[key])
    if not seconds > 0:
        raise InvalidReference(f"{where}{key} must be more than zero, is {seconds}")
    return timedelta(seconds=seconds)


def _preempted(category: Category, values: Mapping[str, Any]) -> frozenset[Category]:
    lesser = frozenset(Category(name) for name in values["preempts"].get(category.value, ()))
    if wrong := [other.value for other in lesser if other.rank <= category.rank]:
        raise InvalidReference(f"preempts.{category.value}: {', '.join(wrong)} is no lesser work")
    return lesser
