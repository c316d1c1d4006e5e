"""How hypothesis chooses its examples: always the same ones in the check, ever new ones when we hunt.

``AVARIYKA_HUNT=50 .venv/bin/python -m pytest tests/unit`` tries fifty times as many, random ones.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

HUNT = int(os.environ.get("AVARIYKA_HUNT", "0"))
_USUAL = 100


def examples(count: int) -> settings:
    """A test's own number of examples, where a hundred are too slow or too few; it grows with the hunt."""
    return settings(max_examples=count * max(HUNT, 1))


def choose() -> None:
    """For the whole run. How long an example takes is the machine's mood: speed is for bench/ to measure."""
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


def _draw_nothing_from_our_modules() -> None:
    """Hypothesis also draws constants of whichever of our modules are loaded: another order, other draws.

    There is no public way to say no; a version of it that does this otherwise fails here, loudly.
    """
    assert callable(providers._get_local_constants)
    none = providers._local_constants
    providers._get_local_constants = lambda: none
