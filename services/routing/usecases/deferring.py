"""Putting work off until a moment, and taking it up again when that has come."""

from dataclasses import replace
from datetime import datetime

from services.routing.domain.assignment import ON_SITE
from services.routing.domain.board import Entry
from services.routing.domain.case import Case, defer, resume
from services.routing.domain.desk import Desk
from services.routing.domain.words import Category, WithdrawReason
from services.routing.errors import (
    CaseIncomplete,
    CrewAtWork,
    DeferredToThePast,
    NoCrewNeeded,
    NotDeferred,
    RequestClosed,
    SeniorNeeded,
)
from services.routing.usecases.dispatch import Order, locked, saved
from services.routing.usecases.finding import send
from services.routing.usecases.ports import Transactions, Work
from services.routing.usecases.sending import SYSTEM, take_back


def defer_request(work: Work, order: Order, until: datetime, reason: str, is_senior: bool) -> Entry:
    """Put the work off; an emergency only by a senior. A crew on its way is called off, one on site is not.

    Raises DeferredToThePast, SeniorNeeded, CrewAtWork, RequestClosed, CaseIncomplete, NoCrewNeeded.
    """
    with work:
        case = _deferrable(locked(work, order))
        if until <= work.now:
            raise DeferredToThePast
        if case.category is Category.EMERGENCY and not is_senior:
            raise SeniorNeeded
        case = _without_crew(work, case, order.by, reason)
        told = {
            "request_id": case.request_id,
            "until": until,
            "reason": reason,
            "by": order.by,
            "at": work.now,
        }
        work.emit("request.deferred", str(case.request_id), told)
        return saved(work, defer(case, until, reason))


def resume_request(work: Work, desk: Desk, order: Order) -> Entry:
    """Take a deferred request up again before its time. Raises NotDeferred."""
    with work:
        case = locked(work, order)
        if case.deferred_until is None:
            raise NotDeferred
        return saved(work, _taken_up(work, desk, case, order.by))


def resume_due(transactions: Transactions, desk: Desk) -> int:
    """Take up every request whose time has come; returns how many. Safe in every replica."""
    resumed = 0
    while _resume_one(transactions(), desk):
        resumed += 1
    return resumed


def _resume_one(work: Work, desk: Desk) -> bool:
    with work:
        case = work.cases.claim_deferred(work.now)
        if case is None:
            return False
        taken_up = _taken_up(work, desk, case, SYSTEM)
        work.cases.save(replace(taken_up, resumed_at=work.now))
        work.commit()
    return True


def _taken_up(work: Work, desk: Desk, before: Case, by: str) -> Case:
    case = resume(before)
    if not case.is_over:
        told = {"request_id": case.request_id, "by": by, "at": work.now}
        work.emit("request.resumed", str(case.request_id), told)
    return send(work, desk, case) if case.wants_crew else case


def _deferrable(case: Case) -> Case:
    if case.is_over:
        raise RequestClosed(state=case.state)
    if case.category is None:
        raise CaseIncomplete
    if case.category is Category.CONSULTATION or case.rides:
        raise NoCrewNeeded
    return case


def _without_crew(work: Work, case: Case, by: str, reason: str) -> Case:
    live = work.assignments.live(case.request_id)
    if live is None:
        return case
    if live.state in ON_SITE:
        raise CrewAtWork(state=live.state.value)
    return take_back(work, case, live, WithdrawReason.DISPATCHER, by, reason)
