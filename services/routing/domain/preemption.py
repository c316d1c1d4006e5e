"""When a crew may be called off lesser work for a graver request, and when never."""

from collections.abc import Iterator

from services.routing.domain.assignment import State
from services.routing.domain.conduct import Conduct
from services.routing.domain.crews import Holding
from services.routing.domain.needs import Confined
from services.routing.domain.words import Category, Kept


def why_kept(held: Holding, graver: Category, conduct: Conduct, confined: Confined) -> Kept | None:
    """Why a crew may not be taken off what it holds for a request of category ``graver``; None: it may.

    Work where people are in danger is no lesser work, whatever its category. Nobody is called out of a
    confined space, nor off a site unless the configuration says so, crews told that no dangerous step runs
    there, and the crew itself does not say that it cannot. What nobody knows keeps it.
    """
    checks = (
        (Kept.PINNED, held.pinned),
        (Kept.NO_LESSER, held.category not in conduct.preempts.get(graver, frozenset())),
        (Kept.DANGER, bool(held.hazards)),
        (Kept.CONFINED, held.on_site and held.place in confined.places),
        (Kept.ON_SITE, held.on_site and held.category not in conduct.preempts_on_site),
        *_on_site(held),
        (Kept.SUSPENDED, held.state is State.SUSPENDED),
        (Kept.OFTEN_ENOUGH, held.preempted >= conduct.preempted_at_most),
    )
    return next((reason for reason, holds in checks if holds), None)


def _on_site(held: Holding) -> Iterator[tuple[Kept, bool]]:
    """What keeps a crew that is at work; news of an earlier stage tells nothing of this one."""
    if not held.on_site:
        return
    leave = held.leave
    known = leave is not None and leave.stage is held.state
    yield Kept.UNSURE, not known
    if leave is not None:
        yield Kept.STEP_RUNS, bool(leave.holds)
        yield Kept.CANNOT_LEAVE, leave.can is False
