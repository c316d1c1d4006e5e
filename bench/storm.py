"""A storm through the real webhook: is anything lost, is anything joined that must not be, does danger wait?

``python -m bench.storm [--messages 5000] [--rate 20] [--hands 16] [--seed 1] [--json FILE]``

A real intake process on a private PostgreSQL with the map of Almaty and no broker: measured is the way
from a resident's message to its registration. First calm: dangers alone, one at a time. Then the storm: nine
messages of ten about ten outages, at ``--rate`` a second and, on a fresh database, the same as fast as they
are answered. The baseline is that storm with nothing to find: every message says "only ours".
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.servers import PostgreSQL
from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon
from services.intake.store import UnitOfWork
from services.intake.usecases.cities import import_city
from shared.clock import SystemClock
from shared.config import ROOT
from shared.db import TransactionContext, make_engine
from shared.migrations import upgrade
from tests.support import storm as storms
from tests.support.database import create
from tests.support.processes import ServiceProcess
from tests.support.sealing import SEALER
from tests.support.storming import Aftermath, Latency, Sent, Webhook, look

TOKEN = "the token of the bench"
NOWHERE = "amqp://nobody:nothing@127.0.0.1:1/none"
CALM = 60


@dataclass(frozen=True)
class Run:
    """One storm. Seconds."""

    name: str
    per_s: float
    lost: int
    dangers: Latency
    others: Latency
    after: Aftermath | None


@contextmanager
def intake_on(postgres: PostgreSQL) -> Iterator[ServiceProcess]:
    """A fresh database with the city in it, and the service on it."""
    url = create(postgres.admin_url)
    upgrade("intake", url)
    engine = make_engine(url, pool_size=1)
    import_city(
        UnitOfWork(TransactionContext(engine, SystemClock(), "intake", lambda: None, SEALER)),
        storms.almaty(),
    )
    engine.dispose()
    with tempfile.TemporaryDirectory() as home:
        environment = {"AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN}
        process = ServiceProcess(["shared.run", "intake"], "intake", Path(home), url, NOWHERE, environment)
        with process:
            yield process


def calm(postgres: PostgreSQL, storm: storms.Storm) -> Latency:
    """Dangers one after the other, with nothing else going on."""
    with intake_on(postgres) as intake:
        webhook = Webhook(intake.url, TOKEN)
        webhook.replay(storm.messages[:20], hands=1)
        return Latency.of(webhook.replay(_dangers(storm)[:CALM], hands=1))


def blow(
    name: str, postgres: PostgreSQL, storm: storms.Storm, hands: int, rate: float, judged: bool = True
) -> Run:
    with intake_on(postgres) as intake:
        webhook = Webhook(intake.url, TOKEN)
        warm = enumerate(_alone(storm)[:20])
        webhook.replay([replace(one, phone=f"+7703{number:07}") for number, one in warm], hands=1)
        started = SystemClock().now()
        sent = webhook.replay(storm.messages, hands, rate)
        took = (SystemClock().now() - started).total_seconds()
        after = look(intake.database_url, storm, sent)
    return Run(
        name,
        round(len(sent) / took, 1),
        _lost(sent, after),
        Latency.of(one for one in sent if one.message.danger),
        Latency.of(one for one in sent if not one.message.danger),
        after if judged else None,
    )


def _lost(sent: Sequence[Sent], after: Aftermath) -> int:
    unanswered = sum(one.status != 200 for one in sent)
    return max(unanswered, len(sent) + 20 - after.registered)


def _dangers(storm: storms.Storm) -> list[storms.Message]:
    return [message for message in storm.messages if message.danger]


def _alone(storm: storms.Storm) -> list[storms.Message]:
    return [message for message in storm.messages if message.incident is None and not message.danger]


def only_ours(storm: storms.Storm) -> storms.Storm:
    """The same load without anything to find."""
    messages = (replace(one, body=f"{one.body}, только у нас") for one in storm.messages)
    return replace(storm, messages=tuple(messages))


def show(quiet: Latency, runs: Sequence[Run]) -> Table:
    table = Table("run", "per s", "lost", "danger p50 / p99 / max, ms", "others p50 / p99 / max, ms")
    table.add_row("calm, one at a time", "", "", _ms(quiet), "")
    for run in runs:
        table.add_row(run.name, str(run.per_s), str(run.lost), _ms(run.dangers), _ms(run.others))
    return table


def _ms(latency: Latency) -> str:
    return " / ".join(f"{1000 * value:.0f}" for value in (latency.p50, latency.p99, latency.longest))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--messages", type=int, default=5000, metavar="N")
    parser.add_argument("--rate", type=float, default=20.0, metavar="PER_SECOND")
    parser.add_argument("--hands", type=int, default=16, metavar="N", help="messages on their way at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    places = storms.known_places(Resolver(storms.almaty().registry, load_lexicon()))
    storm = storms.brew(places, options.messages, seed=options.seed)
    postgres = PostgreSQL(ROOT / "var" / "bench")
    with postgres.alive():
        quiet = calm(postgres, storm)
        runs = [
            blow(f"storm, {options.rate:g} a second", postgres, storm, options.hands, options.rate),
            blow("storm, as fast as answered", postgres, storm, options.hands, 0),
            blow("baseline: nothing to find", postgres, only_ours(storm), options.hands, 0, judged=False),
        ]
    console = Console(width=140)
    console.print(show(quiet, runs))
    for run in runs:
        if run.after is not None:
            console.print(run.name, asdict(run.after))
    if options.json:
        told = {"calm": asdict(quiet), "runs": [asdict(run) for run in runs]}
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
