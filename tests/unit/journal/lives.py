"""Lives of requests for tests: a builder of facts one after another, and a strategy of whole valid lives."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from services.journal.domain.facts import Fact, Kind
from services.journal.domain.norms import ClockName, Norm, NormBook, Standing, Start

START = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
NO_NORMS = NormBook("none", ())

CREW_STAGES = (Kind.ACCEPTED, Kind.ARRIVED, Kind.WORKING, Kind.LOCALISED)
RESULTS = ("fixed", "temporary_fix", "no_fault_found", "no_access", "handed_over")


def norm(name: ClockName, limit: timedelta, **changes: Any) -> Norm:
    values: dict[str, Any] = {
        "id": f"test.{name}",
        "clock": name,
        "limit": limit,
        "start": Start.REGISTRATION,
        "legal": {"ru": "-", "kk": "-"},
        "standing": Standing.DEFAULT,
        "mark": "V",
        "valid_from": date(2020, 1, 1),
    }
    return Norm(**{**values, **changes})


def book(*norms: Norm, **changes: Any) -> NormBook:
    return NormBook("test", norms, **changes)


BOOK = book(
    norm(ClockName.ARRIVE, timedelta(minutes=30), categories=frozenset({"emergency"})),
    norm(ClockName.LOCALISE, timedelta(minutes=30), categories=frozenset({"emergency"})),
    norm(ClockName.COMPLETE, timedelta(hours=4)),
)


@dataclass
class Story:
    """Tells a life fact by fact; each comes ``step`` after the one before unless told otherwise."""

    step: timedelta = timedelta(minutes=1)
    now: datetime = START
    facts: list[Fact] = field(default_factory=list)
    ids: Any = field(default_factory=count)

    def tell(self, kind: Kind, after: timedelta | None = None, **fields: Any) -> "Story":
        self.now += self.step if after is None else after
        self.facts.append(Fact(id=f"{next(self.ids):03}-{kind}", kind=kind, at=self.now, **fields))
        return self

    def registered(self, **fields: Any) -> "Story":
        return self.tell(Kind.REGISTERED, number="1042", received_at=self.now, **fields)

    def classified(self, category: str = "emergency", **fields: Any) -> "Story":
        fields = {"priority": "P1", "system": "water", "fault": "pipe_burst", **fields}
        return self.tell(Kind.CLASSIFIED, category=category, **fields)

    def transferred(self, transfer_id: str = "t1", **fields: Any) -> "Story":
        due = self.now + timedelta(minutes=5)
        fields = {"organisation_id": "org-1", "answer_by": due, **fields}
        return self.tell(Kind.TRANSFERRED, transfer_id=transfer_id, **fields)

    def offered(self, order_id: str = "a1") -> "Story":
        return self.tell(Kind.OFFERED, order_id=order_id, answer_by=self.now + timedelta(minutes=3))

    def crew(self, *kinds: Kind, order_id: str = "a1", **fields: Any) -> "Story":
        for kind in kinds:
            self.tell(kind, order_id=order_id, **fields)
        return self

    def completed(self, result: str | None = "fixed", order_id: str = "a1", **fields: Any) -> "Story":
        return self.crew(Kind.COMPLETED, order_id=order_id, result=result, **fields)


def dispatched(**classification: Any) -> Story:
    """Up to an offered work order ``a1``."""
    return Story().registered().classified(**classification).transferred().offered()


def finished(result: str | None = "fixed", **classification: Any) -> Story:
    """A whole plain life, in time."""
    return dispatched(**classification).crew(*CREW_STAGES).completed(result)


@st.composite
def lives(draw: st.DrawFn) -> list[Fact]:
    """A valid life in its own order: drafts, overrides, lost orders, returns, a second transfer."""
    story = Story(step=timedelta(seconds=draw(st.integers(1, 900))))
    if draw(st.booleans()):
        story.tell(Kind.DRAFTED)
    story.registered().classified(draw(st.sampled_from(("emergency", "urgent", "planned"))))
    if draw(st.booleans()):
        story.tell(Kind.OVERRIDDEN, category="emergency", priority="P1")
    if draw(st.booleans()):
        story.tell(Kind.UNROUTABLE, reason="all_crews_busy")
    story.transferred()
    orders = draw(st.integers(1, 3))
    for number in range(orders):
        if number and draw(st.booleans()):
            story.transferred(f"t{number + 1}", organisation_id=f"org-{number + 1}")
        _order(draw, story, f"a{number}", is_last=number == orders - 1)
    return story.facts


def _order(draw: st.DrawFn, story: Story, order_id: str, is_last: bool) -> None:
    story.offered(order_id)
    reported = draw(st.integers(0, len(CREW_STAGES)))
    if is_last:
        story.crew(*CREW_STAGES, order_id=order_id)
        story.completed(draw(st.sampled_from(RESULTS)), order_id)
    elif draw(st.booleans()):
        story.crew(Kind.DECLINED, order_id=order_id, reason="far_away")
    else:
        story.crew(*CREW_STAGES[:reported], order_id=order_id)
        if reported and draw(st.booleans()):
            story.tell(Kind.ACKNOWLEDGED, transfer_id="t1")
        story.crew(Kind.WITHDRAWN, order_id=order_id, reason="dispatcher")
