"""Retention and erasure: forgetting people when the time has come, or when they ask."""

import argparse
import re
from contextlib import closing
from datetime import datetime, timedelta
from uuid import UUID

from services.intake.commands.office import Office
from services.intake.schemas.phones import read_sender
from services.intake.usecases import erasure

_DAYS = {"d": 1, "m": 30, "y": 365}
_AGE = re.compile(r"(\d{1,4})([dmy])")


def age(text: str) -> timedelta:
    """``90d``, ``18m``, ``3y``: days, months of 30 days, years of 365."""
    found = _AGE.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: write an age like 90d, 18m or 3y")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def retention(options: argparse.Namespace) -> None:
    """Forget everybody not heard of for so long."""
    with closing(Office.open()) as office:
        before: datetime = office.clock.now() - options.older_than
        report = erasure.retire(office.transaction, before)
    _say(
        f"not heard of since {before:%Y-%m-%d}: {report.erased} contacts erased,"
        f" {report.still_needed} kept for their open requests,"
        f" {report.access_rows} rows of the access log removed"
    )


def erase(options: argparse.Namespace) -> None:
    """Forget one person who asks for it."""
    with closing(Office.open()) as office:
        uow = office.transaction()
        if options.phone is not None:
            ref, done = erasure.erase_by_phone(uow, read_sender(options.phone).text), True
        else:
            ref, done = options.contact, erasure.erase_contact(uow, options.contact)
    _say(f"erased contact {ref}" if done else f"contact {ref} was erased before")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The two commands with their options."""
    old = commands.add_parser("retention", help="forget people not heard of for long; their requests stay")
    old.add_argument("--older-than", type=age, required=True, metavar="AGE", help="90d, 18m, 3y")
    old.set_defaults(run=retention)
    one = commands.add_parser("erase", help="forget one person; their requests stay without them")
    whom = one.add_mutually_exclusive_group(required=True)
    whom.add_argument("--contact", type=UUID, metavar="REF", help="the contact's reference")
    whom.add_argument("--phone", metavar="NUMBER", help="their number")
    one.set_defaults(run=erase)


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a command line speaks on stdout
