"""What each kind of fact does to a life. A rule either returns the life after the fact or raises
ForbiddenMove, which means: not now, perhaps when other facts have arrived."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from services.journal.domain import closing
from services.journal.domain.facts import Fact, Kind
from services.journal.domain.life import Life, Origin
from services.journal.domain.norms import NormBook
from services.journal.domain.states import MOVES, WORK_CHAIN, State
from services.journal.errors import ForbiddenMove

CONSULTATION = "consultation"
_OVERTAKEN = frozenset(
    {Kind.UNROUTABLE, Kind.TRANSFERRED, Kind.DECLINED, Kind.OFFERED, Kind.ACKNOWLEDGED, Kind.ACCEPTED}
)
"""What was on its way while the request was being called off. Work on site is no such thing: it is raised."""
REASSIGN_WITHIN = timedelta(seconds=60)
"""How long a request whose crew declined or was withdrawn may wait for another one before it is raised."""


def apply(life: Life, fact: Fact, book: NormBook) -> Life:
    """The life after the fact; raises ForbiddenMove when the state does not allow it now."""
    if life.state is State.CANCELLED and fact.kind in _OVERTAKEN:
        return life
    return RULES[fact.kind](life, fact, book)


def _drafted(life: Life, fact: Fact, _book: NormBook) -> Life:
    return life if life.state is State.DRAFT else life.move(State.DRAFT, fact)


def _registered(life: Life, fact: Fact, _book: NormBook) -> Life:
    """What was registered on paper first has its clocks run from then, not from when it was typed in."""
    moved = life.move(State.REGISTERED, fact)
    at = fact.received_at if fact.late and fact.received_at else fact.at
    known = replace(moved, number=fact.number, received_at=fact.received_at, registered_at=at)
    return known if fact.outage_id is None else _ride(known, fact, Origin.AUTOMATIC)


def _joined(life: Life, fact: Fact, _book: NormBook) -> Life:
    """A crew that has taken the request on keeps it: then it only stands beside the outage."""
    if life.finished or life.has_passed(State.ACKNOWLEDGED):
        return replace(life, outage_id=fact.outage_id)
    return replace(life, outage_id=fact.outage_id) if life.state is State.JOINED else _ride(life, fact)


def _ride(life: Life, fact: Fact, origin: Origin = Origin.REPORTED) -> Life:
    return replace(life.move(State.JOINED, fact, origin), outage_id=fact.outage_id)


def _split(life: Life, fact: Fact, _book: NormBook) -> Life:
    """Back to where it was before it joined; its clocks have run since its registration all the same."""
    if life.state is not State.JOINED:
        return _known_to_ride(life, fact)
    before = State.REGISTERED if life.category is None else State.CLASSIFIED
    alone = life.move(before, fact)
    return replace(alone, organisation_id=None, transferred_at=None, acknowledge_by=None, unroutable_at=None)


def _ride_ended(life: Life, fact: Fact, _book: NormBook) -> Life:
    if life.state is State.TRANSFERRED and life.outage_id and not (life.order_id or life.hazards):
        life = life.move(State.JOINED, fact, Origin.IMPLIED)  # handed over while it was being joined
    if life.state is not State.JOINED:
        return _known_to_ride(life, fact)
    return replace(life.move(State.CLOSED, fact), result=closing.OUTAGE_OVER)


def _known_to_ride(life: Life, fact: Fact) -> Life:
    """Nothing to do for what is worked on by itself already; what never joined must hear of that first."""
    if life.outage_id is None:
        raise ForbiddenMove(state=life.state or "new", wanted=fact.kind)
    return life


def _classified(life: Life, fact: Fact, _book: NormBook) -> Life:
    if life.category is not None:
        return life if life.overridden else _described(life, fact)
    if life.state is State.JOINED:
        return _described(life, fact)
    moved = _described(life.move(State.CLASSIFIED, fact), fact)
    return moved if fact.category != CONSULTATION or fact.needs_person else closing.consult(moved, fact)


def _described(life: Life, fact: Fact) -> Life:
    return replace(
        life,
        category=fact.category,
        priority=fact.priority,
        system=fact.system,
        fault=fact.fault,
        hazards=fact.hazards,
    )


def _overridden(life: Life, fact: Fact, _book: NormBook) -> Life:
    if life.category is None:
        raise ForbiddenMove(state=life.state or "new", wanted=fact.kind)
    changed = replace(life, category=fact.category, priority=fact.priority, overridden=True)
    if fact.category == CONSULTATION:
        may_consult = changed.state in (State.CLASSIFIED, State.TRANSFERRED)
        return closing.consult(changed, fact) if may_consult else changed
    if changed.state is State.CLOSED and changed.result == closing.CONSULTED:
        return replace(changed.move(State.CLASSIFIED, fact), result=None)
    return changed


def _unroutable(life: Life, fact: Fact, _book: NormBook) -> Life:
    return replace(life, unroutable_at=fact.at)


def _transferred(life: Life, fact: Fact, _book: NormBook) -> Life:
    moved = life if life.state is State.TRANSFERRED else life.move(State.TRANSFERRED, fact)
    return replace(
        moved,
        transfer_id=fact.transfer_id,
        transfers=life.transfers | {fact.transfer_id or fact.id},
        organisation_id=fact.organisation_id,
        transferred_at=fact.at,
        acknowledge_by=fact.answer_by,
        unroutable_at=None,
    )


def _acknowledged(life: Life, fact: Fact, _book: NormBook) -> Life:
    superseded = fact.transfer_id in life.transfers and fact.transfer_id != life.transfer_id
    if life.state is State.JOINED and fact.transfer_id in life.transfers:
        return life
    if superseded or (fact.transfer_id == life.transfer_id and life.has_passed(State.ACKNOWLEDGED)):
        return life
    if fact.transfer_id != life.transfer_id:
        raise ForbiddenMove(state=life.state or "new", wanted=fact.kind)
    return life.move(State.ACKNOWLEDGED, fact)


def _given_back(life: Life, fact: Fact, _book: NormBook) -> Life:
    """The organisation that had confirmed does so no more; the moment by which somebody must stays."""
    own = fact.transfer_id == life.transfer_id
    return life.move(State.TRANSFERRED, fact) if own and life.state is State.ACKNOWLEDGED else life


def _offered(life: Life, fact: Fact, _book: NormBook) -> Life:
    if life.order_id == fact.order_id or fact.order_id in life.dead_orders:
        return life
    moved = _back_in_dispatch(life, fact)
    later = max((moment for moment in (moved.acknowledge_by, fact.answer_by) if moment), default=None)
    return replace(moved, order_id=fact.order_id, acknowledge_by=later, unroutable_at=None)


def _back_in_dispatch(life: Life, fact: Fact) -> Life:
    """A new order after a decline, a withdrawal or a return puts the request back to transferred."""
    if life.state is State.DONE:
        life = closing.send_back(life, fact, Origin.IMPLIED)
    if life.state is not None and life.state not in (State.CLASSIFIED, State.REGISTERED):
        may_return = State.TRANSFERRED in MOVES[life.state]
        return life.move(State.TRANSFERRED, fact) if may_return else _only_if_open(life, fact)
    return life


def _only_if_open(life: Life, fact: Fact) -> Life:
    if life.state is not State.TRANSFERRED:
        raise ForbiddenMove(state=life.state or "new", wanted=fact.kind)
    return life


def _taken_back(life: Life, fact: Fact, _book: NormBook) -> Life:
    """Declined by the crew or withdrawn from it: whoever had acknowledged does so no more."""
    in_force = fact.order_id is not None and fact.order_id == life.order_id
    left = replace(life, dead_orders=life.dead_orders | {fact.order_id or fact.id})
    if fact.reason == "request_cancelled" and State.CANCELLED in MOVES[life.state]:
        return replace(left.move(State.CANCELLED, fact), order_id=None)
    if not in_force or life.state in (State.DONE, State.CLOSED, State.RETURNED):
        return left
    if life.state in WORK_CHAIN and life.state is not State.TRANSFERRED:
        left = left.move(State.TRANSFERRED, fact)
    if fact.reason == "joined_outage" and life.outage_id and left.state is State.TRANSFERRED:
        left = left.move(State.JOINED, fact)  # offered while it was being joined
    grace = fact.at + REASSIGN_WITHIN
    return replace(left, order_id=None, acknowledge_by=max(left.acknowledge_by or grace, grace))


def _arrived(life: Life, fact: Fact, _book: NormBook) -> Life:
    _check_in_force(life, fact)
    return life if life.arrived_at else replace(life, arrived_at=fact.at)


def _stage(*stages: State) -> Callable[[Life, Fact, NormBook], Life]:
    """A rule for a stage of the work: ``stages`` leads to it, and a gap in it is written down as implied."""

    def rule(life: Life, fact: Fact, _book: NormBook) -> Life:
        if life.state is State.JOINED and stages[-1] is State.ACKNOWLEDGED:
            return life  # accepted while it was being joined: the order is on its way back
        if stages[-1] is State.ACKNOWLEDGED and fact.order_id in life.dead_orders:
            return life  # pressed before the crew heard that it had been taken back; going there is raised
        _check_in_force(life, fact)
        if life.has_passed(stages[-1]):
            return life
        if life.state is State.JOINED:  # the crew works on it after all
            life = life.move(State.TRANSFERRED, fact, Origin.IMPLIED)
        if life.state not in WORK_CHAIN:
            raise ForbiddenMove(state=life.state or "new", wanted=stages[-1])
        for stage in stages[:-1]:
            life = life if life.has_passed(stage) else life.move(stage, fact, Origin.IMPLIED)
        return life.move(stages[-1], fact)

    return rule


_to_done = _stage(State.ACKNOWLEDGED, State.IN_WORK, State.DONE)


def _completed(life: Life, fact: Fact, book: NormBook) -> Life:
    done = _to_done(life, fact, book)
    return done if done is life else closing.settle(replace(done, result=fact.result), fact, book)


def _cancelled(life: Life, fact: Fact, _book: NormBook) -> Life:
    """The applicant or a dispatcher calls the request off. Where people are in danger or a crew is on site,
    the applicant's wish needs a person's decision.

    Before triage has spoken nobody knows of the danger, so the wish waits for its word.
    """
    undecided = life.state is State.REGISTERED and not fact.by_dispatcher
    if life.state is None or undecided:
        raise ForbiddenMove(state=life.state or "new", wanted=fact.kind)
    if State.CANCELLED not in MOVES[life.state]:
        return life
    risky = fact.needs_person or life.hazards or life.is_crew_on_site
    if risky and not fact.by_dispatcher:
        return replace(life, cancellation_asked_at=life.cancellation_asked_at or fact.at)
    return replace(life.move(State.CANCELLED, fact), cancelled_on=fact.channel)


def _judged(life: Life, fact: Fact, _book: NormBook) -> Life:
    """The applicant's own word on the work. That it is well is kept on the timeline and moves nothing."""
    return life if fact.fixed else closing.dispute(life, fact)


def _deferred(life: Life, fact: Fact, _book: NormBook) -> Life:
    """A dispatcher puts the work off. Whoever had the request has it no more; its clocks rest meanwhile."""
    if life.state is State.DEFERRED:
        return life
    put_off = life.move(State.DEFERRED, fact)
    rests = ((fact.at, fact.until),) if fact.until is not None else ()
    return replace(
        put_off,
        order_id=None,
        acknowledge_by=None,
        unroutable_at=None,
        deferrals=(*life.deferrals, *rests),
    )


def _resumed(life: Life, fact: Fact, _book: NormBook) -> Life:
    """Its time has come, or a dispatcher takes it up before: whoever goes now is found anew."""
    if life.finished:
        return life
    if life.state is not State.DEFERRED:
        raise ForbiddenMove(state=life.state or "new", wanted=fact.kind)
    return replace(life.move(State.CLASSIFIED, fact), organisation_id=None, transferred_at=None)


def _check_in_force(life: Life, fact: Fact) -> None:
    """Stages count only for the work order in force: a withdrawn crew cannot move the request."""
    if fact.order_id is None or fact.order_id != life.order_id:
        raise ForbiddenMove(state=life.state or "new", wanted=fact.kind)


RULES: Mapping[Kind, Callable[[Life, Fact, NormBook], Life]] = {
    Kind.DRAFTED: _drafted,
    Kind.REGISTERED: _registered,
    Kind.JOINED: _joined,
    Kind.SPLIT: _split,
    Kind.RIDE_ENDED: _ride_ended,
    Kind.CLASSIFIED: _classified,
    Kind.OVERRIDDEN: _overridden,
    Kind.REFUSED: _given_back,
    Kind.UNROUTABLE: _unroutable,
    Kind.TRANSFERRED: _transferred,
    Kind.WITHDRAWN: _taken_back,
    Kind.DECLINED: _taken_back,
    Kind.OFFERED: _offered,
    Kind.ACKNOWLEDGED: _acknowledged,
    Kind.ACCEPTED: _stage(State.ACKNOWLEDGED),
    Kind.ARRIVED: _arrived,
    Kind.WORKING: _stage(State.ACKNOWLEDGED, State.IN_WORK),
    Kind.LOCALISED: _stage(State.ACKNOWLEDGED, State.IN_WORK, State.LOCALISED),
    Kind.COMPLETED: _completed,
    Kind.JUDGED: _judged,
    Kind.DEFERRED: _deferred,
    Kind.RESUMED: _resumed,
    Kind.CANCELLED: _cancelled,
    Kind.CLOSED: closing.close,
}
