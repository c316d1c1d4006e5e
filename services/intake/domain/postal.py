"""Official addresses as registries write them: «г. Астана, улица Абая, дом 27, корпус 2» in its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.tokens import Kind, Token, Tokeniser


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """``locality`` is everything before the street; ``house`` is empty if the address names none."""

    locality: str
    street: str
    house: str


class PostalParser:
    """Splits a whole address by its commas, or at its last number if it has none."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._tokenise = Tokeniser(lexicon)
        self._house_words = lexicon.words("house")

    def __call__(self, text: str) -> PostalAddress:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        at = next((at for at in range(1, len(parts)) if self._begins_house(parts[at])), None)
        if at is not None:
            return PostalAddress(", ".join(parts[: at - 1]), parts[at - 1], ", ".join(parts[at:]))
        return self._by_last_number(parts)

    def _begins_house(self, part: str) -> bool:
        tokens = self._tokenise(part)
        if not tokens:
            return False
        first, alone = tokens[0], len(tokens) == 1 or tokens[1].dashed
        is_number = first.kind is Kind.NUMBER and not first.ordinal
        return (is_number and alone) or (first.key in self._house_words and len(tokens) > 1)

    def _by_last_number(self, parts: Sequence[str]) -> PostalAddress:
        if not parts:
            return PostalAddress("", "", "")
        *before, last = parts
        tokens = self._tokenise(last)
        numbers = [token for token in tokens[1:] if _may_be_house(token)]
        if not numbers:
            return PostalAddress(", ".join(before), last, "")
        start = numbers[-1].start
        named = [token for token in tokens if token.end <= start and token.key in self._house_words]
        cut = named[-1].start if named and named[-1] == tokens[tokens.index(numbers[-1]) - 1] else start
        return PostalAddress(", ".join(before), last[:cut].strip(" .-"), last[start:])


def _may_be_house(token: Token) -> bool:
    return token.kind is Kind.NUMBER and not token.ordinal
