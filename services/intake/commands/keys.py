"""``api-key``: keys of other systems, given out and taken back."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from rich.console import Console
from rich.table import Column, Table

from services.intake.commands.office import Office
from services.intake.domain.keys import ApiKey, Scope
from services.intake.errors import BadOption, PartnerNotFound
from services.intake.schemas.phones import read_sender
from services.intake.store import UnitOfWork
from services.intake.usecases import keys
from services.intake.usecases.ports import Phone

_PER_MINUTE = 120
_console = Console()


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``api-key add|list|revoke`` to the command line."""
    parser = commands.add_parser("api-key", help="keys with which other systems call us")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="a new key, shown once")
    add.add_argument("name", help="whose key it is, e.g. 'city app'")
    scopes = [scope.value for scope in Scope]
    add.add_argument("--scope", action="append", required=True, choices=scopes, help="may be repeated")
    add.add_argument("--partner", help="the partner whose cards come with this key")
    add.add_argument("--per-minute", type=int, default=_PER_MINUTE, help="calls a minute (%(default)s)")
    add.add_argument("--phone", help="whom to call when an applicant leaves no number")
    add.set_defaults(run=run_add)
    actions.add_parser("list", help="every key, without its text").set_defaults(run=run_list)
    revoke = actions.add_parser("revoke", help="close a key for ever")
    revoke.add_argument("id", type=UUID, help="as in the list")
    revoke.set_defaults(run=run_revoke)


def run_add(options: argparse.Namespace) -> None:
    if options.per_minute < 1:
        raise BadOption("--per-minute: at least 1")
    grant = keys.Grant(
        name=options.name,
        scopes=frozenset(Scope(name) for name in options.scope),
        per_minute=options.per_minute,
        partner=options.partner,
        phone=_phone(options.phone),
    )
    try:
        with transaction() as uow:
            key, text = keys.add_key(uow, grant)
    except PartnerNotFound as unknown:
        raise BadOption("--partner: no such partner: `partner list` shows them all") from unknown
    _console.print(f"key {key.id} for {key.name}; it is shown this once:")
    _console.print(text, soft_wrap=True, highlight=False)


def run_list(_options: argparse.Namespace) -> None:
    with transaction() as uow:
        every = keys.list_keys(uow)
    table = Table(Column("id", no_wrap=True), "name", "partner", "opens", "a minute", "since", "revoked")
    for key in every:
        table.add_row(*_row(key))
    _console.print(table)


def run_revoke(options: argparse.Namespace) -> None:
    with transaction() as uow:
        keys.revoke_key(uow, options.id)
    _console.print(f"key {options.id} opens nothing any more")


@contextmanager
def transaction() -> Iterator[UnitOfWork]:
    """A transaction on the database of the service, for one command."""
    office = Office.open()
    try:
        yield office.transaction()
    finally:
        office.close()


def _phone(text: str | None) -> Phone | None:
    if text is None:
        return None
    phone = read_sender(text)
    if not phone.is_callable:
        raise BadOption("--phone: not a telephone number; for example +7 701 000 00 01")
    return phone


def _row(key: ApiKey) -> tuple[str, ...]:
    revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
    opens = ", ".join(sorted(key.scopes))
    return (
        str(key.id),
        key.name,
        key.partner or "",
        opens,
        str(key.per_minute),
        f"{key.created_at:%Y-%m-%d}",
        revoked,
    )
