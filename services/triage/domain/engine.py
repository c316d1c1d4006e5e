"""Which rules speak in a message, and the decision they lead to. Pure: same text, same version, same answer.

Safety first. Faults set the urgency, raises lift it, and nothing lowers it: an emergency is never explained
away by a narrower fault, what nobody recognises is urgent and goes to a person, and a message is a mere
question only if no fault, danger or complaint is in it and nearly every word of it is understood.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from services.triage.domain.book import RuleBook
from services.triage.domain.findings import Finding, Findings
from services.triage.domain.leading import Opinion
from services.triage.domain.model import Decision, Hazard, Kind, Place, Reason, Rule
from services.triage.domain.patterns import Match, Pattern, Reading, Term
from services.triage.domain.reader import Reader
from services.triage.domain.statistics import Statistics
from services.triage.domain.text import SENTENCE_GAP, Token
from services.triage.domain.weighing import decide

ENGINE_VERSION = "4"
"""Part of the rules version: raise it when this code may decide differently by the same rules."""


LONGEST_READ = 20_000
"""Letters of a message that are read: a few dozen milliseconds of work, so that nothing else waits long."""
_HEAD, _TAIL = 15_000, 5_000
_TELLING_WORDS = 3
_MOST_SENTENCES = 8
TOO_LONG = "text.too_long"


class Engine:
    """Classifies messages by one rule book and, where there is one, a statistical model."""

    def __init__(self, book: RuleBook, statistics: Statistics | None = None) -> None:
        self.book = book
        self.statistics = statistics
        self._reader = Reader(book)
        self._strange = set(statistics.faults) - set(book.faults) if statistics else set()
        self._dangers = _dangers_of_words(book)
        terms: defaultdict[str, set[Term]] = defaultdict(set)
        self._led_by: dict[Kind, dict[Term, list[tuple[int, Pattern]]]] = {
            kind: defaultdict(list) for kind in Kind
        }
        for order, rule in enumerate(book.rules):
            for pattern in rule.patterns:
                self._led_by[rule.kind][pattern.terms[0]].append((order, pattern))
                for term in pattern.terms:
                    for word in term.by_first_word:
                        terms[word].add(term)
        self._terms = {word: tuple(led) for word, led in terms.items()}

    def classify(self, text: str, language: str | None = None, place: Place | None = None) -> Decision:
        """Decide about a message. ``language`` and ``place`` are what the caller knows already.

        Rules of both languages always apply, because people mix them; the language is only passed on. Of a
        message beyond all measure only beginning and end are read, and a person is told.
        """
        if len(text) > LONGEST_READ:
            decision = self._classify(f"{text[:_HEAD]}\n{text[-_TAIL:]}", language, place)
            told = (*decision.reasons, Reason(TOO_LONG, ()))
            return replace(decision, needs_person=True, reasons=told)
        return self._classify(text, language, place)

    def _classify(self, text: str, language: str | None, place: Place | None) -> Decision:
        reading, denials = self._reader.read(text)
        denied = list(self._speaking(Kind.NEGATION, reading))
        for finding in denied:
            for number in {number for match in finding.matches for number in match}:
                reading.negate(number)
        opinion = self._opinion(reading, denied)
        silenced = [*denials, *(match for found in denied for match in found.matches)]
        opinion = opinion.without(self._denied_dangers(reading, silenced), self.book)
        findings = self._findings(reading, opinion, denied)
        findings.denials = denials
        findings.unexplained = self._reader.unexplained(reading)
        spoken = language or self._reader.language(text, reading)
        return decide(self.book, reading, findings, opinion, place, spoken)

    def _opinion(self, reading: Reading, denied: Sequence[Finding]) -> Opinion:
        """The model's view of what is not denied by a rule."""
        if self.statistics is None:
            return Opinion()
        model = self.statistics
        silent = {number for finding in denied for match in finding.matches for number in match}
        whole, *sentences = (
            [reading.tokens[number] for number in numbers if number not in silent]
            for numbers in _parts(reading.tokens)
        )
        likely, *parts = [self._shared(model.likelihoods(part)) for part in (whole, *sentences)]
        return Opinion(
            likely, model.version, parts, lambda fault: model.telling(whole, fault, most=_TELLING_WORDS)
        )

    def _shared(self, likelihoods: dict[str, float]) -> dict[str, float]:
        """Without faults that only the model knows."""
        if not self._strange:
            return likelihoods
        return {fault: sure for fault, sure in likelihoods.items() if fault not in self._strange}

    def _denied_dangers(self, reading: Reading, denials: Sequence[Match]) -> frozenset[Hazard]:
        """Dangers that a denied word can mean: «газом не пахнет» denies gas, «люк не закрыт» nothing."""
        denied = {number for match in denials for number in match}
        words = {word for number in denied for word in reading.recognised[number].words}
        return frozenset(hazard for word in words for hazard in self._dangers.get(word, ()))

    def _findings(self, reading: Reading, opinion: Opinion, denied: Sequence[Finding]) -> Findings:
        faults = narrowest(list(self._speaking(Kind.FAULT, reading)), reading)
        names = {finding.fault.id for finding in faults}
        learned, probability = opinion.best(self.book)
        if probability >= self.book.limits.model_alone:
            names.add(learned.id)
        return Findings(
            faults=faults,
            raises=[found for found in self._speaking(Kind.RAISE, reading) if _applies(found.rule, names)],
            complaints=list(self._speaking(Kind.COMPLAINT, reading)),
            questions=list(self._speaking(Kind.QUESTION, reading)),
            places=list(self._speaking(Kind.PLACE, reading)),
            others=[*denied, *self._speaking(Kind.NOTE, reading)],
        )

    def _speaking(self, kind: Kind, reading: Reading) -> Iterator[Finding]:
        """Rules of this kind that have something to say, the weightier (earlier) first."""
        matches: defaultdict[int, list[Match]] = defaultdict(list)
        for order, pattern in self._possible(kind, reading):
            for match in reading.find(pattern):
                matches[order].append(match)
        for order in sorted(matches):
            rule = self.book.rules[order]
            kept = without_exceptions(rule, matches[order], reading)
            if kept:
                yield Finding(rule, order, kept)

    def _possible(self, kind: Kind, reading: Reading) -> Iterator[tuple[int, Pattern]]:
        """Patterns each term of which begins somewhere in the message."""
        if reading.begun is None:
            reading.begun = frozenset().union(*(self._terms.get(word, ()) for word in reading.words))
        led_by = self._led_by[kind]
        for term in reading.begun & led_by.keys():
            for entry in led_by[term]:
                if entry[1].needs <= reading.begun:
                    yield entry


def _parts(tokens: Sequence[Token]) -> list[range]:
    """The whole message, then its sentences if it has several (many are the first ones and the rest)."""
    ends = [at for at in range(1, len(tokens)) if tokens[at].place - tokens[at - 1].place > SENTENCE_GAP]
    bounds = [0, *ends[: _MOST_SENTENCES - 1], len(tokens)]
    sentences = [range(start, end) for start, end in pairwise(bounds)] if ends else []
    return [range(len(tokens)), *sentences]


def _dangers_of_words(book: RuleBook) -> Mapping[str, set[Hazard]]:
    """What each word can mean when it is said, not denied: words that a rule wants behind «не» are no danger
    by themselves, and denying them (again) takes none away."""
    dangers: defaultdict[str, set[Hazard]] = defaultdict(set)
    for rule in book.rules:
        for word in {
            word for pattern in rule.patterns for word in pattern.affirmed(book.grammar.negate_next)
        }:
            dangers[word] |= rule.hazards
    return dangers


def without_exceptions(rule: Rule, matches: Iterable[Match], reading: Reading) -> list[Match]:
    """Matches that share no word with an ``unless`` pattern of the rule, each once, in reading order."""
    excepted = {number for pattern in rule.unless for match in reading.find(pattern) for number in match}
    return sorted({match for match in matches if excepted.isdisjoint(match)})


def narrowest(findings: Sequence[Finding], reading: Reading) -> list[Finding]:
    """Leave out what a narrower fault explains: «нет воды» inside «нет горячей воды».

    A match gives way to one that has all its words and more, or the same words in a weightier rule. To a
    lesser fault it gives way only within one clause («нет света в подъезде»), and an emergency never.
    """
    rivals: defaultdict[int, list[tuple[frozenset[int], Finding]]] = defaultdict(list)
    for finding in findings:
        for match in finding.matches:
            for number in match:
                rivals[number].append((frozenset(match), finding))
    kept = []
    for finding in findings:
        matches = [match for match in finding.matches if not _explained(finding, match, rivals, reading)]
        if matches:
            kept.append(Finding(finding.rule, finding.order, matches))
    return kept


def _explained(
    finding: Finding,
    match: Match,
    rivals: Mapping[int, Sequence[tuple[frozenset[int], Finding]]],
    reading: Reading,
) -> bool:
    words = frozenset(match)
    return any(
        (words < taken or (words == taken and rival.order < finding.order))
        and (rival.rank >= finding.rank or (not finding.is_emergency and reading.in_one_clause(taken)))
        for taken, rival in rivals[match[0]]
    )


def _applies(rule: Rule, faults: set[str]) -> bool:
    present = not rule.with_faults or not rule.with_faults.isdisjoint(faults)
    return present and rule.without_faults.isdisjoint(faults)
