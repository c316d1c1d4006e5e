"""The call log: what dispatchers note of their calls, and reading it."""

from datetime import datetime
from uuid import uuid4

from services.routing.domain.board import Entry
from services.routing.domain.calls import Direction, Means, Party, PhoneCall, Result
from services.routing.errors import CalledInTheFuture
from services.routing.usecases.dispatch import Order, locked, saved
from services.routing.usecases.ports import Work

_TOLD = ("call_id", "request_id", "party", "direction", "channel", "result", "by", "at")


def log_call(
    work: Work,
    order: Order,
    *,
    party: Party,
    direction: Direction,
    channel: Means,
    result: Result,
    name: str | None,
    note: str | None,
    at: datetime | None,
) -> Entry:
    """Note a call about a request; the others hear of it without its words. Raises CalledInTheFuture."""
    with work:
        case = locked(work, order)
        moment = work.now if at is None else at
        if moment > work.now:
            raise CalledInTheFuture
        call = PhoneCall(
            uuid4(), case.request_id, party, direction, channel, result, name, note, order.by, moment
        )
        work.calls.add(call)
        live = work.assignments.live(case.request_id)
        if live is not None and (party, result) == (Party.CREW, Result.REACHED):
            work.assignments.hear(live.crew_id, moment)
        work.emit("call.logged", str(case.request_id), {name: getattr(call, name) for name in _TOLD})
        return saved(work, case, new_version=False)


def list_calls(work: Work, since: datetime, until: datetime, limit: int) -> list[PhoneCall]:
    """The calls of a time, the latest first."""
    with work:
        return work.calls.between(since, until, limit)
