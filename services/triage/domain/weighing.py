"""Weighing what the rules found and the model thinks into one decision with reasons and confidence."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from services.triage.domain.asking import questions_for
from services.triage.domain.book import RuleBook
from services.triage.domain.findings import Finding, Findings
from services.triage.domain.leading import Lead, Opinion, lead
from services.triage.domain.model import (
    Alternative,
    Category,
    Decision,
    Fault,
    Hazard,
    Place,
    Reason,
)
from services.triage.domain.patterns import Match, Reading

NEGATION = "negation.word"
NOT_RECOGNISED = "unknown.not_recognised"
PLACE_GIVEN = "place.given"
MODEL_FAULT = "model.fault"
MODEL_DANGER = "model.danger"

_MOST_EVIDENCE = 8
_MOST_ALTERNATIVES = 3
_LEAST_LIKELY = 0.05
_SECOND_RULE = 0.05
_MENDED_WORD = -0.1
_RIVAL_SYSTEM = -0.1
_SUREST = 0.99


def decide(
    book: RuleBook,
    reading: Reading,
    findings: Findings,
    opinion: Opinion,
    place: Place | None = None,
    language: str = "ru",
) -> Decision:
    """The decision and everything that led to it."""
    leading = lead(book, findings, opinion)
    seen = _seen(leading.fault, findings)
    feared = [hazard for hazard in opinion.dangers(book) if hazard not in seen]
    confidence = _confidence(leading, findings, reading)
    category = _category(leading, findings, feared)
    hazards = tuple(hazard for hazard in Hazard if hazard in {*seen, *feared})
    where, placed_by = _place(place, findings.places, leading.fault)
    return Decision(
        category=category,
        system=leading.fault.system,
        fault=leading.fault.id,
        place=where,
        hazards=hazards,
        reasons=(
            *_reasons([*findings.contributing(leading.is_talk), *placed_by], reading),
            *_denial_reasons(findings.denials, reading),
            *_model_reasons(leading, feared, opinion),
            *_silent_reasons(leading, place),
        ),
        confidence=confidence,
        needs_person=category is not _category(leading, findings, ())
        or confidence < book.limits.needs_person_below
        or _asks_for_person(leading, findings, hazards),
        rules_version=book.version,
        language=language,
        norm=leading.fault.handling.norm,
        questions=questions_for(leading.fault, category, hazards, where),
        alternatives=_alternatives(opinion),
        model_version=opinion.version,
    )


def _asks_for_person(leading: Lead, findings: Findings, hazards: Sequence[Hazard]) -> bool:
    """The leading rule wants it, or fear is told of and no danger was recognised in it."""
    spoke = [] if hazards else [finding.rule for finding in findings.raises]
    spoke += [leading.finding.rule] if leading.finding else []
    return any(rule.needs_person for rule in spoke)


def _category(leading: Lead, findings: Findings, feared: Sequence[Hazard]) -> Category:
    """The most urgent of what was found; a danger that only the model sees raises all the same. What only the
    model knows, and not surely, is at least urgent: doubt goes to a person, never down."""
    raised = [finding.category for finding in (*findings.faults, *findings.raises)]
    raised += [finding.rule.at_least for finding in findings.faults]
    floors = [Category.EMERGENCY] if feared else []
    floors += [Category.URGENT] if leading.doubtful else []
    return max([leading.fault.category, *filter(None, raised), *floors], key=lambda category: category.rank)


def _seen(fault: Fault, findings: Findings) -> set[Hazard]:
    """Dangers of the rules that spoke, and those that go with the faults themselves."""
    by_rule = (finding.rule.hazards for finding in (*findings.faults, *findings.raises))
    by_fault = (found.hazards for found in (fault, *(finding.fault for finding in findings.faults)))
    return set().union(*by_rule, *by_fault)


def _place(given: Place | None, found: Sequence[Finding], fault: Fault) -> tuple[Place, Sequence[Finding]]:
    """What the caller knows, else what the resident says (weightiest rule first), else where it mostly is."""
    if given is not None and given is not Place.OTHER:
        return given, ()
    if found and found[0].rule.place:
        return found[0].rule.place, found[:1]
    return fault.place, ()


def _confidence(leading: Lead, findings: Findings, reading: Reading) -> float:
    """0..1: how sure the leading words make us, a little more or less by what stands beside them."""
    sure = leading.confidence
    finding = None if leading.by_model else leading.finding
    if finding is not None:
        others = [other for other in findings.faults if other is not finding]
        rivals = [other for other in others if other.category is finding.category]
        sure += _SECOND_RULE * any(other.fault is leading.fault for other in others)
        sure += _RIVAL_SYSTEM * any(rival.fault.system is not leading.fault.system for rival in rivals)
        sure += _MENDED_WORD * all(_mended(match, reading) for match in finding.matches)
    return round(min(max(sure, 0.0), _SUREST), 2)


def _mended(match: Match, reading: Reading) -> bool:
    return any(reading.recognised[number].corrected for number in match)


def _alternatives(opinion: Opinion) -> tuple[Alternative, ...]:
    likely = [
        Alternative(fault, round(sure, 3))
        for fault, sure in islice(opinion.likelihoods.items(), _MOST_ALTERNATIVES)
    ]
    return tuple(one for one in likely if one.probability >= _LEAST_LIKELY)


def _reasons(findings: Iterable[Finding], reading: Reading) -> Iterator[Reason]:
    for finding in findings:
        yield Reason(finding.rule.id, _evidence(finding.matches, reading))


def _denial_reasons(denials: Sequence[Match], reading: Reading) -> Iterator[Reason]:
    if denials:
        yield Reason(NEGATION, _evidence(denials, reading))


def _model_reasons(leading: Lead, feared: Sequence[Hazard], opinion: Opinion) -> Iterator[Reason]:
    if leading.by_model:
        yield Reason(MODEL_FAULT, opinion.telling(leading.fault.id))
    if feared:
        yield Reason(MODEL_DANGER, tuple(feared))


def _silent_reasons(leading: Lead, place: Place | None) -> Iterator[Reason]:
    if leading.finding is None and not leading.by_model:
        yield Reason(NOT_RECOGNISED, ())
    if place is not None and place is not Place.OTHER:
        yield Reason(PLACE_GIVEN, (place.value,))


def _evidence(matches: Sequence[Match], reading: Reading) -> tuple[str, ...]:
    words = dict.fromkeys(reading.tokens[number].text for match in matches for number in match)
    return tuple(words)[:_MOST_EVIDENCE]
