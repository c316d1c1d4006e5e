"""The browser that tests drive: Debian's Chromium, or one that ``AVARIYKA_BROWSER`` names."""

import os
import shutil
from collections.abc import Mapping

VARIABLE = "AVARIYKA_BROWSER"
NONE = "none"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Nothing of a test leaves the machine, and no first-run page is in the way.
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
)


def find(environment: Mapping[str, str] = os.environ) -> str | None:
    """The program, or None: not here."""
    asked = environment.get(VARIABLE, "")
    if asked == NONE:
        return None
    names = (asked,) if asked else _NAMES
    return next((found for name in names if (found := shutil.which(name))), None)


def is_unwanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this run shall go without the tests in a browser."""
    return environment.get(VARIABLE) == NONE


def flags() -> list[str]:
    """Chromium's sandbox does not work for root, whose tests run in a container anyway."""
    return [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(_FLAGS)
