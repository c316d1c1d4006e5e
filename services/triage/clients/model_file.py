"""The statistical model as a file: a numpy archive of plain arrays. Reading it runs no code of the file's."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.triage.domain.statistics import FEATURES_VERSION, Statistics
from services.triage.errors import BadModel

_LARGEST = 200_000_000


def read_model(path: Path) -> Statistics:
    """The model of a file; raises :class:`BadModel` if it is damaged or was made for other features."""
    try:
        if path.stat().st_size > _LARGEST:
            raise BadModel(f"{path.name}: larger than {_LARGEST:,} bytes")
        content = path.read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes().decode())
            words = arrays["vocabulary"].tobytes().decode().split("\n")
            weights, bias = arrays["weights"], arrays["bias"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as broken:
        raise BadModel(f"{path.name}: {broken}") from broken
    _check(path, about, len(words), weights, bias)
    version = f"{about['version']}+{hashlib.sha256(content).hexdigest()[:8]}"
    vocabulary = {word: at for at, word in enumerate(words)}
    return Statistics(version, about["faults"], vocabulary, weights, bias)


def write_model(model: Statistics, path: Path) -> None:
    """Write the model so that it reads back the same; the same model gives the same bytes."""
    about = {"version": model.version, "features": FEATURES_VERSION, "faults": list(model.faults)}
    np.savez_compressed(
        path,
        about=_bytes(json.dumps(about, ensure_ascii=False)),
        vocabulary=_bytes("\n".join(model.vocabulary)),
        weights=model.weights,
        bias=model.bias,
    )


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _check(path: Path, about: Any, words: int, weights: NDArray[Any], bias: NDArray[Any]) -> None:
    if about.get("features") != FEATURES_VERSION:
        raise BadModel(
            f"{path.name}: its features are {about.get('features')!r}, not {FEATURES_VERSION!r}: train anew"
        )
    shape = (words, len(about["faults"]))
    sound = weights.shape == shape and bias.shape == shape[1:] and weights.dtype == np.float16
    if not sound or not np.isfinite(weights).all() or not np.isfinite(bias).all():
        raise BadModel(f"{path.name}: its parts do not fit together")
