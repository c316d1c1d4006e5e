"""``./avariyka test``: the checks, then the tests, whose summary is the last line."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scripts import browser, packages
from scripts.environment import SERVICES, ours
from scripts.programs import ROOT
from scripts.steps import say

CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


def run_all(pytest_arguments: Sequence[str]) -> int:
    """Every check, then pytest; the exit code is pytest's, or 1 if only a check failed."""
    packages.ensure(_missing, ROOT / "var" / "log" / "apt.log")
    failed = [" ".join(check) for check in CHECKS if _run(check) != 0]
    if failed:
        say(f"\nFAILED checks: {', '.join(failed)} (the tests run all the same)")
    code = _run(("pytest", *(pytest_arguments or _side_by_side(os.cpu_count() or 1))))
    return code or int(bool(failed))


def _side_by_side(cores: int) -> tuple[str, ...]:
    """Pytest arguments for the whole suite: several processes, each with its own servers and whole files.

    One more than cores, as most tests wait for a server; at most four, as each takes up to 1 GB.
    In the order of collection the long end-to-end files come first and the quick unit tests fill the gaps.
    """
    return ("-n", str(min(cores + 1, 4)), "--dist", "loadfile", "--no-loadscope-reorder")


def _missing() -> list[str]:
    return [*packages.missing({}, SERVICES), *packages.missing_browser(os.environ)]


def _run(command: Sequence[str]) -> int:
    """One tool of the virtual environment, in the checkout, with its output shown."""
    say(f"\n── {' '.join(command)}")
    started = time.monotonic()
    program = Path(sys.executable).parent / command[0]
    code = subprocess.run([program, *command[1:]], cwd=ROOT, env=_environment(), check=False).returncode
    if command[0] != "pytest":
        say(f"{'ok' if code == 0 else f'FAILED with code {code}'}, {time.monotonic() - started:.1f} s")
    return code


def _environment() -> dict[str, str]:
    """The shell's environment without our own settings: tests choose theirs, but not the browser.

    Sets of words have one order in every run, as everything else that chance decides has in tests.
    """
    settings = ours(os.environ).keys() - {browser.VARIABLE}
    kept = {name: value for name, value in os.environ.items() if name not in settings}
    return kept | {"PYTHONHASHSEED": "0"}
