"""Weighing what the rules found into one decision with its reasons and its confidence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.triage.domain.book import RuleBook
from services.triage.domain.model import (
    UNKNOWN_FAULT,
    Category,
    Decision,
    Fault,
    Hazard,
    Place,
    Reason,
    Rule,
)
from services.triage.domain.patterns import Match, Reading

NEGATION = "negation.word"
NOT_RECOGNISED = "unknown.not_recognised"
PLACE_GIVEN = "place.given"

_MOST_EVIDENCE = 8
_UNKNOWN_CONFIDENCE = 0.2
_SECOND_RULE = 0.05
_MENDED_WORD = -0.1
_RIVAL_SYSTEM = -0.1
_SUREST = 0.99


@dataclass(frozen=True)
class Finding:
    """A rule that speaks; ``order`` is its place in the rule book (earlier weighs more)."""

    rule: Rule
    order: int
    matches: Sequence[Match]

    @property
    def category(self) -> Category | None:
        return self.rule.fault.category if self.rule.fault else self.rule.at_least

    @property
    def rank(self) -> int:
        return self.category.rank if self.category else Category.CONSULTATION.rank

    @property
    def is_emergency(self) -> bool:
        return self.category is Category.EMERGENCY


@dataclass
class Findings:
    """Everything that spoke in one message, by kind."""

    faults: Sequence[Finding]
    raises: Sequence[Finding]
    complaints: Sequence[Finding]
    questions: Sequence[Finding]
    places: Sequence[Finding]
    others: Sequence[Finding]
    denials: Sequence[Match] = field(default_factory=list)
    unexplained: int = 0

    def leading(self, most_unexplained: int) -> Finding | None:
        """What the message is about: the most urgent fault, else a complaint, else a pure question."""
        if self.faults:
            return min(self.faults, key=_weight)
        if self.complaints:
            return self.complaints[0]
        if self.questions and not self.raises and self.unexplained <= most_unexplained:
            return self.questions[0]
        return None

    def contributing(self, leading: Finding | None) -> Iterator[Finding]:
        yield from self.faults
        yield from self.raises
        yield from self.complaints
        if leading in self.questions or leading is None:
            yield from self.questions
        yield from self.others


def decide(
    book: RuleBook, reading: Reading, findings: Findings, place: Place | None, language: str
) -> Decision:
    """The decision and everything that led to it."""
    leading = findings.leading(book.limits.most_unexplained)
    fault = leading.rule.fault if leading and leading.rule.fault else book.faults[UNKNOWN_FAULT]
    confidence = _confidence(leading, findings, reading)
    where, placed_by = _place(place, findings.places, fault)
    told = [*findings.contributing(leading), *placed_by]
    return Decision(
        category=_category(fault, findings),
        system=fault.system,
        fault=fault.id,
        place=where,
        hazards=_hazards([*findings.faults, *findings.raises]),
        reasons=(*_reasons(told, findings.denials, reading), *_silent_reasons(leading, place)),
        confidence=confidence,
        needs_person=confidence < book.limits.needs_person_below
        or bool(leading and leading.rule.needs_person),
        rules_version=book.version,
        language=language,
    )


def _weight(finding: Finding) -> tuple[int, int]:
    return (-finding.rank, finding.order)


def _category(fault: Fault, findings: Findings) -> Category:
    floors = (finding.rule.at_least for finding in (*findings.faults, *findings.raises))
    return max((fault.category, *filter(None, floors)), key=lambda category: category.rank)


def _hazards(findings: Iterable[Finding]) -> tuple[Hazard, ...]:
    found = {hazard for finding in findings for hazard in finding.rule.hazards}
    return tuple(hazard for hazard in Hazard if hazard in found)


def _place(given: Place | None, found: Sequence[Finding], fault: Fault) -> tuple[Place, Sequence[Finding]]:
    """What the caller knows, else what the resident says (weightiest rule first), else where it mostly is."""
    if given is not None and given is not Place.OTHER:
        return given, ()
    if found and found[0].rule.place:
        return found[0].rule.place, found[:1]
    return fault.place, ()


def _confidence(leading: Finding | None, findings: Findings, reading: Reading) -> float:
    """0..1: how sure the leading rule's words make us, a little more or less by what stands beside it."""
    if leading is None or leading.rule.fault is None:
        return _UNKNOWN_CONFIDENCE
    others = [finding for finding in findings.faults if finding is not leading and finding.rule.fault]
    rivals = [other for other in others if other.category is leading.category]
    sure = leading.rule.certainty
    sure += _SECOND_RULE * any(_fault(other) is leading.rule.fault for other in others)
    sure += _RIVAL_SYSTEM * any(_fault(rival).system is not leading.rule.fault.system for rival in rivals)
    sure += _MENDED_WORD * all(_mended(match, reading) for match in leading.matches)
    return round(min(max(sure, 0.0), _SUREST), 2)


def _fault(finding: Finding) -> Fault:
    assert finding.rule.fault is not None
    return finding.rule.fault


def _mended(match: Match, reading: Reading) -> bool:
    return any(reading.recognised[number].corrected for number in match)


def _reasons(findings: Iterable[Finding], denials: Sequence[Match], reading: Reading) -> Iterator[Reason]:
    for finding in findings:
        yield Reason(finding.rule.id, _evidence(finding.matches, reading))
    if denials:
        yield Reason(NEGATION, _evidence(denials, reading))


def _silent_reasons(leading: Finding | None, place: Place | None) -> Iterator[Reason]:
    if leading is None:
        yield Reason(NOT_RECOGNISED, ())
    if place is not None and place is not Place.OTHER:
        yield Reason(PLACE_GIVEN, (place.value,))


def _evidence(matches: Sequence[Match], reading: Reading) -> tuple[str, ...]:
    words = dict.fromkeys(reading.tokens[number].text for match in matches for number in match)
    return tuple(words)[:_MOST_EVIDENCE]
