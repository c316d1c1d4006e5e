"""An announcement to a whole city, through the real service and the stand-in for the provider.

``python -m bench.mass_notice [--recipients 150000] [--most SECONDS] [--parallel 48] [--json FILE]``

The recipients are imported, the announcement is planned (each number once) and sent as fast as the machine
allows; half-way the service is killed and started again. At the end the stand-in's list is held against the
recipients: none twice, none forgotten. With ``--most`` the sending is called off after so many seconds; then
the numbers that were told must be those whose message is settled. In the middle an emergency's advice is due:
how long it waits behind the rest is printed. The service runs without broker and on a private PostgreSQL.

Baseline in the same run: the same stand-in, asked by bare ``requests`` over as many connections.
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests
from rich.console import Console

from demo.twilio_stand_in import StandIn
from scripts.servers import PostgreSQL
from services.notify.domain.announcements import Home
from services.notify.domain.messages import Message
from services.notify.domain.telling import Telling
from services.notify.store import UnitOfWork
from services.notify.usecases.announcing import Subscriber, subscribe
from services.notify.usecases.ports import Contact, Request
from shared.clock import SystemClock
from shared.config import ROOT
from shared.db import TransactionContext, make_engine
from shared.migrations import upgrade
from tests.support.database import create
from tests.support.keys import token
from tests.support.processes import ServiceProcess
from tests.support.sealing import SEALER
from tests.support.waiting import eventually

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "not-a-secret", "+77270000000"
NOWHERE = "amqp://nobody:nothing@127.0.0.1:1/none"
TEXT = "Воды не будет до 18:00. Набирайте запас."
EMERGENCY = "+77019999999"
HOUSES, AT_ONCE, BASELINE = 2_000, 1_000, 400
LOOK_EVERY_S, SETTLING_S, START_S = 2.0, 120.0, 300.0


@dataclass
class Report:
    """Seconds and megabytes; ``told_twice`` and ``forgotten`` are numbers of people."""

    recipients: int
    imported_in_s: float = 0.0
    planned_in_s: float = 0.0
    told: int = 0
    per_s: float = 0.0
    bare_per_s: float = 0.0
    told_twice: int = 0
    forgotten: int = 0
    unsettled: int = 0
    advice_waited_s: float = 0.0
    memory_mb: float = 0.0
    restarted_after: int = 0


class City:
    """Recipients in the service's database, put there as an import would."""

    def __init__(self, url: str, recipients: int) -> None:
        self._engine = make_engine(url, pool_size=1)
        self._context = TransactionContext(self._engine, SystemClock(), "notify", lambda: None, SEALER)
        self.numbers = [f"+7701{number:07}" for number in range(recipients)]

    def settle(self) -> None:
        now = SystemClock().now()
        for start in range(0, len(self.numbers), AT_ONCE):
            batch = range(start, min(start + AT_ONCE, len(self.numbers)))
            subscribe(self._transaction(), [self._subscriber(number, now) for number in batch])

    def endanger(self) -> None:
        """An emergency's advice is due now."""
        now, contact_id, request_id = SystemClock().now(), uuid4(), uuid4()
        with self._transaction() as uow:
            uow.contacts.put(Contact(contact_id, EMERGENCY, "ru", True, now))
            uow.requests.put(Request(request_id, "1", contact_id))
            advice = Telling("advice_gas", str(request_id), now, urgent=True)
            uow.messages.add(Message.queued(uuid4(), request_id, advice, now))
            uow.commit()

    def close(self) -> None:
        self._engine.dispose()

    def _transaction(self) -> UnitOfWork:
        return UnitOfWork(self._context)

    def _subscriber(self, number: int, now: datetime) -> Subscriber:
        contact = Contact(UUID(int=number + 1), self.numbers[number], "ru", True, now)
        return Subscriber(contact, Home(contact.id, f"osm-w{number % HOUSES}"))


class Desk:
    """The master who announces, over HTTP."""

    def __init__(self, notify: ServiceProcess, rate: float) -> None:
        self._notify, self._rate = notify, rate
        self._path = f"/v1/announcements/{uuid4()}"
        self._headers = {"Authorization": f"Bearer {token('master-1', ('master',))}"}

    def announce(self) -> None:
        houses = [{"building_id": f"osm-w{number}"} for number in range(HOUSES)]
        wish = {"kind": "outage", "texts": {"ru": TEXT}, "buildings": houses, "rate": self._rate}
        url = self._notify.url + self._path
        requests.put(url, json=wish, headers=self._headers, timeout=30).raise_for_status()

    def command(self, verb: str) -> None:
        self._notify.post(f"{self._path}/{verb}", headers=self._headers).raise_for_status()

    def progress(self) -> dict[str, Any]:
        return dict(self._notify.get(self._path, headers=self._headers).json())


@contextmanager
def notify_on(url: str, stand_in: StandIn, parallel: int) -> Iterator[ServiceProcess]:
    environment = {
        "AVARIYKA_TWILIO_ACCOUNT_SID": ACCOUNT,
        "AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN,
        "AVARIYKA_TWILIO_FROM": SENDER,
        "AVARIYKA_TWILIO_API_URL": stand_in.url,
        "AVARIYKA_NOTIFY_MESSAGES_PER_SECOND": "1000",
        "AVARIYKA_NOTIFY_ANNOUNCEMENTS_PER_SECOND": "1000",
        "AVARIYKA_NOTIFY_PARALLEL_SENDS": str(parallel),
        "AVARIYKA_NOTIFY_LEASE_S": "25",
        "AVARIYKA_NOTIFY_QUIET_FROM": "00:00",
        "AVARIYKA_NOTIFY_QUIET_UNTIL": "00:00",
    }
    with tempfile.TemporaryDirectory() as home:
        yield ServiceProcess(["shared.run", "notify"], "notify", Path(home), url, NOWHERE, environment)


@contextmanager
def running(notify: ServiceProcess) -> Iterator[None]:
    """Up, however long a busy machine takes for that."""
    try:
        notify.start(wait_ready=False)
        eventually(notify.ready, START_S, "notify ready")
        yield
    finally:
        notify.kill()


def tell(report: Report, city: City, stand_in: StandIn, notify: ServiceProcess, most_s: float) -> None:
    desk = Desk(notify, rate=1000)
    with running(notify):
        started = time.monotonic()
        desk.announce()
        eventually(lambda: desk.progress()["stage"] == "planned", 600, "planned")
        report.planned_in_s = round(time.monotonic() - started, 1)
        begun = time.monotonic()
        desk.command("start")
        half = len(city.numbers) // 2
        _watch(lambda: len(stand_in.messages) >= half, begun + most_s / 2)
        report.restarted_after = len(stand_in.messages)
        notify.kill()
    with running(notify):
        city.endanger()
        asked = time.monotonic()
        eventually(lambda: stand_in.messages.reached(EMERGENCY), 120, "advice")
        report.advice_waited_s = round(time.monotonic() - asked, 2)
        _watch(lambda: desk.progress()["stage"] == "done", begun + most_s)
        if desk.progress()["stage"] != "done":
            desk.command("cancel")
        _watch(lambda: _settled(desk.progress()), time.monotonic() + SETTLING_S)
        report.memory_mb = round(notify.resident_mb())
        _count(report, city, stand_in, desk.progress(), time.monotonic() - begun)


def _watch(probe: Callable[[], bool], until: float) -> None:
    """Until it is so, or until then. Asked seldom: each look counts the messages of a whole city."""
    while time.monotonic() < until:
        with suppress(requests.RequestException):
            if probe():
                return
        time.sleep(LOOK_EVERY_S)


def _told(stand_in: StandIn) -> Counter[str]:
    return Counter(str(message["to"]) for message in stand_in.messages.all())


def _settled(progress: dict[str, Any]) -> bool:
    return not {"queued", "sending"} & set(progress["messages"])


def _count(report: Report, city: City, stand_in: StandIn, progress: dict[str, Any], seconds: float) -> None:
    told = _told(stand_in)
    del told[EMERGENCY]
    report.told, report.per_s = len(told), round(len(told) / seconds, 1)
    report.told_twice = sum(count > 1 for count in told.values())
    accounted = sum(count for state, count in progress["messages"].items() if state in ("sent", "delivered"))
    expected = len(city.numbers) if progress["stage"] == "done" else accounted
    report.forgotten = expected - len(told)
    report.unsettled = sum(progress["messages"].get(state, 0) for state in ("queued", "sending"))


def bare(stand_in: StandIn, parallel: int) -> float:
    """Messages a second that the stand-in takes from bare requests."""
    url = f"{stand_in.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    session = requests.Session()
    session.auth = (ACCOUNT, TOKEN)

    def send(number: int) -> None:
        form = {"To": f"+7702{number:07}", "From": SENDER, "Body": TEXT}
        session.post(url, data=form, timeout=30).raise_for_status()

    started = time.monotonic()
    with ThreadPoolExecutor(parallel) as hands:
        list(hands.map(send, range(BASELINE)))
    return BASELINE / (time.monotonic() - started)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mass_notice", description=__doc__)
    parser.add_argument("--recipients", type=int, default=150_000, metavar="N")
    parser.add_argument("--most", type=float, default=7200.0, metavar="SECONDS", help="call off after this")
    parser.add_argument("--parallel", type=int, default=48, metavar="N", help="sends at once")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    postgres, report = PostgreSQL(ROOT / "var" / "bench"), Report(options.recipients)
    with postgres.alive():
        url = create(postgres.admin_url)
        upgrade("notify", url)
        with StandIn(ACCOUNT, TOKEN) as other:
            report.bare_per_s = round(bare(other, options.parallel), 1)
        city = City(url, options.recipients)
        begun = time.monotonic()
        city.settle()
        report.imported_in_s = round(time.monotonic() - begun, 1)
        with StandIn(ACCOUNT, TOKEN) as stand_in, notify_on(url, stand_in, options.parallel) as notify:
            tell(report, city, stand_in, notify, options.most)
        city.close()
    Console().print(asdict(report))
    if options.json:
        options.json.write_text(json.dumps(asdict(report), indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
