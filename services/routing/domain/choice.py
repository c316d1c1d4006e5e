"""Which crew goes (D-2.C-U2): who may, who is there soonest, and for every other crew the reason why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.routing.domain.crews import Crew, Position
from services.routing.domain.desk import Desk
from services.routing.domain.grades import Requirement
from services.routing.domain.job import Job
from services.routing.domain.travel import STRAIGHT_LINE, Travel
from services.routing.domain.words import OTHER, Category, Merit, Out, Refusal, Unroutable, Way
from services.routing.errors import NoGradeRule

Asked = Mapping[UUID, datetime]
Mask = NDArray[np.bool_]
Checks = tuple[tuple[Refusal, bool], ...]
_ONLY_BUSY = frozenset({Refusal.BUSY, Refusal.DECLINED_BEFORE})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A crew that may go. ``score_s`` orders the candidates: seconds of travel plus preferences."""

    crew: Crew
    eta: timedelta
    distance_m: int
    score_s: float
    merits: tuple[Merit, ...]
    way: Way = Way.NOW

    @property
    def eta_minutes(self) -> int:
        """Whole minutes, rounded up, at least one."""
        return max(1, ceil(self.eta.total_seconds() / 60))


@dataclass(frozen=True, slots=True)
class Stand:
    """A way in which a crew could come: from where, in how long it could set out, with what against it."""

    crew: Crew
    place: Position | None
    ready_in: timedelta = timedelta()
    way: Way = Way.NOW
    cost: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Refused:
    """A crew that may not go, with every reason."""

    crew: Crew
    reasons: tuple[Refusal, ...]


@dataclass(frozen=True)
class Recommendation:
    """Candidates, best first, and everybody else. ``method`` says how travel time was found."""

    ranked: tuple[Candidate, ...]
    refused: tuple[Refused, ...]
    method: str

    def nobody_because(self) -> tuple[Unroutable, str]:
        """Why there is no candidate: a reason code and a line for the log of the request."""
        busy = sum(1 for entry in self.refused if _only_busy(entry.reasons))
        if busy:
            return Unroutable.ALL_CREWS_BUSY, f"{busy} suitable crews, all on a job"
        return Unroutable.NO_SUITABLE_CREW, f"none of {len(self.refused)} crews is suitable: {self._tally()}"

    def _tally(self) -> str:
        counts = {reason: sum(reason in entry.reasons for entry in self.refused) for reason in Refusal}
        return ", ".join(f"{reason.value} {count}" for reason, count in counts.items() if count) or "no crews"


def recommend(
    job: Job, crews: Sequence[Crew], desk: Desk, now: datetime, asked: Mapping[UUID, datetime] | None = None
) -> Recommendation:
    """Rank ``crews`` for ``job``.

    ``asked`` says which crews have had this request before and when that ended: they are left in peace for
    ``ask_again_after``, then come last. Language is a preference, never a reason to refuse.
    """
    places = [crew.where(now, desk.policy.position_valid_for) for crew in crews]
    return judged(job, [Stand(*at) for at in zip(crews, places, strict=True)], desk, now, asked)


def judged(
    job: Job, stands: Sequence[Stand], desk: Desk, now: datetime, asked: Mapping[UUID, datetime] | None = None
) -> Recommendation:
    """Rank what crews could do, each :class:`Stand` for itself; one crew may stand in several ways."""
    judge = _Judge(job, desk, now, asked or {})
    travel = _travel(job, [stand.place for stand in stands], desk)
    ways = zip(travel.seconds.tolist(), travel.distance_m.tolist(), travel.by_road.tolist(), strict=True)
    ranked: list[Candidate] = []
    refused: list[Refused] = []
    for stand, (travel_s, distance_m, by_road) in zip(stands, ways, strict=True):
        reasons = judge.refusals(stand, travel_s)
        if reasons or stand.place is None:
            refused.append(Refused(stand.crew, reasons))
        else:
            lost = travel.method != STRAIGHT_LINE and not by_road
            ranked.append(judge.candidate(stand, stand.place, travel_s, distance_m, lost))
    ranked.sort(key=rank)
    return Recommendation(_with_nearest(ranked), tuple(refused), travel.method)


def rank(found: Candidate) -> tuple[bool, float, UUID]:
    """Sort key of candidates: who has declined before comes last, then by seconds and preferences."""
    return Merit.ASKED_AGAIN in found.merits, found.score_s, found.crew.crew_id


def fitting(line: Sequence[tuple[Job, Asked]], crews: Sequence[Crew], desk: Desk, now: datetime) -> Mask:
    """Crews × jobs: who may do what, wherever the crews are and whatever they hold.

    Jobs that ask for the same are put to the crews once: there are few kinds of jobs, and many of each.
    """
    may = np.zeros((len(crews), len(line)), np.bool_)
    number = {crew.crew_id: at for at, crew in enumerate(crews)}
    known: dict[object, NDArray[np.bool_]] = {}
    for at, (job, asked) in enumerate(line):
        judge = _Judge(job, desk, now, asked)
        kind = (job.system, job.need, job.people, job.category is Category.EMERGENCY)
        if kind not in known:
            known[kind] = np.array([not judge.unfit(crew) for crew in crews], np.bool_)
        may[:, at] = known[kind]
        may[[number[id_] for id_ in asked if id_ in number and judge.asked_lately(id_)], at] = False
    return may


class _Judge:
    """The rules of one job, worked out once and put to every crew.

    What a crew can do is judged once for all crews that are alike: of hundreds there are only a few kinds.
    """

    def __init__(self, job: Job, desk: Desk, now: datetime, asked: Mapping[UUID, datetime]) -> None:
        self._job = job
        self._ask_again_after = desk.policy.ask_again_after
        self._other_language_s = desk.policy.other_language_costs.total_seconds()
        self._leader = desk.grades.leader
        self._now = now
        self._asked = asked
        self._required = _requirements(job, desk)
        self._done_at = now + desk.policy.work_takes.get(job.category, timedelta())
        self._unable: dict[object, tuple[Refusal, ...]] = {}

    def unfit(self, crew: Crew) -> tuple[Refusal, ...]:
        """What is against the crew wherever it is and whatever it holds."""
        kind = (crew.specialisations, crew.grades, crew.leader_grade, crew.equipment)
        unable = self._unable.get(kind)
        if unable is None:
            unable = self._unable[kind] = _that_hold(self._unable_because(crew))
        if crew.out is None and crew.works_at(self._now):
            return unable
        absent = (
            (Refusal.OFF_SHIFT, not crew.works_at(self._now)),
            (Refusal.SILENT, crew.out is Out.SILENT),
            (Refusal.OUT_OF_SERVICE, crew.out is Out.OUT_OF_SERVICE),
        )
        return unable + _that_hold(absent)

    def _unable_because(self, crew: Crew) -> Checks:
        return (
            (Refusal.SPECIALISATION, not self._knows_the_system(crew)),
            (Refusal.NO_GRADE_RULE, self._required is None),
            (Refusal.GRADE, not self._has_grades(crew)),
            (Refusal.LEADER, not self._is_led(crew)),
            (Refusal.ALONE, crew.people < self._job.people),
            (Refusal.EQUIPMENT, not self._job.need.equipment <= crew.equipment),
            (Refusal.VEHICLE, not self._job.need.vehicles <= crew.equipment),
        )

    def refusals(self, stand: Stand, travel_s: float) -> tuple[Refusal, ...]:
        """Every reason why this will not do."""
        crew, reasons = stand.crew, [*self.unfit(stand.crew)]
        if self._ends_soon(crew, stand.ready_in.total_seconds() + travel_s):
            reasons.append(Refusal.SHIFT_ENDS_SOON)
        if crew.busy_with is not None and stand.way is Way.NOW:
            reasons.append(Refusal.BUSY)
        if stand.place is None:
            reasons.append(Refusal.NO_POSITION)
        if self.asked_lately(crew.crew_id):
            reasons.append(Refusal.DECLINED_BEFORE)
        return tuple(reasons)

    def candidate(
        self, stand: Stand, place: Position, travel_s: float, distance_m: float, lost: bool
    ) -> Candidate:
        crew = stand.crew
        speaks = self._job.language in crew.languages
        cost_s = stand.cost.total_seconds() + (0.0 if speaks else self._other_language_s)
        merits = [Merit.SPEAKS_LANGUAGE if speaks else Merit.OTHER_LANGUAGE]
        if place.at is None and stand.way is not Way.AFTER:
            merits.append(Merit.POSITION_FROM_BASE)
        if lost:
            merits.append(Merit.NO_ROAD_KNOWN)
        if self._asked and crew.crew_id in self._asked:
            merits.append(Merit.ASKED_AGAIN)
        there_in_s = stand.ready_in.total_seconds() + travel_s
        eta = timedelta(seconds=there_in_s)
        return Candidate(crew, eta, round(distance_m), there_in_s + cost_s, tuple(merits), stand.way)

    def _knows_the_system(self, crew: Crew) -> bool:
        return self._job.system == OTHER or self._job.system in crew.specialisations

    def _has_grades(self, crew: Crew) -> bool:
        return all(requirement.met_by(crew.all_grades) for requirement in self._required or ())

    def _is_led(self, crew: Crew) -> bool:
        emergency = self._job.category is Category.EMERGENCY
        return not emergency or self._leader.met_by(crew.grades, crew.leader_grade)

    def _ends_soon(self, crew: Crew, there_in_s: float) -> bool:
        if crew.shift_ends_at is None or not crew.works_at(self._now):
            return False
        return there_in_s > (crew.shift_ends_at - self._done_at).total_seconds()

    def asked_lately(self, crew_id: UUID) -> bool:
        asked_at = self._asked.get(crew_id) if self._asked else None
        return asked_at is not None and self._now - asked_at < self._ask_again_after


def _that_hold(checks: Checks) -> tuple[Refusal, ...]:
    return tuple([reason for reason, holds in checks if holds])


def _requirements(job: Job, desk: Desk) -> tuple[Requirement, ...] | None:
    """What grades the job asks for; None where the standard has no rule."""
    try:
        return tuple(desk.grades.required(work) for work in job.need.works)
    except NoGradeRule:
        return None


def _travel(job: Job, places: Sequence[Position | None], desk: Desk) -> Travel:
    """The way from every place; none where there is no place (that crew is refused anyway)."""
    known = [place or Position(job.lat, job.lon) for place in places]
    lat = np.array([place.lat for place in known], dtype=np.float64)
    lon = np.array([place.lon for place in known], dtype=np.float64)
    return desk.travel.to(job.lat, job.lon, lat, lon)


def _with_nearest(ranked: Sequence[Candidate]) -> tuple[Candidate, ...]:
    if not ranked:
        return ()
    at = min(range(len(ranked)), key=lambda number: ranked[number].eta)
    nearest = replace(ranked[at], merits=(Merit.NEAREST, *ranked[at].merits))
    return (*ranked[:at], nearest, *ranked[at + 1 :])


def _only_busy(reasons: Sequence[Refusal]) -> bool:
    return Refusal.BUSY in reasons and _ONLY_BUSY.issuperset(reasons)
