"""The background round: the queues of all crews planned anew. Safe in every replica: one plans at a time, and
what somebody changed meanwhile is not overwritten."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.desk import Desk
from services.routing.domain.job import job_of
from services.routing.domain.picture import Picture, Waiting
from services.routing.usecases.ports import Search, Transactions, Work

_LOOKED_AT = 400
"""Waiting requests of one organisation that are planned at most, the most urgent ones."""
_AHEAD = 6
"""So many of them for each crew on shift, some hours of work: in a storm a longer plan only takes longer."""
_LEASE_BUDGETS = 10
"""A replica that died while planning holds up the others for so many budgets."""


def replan(transactions: Transactions, desk: Desk, search: Search) -> int:
    """Plan every organisation that has somebody waiting; returns how many requests have a turn now."""
    with transactions() as work:
        organisations = work.turns.organisations()
    return sum(_replan(transactions, desk, search, organisation_id) for organisation_id in organisations)


def picture_of(work: Work, desk: Desk, organisation_id: UUID) -> Picture:
    """One organisation as it is now; nothing is locked."""
    crews, turns = work.roster.crews_of(organisation_id), work.turns.of(organisation_id)
    working = sum(crew.works_at(work.now) for crew in crews)
    cases = work.cases.line_of(organisation_id, min(_AHEAD * max(working, 1), _LOOKED_AT))
    return Picture(organisation_id, work.now, crews, _line(work, desk, cases), turns)


def _line(work: Work, desk: Desk, cases: Sequence[Case]) -> list[Waiting]:
    asked = work.assignments.asked([case.request_id for case in cases if case.attempts])
    return [
        Waiting(
            job_of(case, desk.needs, desk.policy),
            case.registered_at or work.now,
            asked.get(case.request_id, {}),
        )
        for case in cases
    ]


def _replan(transactions: Transactions, desk: Desk, search: Search, organisation_id: UUID) -> int:
    with transactions() as work:
        until = work.now + max(_LEASE_BUDGETS * desk.policy.conduct.plan_budget, timedelta(seconds=5))
        version = work.turns.claim(organisation_id, work.now, until)
        if version is None:
            return 0
        picture = picture_of(work, desk, organisation_id)
        work.commit()
    queues = search(picture, desk)
    with transactions() as work:
        replaced = work.turns.replace(organisation_id, version, queues, work.now)
        work.commit()
    return len(queues) if replaced else 0
