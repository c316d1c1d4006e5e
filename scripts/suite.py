"""The whole suite on this machine: everything it needs, brought up and taken down in the right order."""

import os
import signal
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import requests

from scripts import environment, keys, memory, packages, processes, programs
from scripts.environment import SERVICES, Parts
from scripts.errors import Exit, Failure
from scripts.locks import exclusive
from scripts.plan import Plan, every_server
from scripts.servers import PostgreSQL, RabbitMQ
from scripts.steps import say, step
from scripts.supervisor import restarts_file

READY_S = 90.0
_DOWN_S = 60.0
_SWEEP_S = 3.0  # leftovers of a crash get less: services lose nothing when they are killed
_TOO_MANY_RESTARTS = 3


class Suite:
    """The suite whose data, logs, ports and secrets lie under ``var``. ``given`` are the user's settings."""

    def __init__(self, var: Path, given: Mapping[str, str]) -> None:
        self.var = var.resolve()
        self._given = environment.ours(given)
        self._notes = self.var / "secrets.json"

    @property
    def plan(self) -> Plan | None:
        return Plan.load(self.var)

    def is_up(self) -> bool:
        return bool(programs.supervisor(self.var).pids())

    def settings(self) -> Mapping[str, str]:
        """The services' environment of the running suite; a failure that says what to do if it is down."""
        plan = self.plan
        if plan is None or not self.is_up():
            raise Failure(Exit.NOT_UP, "the suite is not up: run `./avariyka up` first")
        return plan.settings

    def child_environment(self) -> dict[str, str]:
        return programs.child_environment(self.settings(), os.environ)

    def up(self, always_stand_in: bool = False, bound: bool = False) -> bool:
        """Bring everything up and return when every service is ready; false if it was up already.

        ``always_stand_in`` ignores a Twilio account of the user; ``bound`` ends the suite with this process.
        """
        given = environment.without_twilio(self._given) if always_stand_in else self._given
        with exclusive(self.var / "suite.lock"):
            if self.is_up():
                return False
            self._sweep()
            packages.ensure(partial(packages.missing, given, SERVICES), self.var / "log" / "apt.log")
            try:
                self._start(given, bound)
            except BaseException:
                self.down()
                raise
        return True

    def down(self) -> None:
        """Stop everything, also what a crash left behind."""
        supervisor = programs.supervisor(self.var)
        processes.end(supervisor.pids, signal.SIGTERM, _DOWN_S)
        self._sweep()
        for server in every_server(self.var):
            server.stop()

    def _start(self, given: Mapping[str, str], bound: bool) -> None:
        plan = self._prepare(given)
        self._migrate(plan)
        self._supervise(bound)
        self._await_ready(plan)

    def _sweep(self) -> None:
        """End processes of an earlier life that ended without its supervisor."""
        left = programs.every(self.var)
        processes.end(lambda: [pid for program in left for pid in program.pids()], signal.SIGTERM, _SWEEP_S)
        restarts_file(self.var).unlink(missing_ok=True)

    def _prepare(self, given: Mapping[str, str]) -> Plan:
        """Servers, databases, keys, ports: everything that the services find in their environment."""
        amqp_uri, brokers = self._broker(given)
        databases, clusters = self._databases(given)
        ports = environment.choose_ports(self.var / "ports.json", given)
        stand_in = not environment.has_twilio(given)
        twilio = environment.stand_in(self._notes, ports[environment.STAND_IN]) if stand_in else {}
        private, public = keys.ensure(self.var / "keys")
        parts = Parts(
            amqp_uri, databases, private, public, environment.sealing_keys(self._notes, given), ports
        )
        settings = environment.assemble(parts, given, twilio)
        plan = Plan(settings, (*brokers, *clusters), stand_in)
        plan.save(self.var)
        return plan

    def _broker(self, given: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        if "AVARIYKA_AMQP_URI" in given:
            say("  RabbitMQ: the one of AVARIYKA_AMQP_URI")
            return given["AVARIYKA_AMQP_URI"], ()
        server = RabbitMQ(self.var, say)
        with step("Starting RabbitMQ"):
            server.start()
        return server.uri, ("rabbitmq",)

    def _databases(self, given: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
        variables = {name: environment.database_variable(name) for name in SERVICES}
        named = {name: given[variable] for name, variable in variables.items() if variable in given}
        if len(named) == len(SERVICES):
            say("  PostgreSQL: the databases of AVARIYKA_<SERVICE>_DATABASE_URL")
            return named, ()
        server = PostgreSQL(self.var, say)
        with step("Starting PostgreSQL"):
            server.start()
            made = {name: server.ensure_database(name) for name in SERVICES if name not in named}
        return made | named, ("postgresql",)

    def _migrate(self, plan: Plan) -> None:
        settings = programs.child_environment(plan.settings, os.environ)
        migrate = programs.program("migrate", self.var, "shared.migrate", "all")
        migrate.home.mkdir(parents=True, exist_ok=True)
        with step("Migrating the databases"):
            done = processes.run(migrate.command, migrate.home, settings)
        if done.returncode != 0:
            raise Failure(Exit.SERVER, f"a database could not be migrated:\n{_end_of(done.complaint)}")

    def _supervise(self, bound: bool) -> None:
        supervisor = programs.supervisor(self.var, *(("--bound",) if bound else ()))
        environment_ = programs.child_environment({}, os.environ)
        self._leash = processes.spawn(
            supervisor.command, supervisor.home, environment_, supervisor.log, leash=bound
        )

    def _await_ready(self, plan: Plan) -> None:
        urls = environment.urls(plan.settings)
        with step("Starting the services"):
            deadline = time.monotonic() + READY_S
            while waiting := [name for name, url in urls.items() if not is_ready(url)]:
                self._give_up_if_hopeless(waiting, deadline)
                time.sleep(0.1)

    def _give_up_if_hopeless(self, waiting: list[str], deadline: float) -> None:
        restarts = memory.read(restarts_file(self.var))
        broken = [name for name in waiting if restarts.get(name, 0) >= _TOO_MANY_RESTARTS]
        if not broken and time.monotonic() < deadline and self.is_up():
            return
        name = (broken or waiting)[0]
        log = self.var / "log" / f"{name}.log"
        raise Failure(Exit.SERVICE, f"{name} did not start; the end of {log}:\n{processes.last_lines(log)}")


def readiness(url: str) -> dict[str, Any]:
    """What a service says about itself; empty if it does not answer."""
    try:
        answer = requests.get(f"{url}/ready", timeout=3)
        facts: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError):
        return {}
    return facts


def is_ready(url: str) -> bool:
    return readiness(url).get("status") == "ready"


def _end_of(text: str, lines: int = 8) -> str:
    return "\n".join(text.splitlines()[-lines:])
