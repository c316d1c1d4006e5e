"""When a crew may be called off lesser work for a graver request, and when never."""

from services.routing.domain.assignment import State
from services.routing.domain.conduct import Conduct
from services.routing.domain.crews import Holding
from services.routing.domain.needs import Confined
from services.routing.domain.words import Category, Kept


def why_kept(held: Holding, graver: Category, conduct: Conduct, confined: Confined) -> Kept | None:
    """Why a crew may not be taken off what it holds for a request of category ``graver``; None: it may.

    Work where people are in danger is no lesser work, whatever its category. Nobody is called out of a
    confined space, or off a site unless the configuration says so.
    """
    checks = (
        (Kept.PINNED, held.pinned),
        (Kept.NO_LESSER, held.category not in conduct.preempts.get(graver, frozenset())),
        (Kept.DANGER, bool(held.hazards)),
        (Kept.CONFINED, held.on_site and held.place in confined.places),
        (Kept.ON_SITE, held.on_site and held.category not in conduct.preempts_on_site),
        (Kept.SUSPENDED, held.state is State.SUSPENDED),
        (Kept.OFTEN_ENOUGH, held.preempted >= conduct.preempted_at_most),
    )
    return next((reason for reason, holds in checks if holds), None)
