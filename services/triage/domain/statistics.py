"""The statistical opinion: how likely each fault of the catalogue is, learned from labelled phrases.

A linear model over pieces of folded words. The score of a message is the sum of what its words and pairs of
neighbouring words say, divided by the root of their number, so what one word says is computed once and kept.
Learning (scikit-learn) happens elsewhere, see ``commands/training.py``; here are a few lines of numpy.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.triage.domain.text import MINUS, NUMBER, PLUS, Token, fold

FEATURES_VERSION = "1"
"""Part of a model's identity: raise it when the features below change; older model files are then refused."""

_PIECES = (3, 4, 5)
_PAIR_HEAD = 5
_MOST_WORDS = 400
_CACHE = 3_000
_UNLIKELY = 0.001
_FORGOTTEN = frozenset({NUMBER, MINUS, PLUS})
_NOT = fold("ne")
_DENIED = "!"

Vector = NDArray[np.float32]


def units(tokens: Sequence[Token]) -> list[str]:
    """What is counted in a message: its words and neighbouring pairs (their first letters), no numbers.

    A word after «не» is another word (``!слово``), so that a denied smell does not smell.
    """
    words = _words(tokens)
    return [*_marked(words), *_pairs(words)]


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.folded for token in tokens[:_MOST_WORDS] if token.folded not in _FORGOTTEN]


def _pairs(words: Sequence[str]) -> list[str]:
    return [f"{one[:_PAIR_HEAD]} {other[:_PAIR_HEAD]}" for one, other in pairwise(words)]


def _marked(words: Sequence[str]) -> list[str]:
    if _NOT not in words:
        return list(words)
    return [
        _DENIED + word if before == _NOT else word for before, word in zip(["", *words], words, strict=False)
    ]


def features(unit: str) -> list[str]:
    """The features of one unit, each as often as it occurs in it: a pair is one feature; a word is itself
    and its pieces of 3 to 5 letters."""
    if " " in unit:
        return [unit]
    mark = _DENIED if unit.startswith(_DENIED) else ""
    framed = f"<{unit.removeprefix(_DENIED)}>"
    return [mark + piece for piece in (framed, *_pieces(framed))]


def _pieces(framed: str) -> Iterator[str]:
    for length in _PIECES:
        for start in range(len(framed) - length + 1):
            yield framed[start : start + length]


class Statistics:
    """A learned model. ``weights`` has a row for each feature of ``vocabulary`` and a column for each fault;
    the weight of a feature already holds how telling it is."""

    def __init__(
        self,
        version: str,
        faults: Sequence[str],
        vocabulary: Mapping[str, int],
        weights: NDArray[np.float16],
        bias: Vector,
    ) -> None:
        self.version = version
        self.faults = tuple(faults)
        self.vocabulary = vocabulary
        self.weights = weights
        self.bias = bias
        self._said = lru_cache(maxsize=_CACHE)(self._scores)

    def telling(self, tokens: Sequence[Token], fault: str, most: int) -> tuple[str, ...]:
        """The words as typed that speak most for ``fault``, the strongest first; only words that were learned
        whole, so that a name in the message is never quoted."""
        column = self.faults.index(fault)
        said = {
            token.text: self._said(token.folded) for token in tokens if f"<{token.folded}>" in self.vocabulary
        }
        weight = {word: float(spoken[column]) for word, spoken in said.items() if spoken is not None}
        return tuple(
            sorted((word for word in weight if weight[word] > 0), key=lambda word: -weight[word])[:most]
        )

    def likelihoods(self, tokens: Sequence[Token]) -> dict[str, float]:
        """Faults with their probability, the likeliest first, without the unlikely tail (below one in a
        thousand). Empty if no word is known."""
        words = _words(tokens)
        said = [spoken for spoken in map(self._said, _marked(words)) if spoken is not None]
        pairs = [self.vocabulary[pair] for pair in _pairs(words) if pair in self.vocabulary]
        if not said and not pairs:
            return {}
        total = self.weights[pairs].sum(axis=0, dtype=np.float32) + np.sum(said, axis=0)
        scores = total / np.sqrt(np.float32(len(said) + len(pairs))) + self.bias
        odds = np.exp(scores - scores.max())
        odds /= odds.sum()
        likely = np.flatnonzero(odds >= _UNLIKELY)
        order = likely[np.argsort(-odds[likely], kind="stable")]
        return {self.faults[at]: sure for at, sure in zip(order.tolist(), odds[order].tolist(), strict=True)}

    def _scores(self, word: str) -> Vector | None:
        """What one word says for each fault; None if nothing of it was ever learned. Kept, for words return;
        pairs hardly do and are one look-up."""
        rows = [self.vocabulary[name] for name in features(word) if name in self.vocabulary]
        if not rows:
            return None
        return np.asarray(self.weights[rows].sum(axis=0, dtype=np.float32))
