"""What of an alert the suite is told: its beginning and end, every attempt, every step that ran out; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alerts import Alert, Stage


class What(StrEnum):
    """``step_unanswered``: a step has run out, and whoever is untold must be told by a person."""

    STARTED = "started"
    PLACED = "placed"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    NOT_REACHED = "not_reached"
    STEP_UNANSWERED = "step_unanswered"
    TOLD = "told"
    UNANSWERED = "unanswered"
    STOPPED = "stopped"
    COVERED = "covered"


@dataclass(frozen=True)
class News:
    """One thing that happened."""

    what: What
    attempt: Attempt | None = None


_OF_STATES = {
    State.PLACED: What.PLACED,
    State.ANSWERED: What.ANSWERED,
    State.DELIVERED: What.DELIVERED,
    State.ACKNOWLEDGED: What.ACKNOWLEDGED,
    State.BUSY: What.NOT_REACHED,
    State.NO_ANSWER: What.NOT_REACHED,
    State.MACHINE: What.NOT_REACHED,
    State.FAILED: What.NOT_REACHED,
    State.UNACKNOWLEDGED: What.NOT_REACHED,
}
_OF_STAGES = {
    Stage.RUNNING: What.STARTED,
    Stage.TOLD: What.TOLD,
    Stage.UNANSWERED: What.UNANSWERED,
    Stage.STOPPED: What.STOPPED,
    Stage.COVERED: What.COVERED,
}


def news(before: Alert, after: Alert) -> Iterator[News]:
    """What happened between two looks at one alert, the beginning first, the end last."""
    moved = after.stage is not before.stage
    if moved and after.stage is Stage.RUNNING:
        yield News(What.STARTED)
    known = {one.id: one.state for one in before.attempts}
    for one in after.attempts:
        if one.state is not known.get(one.id) and one.state in _OF_STATES:
            yield News(_OF_STATES[one.state], one)
    if any(one not in before.untold() for one in after.untold()):
        yield News(What.STEP_UNANSWERED)
    if moved and after.stage is not Stage.RUNNING:
        yield News(_OF_STAGES[after.stage])
