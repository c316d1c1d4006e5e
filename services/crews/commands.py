"""``python -m services.crews.commands``: seed master data, put crews on shift, set passwords.

What changes is told to the other services through the outbox; a running ``crews`` sends it.
"""

import argparse
import getpass
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import yaml
from marshmallow import ValidationError

from services.crews.clients import Argon2Passwords, KeyFiles
from services.crews.schemas.config import Policies
from services.crews.schemas.seed_reader import read_seed
from services.crews.store import DatabaseDown, UnitOfWork
from services.crews.usecases.access import set_password
from services.crews.usecases.duty import ShiftWish, change_shift
from services.crews.usecases.masterdata import sow
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine
from shared.errors import AvariykaError

_SHORTEST_PASSWORD = 8


class Office:
    """What the commands work with: the service's database and its policies, without the running service."""

    def __init__(self, settings: Settings) -> None:
        self.clock = SystemClock()
        self.policies = Policies.of(settings)
        self.passwords = Argon2Passwords()
        self._engine = make_engine(settings.database_url, pool_size=1)
        self._context = TransactionContext(self._engine, self.clock, settings.service, lambda: None)

    def transaction(self) -> UnitOfWork:
        return UnitOfWork(self._context)

    def close(self) -> None:
        self._engine.dispose()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        with closing(Office(Settings.load("crews"))) as office:
            options.command(office, options)
    except ValidationError as invalid:
        return _refuse(f"this is not a seed file: {invalid.messages}")
    except DatabaseDown as down:
        return _refuse(f"the database does not answer: {down.orig}")
    except (yaml.YAMLError, UnicodeError) as garbled:
        return _refuse(f"this is not a YAML file: {' '.join(str(garbled).split())}")
    except (AvariykaError, OSError) as failure:
        return _refuse(str(failure))
    return 0


def seed(office: Office, options: argparse.Namespace) -> None:
    """Bring the organisations, people, crews and logins of a file into the database."""
    generated: set[str] = set()
    contents = yaml.safe_load(options.file.read_text(encoding="utf-8"))
    sown = read_seed(contents, office.clock.now(), _remembering(generated))
    new = sow(office.transaction, office.passwords, sown, office.policies.longest_shift, office.policies.zone)
    staff = sown.staff
    _say(f"{len(staff.organisations)} organisations, {len(staff.people)} people, {len(staff.crews)} crews")
    _say(f"{len(new)} new logins")
    for given in sown.logins:
        if given.login.name in new and given.password in generated:
            _say(f"{given.login.name}\t{given.password}")


def shift(office: Office, options: argparse.Namespace) -> None:
    """Put a crew on shift or take it off."""
    ends_at = office.clock.now() + timedelta(hours=options.hours) if options.hours else options.until
    wish = ShiftWish(options.state == "on", ends_at)
    latest = change_shift(office.transaction(), options.crew, wish, office.policies.longest_shift)
    until = f" until {latest.ends_at.isoformat()}" if latest and latest.ends_at else ""
    _say(f"{options.crew} {'on' if latest and latest.on else 'off'} shift{until}")


def password(office: Office, options: argparse.Namespace) -> None:
    """Set the password of a login: asked for, read from a pipe, or generated and shown once."""
    chosen = secrets.token_urlsafe(12) if options.generate else _ask_password(options.login)
    set_password(office.transaction, office.passwords, options.login, chosen)
    _say(chosen if options.generate else "done")


def keys(_office: Office, options: argparse.Namespace) -> None:
    """Change the key that signs access tokens: prepare, switch, and retire the old one a while later."""
    settings = Settings.load("crews")
    private, public = (settings.secret(f"AVARIYKA_TOKEN_{kind}_KEY_FILE") for kind in ("PRIVATE", "PUBLIC"))
    files = KeyFiles(Path(private), Path(public))
    steps = {"prepare": files.prepare, "switch": files.switch, "retire": files.retire}
    _say(steps[options.step]())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.crews.commands", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sowing = commands.add_parser("seed", help=seed.__doc__)
    sowing.add_argument("file", type=Path, metavar="FILE.yml")
    sowing.set_defaults(command=seed)
    shifting = commands.add_parser("shift", help=shift.__doc__)
    shifting.add_argument("crew", type=UUID, metavar="CREW_ID")
    shifting.add_argument("state", choices=["on", "off"])
    end = shifting.add_mutually_exclusive_group()
    end.add_argument("--hours", type=float, help="how long from now")
    end.add_argument("--until", type=_moment, help="when it ends, with an offset: 2026-11-25T08:00+05:00")
    shifting.set_defaults(command=shift)
    turning = commands.add_parser("keys", help=keys.__doc__)
    turning.add_argument("step", choices=["prepare", "switch", "retire"])
    turning.set_defaults(command=keys)
    setting = commands.add_parser("password", help=password.__doc__)
    setting.add_argument("login")
    setting.add_argument("--generate", action="store_true", help="make one up and show it once")
    setting.set_defaults(command=password)
    return parser


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("give the time with its offset from UTC")
    return moment


def _remembering(generated: set[str]) -> Callable[[], str]:
    def new_password() -> str:
        made = secrets.token_urlsafe(12)
        generated.add(made)
        return made

    return new_password


def _ask_password(login: str) -> str:
    typed = getpass.getpass(f"new password of {login}: ") if sys.stdin.isatty() else sys.stdin.readline()
    chosen = typed.rstrip("\n")
    if len(chosen) < _SHORTEST_PASSWORD:
        raise AvariykaError(f"a password has at least {_SHORTEST_PASSWORD} characters")
    return chosen


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _refuse(reason: str) -> int:
    sys.stderr.write(f"crews: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
