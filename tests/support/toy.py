"""Two tiny services on the real plumbing, for tests that break things: ``intake`` tells, ``triage`` reacts.

``python -m tests.support.toy intake|triage`` runs one as a process. Behaviour is asked for in the event's
text: ``hold:PATH`` waits in mid-handler until PATH is removed, ``later:N`` fails the first N times,
``never`` is hopeless. ``TOY_DIE_AFTER_PUBLISH`` makes the relay's process die between publish and mark.
"""

import shared.run  # isort: skip - patches the standard library first

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import sqlalchemy as sa
from marshmallow import Schema, fields
from nameko.rpc import rpc

from shared.bus import on
from shared.config import Settings
from shared.db import Transaction
from shared.envelope import Event
from shared.errors import Permanent, Retryable
from shared.http import Call, Reply, api
from shared.publisher import Outgoing, Publisher
from shared.rpc import RpcClient
from shared.service import BaseService
from shared.wiring import BaseWiring
from tests.support.contracts import example
from tests.support.toy_edge import EdgeToy
from tests.support.toy_tables import effects

_COUNT = sa.text(
    "INSERT INTO attempts VALUES (:event_id, 1) ON CONFLICT (event_id)"
    " DO UPDATE SET count = attempts.count + 1 RETURNING count"
)


class DyingPublisher(Publisher):
    """Publishes for real, then the process is gone before anyone learns of it."""

    def publish(self, messages: Sequence[Outgoing]) -> set[str]:
        super().publish(messages)
        os._exit(9)


class ToyWiring(BaseWiring):
    unit_of_work: ClassVar[type[Transaction]] = Transaction

    def assemble(self) -> None:
        if os.environ.get("TOY_DIE_AFTER_PUBLISH"):
            self.relay._publisher = DyingPublisher(self.settings.amqp_uri)


class Emit(Schema):
    count = fields.Integer(load_default=1)
    text = fields.String(load_default="Нет воды")


class IntakeToy(EdgeToy, BaseService):
    """Tells of requests."""

    name = "intake"
    wiring = ToyWiring()
    triage = RpcClient("triage", timeout=0.5)

    @api("POST", "/emit", body=Emit, summary="Tell of so many requests")
    def emit(self, call: Call) -> Reply:
        with self.wiring.uow() as uow:
            for _ in range(call.body["count"]):
                request_id = str(uuid4())
                data = example("intake", "request.registered", request_id=request_id, text=call.body["text"])
                uow.emit("request.registered", request_id, data)
            uow.commit()
        return Reply(201, {"emitted": call.body["count"]})

    @api("GET", "/ask/<string:method>", summary="Ask the other service by RPC")
    def ask(self, call: Call) -> Reply:
        started = time.monotonic()
        answer = self.triage.call(call.path["method"], seconds=float(call.request.args.get("seconds", 0)))
        return Reply(200, {"answer": answer, "took_s": time.monotonic() - started})


class TriageToy(BaseService):
    """Reacts to requests with one row and one event each."""

    name = "triage"
    wiring = ToyWiring()

    @on("intake", "request.registered")
    def on_intake_request_registered(self, event: Event) -> None:
        self._behave(event)
        with self.wiring.uow(event, "classify") as uow:
            uow.connection.execute(effects.insert().values(event_id=event.id))
            self._hold(event)
            data = example("triage", "request.classified", request_id=event.subject)
            uow.emit("request.classified", event.subject, data)
            uow.commit()

    @on("routing", "request.urgency_overridden")
    def on_routing_request_urgency_overridden(self, event: Event) -> None:
        """Named in the topology; nothing to do for a toy."""

    @rpc
    def echo(self, seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    def _behave(self, event: Event) -> None:
        text = str(event.data["text"])
        if text == "never":
            raise Permanent("hopeless by order")
        if text.startswith("later:") and self._count(event) <= int(text.removeprefix("later:")):
            raise Retryable("not yet")

    def _hold(self, event: Event) -> None:
        text = str(event.data["text"])
        if not text.startswith("hold:"):
            return
        gate = Path(text.removeprefix("hold:"))
        gate.with_suffix(".inside").touch()
        while gate.exists():
            time.sleep(0.02)

    def _count(self, event: Event) -> int:
        with self.wiring.engine.begin() as connection:
            return int(connection.execute(_COUNT, {"event_id": event.id}).scalar_one())


SERVICES: dict[str, Any] = {"intake": IntakeToy, "triage": TriageToy}


if __name__ == "__main__":
    shared.run.serve(SERVICES[sys.argv[1]], Settings.load(sys.argv[1]))
