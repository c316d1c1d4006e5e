"""``python -m services.notify.commands``: take over lists of residents."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from marshmallow import ValidationError

from services.notify.schemas.announcements import SubscriberLine, read_subscribers
from services.notify.store import UnitOfWork
from services.notify.usecases.announcing import subscribe
from shared.clock import SystemClock
from shared.config import Settings
from shared.db import TransactionContext, make_engine
from shared.errors import AvariykaError
from shared.sealing import Sealer

_AT_ONCE = 500


class Office:
    """What the commands work with: the service's database and keys, without the running service."""

    def __init__(self, settings: Settings) -> None:
        self.clock = SystemClock()
        self.sealer = Sealer.from_environment(settings.environment)
        self._engine = make_engine(settings.database_url, pool_size=1)
        self._context = TransactionContext(
            self._engine, self.clock, settings.service, lambda: None, self.sealer
        )

    def transaction(self) -> UnitOfWork:
        return UnitOfWork(self._context)

    def close(self) -> None:
        self._engine.dispose()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        with closing(Office(Settings.load("notify"))) as office:
            taken = import_subscribers(office, options.file)
    except OSError as missing:
        return _refuse(str(missing))
    except ValidationError as invalid:
        return _refuse(f"{options.file}: {invalid.messages}; nothing after that line was taken")
    except AvariykaError as refused:
        return _refuse(f"{refused.code}: {refused}")
    sys.stdout.write(f"{taken} homes taken over\n")
    return 0


def import_subscribers(office: Office, file: Path) -> int:
    """Every line of the file, some hundred at a time; the same file again changes nothing."""
    taken = 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        read = read_subscribers(lines)
        while batch := list(_next(read)):
            now = office.clock.now()
            subscribe(office.transaction(), [line.subscriber(office.sealer, now) for line in batch])
            taken += len(batch)
    return taken


def _next(read: Iterator[SubscriberLine]) -> Iterator[SubscriberLine]:
    return islice(read, _AT_ONCE)


def _refuse(why: str) -> int:
    sys.stderr.write(f"notify: {why}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="notify", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="COMMAND")
    subscribers = actions.add_parser(
        "subscribers", help="FILE.csv: phone, building_id, language, entrance, lat, lon, sms_allowed"
    )
    subscribers.add_argument("file", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
