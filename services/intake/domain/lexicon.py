"""The words of a language as data: folding, stemming and word lists. Nothing here knows a language itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_DOUBLE = re.compile(r"([^\W\d])\1+")
_SHORTEST_STEM = 4
_VOWELS = frozenset("aeiou")


class WordSet:
    """Folded words; an entry ending in ``*`` stands for every word that begins so."""

    def __init__(self, words: Iterable[str], fold: "Folding") -> None:
        entries = [str(word) for word in words]
        self._whole = frozenset(fold(word) for word in entries if not word.endswith("*"))
        self._starts = tuple(fold(word[:-1]) for word in entries if word.endswith("*"))

    def __contains__(self, key: str) -> bool:
        return key in self._whole or key.startswith(self._starts)


class Folding:
    """Maps Russian, Kazakh and Latin spellings of one word to one key.

    «Тәуелсіздік», «тауелсиздик» and "Tauelsizdik" are all ``tauelsizdik``.
    """

    def __init__(
        self, letters: Mapping[str, str], digraphs: Mapping[str, str], merged: Mapping[str, str]
    ) -> None:
        self._letters = str.maketrans(dict(letters))
        self._digraphs = dict(digraphs)
        longest_first = sorted(map(re.escape, digraphs), key=len, reverse=True)
        self._digraph = re.compile("|".join(longest_first) or r"(?!)")
        self._merged = dict(merged)

    def __call__(self, text: str) -> str:
        return squeeze(self.unsqueezed(text))

    def unsqueezed(self, text: str) -> str:
        """A word folded with its double letters: of «Коолева» one letter is missing, not two."""
        plain = self._digraph.sub(lambda match: self._digraphs[match.group()], text.lower())
        folded = plain.translate(self._letters)
        for spelling, sound in self._merged.items():
            folded = folded.replace(spelling, sound)
        return folded


def squeeze(key: str) -> str:
    """Double letters written once: the commonest typing error, and Rozybakiyev is spelt both ways anyway."""
    return _DOUBLE.sub(r"\1", key)


@dataclass(frozen=True)
class Lexicon:
    """The word lists of ``lexicon.yml``, folded and ready."""

    data: Mapping[str, Any]

    @cached_property
    def fold(self) -> Folding:
        return Folding(self.data["letters"], self.data["digraphs"], self.data["merged"])

    @cached_property
    def types(self) -> Mapping[str, WordSet]:
        return {name: WordSet(words, self.fold) for name, words in self.data["types"].items()}

    @cached_property
    def _sets(self) -> dict[str, WordSet]:
        return {}

    def words(self, name: str) -> WordSet:
        """A word list by its name in the file."""
        if name not in self._sets:
            self._sets[name] = WordSet(self.data[name], self.fold)
        return self._sets[name]

    @cached_property
    def _adjective(self) -> re.Pattern[str]:
        adjectives = self.data["adjectives"]
        endings = sorted({self.fold(ending) for ending in adjectives["endings"]}, key=len, reverse=True)
        return re.compile(f"(?<=[{self.fold(adjectives['after'])}])({'|'.join(endings)})$")

    @cached_property
    def _endings(self) -> tuple[str, ...]:
        return tuple(self.fold(ending) for ending in self.data["endings"])

    def street_type(self, key: str) -> str | None:
        """The class of street that a folded word names (``street``, ``avenue``, ``area`` …), if any."""
        return next((name for name, words in self.types.items() if key in words), None)

    def stem(self, key: str) -> str:
        """A folded name without its case ending.

        «Абая», «Абаю» and «Абай» meet at ``abai``, «Ташкентская» and «Ташкентской» at ``taškentsk``.
        """
        for shorter in (self._adjective.sub("", key), _without_soft_ending(key), self._without_vowel(key)):
            if shorter != key and len(shorter) >= _SHORTEST_STEM:
                return shorter
        return key

    def _without_vowel(self, key: str) -> str:
        return key[:-1] if key.endswith(self._endings) and key[-2:-1] not in _VOWELS else key


def _without_soft_ending(key: str) -> str:
    # «Абая» is Абай and «Гоголя» is Гоголь: after a vowel the folded ending leaves its i behind.
    if key[-2:] not in ("ia", "iu"):
        return key
    return key[:-1] if key[-3:-2] in _VOWELS else key[:-2]
