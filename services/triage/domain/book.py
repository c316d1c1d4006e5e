"""The rule book: the catalogue of faults and the rules, one version of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.triage.domain.lexicon import Lexicon
from services.triage.domain.model import Fault, Hazard, Question, Rule, Script, Source


@dataclass(frozen=True)
class Grammar:
    """How a language turns a word round. All words are folded.

    ``negate_next`` («не»), ``negate_previous`` («емес»), ``not_after_negation`` («ли»: «не газом ли пахнет»
    is no denial); ``glued_heads`` and ``glued_tails`` are small words that people type together with the
    next or previous one («неработает», «сужоқ»); ``kazakh`` words and endings tell the language.
    """

    negate_next: frozenset[str]
    negate_previous: frozenset[str]
    not_after_negation: frozenset[str]
    glued_heads: Sequence[str]
    glued_tails: Sequence[str]
    kazakh: frozenset[str]
    kazakh_endings: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """``needs_person_below``: confidence under which a person decides. ``most_unexplained``: how many words
    unknown to the rules a message may have and still pass as a mere question. From which probability the
    statistical model counts: ``model_alone`` where no rule knows the fault, ``model_over`` against a lesser
    or equal fault of the rules, ``model_danger`` to raise a danger that no rule saw, ``model_danger_part``
    for one that a single sentence names. ``model_doubt``: what only the model knows is at least urgent
    unless it is that sure that it is no more urgent."""

    needs_person_below: float
    most_unexplained: int
    model_alone: float
    model_doubt: float
    model_over: float
    model_danger: float
    model_danger_part: float


@dataclass(frozen=True)
class RuleBook:
    """Everything a decision depends on. The order of ``rules`` is their weight among equals."""

    version: str
    sources: Mapping[str, Source]
    scripts: Mapping[str, Script]
    faults: Mapping[str, Fault]
    questions: Mapping[str, Question]
    rules: Sequence[Rule]
    grammar: Grammar
    limits: Limits
    lexicon: Lexicon

    @cached_property
    def dangerous(self) -> Mapping[Hazard, Sequence[str]]:
        """For each hazard the faults that go with it."""
        by_hazard = {
            hazard: [fault.id for fault in self.faults.values() if hazard in fault.hazards]
            for hazard in Hazard
        }
        return {hazard: faults for hazard, faults in by_hazard.items() if faults}
