"""From the facts of a request to its life: the same set gives the same life, in whatever order it came."""

from collections.abc import Iterable
from dataclasses import replace

from services.journal.domain.facts import Fact, in_order
from services.journal.domain.life import Life, Move, Origin
from services.journal.domain.norms import NormBook
from services.journal.domain.rules import apply
from services.journal.errors import ForbiddenMove


def fold(facts: Iterable[Fact], book: NormBook) -> Life:
    """Apply the facts in the order in which they happened; one that is not allowed yet waits and is tried
    again after every other, so clocks of two machines that differ a little do no harm."""
    waiting = sorted({fact.id: fact for fact in facts}.values(), key=in_order)
    life = Life()
    while (step := _next(life, waiting, book)) is not None:
        fact, life = step
        waiting.remove(fact)
    return replace(life, waiting=tuple(waiting))


def _next(life: Life, waiting: list[Fact], book: NormBook) -> tuple[Fact, Life] | None:
    for fact in waiting:
        try:
            return fact, apply(life, fact, book)
        except ForbiddenMove:
            continue
    return None


def announcements(before: Life, after: Life) -> tuple[Move, ...]:
    """The moves that nobody has been told of yet.

    A late fact can change the past: then only the difference that matters is told, as one correction.
    """
    known = [move.to for move in before.moves]
    if [move.to for move in after.moves[: len(known)]] == known:
        return after.moves[len(known) :]
    if after.state is None or after.state is before.state:
        return ()
    last = after.moves[-1]
    return (Move(before.state, after.state, last.at, last.cause, Origin.CORRECTED),)
