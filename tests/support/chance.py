"""What chance may do to a test: nothing in the check, which says the same of the same commit; all in a hunt.

``AVARIYKA_HUNT=50 .venv/bin/python -m pytest tests/unit`` tries fifty times as many examples, ever new ones,
with ids, keys and codes as random as in life.
"""

import os
import random

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

HUNT = int(os.environ.get("AVARIYKA_HUNT", "0"))
_USUAL = 100


def examples(count: int) -> settings:
    """A test's own number of examples, where a hundred are too slow or too few; it grows with the hunt."""
    return settings(max_examples=count * max(HUNT, 1))


def choose() -> None:
    """How hypothesis works in this run. How long an example takes is the machine's mood: bench/ measures."""
    unhurried = settings(
        settings.get_profile("default"),
        max_examples=_USUAL * max(HUNT, 1),
        derandomize=not HUNT,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.register_profile("suite", unhurried)
    settings.load_profile("suite")
    if not HUNT:
        _draw_nothing_from_our_modules()


def fall_alike(seed: str) -> None:
    """From now on dice, ids and keys of this process fall as they always do after ``seed``."""
    if HUNT:
        return
    dice = random.Random(seed)
    os.urandom = dice.randbytes  # uuid4 and libraries
    random._urandom = dice.randbytes  # type: ignore[attr-defined]  # secrets
    random.seed(seed)


def _draw_nothing_from_our_modules() -> None:
    """Hypothesis also draws constants of whichever of our modules are loaded: another order, other draws.

    There is no public way to say no; a version of it that does this otherwise fails here, loudly.
    """
    assert callable(providers._get_local_constants)
    none = providers._local_constants
    providers._get_local_constants = lambda: none
