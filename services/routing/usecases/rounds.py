"""What the clock asks for: offers nobody answered, requests still without a crew. Safe in every replica."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.routing.domain.case import Case, job_of
from services.routing.domain.crews import Crew
from services.routing.domain.desk import Desk
from services.routing.domain.plan import Waiting, pair
from services.routing.domain.words import OTHER, Category, WithdrawReason
from services.routing.usecases.answering import question_of
from services.routing.usecases.finding import send
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
    return sum(_retry(transactions(), desk, request_id) for request_id in _promising(transactions(), desk))


def _expire_one(work: Work, desk: Desk) -> bool:
    with work:
        request_id = work.assignments.claim_expired(work.now)
        if request_id is None:
            return False
        case = work.cases.open(request_id)
        live = work.assignments.live(request_id)
        assert live is not None
        case = take_back(work, case, live, WithdrawReason.NO_RESPONSE, SYSTEM)
        work.cases.save(send(work, desk, case) if case.wants_crew else case)
        work.commit()
    return True


def _promising(work: Work, desk: Desk) -> list[UUID]:
    """Requests that have a chance now."""
    with work:
        crews = work.roster.free()
        waiting = work.cases.waiting(_teams(crews), _LOOKED_AT)
        asked = work.assignments.asked([case.request_id for case in waiting]) if waiting else {}
        line = [
            Waiting(
                job_of(case, desk.needs, desk.policy), case.organisation_id, asked.get(case.request_id, {})
            )
            for case in waiting
            if case.organisation_id is not None
        ]
        paired = [pairing.request_id for pairing in pair(line, crews, desk, work.now)]
        grave = work.cases.waiting_of(_preempting(desk), _GRAVE)
        answerable = _answerable(work, desk, work.cases.unclaimed(_LOOKED_AT))
        return list(dict.fromkeys([*paired, *(case.request_id for case in grave), *answerable]))


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
    return [
        case.request_id
        for case in cases
        if active.intersection(desk.matrix.answering(question_of(case, desk), work.now))
    ]


def _retry(work: Work, desk: Desk, request_id: UUID) -> bool:
    with work:
        before = work.cases.lock(request_id)
        if before is None or not before.wants_crew:
            return False
        case = send(work, desk, before)
        if case != before:
            work.cases.save(case)
            work.commit()
    return not case.wants_crew
