"""From a message to a reading: words, split where they were glued, with denials taken out of play."""

from collections.abc import Iterator
from functools import lru_cache

from services.triage.domain.book import Grammar, RuleBook
from services.triage.domain.patterns import Match, Reading
from services.triage.domain.text import KAZAKH_LETTERS, Token, tokens

_SHORTEST_GLUED = 4
_CACHE = 10_000


class Reader:
    """Reads messages by one rule book."""

    def __init__(self, book: RuleBook) -> None:
        self._lexicon = book.lexicon
        self._grammar: Grammar = book.grammar
        self._parts = lru_cache(maxsize=_CACHE)(self._split)

    def read(self, message: str) -> tuple[Reading, list[Match]]:
        """The reading, and the pairs (negator, denied rule word) found in it."""
        reading = Reading(self._unglued(tokens(message)), self._lexicon)
        return reading, list(self._deny(reading))

    def language(self, message: str, reading: Reading) -> str:
        """``kk`` for Kazakh letters or words, in any alphabet; ``ru`` otherwise."""
        if not KAZAKH_LETTERS.isdisjoint(message.lower()):
            return "kk"
        return "kk" if any(self._is_kazakh(token.folded) for token in reading.tokens) else "ru"

    def unexplained(self, reading: Reading) -> int:
        """How many real words (three letters or more) mean nothing to the rules."""
        return sum(
            len(token.folded) > 2 and not known.words and not self._lexicon.knows(token.folded)
            for token, known in zip(reading.tokens, reading.recognised, strict=True)
        )

    def _is_kazakh(self, folded: str) -> bool:
        return folded in self._grammar.kazakh or folded.endswith(self._grammar.kazakh_endings)

    def _unglued(self, found: list[Token]) -> list[Token]:
        whole: list[Token] = []
        for number, token in enumerate(found):
            parts = self._parts(token.folded)
            if len(parts) == 1 and len(whole) == number:
                whole.append(token)
                continue
            for part in parts:
                added = len(whole) - number
                whole.append(Token(token.text, part, token.place + added))
        return whole

    def _split(self, folded: str) -> tuple[str, ...]:
        if self._lexicon.knows(folded):
            return (folded,)
        for head in self._grammar.glued_heads:
            if folded.startswith(head) and self._stands_alone(folded[len(head) :]):
                return head, folded[len(head) :]
        for tail in self._grammar.glued_tails:
            if folded.endswith(tail) and self._lexicon.recognise(folded[: -len(tail)]).words:
                return folded[: -len(tail)], tail
        return (folded,)

    def _stands_alone(self, rest: str) -> bool:
        known = len(rest) >= _SHORTEST_GLUED and self._lexicon.knows(rest)
        return known and bool(self._lexicon.recognise(rest).words)

    def _deny(self, reading: Reading) -> Iterator[Match]:
        for number, token in enumerate(reading.tokens):
            if token.folded in self._grammar.negate_next:
                denied = number + 1
            elif token.folded in self._grammar.negate_previous:
                denied = number - 1
            else:
                continue
            if self._is_denied(reading, number, denied):
                reading.negate(denied, by=number)
                yield (min(number, denied), max(number, denied))

    def _is_denied(self, reading: Reading, negator: int, denied: int) -> bool:
        """A rule word right beside the negator, unless a doubt («не газом ли») follows it."""
        later = max(negator, denied)
        if later >= len(reading.tokens) or not reading.follows(later):
            return False
        after = reading.tokens[later + 1].folded if later + 1 < len(reading.tokens) else ""
        doubted = denied > negator and after in self._grammar.not_after_negation
        return bool(reading.recognised[denied].words) and not doubted
