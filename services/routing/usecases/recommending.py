"""What a dispatcher is shown before deciding who goes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.desk import Desk
from services.routing.domain.job import job_of
from services.routing.domain.options import Options
from services.routing.domain.picture import Waiting
from services.routing.domain.recommendation import Wanted
from services.routing.domain.turns import Turn
from services.routing.domain.words import Category, Mode
from services.routing.errors import NobodyAnswers, NoCrewNeeded, RequestClosed, RequestNotFound
from services.routing.usecases.finding import asked_before, responsible
from services.routing.usecases.planning import picture_of
from services.routing.usecases.ports import Advise, Work


@dataclass(frozen=True)
class Recommended:
    """The options for one request as it was at ``version``."""

    case: Case
    mode: Mode
    due_at: datetime | None
    at: datetime
    options: Options


def recommend_crews(work: Work, desk: Desk, request_id: UUID, advise: Advise) -> Recommended:
    """Ranked crews with times and effects, and everybody else with the reasons. Nothing is locked or changed.

    Raises RequestNotFound, RequestClosed, NoCrewNeeded, NobodyAnswers, CaseIncomplete.
    """
    with work:
        case = _open(work, request_id)
        organisation_id = case.organisation_id or responsible(work, desk, case)
        if organisation_id is None:
            raise NobodyAnswers
        picture = picture_of(work, desk, organisation_id)
        job = job_of(case, desk.needs, desk.policy)
        waiting = Waiting(job, case.registered_at or work.now, asked_before(work, case))
        wanted = Wanted(waiting, work.cases.numbers([turn.request_id for turn in picture.turns]))
    options = advise(picture, wanted, desk)
    return Recommended(case, desk.policy.conduct.mode[job.category], job.due_at, picture.now, options)


def list_queues(work: Work, organisation_id: UUID) -> list[Turn]:
    """What each crew of the organisation has in line, the pinned first."""
    with work:
        return work.turns.of(organisation_id)


def _open(work: Work, request_id: UUID) -> Case:
    case = work.cases.get(request_id)
    if case is None or case.registered_at is None:
        raise RequestNotFound
    if case.is_over:
        raise RequestClosed(state=case.state)
    if case.category is Category.CONSULTATION:
        raise NoCrewNeeded
    return case
