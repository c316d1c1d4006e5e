"""The rule book from its files ``catalogue.yml``, ``scripts.yml`` and ``rules.yml``."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from services.triage.clients.morphology import Morphology
from services.triage.clients.nodes import BadNode, Node, load
from services.triage.domain.book import Grammar, Limits, RuleBook
from services.triage.domain.engine import ENGINE_VERSION
from services.triage.domain.lexicon import Lexicon
from services.triage.domain.model import (
    UNKNOWN_FAULT,
    Category,
    Fault,
    Handling,
    Hazard,
    Kind,
    Place,
    Question,
    RepeatLevel,
    Rule,
    Script,
    Source,
    Standing,
    System,
)
from services.triage.domain.patterns import BadPattern, Pattern, Term, parse, parse_term
from services.triage.domain.text import fold
from services.triage.errors import BadRules

FILES = ("catalogue.yml", "scripts.yml", "questions.yml", "rules.yml")

_SECTIONS = {
    "negations": Kind.NEGATION,
    "faults": Kind.FAULT,
    "raises": Kind.RAISE,
    "complaints": Kind.COMPLAINT,
    "questions": Kind.QUESTION,
    "notes": Kind.NOTE,
    "places": Kind.PLACE,
}
_GRAMMAR = (
    *("negate_next", "negate_previous", "not_after_negation"),
    *("glued_heads", "glued_tails", "kazakh", "kazakh_endings"),
)
_RULE_OPTIONS = (
    *("unless", "reach", "fault", "hazards", "at_least"),
    *("with_faults", "without_faults", "place", "certainty", "needs_person"),
)
_NEEDS = {Kind.FAULT: "fault", Kind.COMPLAINT: "fault", Kind.QUESTION: "fault", Kind.PLACE: "place"}
_LONGEST_REACH = 30
_EXCEPTION_REACH = 3
_LONGEST_REPEAT_HOURS = 24 * 30
_GRADES = (2, 6)

T = TypeVar("T", Source, Script, Question, Handling, Fault, Rule)


def read_rule_book(directory: Path) -> RuleBook:
    """The rule book of a directory; raises :class:`BadRules` naming every mistake with file and line."""
    problems: list[str] = []
    catalogue, scripts, questions, rules = (_loaded(directory / name, problems) for name in FILES)
    if problems:
        raise BadRules(problems)
    try:
        return _Reading(problems).book(catalogue, scripts, questions, rules, fingerprint(directory))
    except BadNode as bad:
        raise BadRules([*problems, str(bad)]) from bad


def fingerprint(directory: Path) -> str:
    """Eight digits that change with any edit of the files or of the engine's way to decide."""
    digest = hashlib.sha256(ENGINE_VERSION.encode())
    for name in FILES:
        digest.update((directory / name).read_bytes())
    return digest.hexdigest()[:8]


def _loaded(path: Path, problems: list[str]) -> Node:
    try:
        return load(path)
    except BadNode as bad:
        problems.append(str(bad))
        return Node(path.name, 1, {})


class _Reading:
    """One pass over the files; mistakes gather in ``problems``."""

    def __init__(self, problems: list[str]) -> None:
        self._problems = problems
        self._sources: Mapping[str, Source] = {}
        self._scripts: Mapping[str, Script] = {}
        self._questions: Mapping[str, Question] = {}
        self._handlings: Mapping[str, Handling] = {}
        self._faults: Mapping[str, Fault] = {}
        self._lists: dict[str, Term] = {}
        self._terms: dict[str, Term] = {}
        self._morphology = Morphology()
        self._forms: dict[str, frozenset[str]] = {}

    def book(self, catalogue: Node, scripts: Node, questions: Node, rules: Node, version: str) -> RuleBook:
        listed = catalogue.fields(("sources", "handling", "faults"))
        self._sources = self._by_id(listed["sources"], self._source)
        self._scripts = self._by_id(scripts.fields(("scripts",))["scripts"], self._script)
        self._questions = self._by_id(questions.fields(("questions",))["questions"], self._question)
        self._handlings = self._by_id(listed["handling"], self._handling)
        self._faults = self._by_id(listed["faults"], self._fault)
        if UNKNOWN_FAULT not in self._faults:
            raise listed["faults"].bad(f"the catalogue needs the fault {UNKNOWN_FAULT!r}")
        parts = rules.fields(
            ("version", "limits", "grammar", "endings", "suffixes", "ordinary", "lists", *_SECTIONS)
        )
        self._read_lists(parts["lists"])
        read = self._all_rules(parts)
        if self._problems:
            raise BadRules(self._problems)
        return RuleBook(
            version=f"{parts['version'].text()}+{version}",
            sources=self._sources,
            scripts=self._scripts,
            faults=self._faults,
            questions=self._questions,
            rules=read,
            grammar=_grammar(parts["grammar"]),
            limits=_limits(parts["limits"]),
            lexicon=Lexicon(
                _words(read),
                _spread(parts["endings"]),
                _spread(parts["ordinary"]),
                self._forms,
                _spread(parts["suffixes"]),
            ),
        )

    def _by_id(self, nodes: Node, read: Callable[[Node], T]) -> Mapping[str, T]:
        found: dict[str, T] = {}
        self._gather(nodes, read, found)
        return found

    def _gather(self, nodes: Node, read: Callable[[Node], T], found: dict[str, T]) -> None:
        """Read every item, noting mistakes and going on, so that one run names them all."""
        for node in nodes.items():
            try:
                item = read(node)
                if item.id in found:
                    raise node.bad(f"{item.id!r} stands here twice")
                found[item.id] = item
            except BadNode as bad:
                self._problems.append(str(bad))

    def _source(self, node: Node) -> Source:
        fields = node.fields(("id", "standing", "ru", "kk"))
        return Source(fields["id"].text(), fields["standing"].one_of(Standing), _texts(fields))

    def _script(self, node: Node) -> Script:
        fields = node.fields(("id", "source", "ru", "kk"))
        spoken = {language: fields[language].fields(("title", "steps")) for language in ("ru", "kk")}
        return Script(
            id=fields["id"].text(),
            source=self._sources[fields["source"].key_of(self._sources)],
            title={language: said["title"].text() for language, said in spoken.items()},
            steps={
                language: tuple(step.text() for step in said["steps"].items())
                for language, said in spoken.items()
            },
        )

    def _question(self, node: Node) -> Question:
        fields = node.fields(("id", "yes", "ru", "kk"))
        yes = fields["yes"].fields((), ("hazards", "at_least", "place"))
        if not yes:
            raise fields["yes"].bad("an answer that changes nothing need not be asked for")
        return Question(
            id=fields["id"].text(),
            names=_texts(fields),
            hazards=frozenset(_hazards(yes)),
            at_least=yes["at_least"].one_of(Category) if "at_least" in yes else None,
            place=yes["place"].one_of(Place) if "place" in yes else None,
        )

    def _handling(self, node: Node) -> Handling:
        fields = node.fields(
            ("id", "repeat_hours", "repeat_level"), ("norm", "grade", "equipment", "questions")
        )
        return Handling(
            id=fields["id"].text(),
            norm=fields["norm"].text() if "norm" in fields else None,
            repeat_hours=int(fields["repeat_hours"].number(0, _LONGEST_REPEAT_HOURS)),
            repeat_level=fields["repeat_level"].one_of(RepeatLevel),
            grade=int(fields["grade"].number(*_GRADES)) if "grade" in fields else None,
            equipment=tuple(item.text() for item in _optional_items(fields, "equipment")),
            questions=tuple(
                self._questions[item.key_of(self._questions)] for item in _optional_items(fields, "questions")
            ),
        )

    def _fault(self, node: Node) -> Fault:
        needed = ("id", "system", "category", "place", "script", "handling", "source", "ru", "kk")
        fields = node.fields(needed, ("hazards",))
        return Fault(
            id=fields["id"].text(),
            system=fields["system"].one_of(System),
            category=fields["category"].one_of(Category),
            place=fields["place"].one_of(Place),
            script=self._scripts[fields["script"].key_of(self._scripts)],
            source=self._sources[fields["source"].key_of(self._sources)],
            names=_texts(fields),
            handling=self._handlings[fields["handling"].key_of(self._handlings)],
            hazards=tuple(_hazards(fields)),
        )

    def _read_lists(self, nodes: Node) -> None:
        for name, node in nodes.mapping().items():
            try:
                self._lists[name] = parse_term("|".join(node.text().split()), self._lists)
            except BadPattern as bad:
                self._problems.append(str(node.bad(str(bad))))

    def _all_rules(self, parts: Mapping[str, Node]) -> tuple[Rule, ...]:
        found: dict[str, Rule] = {}
        for section, kind in _SECTIONS.items():
            self._gather(parts[section], partial(self._rule, kind=kind), found)
        return tuple(found.values())

    def _rule(self, node: Node, kind: Kind) -> Rule:
        needed = [_NEEDS[kind]] if kind in _NEEDS else []
        fields = node.fields(("id", "source", "any", *needed), _RULE_OPTIONS)
        reach = int(fields["reach"].number(1, _LONGEST_REACH)) if "reach" in fields else None
        return Rule(
            id=fields["id"].text(),
            kind=kind,
            source=self._sources[fields["source"].key_of(self._sources)],
            patterns=self._patterns(fields["any"], reach),
            unless=self._patterns(fields["unless"], _EXCEPTION_REACH) if "unless" in fields else (),
            fault=self._faults[fields["fault"].key_of(self._faults)] if "fault" in fields else None,
            hazards=frozenset(_hazards(fields)),
            at_least=fields["at_least"].one_of(Category) if "at_least" in fields else None,
            with_faults=self._fault_ids(fields, "with_faults"),
            without_faults=self._fault_ids(fields, "without_faults"),
            place=fields["place"].one_of(Place) if "place" in fields else None,
            certainty=fields["certainty"].number(0, 1) if "certainty" in fields else Rule.certainty,
            needs_person="needs_person" in fields and fields["needs_person"].flag(),
        )

    def _fault_ids(self, fields: Mapping[str, Node], key: str) -> frozenset[str]:
        return frozenset(fault.key_of(self._faults) for fault in _optional_items(fields, key))

    def _patterns(self, nodes: Node, reach: int | None) -> tuple[Pattern, ...]:
        if not nodes.items():
            raise nodes.bad("expected at least one pattern")
        return tuple(self._pattern(node, reach) for node in nodes.items())

    def _pattern(self, node: Node, reach: int | None) -> Pattern:
        try:
            pattern = parse(node.text(), self._lists, reach, self._term)
        except BadPattern as bad:
            raise node.bad(str(bad)) from bad
        self._learn_forms(pattern.words, node)
        return pattern

    def _term(self, written: str, lists: Mapping[str, Term]) -> Term:
        """Terms written alike are one term, looked for once in a message."""
        if written not in self._terms:
            self._terms[written] = parse_term(written, lists)
        return self._terms[written]

    def _learn_forms(self, words: Iterable[str], node: Node) -> None:
        """Ask the dictionary for the forms of words written with ``^``."""
        for word in (word[:-1] for word in words if word.endswith("^")):
            if word not in self._forms:
                self._forms[word] = self._morphology.forms(word)
            if not self._forms[word]:
                raise node.bad(f"{word!r}: the Russian dictionary has no such word in this form")


def _texts(fields: Mapping[str, Node]) -> dict[str, str]:
    return {language: fields[language].text() for language in ("ru", "kk")}


def _optional_items(fields: Mapping[str, Node], key: str) -> list[Node]:
    return fields[key].items() if key in fields else []


def _hazards(fields: Mapping[str, Node]) -> list[Hazard]:
    return [hazard.one_of(Hazard) for hazard in _optional_items(fields, "hazards")]


def _spread(node: Node) -> list[str]:
    return node.text().split()


def _words(rules: Iterable[Rule]) -> set[str]:
    return {word for rule in rules for pattern in (*rule.patterns, *rule.unless) for word in pattern.words}


def _grammar(node: Node) -> Grammar:
    fields = node.fields(_GRAMMAR)
    folded = {key: tuple(fold(word) for word in _spread(fields[key])) for key in _GRAMMAR}
    return Grammar(
        negate_next=frozenset(folded["negate_next"]),
        negate_previous=frozenset(folded["negate_previous"]),
        not_after_negation=frozenset(folded["not_after_negation"]),
        glued_heads=folded["glued_heads"],
        glued_tails=folded["glued_tails"],
        kazakh=frozenset(folded["kazakh"]),
        kazakh_endings=folded["kazakh_endings"],
    )


def _limits(node: Node) -> Limits:
    chances = (
        "needs_person_below",
        "model_alone",
        "model_doubt",
        "model_over",
        "model_danger",
        "model_danger_part",
    )
    fields = node.fields((*chances, "most_unexplained"))
    return Limits(
        most_unexplained=int(fields["most_unexplained"].number(0, 100)),
        **{key: fields[key].number(0, 1) for key in chances},
    )
