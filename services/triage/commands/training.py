"""Learning the statistical model from labelled texts. scikit-learn is needed here and nowhere else.

Reproducible: the same texts give the same file, byte for byte on the same machine and libraries.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.triage.domain.statistics import Statistics, features, units
from services.triage.domain.text import tokens

_STRENGTH = 100.0
_MOST_ROUNDS = 400


@dataclass(frozen=True)
class Example:
    """A text and the fault it means."""

    text: str
    fault: str


def learn(examples: Sequence[Example], version: str) -> Statistics:
    """A model of the examples; raises :class:`ValueError` with fewer than two faults among them."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    counted = [_counted(example.text) for example in examples]
    seen = Counter(name for row in counted for name in row)
    vocabulary = {name: at for at, name in enumerate(sorted(seen))}
    telling = np.log((1 + len(examples)) / (1 + np.array([seen[name] for name in vocabulary]))) + 1
    rows = [_weighted(row, vocabulary, telling) for row in counted]
    matrix = csr_matrix(
        (
            np.concatenate([values for _, values in rows]),
            np.concatenate([columns for columns, _ in rows]),
            np.cumsum([0, *(len(columns) for columns, _ in rows)]),
        ),
        shape=(len(rows), len(vocabulary)),
    )
    scale = float(np.sqrt(matrix.multiply(matrix).sum(axis=1)).mean())
    fitted = LogisticRegression(C=_STRENGTH, max_iter=_MOST_ROUNDS).fit(
        matrix / scale, [example.fault for example in examples]
    )
    return Statistics(
        version=version,
        faults=tuple(map(str, fitted.classes_)),
        vocabulary=vocabulary,
        weights=(fitted.coef_.T * telling[:, None] / scale).astype(np.float16),
        bias=fitted.intercept_.astype(np.float32),
    )


def _counted(text: str) -> dict[str, float]:
    """How often each feature occurs, divided by the root of the number of units, as in scoring."""
    parts = units(tokens(text))
    total: Counter[str] = Counter()
    for unit in parts:
        total.update(features(unit))
    return {name: times / len(parts) ** 0.5 for name, times in total.items()}


def _weighted(
    row: dict[str, float], vocabulary: dict[str, int], telling: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    columns = np.array([vocabulary[name] for name in row], dtype=np.int32)
    return columns, np.array(list(row.values())) * telling[columns]
