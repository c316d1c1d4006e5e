"""Grades (разряды): what work asks for which grade. The rows are data with their source (design rule 6.5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.routing.errors import InvalidReference, NoGradeRule

GRADES = range(2, 7)


@dataclass(frozen=True)
class Work:
    """A kind of work and, where known, the measure its grade depends on (mm, m or t by kind)."""

    kind: str
    measure: float | None = None


@dataclass(frozen=True)
class Requirement:
    """The grade a work asks for; or ``supervised`` under somebody of at least ``supervisor``."""

    grade: int
    source: str
    supervised: int | None = None
    supervisor: int | None = None

    def allows(self, grade: int, others: Sequence[int]) -> bool:
        """Whether one person of ``grade`` may do it beside ``others`` (a higher grade includes a lower)."""
        if grade >= self.grade:
            return True
        if self.supervised is None or self.supervisor is None:
            return False
        return grade >= self.supervised and max(others, default=0) >= self.supervisor

    def met_by(self, grades: Sequence[int]) -> bool:
        """Whether somebody of a crew of these grades may do it."""
        return any(
            self.allows(grade, [*grades[:index], *grades[index + 1 :]]) for index, grade in enumerate(grades)
        )


@dataclass(frozen=True)
class Band:
    """One row: measures up to ``up_to`` inclusive (None: without limit)."""

    up_to: float | None
    requirement: Requirement


@dataclass(frozen=True)
class WorkRule:
    """The rows of one kind of work, narrow to wide; ``unmeasured`` is the grade while nobody measured."""

    bands: tuple[Band, ...]
    unmeasured: int | None


@dataclass(frozen=True)
class LeaderRule:
    """A crew in which nobody is above ``crew_up_to`` needs a leader of ``leader`` in an emergency."""

    crew_up_to: int
    leader: int
    source: str

    def met_by(self, grades: Sequence[int], leader_grade: int | None) -> bool:
        weak = max(grades, default=0) <= self.crew_up_to
        return not weak or (leader_grade or 0) >= self.leader


@dataclass(frozen=True)
class GradeMatrix:
    """The whole table, with its version and source."""

    version: str
    source: str
    rules: Mapping[str, WorkRule]
    leader: LeaderRule

    def required(self, work: Work) -> Requirement:
        """What ``work`` asks for.

        Raises :class:`NoGradeRule` where the standard has none: a person decides, nobody is sent by itself.
        """
        rule = self.rules.get(work.kind)
        if rule is None:
            raise NoGradeRule(work=work.kind)
        if work.measure is None:
            return _unmeasured(rule)
        return _banded(rule, work.kind, work.measure)


def read_matrix(data: Mapping[str, Any]) -> GradeMatrix:
    """The matrix of a parsed ``grades.yml``; raises :class:`InvalidReference` saying where it is wrong."""
    try:
        rules = {kind: _rule(kind, rows) for kind, rows in data["works"].items()}
        leader = LeaderRule(**data["emergency_leader"])
        return GradeMatrix(str(data["version"]), str(data["source"]), rules, leader)
    except (KeyError, TypeError, ValueError, AttributeError) as broken:
        raise InvalidReference(f"grade matrix: {type(broken).__name__} {broken}") from broken


def _unmeasured(rule: WorkRule) -> Requirement:
    if rule.unmeasured is None:
        return rule.bands[0].requirement
    return Requirement(rule.unmeasured, "not measured yet")


def _banded(rule: WorkRule, kind: str, measure: float) -> Requirement:
    if not measure > 0:
        raise NoGradeRule(work=kind, measure=measure)
    for band in rule.bands:
        if band.up_to is None or measure <= band.up_to:
            return band.requirement
    raise NoGradeRule(work=kind, measure=measure)


def _rule(kind: str, rows: Mapping[str, Any]) -> WorkRule:
    bands = tuple(_band(kind, row) for row in rows["bands"])
    _check_order(kind, bands)
    return WorkRule(bands, rows.get("unmeasured"))


def _band(kind: str, row: Mapping[str, Any]) -> Band:
    source = row.get("source") or row.get("assumed")
    if not source:
        raise InvalidReference(f"grade matrix: {kind} has a row without source")
    supervised = row.get("supervised", {})
    requirement = Requirement(row["grade"], source, supervised.get("grade"), supervised.get("by"))
    if requirement.grade not in GRADES:
        raise InvalidReference(f"grade matrix: {kind} asks for grade {requirement.grade}")
    return Band(row.get("up_to"), requirement)


def _check_order(kind: str, bands: Iterable[Band]) -> None:
    limits = [float("inf") if band.up_to is None else float(band.up_to) for band in bands]
    if not limits or limits != sorted(set(limits)):
        raise InvalidReference(f"grade matrix: rows of {kind} are not in order")
