"""``partner``: services that exchange cards with us."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from services.intake.commands.keys import transaction
from services.intake.domain.partners import Partner, checked_url
from services.intake.errors import BadOption, PartnerExists, PartnerNotFound, PartnerUrlRefused
from services.intake.usecases import partners

_console = Console()


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``partner add|change|list|retire`` to the command line."""
    parser = commands.add_parser("partner", help="services that exchange cards with us")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="a new partner; prints the secret that both sides sign with")
    add.add_argument("id", help="short and lasting, e.g. 112")
    add.add_argument("name", help="as dispatchers call it")
    _ways(add)
    add.set_defaults(run=run_add)
    change = actions.add_parser("change", help="another address, key or secret")
    change.add_argument("id")
    change.add_argument("--new-secret", action="store_true", help="the old one counts no more")
    _ways(change)
    change.set_defaults(run=run_change)
    actions.add_parser("list", help="every partner").set_defaults(run=run_list)
    retire = actions.add_parser("retire", help="no more cards either way")
    retire.add_argument("id")
    retire.set_defaults(run=run_retire)


def _ways(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="where our cards and news go; without it none go")
    parser.add_argument("--allow-http", action="store_true", help="the address may be without TLS")
    parser.add_argument("--their-key", help="the key that they gave us, sent as X-Api-Key")


def run_add(options: argparse.Namespace) -> None:
    with _refusals(), transaction() as uow:
        partner = partners.add_partner(
            uow, options.id, options.name, _url(options) or "", options.their_key or ""
        )
    _show_secret(partner)


def run_change(options: argparse.Namespace) -> None:
    with _refusals(), transaction() as uow:
        partner = partners.change_partner(
            uow, options.id, _url(options), options.their_key, options.new_secret
        )
    if options.new_secret:
        _show_secret(partner)


def run_list(_options: argparse.Namespace) -> None:
    with transaction() as uow:
        every = partners.list_partners(uow)
    table = Table("id", "name", "address", "since", "retired")
    for partner in every:
        retired = f"{partner.retired_at:%Y-%m-%d}" if partner.retired_at else ""
        table.add_row(partner.id, partner.name, partner.url, f"{partner.created_at:%Y-%m-%d}", retired)
    _console.print(table)


def run_retire(options: argparse.Namespace) -> None:
    with _refusals(), transaction() as uow:
        partners.retire_partner(uow, options.id)
    _console.print(f"partner {options.id} is retired")


def _show_secret(partner: Partner) -> None:
    _console.print(f"the secret of {partner.id}; it is shown this once:")
    _console.print(partner.secret, soft_wrap=True, highlight=False)


def _url(options: argparse.Namespace) -> str | None:
    return checked_url(options.url, options.allow_http) if options.url else options.url


@contextmanager
def _refusals() -> Iterator[None]:
    """What is refused, in words for the person at the command line."""
    try:
        yield
    except PartnerExists as known:
        raise BadOption("there is such a partner: `partner change` changes it") from known
    except PartnerNotFound as unknown:
        raise BadOption("no such partner: `partner list` shows them all") from unknown
    except PartnerUrlRefused as wrong:
        raise BadOption("--url: https://host/path, without a password (--allow-http for http)") from wrong
