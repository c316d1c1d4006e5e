"""When a request may be closed, and what follows by itself from a finished work (D-1.1-U5, D-2.B-U3).

* ``fixed``, ``no_fault_found``: closed at once if in time; if overdue it stays done until a person gives
  the reason of the delay.
* ``temporary_fix``: the danger is gone, the lasting repair is not made. It stays done until a person closes
  it with a note that says what happens to the repair.
* ``no_access``, ``handed_over``: nothing was solved, or it is another service's now and needs a recorded
  transfer (rule 6.3). It returns to the dispatcher and is counted as a return.
"""

from dataclasses import replace

from services.journal.domain.clocks import is_overdue
from services.journal.domain.facts import Fact
from services.journal.domain.life import Life, Origin
from services.journal.domain.norms import NormBook
from services.journal.domain.states import State
from services.journal.errors import (
    ClosingNoteRequired,
    DelayReasonRequired,
    ForbiddenMove,
    NotDone,
    ResultRequired,
)

UNSOLVED = frozenset({"no_access", "handed_over"})
PROVISIONAL = frozenset({"temporary_fix"})
CONSULTED = "consulted"
OUTAGE_OVER = "outage_over"
"""The result of a request that ended together with the outage it rode on."""


def settle(life: Life, fact: Fact, book: NormBook) -> Life:
    """What the journal itself does with a work that has just been reported as done."""
    if life.result in UNSOLVED:
        return send_back(life, fact, Origin.AUTOMATIC)
    if life.result is None or life.result in PROVISIONAL or is_overdue(life, book, fact.at):
        return life
    return life.move(State.CLOSED, fact, Origin.AUTOMATIC)


def send_back(life: Life, fact: Fact, origin: Origin) -> Life:
    """The work is not accepted as the end: the dispatcher has the request again."""
    returned = life.move(State.RETURNED, fact, origin)
    return replace(returned, returns=life.returns + 1, order_id=None, returned_on=None)


def dispute(life: Life, fact: Fact) -> Life:
    """The applicant says that the trouble is still there: what was done, or even closed, goes back.

    Of work that has gone back already, was called off or never began it is no news. Raises ForbiddenMove
    while nothing is known of an end of the work.
    """
    if life.state in (State.DONE, State.CLOSED) and life.result != CONSULTED:
        return replace(send_back(life, fact, Origin.REPORTED), returned_on=fact.channel)
    if life.result is None and not life.finished:
        raise ForbiddenMove(state=life.state or "new", wanted=State.RETURNED)
    return life


def consult(life: Life, fact: Fact) -> Life:
    """A consultation needs no crew: answered and closed, unless a person finds otherwise later."""
    answered = life.move(State.CONSULTED, fact, Origin.AUTOMATIC)
    return replace(answered.move(State.CLOSED, fact, Origin.AUTOMATIC), result=CONSULTED)


def check_closing(life: Life, close: Fact, book: NormBook) -> None:
    """Raise the error that says what is missing, if a person may not close the request now."""
    if life.state is not State.DONE:
        raise NotDone(state=life.state or "new")
    if life.result is None:
        raise ResultRequired
    if life.result in PROVISIONAL and not close.note:
        raise ClosingNoteRequired(result=life.result)
    if is_overdue(life, book, close.at) and not close.reason:
        raise DelayReasonRequired


def close(life: Life, fact: Fact, book: NormBook) -> Life:
    """Closed by a person; raises ForbiddenMove or the reason why not."""
    check_closing(life, fact, book)
    return replace(life.move(State.CLOSED, fact), delay_reason=fact.reason)
