"""The processes of the local suite: the six services, the stand-in for Twilio, the supervisor."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts import processes
from scripts.environment import SERVICES, STAND_IN
from scripts.plan import Plan

ROOT = Path(__file__).resolve().parent.parent
SUPERVISOR = "supervisor"
_PYTHON = ("python",)


@dataclass(frozen=True)
class Program:
    """One process: its command, the directory it lives in (which is how it is found again), its log."""

    name: str
    command: tuple[str, ...]
    home: Path
    log: Path

    def pids(self) -> list[int]:
        return processes.living_in(self.home, _PYTHON)


def program(name: str, var: Path, *arguments: str) -> Program:
    """A module of ours as a program; ``-P`` keeps its current directory out of the import path."""
    command = (sys.executable, "-P", "-m", *arguments)
    return Program(name, command, var / "run" / name, var / "log" / f"{name}.log")


def services(var: Path) -> list[Program]:
    return [program(name, var, "shared.run", name) for name in SERVICES]


def supervisor(var: Path, *arguments: str) -> Program:
    return program(SUPERVISOR, var, "scripts.supervisor", str(var), *arguments)


def stand_in(var: Path, settings: Mapping[str, str]) -> Program:
    """The local Twilio, with the account, token and port that ``settings`` tell the services."""
    port = settings["AVARIYKA_TWILIO_API_URL"].rpartition(":")[2]
    account, token = settings["AVARIYKA_TWILIO_ACCOUNT_SID"], settings["AVARIYKA_TWILIO_AUTH_TOKEN"]
    options = ("--port", port, "--account", account, "--token", token)
    return program(STAND_IN, var, "demo.twilio_stand_in", *options)


def planned(var: Path, plan: Plan) -> list[Program]:
    """What the supervisor keeps alive."""
    return services(var) + ([stand_in(var, plan.settings)] if plan.stand_in else [])


def every(var: Path) -> list[Program]:
    """All that may live under this directory, by name only: for looking and for sweeping."""
    return [program(name, var) for name in (*SERVICES, STAND_IN)]


def child_environment(settings: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """What a process of ours sees: the shell's environment, our settings, and this checkout's modules."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("AVARIYKA_")}
    return {**kept, **settings, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
