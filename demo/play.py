"""``./avariyka demo``: an evening in the city, through the public edges only, and its account.

Runs against a suite that is already up; the environment says where (``AVARIYKA_*``).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from demo import ledger
from demo.actors import CrewPhone, DispatcherScreen, Loop, Outcome, tell
from demo.alerting import enter_telephones
from demo.cast import DISTRICTS, Cast, Login, district_places, identity, new_passwords
from demo.edges import Client, Edges, Refused
from demo.ledger import Account
from demo.residents import Appeal, appeals, read_houses
from demo.rosters import publish_rosters
from shared import deadletters

ROOT = Path(__file__).resolve().parent.parent
CITY = ROOT / "demo" / "city" / "almaty"
ROADS = CITY / "almaty_roads_shp.zip"
_RESIDENTS_AT_ONCE = 4
_QUIET_S = 2.0
_PREPARED_WITHIN_S = 240.0

console = Console()


class Stage:
    """The prepared city: everyone has a login, every service its master data."""

    def __init__(self, var: Path, environment: Mapping[str, str]) -> None:
        self._var = var
        self._environment = environment
        self.cast = Cast.load()
        self.edges = Edges.of(environment)
        self.logins = self.cast.logins(self._passwords())
        self._planned = 0

    def prepare(self) -> None:
        """Import the city and seed the services; everything here may be repeated."""
        with console.status("Importing Almaty from OpenStreetMap…"):
            self.command("services.intake.commands", "import-city", *city_files(), "--city", "almaty")
            self.command("services.routing.commands", "import-roads", str(ROADS))
        with console.status("Seeding organisations, crews, zones…"):
            seed = self.cast.crews_seed(self._passwords(), district_places(_districts()))
            self.command("services.crews.commands", "seed", self._write("crews.yml", seed))
            competence = {"zones": str(DISTRICTS), **self.cast.competence_seed()}
            self.command("services.routing.commands", "seed", self._write("competence.yml", competence))
        with console.status("Waiting until every service knows its part…"):
            self._planned = publish_rosters(self.client("senior"))
            self._until_known()
        master = self.login("master")
        enter_telephones(self.client("master"), identity("ads"), master.name)

    def _until_known(self) -> None:
        """Seeds travel as events and registries are reloaded in the background: wait for both."""
        deadline = time.monotonic() + _PREPARED_WITHIN_S
        house = read_houses(random.Random(0))[0]
        operator = self.operator()
        while not (self._address_known(operator, house) and self._crews_known(operator)):
            if time.monotonic() > deadline:
                sys.exit("The services did not take up the demo's city in time; see ./avariyka logs")
            time.sleep(0.2)

    def _address_known(self, operator: Client, house: str) -> bool:
        return bool(operator.get("intake", "/v1/addresses", q=house)["candidates"])

    def _crews_known(self, operator: Client) -> bool:
        crews = operator.get("routing", "/v1/crews")["crews"]
        ready = operator.get("routing", "/ready")
        knows_its_way = bool(ready["competence"]["systems"]) and ready["roads"]["crossings"] > 0
        come = sum(crew["on_shift"] for crew in crews)
        return len(crews) >= len(self.cast.crews) and come >= self._planned and knows_its_way

    @property
    def amqp_uri(self) -> str:
        return self._environment["AVARIYKA_AMQP_URI"]

    def login(self, key: str) -> Login:
        return next(login for login in self.logins if login.login == key)

    def operator(self) -> Client:
        return self.client("operator")

    def client(self, key: str) -> Client:
        """A member of the cast who has logged in."""
        who = self.login(key)
        return self.edges.login("crews", "/v1/tokens", who.login, who.password)

    def _passwords(self) -> dict[str, str]:
        path = self._var / "passwords.json"
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [key for key in self.cast.login_names() if key not in kept]
        if missing:
            kept |= new_passwords(missing)
            self._write("passwords.json", kept)
        return kept

    def _write(self, name: str, content: Any) -> str:
        self._var.mkdir(parents=True, exist_ok=True)
        path = self._var / name
        path.touch(mode=0o600)
        text = json.dumps(content) if path.suffix == ".json" else yaml.safe_dump(content, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def command(self, module: str, *arguments: str) -> None:
        """Run a command of a service; its complaint ends the demo."""
        run = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(self._environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            sys.exit(f"{module} {arguments[0]} failed:\n{run.stdout}{run.stderr}")


class Evening:
    """One play: ``pace`` residents a second get in touch, crews work, a dispatcher watches."""

    def __init__(self, stage: Stage, requests: int, seed: int, pace: float = 4.0) -> None:
        self._stage = stage
        self._pace = pace
        self._edges = stage.edges
        self._appeals = list(appeals(requests, seed))
        self._dice = random.Random(seed)
        self._screen = DispatcherScreen(stage.edges, stage.login("dispatcher"))
        self._known: dict[str, ledger.Entry] = {}

    def play(self, patience_s: float) -> Account:
        crews = [login for login in self._stage.logins if login.kind == "crew"]
        phones = [CrewPhone(self._edges, login, random.Random(self._dice.random())) for login in crews]
        for phone in phones:
            phone.log_in()
        loops = [Loop(phone.step) for phone in phones] + [Loop(self._screen.step, pause_s=2.0)]
        try:
            with _progress() as progress:
                outcomes = self._everyone_tells(progress)
                self._until_settled(outcomes, progress, patience_s)
        finally:
            for loop in loops:
                loop.stop()
        return self._account(outcomes)

    def _everyone_tells(self, progress: Progress) -> list[Outcome]:
        bar = progress.add_task("Residents get in touch", total=len(self._appeals))
        operator = self._stage.operator()

        begun = time.monotonic()

        def one(turn: int) -> Outcome:
            appeal: Appeal = self._appeals[turn]
            time.sleep(max(0.0, begun + turn / self._pace - time.monotonic()))
            outcome = tell(self._edges, operator, appeal)
            progress.advance(bar)
            return outcome

        with ThreadPoolExecutor(_RESIDENTS_AT_ONCE) as pool:
            return list(pool.map(one, range(len(self._appeals))))

    def _until_settled(self, outcomes: list[Outcome], progress: Progress, patience_s: float) -> None:
        numbers = [outcome.number for outcome in outcomes if outcome.number]
        bar = progress.add_task("Crews work", total=len(numbers))
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            self._look(numbers)
            done = sum(entry.state in ledger.FINAL_STATES for entry in self._known.values())
            progress.update(bar, completed=done)
            if done == len(numbers):
                break
            time.sleep(_QUIET_S / 4)
        self._until_told(progress, deadline)

    def _until_told(self, progress: Progress, deadline: float) -> None:
        """Wait until no message is on its way any more."""
        bar = progress.add_task("Messages arrive", total=None)
        quiet_since, before = time.monotonic(), -1
        while time.monotonic() < deadline and time.monotonic() - quiet_since < _QUIET_S:
            outgoing = self._edges.outgoing()
            delivered = sum(message["status"] == "delivered" for message in outgoing)
            progress.update(bar, total=len(outgoing), completed=delivered)
            if delivered != len(outgoing) or len(outgoing) != before:
                quiet_since, before = time.monotonic(), len(outgoing)
            time.sleep(0.2)

    def _look(self, numbers: list[str]) -> None:
        for number in numbers:
            known = self._known.setdefault(number, ledger.Entry(number, None, "on its way", None, None, 0))
            if known.state in ledger.FINAL_STATES:
                continue
            with suppress(requests.RequestException, Refused):
                self._known[number] = self._read(number)

    def _read(self, number: str) -> ledger.Entry:
        found = self._screen.client.get("routing", "/v1/requests", number=number)["requests"]
        if not found:
            return self._known[number]
        whole = self._screen.client.get("routing", f"/v1/requests/{found[0]['request_id']}")
        return self._known[number] if whole["partial"] else ledger.entry(number, whole["timeline"])

    def _account(self, outcomes: list[Outcome]) -> Account:
        phones = frozenset(outcome.appeal.phone for outcome in outcomes)
        states, repeated = ledger.count_messages(self._edges.outgoing(), phones)
        return Account(
            entries=list(self._known.values()),
            unanswered=ledger.unanswered(outcomes),
            messages=states,
            repeated=repeated,
            dead_letters=sum(deadletters.counts(self._stage.amqp_uri).values()),
            alarms=len(self._screen.client.get("routing", "/v1/alarms")["alarms"]),
        )


def show(account: Account, seconds: float) -> None:
    """The table a person reads."""
    table = Table(title=f"An evening in Almaty, played in {seconds:.0f} s")
    table.add_column("Category")
    for heading in ("Requests", "Closed", "Offers", "To offer p50, s", "p95, s"):
        table.add_column(heading, justify="right")
    for row in ledger.rows(account):
        table.add_row(
            row["category"],
            *(str(row[name]) for name in ("requests", "closed", "offers")),
            *(_shown(row[name]) for name in ("to_offer_p50_s", "to_offer_p95_s")),
        )
    console.print(table)
    messages = ", ".join(f"{count} {state}" for state, count in sorted(account.messages.items()))
    console.print(f"Messages to residents: {messages or 'none'}; told twice: {account.told_twice}")
    _show_rest(account)


def _show_rest(account: Account) -> None:
    for text in account.unanswered:
        console.print(f"[red]No number:[/red] {text}")
    for entry in account.open:
        console.print(f"[yellow]Still open:[/yellow] {entry.number} {entry.state}")
    if account.dead_letters:
        console.print(f"[red]Dead letters:[/red] {account.dead_letters} (./avariyka dead-letters list)")
    verdict = (
        "[green]Everything is accounted for.[/green]" if account.balanced else "[red]Not in balance.[/red]"
    )
    console.print(verdict)


def show_ways_in(stage: Stage) -> None:
    """Where to look next, and as whom."""
    table = Table(title="Ways in (this demo only)")
    for heading in ("Who", "Login", "Password", "Where"):
        table.add_column(heading)
    urls = stage.edges.urls
    for login in stage.logins:
        place = f"{urls['crews']}/app/" if login.kind == "crew" else f"{urls['routing']}/v1/login"
        if login.kind != "crew" or login.login.endswith("-1"):
            table.add_row(login.name, login.login, login.password, place)
    console.print(table)
    for service, url in urls.items():
        console.print(f"{service:8} {url}  (API: {url}/openapi.json)")
    console.print(f"residents' form {urls['intake']}/")
    console.print(f"messages {stage.edges.twilio_url}/_stand-in/messages, calls /_stand-in/calls")


def _shown(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.2f}"


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _districts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DISTRICTS.read_text(encoding="utf-8"))
    return found


def city_files() -> list[str]:
    return [
        str(CITY / "almaty.osm.pbf"),
        "--roads",
        str(ROADS),
        "--districts",
        str(DISTRICTS),
        "--names",
        str(CITY / "names.csv"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="avariyka demo", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON too")
    parser.add_argument(
        "--requests", type=int, default=60, metavar="N", help="how many residents (default 60)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another evening (default 1)")
    parser.add_argument("--patience", type=float, default=180.0, metavar="SECONDS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    stage = Stage(ROOT / "var" / "demo", os.environ)
    stage.prepare()
    started = time.monotonic()
    account = Evening(stage, options.requests, options.seed).play(options.patience)
    seconds = time.monotonic() - started
    show(account, seconds)
    if options.json:
        options.json.write_text(
            json.dumps(ledger.as_json(account, seconds), ensure_ascii=False, indent=2) + "\n"
        )
    show_ways_in(stage)
    sys.exit(0 if account.balanced else 1)


if __name__ == "__main__":
    main()
