"""What the clock asks for: offers nobody answered, requests still without a crew. Safe in every replica."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.routing.domain.board import rank_of
from services.routing.domain.case import Case
from services.routing.domain.crews import Crew
from services.routing.domain.desk import Desk
from services.routing.domain.job import job_of
from services.routing.domain.plan import Waiting, pair
from services.routing.domain.turns import Turn
from services.routing.domain.words import OTHER, Category, WithdrawReason
from services.routing.usecases.answering import question_of
from services.routing.usecases.finding import send
from services.routing.usecases.leaving import doubt
from services.routing.usecases.ports import Transactions, Work
from services.routing.usecases.sending import SYSTEM, take_back

_LOOKED_AT = 200
_GRAVE = 20
"""Waiting requests that may turn a crew round: each is looked at anew in every round, so only so many."""


def expire_offers(transactions: Transactions, desk: Desk) -> int:
    """Withdraw every offer whose time is up and ask the next crew; returns how many."""
    expired = 0
    while _expire_one(transactions(), desk):
        expired += 1
    return expired


def serve_waiting(transactions: Transactions, desk: Desk) -> int:
    """Send waiting requests on, the most urgent first, where a crew or an organisation is now to be had.

    Returns how many got a crew. Planning reads without locks; each request is then settled in a transaction
    of its own that locks it and looks again, so that a plan out of date does no harm.
    """
    chances = _promising(transactions(), desk)
    return sum(_retry(transactions(), desk, *chance) for chance in chances.items())


def _expire_one(work: Work, desk: Desk) -> bool:
    with work:
        request_id = work.assignments.claim_expired(work.now)
        if request_id is None:
            return False
        case = work.cases.open(request_id)
        live = work.assignments.live(request_id)
        assert live is not None
        doubt(work, live)
        case = take_back(work, case, live, WithdrawReason.NO_RESPONSE, SYSTEM)
        work.cases.save(send(work, desk, case) if case.wants_crew else case)
        work.commit()
    return True


def _promising(work: Work, desk: Desk) -> dict[UUID, UUID | None]:
    """Requests that have a chance now, each with the crew whose queue it heads, if there is one.

    What a fresh plan keeps for a crew that is still at work is left to it, but never an emergency.
    """
    with work:
        crews = work.roster.free()
        line = work.cases.waiting(_teams(crews), _LOOKED_AT)
        early = {case.request_id for case in line if _is_early(case, desk, work.now)}
        every = [case for case in line if case.request_id not in early]
        fresh_since = work.now - desk.policy.conduct.plan_valid_for
        kept = work.turns.kept([case.request_id for case in every], fresh_since)
        queued = work.turns.next_up([crew.crew_id for crew in crews])
        heads = [turn for turn in queued if turn.request_id not in early]
        first = {turn.request_id: turn for turn in heads if not _outranked(turn, crews, every, kept)}
        idle = [crew for crew in crews if crew.crew_id not in {turn.crew_id for turn in first.values()}]
        rest = [case for case in every if case.request_id not in first]
        waiting = [
            case for case in rest if case.request_id not in kept or case.category is Category.EMERGENCY
        ]
        asked = work.assignments.asked([case.request_id for case in waiting]) if waiting else {}
        unpaired = [
            Waiting(
                job_of(case, desk.needs, desk.policy), case.organisation_id, asked.get(case.request_id, {})
            )
            for case in waiting
            if case.organisation_id is not None
        ]
        paired = [pairing.request_id for pairing in pair(unpaired, idle, desk, work.now)]
        grave = [case.request_id for case in work.cases.waiting_of(_preempting(desk), _GRAVE)]
        answerable = _answerable(work, desk, work.cases.unclaimed(_LOOKED_AT))
        planned = {request_id: turn.crew_id for request_id, turn in first.items()}
        urgency = {case.request_id: case.category for case in every}
        # The plan knows whose norm can still be kept; the grave ones by themselves come oldest first.
        best = [request_id for request_id in planned if urgency.get(request_id) is Category.EMERGENCY]
        return {**dict.fromkeys([*best, *grave, *paired, *answerable]), **planned}


def _is_early(case: Case, desk: Desk, now: datetime) -> bool:
    """Whether the resident expects nobody yet: no crew is kept for it, other work goes first."""
    window = job_of(case, desk.needs, desk.policy).window
    return window is not None and window.is_far(now, desk.policy.conduct.window_lead)


def _outranked(turn: Turn, crews: Sequence[Crew], every: Sequence[Case], kept: Collection[UUID]) -> bool:
    """Whether something more urgent that no plan knows yet waits for this crew."""
    if turn.pinned:
        return False
    ranks = {case.request_id: rank_of(case.category) for case in every}
    own = _teams([crew for crew in crews if crew.crew_id == turn.crew_id])
    return any(
        ranks[case.request_id] < ranks.get(turn.request_id, -1)
        for case in every
        if case.request_id not in kept and (case.organisation_id, case.routed_as) in own
    )


def _preempting(desk: Desk) -> list[Category]:
    return [category for category, lesser in desk.policy.conduct.preempts.items() if lesser]


def _teams(crews: Iterable[Crew]) -> set[tuple[UUID, str]]:
    """What the free crews could take: any crew may look at what nobody recognised."""
    return {(crew.organisation_id, system) for crew in crews for system in (*crew.specialisations, OTHER)}


def _answerable(work: Work, desk: Desk, cases: Sequence[Case]) -> list[UUID]:
    """Of the cases nobody answered for, those somebody answers for now."""
    if not cases:
        return []
    active = {id_ for id_, organisation in work.organisations.every().items() if organisation.active}
    refused = work.transfers.refusals([case.request_id for case in cases])
    return [
        case.request_id
        for case in cases
        if active.difference(refused.get(case.request_id, ())).intersection(
            desk.matrix.answering(question_of(case, desk), work.now)
        )
    ]


def _retry(work: Work, desk: Desk, request_id: UUID, crew_id: UUID | None) -> bool:
    with work:
        before = work.cases.lock(request_id)
        if before is None or not before.wants_crew:
            return False
        case = send(work, desk, before, crew_id)
        if case != before:
            work.cases.save(case)
            work.commit()
    return not case.wants_crew
