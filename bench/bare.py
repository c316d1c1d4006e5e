"""The baseline: bare nameko doing nothing over as many hops (HTTP in, three events, four processes).

``python -m bench.bare STAGE`` runs one of the four. No database, no outbox, no envelope: what the framework
can do at best on this machine in this run.
"""

import warnings

warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import EventDispatcher, event_handler  # noqa: E402
from nameko.web.handlers import http  # noqa: E402


class Entry:
    """HTTP in, first event out."""

    name = "bare0"
    dispatch = EventDispatcher()

    @http("POST", "/in")
    def take(self, request: Any) -> str:
        self.dispatch("hop", json.loads(request.get_data()))
        return "taken"


class First:
    name = "bare1"
    dispatch = EventDispatcher()

    @event_handler("bare0", "hop")
    def hop(self, data: Any) -> None:
        self.dispatch("hop", data)


class Second:
    name = "bare2"
    dispatch = EventDispatcher()

    @event_handler("bare1", "hop")
    def hop(self, data: Any) -> None:
        self.dispatch("hop", data)


class Last:
    """Notes when each message arrived."""

    name = "bare3"
    arrivals: dict[str, float] = {}  # noqa: RUF012 - one process, one notebook

    @event_handler("bare2", "hop")
    def hop(self, data: Any) -> None:
        self.arrivals[data["key"]] = time.time()

    @http("GET", "/arrivals")
    def report(self, request: Any) -> str:  # noqa: ARG002
        return json.dumps(self.arrivals)

    @http("POST", "/forget")
    def forget(self, request: Any) -> str:  # noqa: ARG002
        self.arrivals.clear()
        return "forgotten"


STAGES: dict[str, type] = {"bare0": Entry, "bare1": First, "bare2": Second, "bare3": Last}


def main() -> None:
    stage = sys.argv[1]
    config = {
        "AMQP_URI": os.environ["AVARIYKA_AMQP_URI"],
        "WEB_SERVER_ADDRESS": os.environ[f"BENCH_{stage.upper()}_BIND"],
    }
    container = ServiceContainer(STAGES[stage], config)
    container.start()
    print("started", flush=True)
    container.wait()


if __name__ == "__main__":
    main()
