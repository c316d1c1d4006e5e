"""Street names as they are written, cut into the words that people know them by."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.tokens import Tokeniser


@dataclass(frozen=True, slots=True)
class Core:
    """A street name without its type.

    «проспект Абая (Акбулак)» has the words ``("abai",)``, the type ``avenue`` and the locality ``akbulak``.
    """

    words: tuple[str, ...]
    spelt: tuple[str, ...]
    """The words with their case endings."""
    type: str | None
    locality: str

    @property
    def key(self) -> str:
        return joined(self.words)


def joined(words: Iterable[str]) -> str:
    """One key for «Аль-Фараби» and «Альфараби»; a letter doubled by joining is written once."""
    key = ""
    for word in words:
        is_doubled = word[:1].isalpha() and key.endswith(word[0])
        key += word[1:] if is_doubled else word
    return key


class GenericWords:
    """Words that many names share (batyr, academician, big), in any case: nobody is found by one alone."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = lexicon.words("generic")
        stems = (lexicon.stem(lexicon.fold(word)) for word in lexicon.data["generic"] if "*" not in word)
        self._words, self._stems = words, frozenset(stems)

    def __contains__(self, word: str) -> bool:
        return word in self._stems or word in self._words


class NameParser:
    """Cuts the name of a street into its type, its own words and the locality in brackets."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.generic = GenericWords(lexicon)
        self._settlement = lexicon.words("settlement")
        self._tokenise = Tokeniser(lexicon)

    def __call__(self, text: str) -> Core:
        outside, _, inside = text.partition("(")
        tokens = self._tokenise(outside)
        own = [token for token in tokens if token.type is None]
        types = [token.type for token in tokens]
        return Core(
            words=tuple(token.stem for token in own),
            spelt=tuple(token.key for token in own),
            type=next((type_ for type_ in types if type_ is not None), None),
            locality=self.locality(inside) if inside else "",
        )

    def locality(self, text: str) -> str:
        """The key of a town or settlement, without the words for what it is."""
        tokens = self._tokenise(text.rpartition(",")[2])
        own = [token for token in tokens if token.type is None and token.key not in self._settlement]
        return joined(token.stem for token in own)

    def proper(self, words: tuple[str, ...]) -> str:
        """The key of a name without the words that many names share (batyr, khan)."""
        return joined(word for word in words if word not in self.generic) or joined(words)

    def bare(self, text: str) -> str:
        """A name as written, without the words for its type."""
        kept = [token.raw for token in self._tokenise(text) if token.type is None]
        return " ".join(kept)

    def is_kazakh(self, text: str) -> bool:
        """Whether the type in a name is a Kazakh word."""
        words = self._lexicon.words("kazakh_types")
        return any(token.key in words for token in self._tokenise(text))


def digits(key: str) -> str:
    return "".join(letter for letter in key if letter.isdigit())
