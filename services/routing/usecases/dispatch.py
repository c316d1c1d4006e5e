"""What a dispatcher decides. Every command may name the version it was decided on; a newer one refuses it."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.assignment import ON_SITE, Assignment, State
from services.routing.domain.board import Entry
from services.routing.domain.case import Case, Override, Status, override
from services.routing.domain.choice import Candidate, recommend
from services.routing.domain.crews import Crew
from services.routing.domain.desk import Desk
from services.routing.domain.job import Job, job_of
from services.routing.domain.options import weigh
from services.routing.domain.words import Category, Channel, Refusal, Way, Wish, WithdrawReason
from services.routing.errors import (
    AlreadyAssigned,
    CaseChanged,
    CaseIncomplete,
    CrewAtWork,
    CrewNotFound,
    CrewUnsuitable,
    NoCrewNeeded,
    NothingToWithdraw,
    NotTransferred,
    RequestClosed,
    RequestNotFound,
    SameUrgency,
)
from services.routing.usecases.finding import go, send
from services.routing.usecases.ports import Work
from services.routing.usecases.sending import Handing, confirm, hand_over, take_back

_NOT_THERE_YET = frozenset({State.OFFERED, State.ACCEPTED, State.DEPARTED})
_UNFIT = frozenset({Refusal.GRADE, Refusal.NO_GRADE_RULE, Refusal.LEADER})


@dataclass(frozen=True)
class Order:
    """Who commands what on which request, on the strength of which ``version`` (None: whatever it is now)."""

    by: str
    request_id: UUID
    version: int | None = None


def assign_crew(work: Work, desk: Desk, order: Order, crew_id: UUID, reason: str | None) -> Entry:
    """Offer the request to this crew, in the place of one that is not at work there yet.

    Raises CrewUnsuitable with every reason, AlreadyAssigned, CrewAtWork, RequestClosed, NoCrewNeeded.
    """
    with work:
        case = locked(work, order)
        job = sendable(case, desk)
        crew = known_crew(work, crew_id)
        live = work.assignments.live(case.request_id)
        _check_replaceable(live, crew_id)
        candidate, method = _judged(job, crew, desk, work)
        if live is not None:
            case = take_back(work, case, live, WithdrawReason.DISPATCHER, order.by, reason)
        case = _under_its_organisation(work, desk, case, crew, job, Handing(by=order.by, reason=reason))
        work.turns.drop(case.request_id)
        assigned = go(work, desk, case, candidate, method, order.by, reason)
        if assigned is None:
            raise CrewUnsuitable(crew.name, [Refusal.BUSY])
        return saved(work, assigned)


def withdraw_crew(work: Work, desk: Desk, order: Order, reason: str) -> Entry:
    """Take the request back from its crew; the next one is asked at once. Raises NothingToWithdraw."""
    with work:
        case = locked(work, order)
        live = work.assignments.live(case.request_id)
        if live is None:
            raise NothingToWithdraw
        case = take_back(work, case, live, WithdrawReason.DISPATCHER, order.by, reason)
        return saved(work, send(work, desk, case) if case.wants_crew else case)


def override_urgency(work: Work, desk: Desk, order: Order, category: Category, reason: str) -> Entry:
    """Change the urgency with a reason (D-1.2-U5); a crew that is not fit for it is replaced.

    Raises SameUrgency, RequestClosed, CaseIncomplete; CrewAtWork if a consultation would call one off site.
    """
    with work:
        before = locked(work, order)
        if before.category is None:
            raise CaseIncomplete
        if before.is_over:
            raise RequestClosed(state=before.state)
        if category is before.category:
            raise SameUrgency
        _record_override(work, before, order.by, category, reason)
        case = _without_unfit_crew(work, desk, override(before, category), order.by, reason)
        return saved(work, send(work, desk, case) if case.wants_crew else case)


def decide_cancellation(work: Work, order: Order, decision: Wish, reason: str) -> Entry:
    """Call a request off (the crew is taken back when the journal has it as cancelled), or keep it and settle
    the applicant's wish. Raises RequestClosed."""
    with work:
        case = locked(work, order)
        if case.is_over:
            raise RequestClosed(state=case.state)
        if decision is Wish.CANCEL:
            told = {"request_id": case.request_id, "reason": reason, "by": order.by, "at": work.now}
            work.emit("request.cancelled", str(case.request_id), told)
        return saved(work, replace(case, cancellation_asked_at=None))


def acknowledge_transfer(work: Work, order: Order, channel: Channel, unit: str | None) -> Entry:
    """Record that the organisation has confirmed by voice (D-1.3-U5).

    Raises NotTransferred or AlreadyAcknowledged.
    """
    with work:
        case = locked(work, order)
        transfer = work.transfers.current(case.request_id)
        if transfer is None:
            raise NotTransferred
        confirm(work, transfer, channel, order.by, unit)
        # Without crews of its own in the system there is nobody here to send: the organisation has it.
        taken_over = case.wants_crew and transfer.channel is not Channel.SYSTEM
        return saved(work, replace(case, status=Status.HANDED_OVER) if taken_over else case)


def locked(work: Work, order: Order) -> Case:
    """The request, locked; raises RequestNotFound, or CaseChanged for an order on an older version."""
    case = work.cases.lock(order.request_id)
    if case is None or case.registered_at is None:
        raise RequestNotFound
    if order.version is not None and order.version != case.version:
        raise CaseChanged(version=case.version)
    return case


def saved(work: Work, case: Case, new_version: bool = True) -> Entry:
    """The case stored and committed, as the board shows it."""
    saved = work.cases.save(case, new_version)
    entry = work.board.entry(saved.request_id)
    assert entry is not None
    work.commit()
    return entry


def sendable(case: Case, desk: Desk) -> Job:
    """What to look for in a crew; raises RequestClosed, NoCrewNeeded, CaseIncomplete."""
    if case.is_over:
        raise RequestClosed(state=case.state)
    if case.category is Category.CONSULTATION:
        raise NoCrewNeeded
    if case.status is Status.IDLE:
        # The work is reported done; the journal's word on it is still on its way.
        raise RequestClosed(state=case.state)
    return job_of(case, desk.needs, desk.policy)


def known_crew(work: Work, crew_id: UUID) -> Crew:
    """The crew; raises CrewNotFound."""
    crew = work.roster.crew(crew_id)
    if crew is None:
        raise CrewNotFound
    return crew


def _check_replaceable(live: Assignment | None, crew_id: UUID) -> None:
    if live is None:
        return
    if live.crew_id == crew_id:
        raise AlreadyAssigned
    if live.state in ON_SITE:
        raise CrewAtWork(state=live.state.value)


def _judged(job: Job, crew: Crew, desk: Desk, work: Work) -> tuple[Candidate, str]:
    """The crew as a candidate, be it called off lesser work; a dispatcher may ask again one that declined."""
    found = weigh(job, [crew], desk, work.now)
    at_once = [option.candidate for option in found.ranked if option.candidate.way is not Way.AFTER]
    if not at_once:
        raise CrewUnsuitable(crew.name, found.refused[0].reasons if found.refused else [Refusal.BUSY])
    return at_once[0], found.method


def _under_its_organisation(work: Work, desk: Desk, case: Case, crew: Crew, job: Job, how: Handing) -> Case:
    """A crew of another organisation goes only with the request handed over to that one."""
    if case.organisation_id == crew.organisation_id:
        return case
    organisation = work.organisations.find([crew.organisation_id]).get(crew.organisation_id)
    if organisation is None:
        raise CrewNotFound
    return hand_over(work, desk, case, organisation, job.system, how)


def _record_override(work: Work, before: Case, by: str, category: Category, reason: str) -> None:
    assert before.category is not None
    told = Override(
        request_id=before.request_id,
        proposed_category=before.proposed_category,
        category_before=before.category,
        category=category,
        priority=category.priority,
        reason=reason,
        by=by,
        at=work.now,
    )
    work.cases.record_override(told)
    announced = {name: value for name, value in vars(told).items() if name != "proposed_category"}
    work.emit("request.urgency_overridden", str(before.request_id), announced)


def _without_unfit_crew(work: Work, desk: Desk, case: Case, by: str, reason: str) -> Case:
    """Take the request back from a crew that the new urgency does not want or does not allow."""
    live = work.assignments.live(case.request_id)
    if live is None:
        return case
    if case.category is Category.CONSULTATION:
        if live.state in ON_SITE:
            raise CrewAtWork(state=live.state.value)
        return take_back(work, case, live, WithdrawReason.DISPATCHER, by, reason)
    if live.state in _NOT_THERE_YET and _is_unfit(work, desk, case, live):
        return take_back(work, case, live, WithdrawReason.DISPATCHER, by, reason)
    return case


def _is_unfit(work: Work, desk: Desk, case: Case, live: Assignment) -> bool:
    crew = known_crew(work, live.crew_id)
    found = recommend(job_of(case, desk.needs, desk.policy), [crew], desk, work.now)
    return any(_UNFIT.intersection(entry.reasons) for entry in found.refused)
