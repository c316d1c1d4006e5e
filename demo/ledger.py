"""The evening's account: every appeal, every message, nothing left over."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from demo.actors import Outcome

CATEGORIES = ("emergency", "urgent", "planned", "consultation")
FINAL_STATES = frozenset({"closed", "cancelled", "rejected", "consulted", "joined"})


@dataclass(frozen=True)
class Entry:
    """One request as its timeline tells it. Times in seconds from the resident's message to the fact."""

    number: str
    category: str | None
    state: str
    to_offer_s: float | None
    to_close_s: float | None
    offers: int


@dataclass
class Account:
    """What came in, what became of it, what went out."""

    entries: list[Entry]
    unanswered: list[str] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    repeated: list[str] = field(default_factory=list)
    """What a resident was told again in the same words."""
    dead_letters: int = 0
    alarms: int = 0

    @property
    def open(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.state not in FINAL_STATES]

    @property
    def told_twice(self) -> int:
        return len(self.repeated)

    @property
    def balanced(self) -> bool:
        """Every appeal has a number and a final state, nobody was told twice, nothing lies among the dead."""
        return not (self.open or self.unanswered or self.told_twice or self.dead_letters)


def entry(number: str, timeline: Mapping[str, Any]) -> Entry:
    """Read one request's timeline."""
    facts = timeline["entries"]
    received = _moment(facts, "request.registered", "received_at")
    return Entry(
        number=number,
        category=_last(facts, "request.classified", "category"),
        state=timeline["state"],
        to_offer_s=_seconds(received, _moment(facts, "assignment.made", "offered_at")),
        to_close_s=_seconds(received, _closed_at(facts)),
        offers=sum(fact["type"] == "assignment.made" for fact in facts),
    )


def count_messages(
    outgoing: Iterable[Mapping[str, Any]], phones: frozenset[str]
) -> tuple[Counter[str], list[str]]:
    """Messages to the evening's residents by delivery state, and what was said twice in a row.

    With something else between, the same words are news again: a crew arrives, is called away, another
    arrives. ``outgoing`` is in the order of sending.
    """
    ours = [message for message in outgoing if message["to"] in phones]
    last: dict[str, str] = {}
    repeated = []
    for message in ours:
        if last.get(message["to"]) == message["body"]:
            repeated.append(message["body"])
        last[message["to"]] = message["body"]
    return Counter(message["status"] for message in ours), repeated


def unanswered(outcomes: Iterable[Outcome]) -> list[str]:
    """Appeals that did not get a number, with what was answered instead."""
    return [
        f"{outcome.appeal.text}: {outcome.failure or ' / '.join(outcome.answers)}"
        for outcome in outcomes
        if outcome.number is None
    ]


def rows(account: Account) -> list[dict[str, Any]]:
    """The table: one row per category, then all."""
    table = [_row(name, [e for e in account.entries if e.category == name]) for name in CATEGORIES]
    return [*table, _row("all", account.entries)]


def as_json(account: Account, seconds: float) -> dict[str, Any]:
    return {
        "requests": rows(account),
        "messages": dict(account.messages),
        "unanswered": account.unanswered,
        "open": [{"number": entry.number, "state": entry.state} for entry in account.open],
        "told_twice": account.told_twice,
        "dead_letters": account.dead_letters,
        "alarms": account.alarms,
        "accounted_for": account.balanced,
        "seconds": round(seconds, 1),
    }


def _row(name: str, entries: Sequence[Entry]) -> dict[str, Any]:
    waits = [entry.to_offer_s for entry in entries if entry.to_offer_s is not None]
    return {
        "category": name,
        "requests": len(entries),
        "closed": sum(entry.state in FINAL_STATES for entry in entries),
        "offered": len(waits),
        "to_offer_p50_s": _quantile(waits, 50),
        "to_offer_p95_s": _quantile(waits, 95),
        "offers": sum(entry.offers for entry in entries),
    }


def _quantile(values: Sequence[float], percent: int) -> float | None:
    if not values:
        return None
    if len(values) == 1:
        return round(values[0], 3)
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 3)


def _facts(facts: Sequence[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [fact for fact in facts if fact["type"] == kind]


def _moment(facts: Sequence[Mapping[str, Any]], kind: str, name: str) -> datetime | None:
    found = [fact["data"][name] for fact in _facts(facts, kind)]
    return datetime.fromisoformat(min(found)) if found else None


def _last(facts: Sequence[Mapping[str, Any]], kind: str, name: str) -> str | None:
    found = [str(fact["data"][name]) for fact in _facts(facts, kind)]
    return found[-1] if found else None


def _closed_at(facts: Sequence[Mapping[str, Any]]) -> datetime | None:
    done = [
        f["data"]["at"] for f in _facts(facts, "assignment.progressed") if f["data"]["stage"] == "completed"
    ]
    return datetime.fromisoformat(max(done)) if done else None


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
