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
_SEVERAL = 5


@dataclass(frozen=True)
class Example:
    """A text and the fault it means."""

    text: str
    fault: str


def learn(examples: Sequence[Example], version: str, archive: Sequence[Example] = ()) -> Statistics:
    """A model of our own examples and of a city's archive. Of the archive only features are learned that
    occur in several of its texts or in our own examples: no resident's name becomes a part of the model."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    own, foreign = ([_counted(example.text) for example in texts] for texts in (examples, archive))
    seen = Counter(name for row in own for name in row)
    common = Counter(name for row in foreign for name in row)
    seen.update({name: times for name, times in common.items() if name in seen or times >= _SEVERAL})
    counted = [*own, *foreign]
    vocabulary = {name: at for at, name in enumerate(sorted(seen))}
    telling = np.log((1 + len(counted)) / (1 + np.array([seen[name] for name in vocabulary]))) + 1
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
        matrix / scale, [example.fault for example in (*examples, *archive)]
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
    known = {vocabulary[name]: times for name, times in row.items() if name in vocabulary}
    columns = np.array(list(known), dtype=np.int32)
    return columns, np.array(list(known.values())) * telling[columns]
