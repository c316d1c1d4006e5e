"""What the commands of ``./avariyka`` do."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence

from scripts import checks, environment, overview, programs
from scripts.cli import DELEGATES
from scripts.errors import Exit, Failure
from scripts.plan import every_server
from scripts.programs import ROOT
from scripts.steps import say, step
from scripts.suite import Suite

VAR = ROOT / "var"


def run(options: argparse.Namespace, rest: Sequence[str]) -> int:
    """Run the command that ``options`` name; ``rest`` are arguments for somebody else."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # a shell starts background jobs deaf to SIGINT
    if options.command in DELEGATES:
        return _delegate(options.command, rest)
    if options.command == "test":
        return checks.run_all(rest)
    return _COMMANDS[options.command](options)


def _suite() -> Suite:
    return Suite(VAR, os.environ)


def _up(_: argparse.Namespace) -> int:
    suite = _suite()
    if not suite.up():
        say("The suite is up already; `./avariyka status` shows it.")
        return 0
    settings = suite.settings()
    for name, url in environment.urls(settings).items():
        say(f"  {name:8} {url}")
    say(f"  Residents report trouble at {environment.urls(settings)['intake']}/")
    plan = suite.plan
    if plan is not None and plan.stand_in:
        url = settings["AVARIYKA_TWILIO_API_URL"]
        say(f"  SMS go to the stand-in for Twilio on this machine: {url}/_stand-in/messages")
    say("The suite is up. `./avariyka down` stops it, `./avariyka logs -f` follows it.")
    return 0


def _down(_: argparse.Namespace) -> int:
    with step("Stopping the suite"):
        _suite().down()
    return 0


def _status(options: argparse.Namespace) -> int:
    lines = overview.overview(VAR)
    facts = overview.as_json(lines)
    if options.json:
        print(json.dumps(facts, indent=2))
    else:
        overview.show(lines)
    return 0 if facts["up"] else Exit.NOT_UP


def _logs(options: argparse.Namespace) -> int:
    logs = {path.stem: path for path in sorted((VAR / "log").glob("*.log"))}
    logs |= {server.name.lower(): server.log for server in every_server(VAR) if server.log.exists()}
    if options.service and options.service not in logs:
        raise Failure(Exit.USAGE, f"no log of {options.service}: there is {', '.join(logs) or 'none yet'}")
    chosen = [logs[options.service]] if options.service else list(logs.values())
    if not chosen:
        raise Failure(Exit.NOT_UP, "no logs yet: run `./avariyka up` first")
    follow = ("-F",) if options.follow else ()
    os.execvp("tail", ["tail", "-n", str(options.lines), *follow, *map(str, chosen)])  # noqa: S606


def _demo(options: argparse.Namespace) -> int:
    """Up, play, and (unless the table goes to a script) stay until Ctrl-C."""
    suite = _suite()
    started = False
    try:
        started = suite.up(always_stand_in=True, bound=True)
        _refuse_real_twilio(suite)
        code = _play(suite, options)
        if started and (options.stay or not options.json):
            _stay()
        return code
    except KeyboardInterrupt:
        return 0
    finally:
        if started or not suite.is_up():
            _down(options)


def _refuse_real_twilio(suite: Suite) -> None:
    """The evening's residents are invented, but their numbers may be somebody's."""
    if suite.plan is not None and not suite.plan.stand_in:
        reason = "the suite is up with a real Twilio account, where the demo would text strangers"
        raise Failure(Exit.NOT_UP, f"{reason}: run `./avariyka down` first")


def _play(suite: Suite, options: argparse.Namespace) -> int:
    given = {"--json": options.json, "--requests": options.requests, "--seed": options.seed}
    arguments = [str(word) for name, value in given.items() if value is not None for word in (name, value)]
    return _module(suite.child_environment(), "demo.play", *arguments)


def _stay() -> None:
    say("\nThe suite stays up until Ctrl-C.")
    signal.pause()


def _delegate(command: str, rest: Sequence[str]) -> int:
    """Run a command of a service in the running suite's environment, if it needs one."""
    module, _ = DELEGATES[command]
    alone = _needs_no_suite(command, rest)
    settings = programs.child_environment({}, os.environ) if alone else _suite().child_environment()
    code = _module(settings, module, *_translated(command, rest))
    maps = [] if alone or code != 0 else _road_maps(command, rest)
    return _module(settings, "services.routing.commands", "import-roads", *maps) if maps else code


def _needs_no_suite(command: str, rest: Sequence[str]) -> bool:
    """Help needs none, nor does triage with files: only its corrections are in a database."""
    asks_help = not rest or bool({"-h", "--help"} & set(rest))
    return asks_help or (command == "triage" and "corrections" not in rest)


def _road_maps(command: str, rest: Sequence[str]) -> list[str]:
    """The files of a city import from which crews learn their ways: the newer map of roads, else the map."""
    if command != "city" or rest[:1] != ["import"]:
        return []
    files = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    files.add_argument("map")
    for option in ("--roads", "--city", "--districts", "--names", "--buildings"):
        files.add_argument(option)
    known, _ = files.parse_known_args(rest[1:])
    name = known.roads or known.map
    return [] if re.search(r"\.csv(\.gz)?$", name) else [name]


def _translated(command: str, rest: Sequence[str]) -> list[str]:
    if command == "city":
        return ["import-city", *rest[1:]] if rest[:1] == ["import"] else ["--help"]
    return list(rest) or ["--help"]


def _module(settings: dict[str, str], module: str, *arguments: str) -> int:
    ends_with_us = ["setpriv", "--pdeathsig", "TERM"]
    command = [*ends_with_us, sys.executable, "-P", "-m", module, *arguments]
    return subprocess.run(command, env=settings, check=False).returncode


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo,
    "up": _up,
    "down": _down,
    "status": _status,
    "logs": _logs,
}
