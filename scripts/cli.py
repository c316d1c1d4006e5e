"""The command line ``./avariyka``.

It imports nothing that needs the virtual environment before a command runs, so help and version always work.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.errors import Exit, Failure

_DESCRIPTION = "Emergency dispatch for municipal housing utilities: set it up, run it, look after it."
_EPILOG = """\
examples:
  ./avariyka demo                          set everything up and play an evening in the city
  ./avariyka demo --requests 200 --json evening.json
  ./avariyka up && ./avariyka status       run the suite in the background
  ./avariyka logs routing -f               follow one service
  ./avariyka city import almaty.osm.pbf    addresses and roads from OpenStreetMap
  ./avariyka test -k sewer                 every check, and the tests that match

Private servers run under var/ unless AVARIYKA_AMQP_URI and AVARIYKA_<SERVICE>_DATABASE_URL name yours.
SMS go to a stand-in on this machine unless AVARIYKA_TWILIO_* name an account (.env.example lists all).

exit codes: 0 done, 1 something failed, 2 wrong usage, 10 no suitable Python, 11 no network, 12 no permission,
13 unsupported system, 14 disk full, 15 server trouble, 16 service trouble, 17 port taken, 18 suite not up
"""
_DEMO_EPILOG = """\
The evening uses the public edges only: signed Twilio webhooks, the operator's form, the crews' API. Its SMS
go to the stand-in on this machine, never to a real account. Without --json the suite stays up until Ctrl-C.
"""
# Commands of services: the module that runs them, and what the help says.
DELEGATES: dict[str, tuple[str, str]] = {
    "city": ("services.intake.commands", "city import FILE ...: addresses and roads from an .osm.pbf file"),
    "intake": ("services.intake.commands", "forget people (retention, erase), keys of other systems"),
    "reseal": ("shared.resealing", "reseal intake notify crews: seal every row with the newest key"),
    "dead-letters": ("shared.deadletters", "list or replay messages that could not be handled"),
    "triage": (
        "services.triage.commands",
        "classify texts; try rules, train and compare models, look at corrections",
    ),
    "notify": ("services.notify.commands", "take over lists of residents for announcements"),
    "crews": ("services.crews.commands", "people, crews, shifts, passwords"),
    "routing": ("services.routing.commands", "competence and zones"),
}


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="avariyka",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"avariyka {version()}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_demo(commands)
    tests = commands.add_parser("test", help="every check and test; arguments, if any, go to pytest")
    tests.usage = "avariyka test [PYTEST ARGUMENT ...]"
    commands.add_parser("up", help="start the suite in the background and wait until it is ready")
    commands.add_parser("down", help="stop the suite, and whatever a crash left behind")
    status = commands.add_parser("status", help="each process, what waits for it, its unsent events")
    status.add_argument("--json", action="store_true", help="as JSON")
    _add_logs(commands)
    for name, (_, text) in DELEGATES.items():
        commands.add_parser(name, help=text, add_help=False)
    return top


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="set everything up and play an evening in the city",
        epilog=_DEMO_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    demo.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON, then stop")
    demo.add_argument("--requests", type=int, metavar="N", help="how many residents get in touch")
    demo.add_argument("--seed", type=int, metavar="S", help="another number is another evening")
    demo.add_argument("--stay", action="store_true", help="with --json: leave the suite up until Ctrl-C")


def _add_logs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    logs = commands.add_parser("logs", help="show the newest log lines")
    logs.add_argument("service", nargs="?", metavar="SERVICE", help="a process as in `status` (default: all)")
    logs.add_argument("-f", "--follow", action="store_true", help="go on showing new lines until Ctrl-C")
    logs.add_argument("-n", "--lines", type=int, default=40, metavar="N", help="how many (default 40)")


def version() -> str:
    """The version as ``pyproject.toml`` states it."""
    import tomllib

    text = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = list(sys.argv[1:] if words is None else words)
    options, rest = parser().parse_known_args(arguments[:1] if _is_passed_on(arguments) else arguments)
    if _is_passed_on(arguments):
        rest = arguments[1:]
    elif rest:
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    if options.command is None:
        parser().print_help()
        return Exit.USAGE
    try:
        from scripts import commands, ports

        ports.go_direct(os.environ)
        return commands.run(options, rest)
    except Failure as failure:
        print(f"avariyka: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        return 130


def _is_passed_on(arguments: Sequence[str]) -> bool:
    """Whether the arguments after the command are read by somebody else (pytest, a service)."""
    if arguments[:1] == ["test"]:
        return not {"-h", "--help"} & set(arguments[1:2])
    return bool(arguments) and arguments[0] in DELEGATES


if __name__ == "__main__":
    sys.exit(main())
