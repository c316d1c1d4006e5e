"""Routing as a process of a test: spoken to by the bus and by dispatchers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from services.routing.commands import __main__ as commands
from shared.clock import SystemClock
from shared.envelope import Event
from tests.support import contracts
from tests.support.bus import publish, take
from tests.support.database import count
from tests.support.keys import token
from tests.support.processes import ServiceProcess
from tests.support.waiting import eventually

REGISTERED = contracts.example("intake", "request.registered")
REQUEST = REGISTERED["request_id"]
ORGANISATION = contracts.example("crews", "organisation.changed")["organisation_id"]
COMPETENCE = {
    "competences": [
        {"organisation_id": ORGANISATION, "systems": ["water", "other"], "zones": "everywhere"},
    ]
}


class Routing(ServiceProcess):
    """The service, spoken to by the bus and by dispatchers."""

    def __init__(self, home: Path, url: str, amqp_uri: str, environment: dict[str, str]) -> None:
        super().__init__(["shared.run", "routing"], "routing", home, url, amqp_uri, environment)
        self.amqp_uri = amqp_uri
        self._sequence = 0

    def headers(self, role: str = "dispatcher", language: str = "ru") -> dict[str, str]:
        return {"Authorization": f"Bearer {token('dispatcher-1', (role,))}", "Accept-Language": language}

    def ask(self, path: str, role: str = "dispatcher", language: str = "ru") -> requests.Response:
        return self.get(path, headers=self.headers(role, language))

    def order(
        self, verb: str, role: str = "dispatcher", language: str = "ru", **body: Any
    ) -> requests.Response:
        headers = self.headers(role, language)
        return self.post(f"/v1/requests/{REQUEST}/{verb}", json=body, headers=headers)

    def hear(self, *told: Event) -> None:
        """Put events on the bus as their producers would."""
        publish(self.amqp_uri, *told)

    def event(self, source: str, type_: str, **changes: Any) -> Event:
        self._sequence += 1
        return contracts.event(source, type_, self._sequence, **changes)

    def has_crew(self, crew_id: str, metres_north: float = 500, **changes: Any) -> None:
        """A crew on shift so far from the burst pipe."""
        now = SystemClock().now()
        base = {"lat": REGISTERED["address"]["lat"] + metres_north / 111_195, "lon": 76.9264}
        self.hear(
            self.event("crews", "crew.changed", crew_id=crew_id, base=base, **changes),
            self.event(
                "crews",
                "crew.shift_changed",
                crew_id=crew_id,
                starts_at=now.isoformat(),
                ends_at=(now + timedelta(hours=8)).isoformat(),
            ),
        )
        eventually(lambda: self._on_shift(crew_id), what="the crew is on shift")

    def told(self, type_: str, total: int, reader: str = "journal") -> list[Event]:
        """Take ``total`` events of a type out of a reader's queue, each checked against its contract."""
        return take(self.amqp_uri, "routing", type_, reader, total)

    def shown(self) -> dict[str, Any]:
        answer = self.ask(f"/v1/requests/{REQUEST}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def _on_shift(self, crew_id: str) -> bool:
        crews = self.ask("/v1/crews?on_shift=true").json()["crews"]
        return crew_id in {crew["crew_id"] for crew in crews}


Make = Callable[..., Routing]


@contextmanager
def routing_services(url: str, amqp_uri: str, home: Path) -> Iterator[Make]:
    """``make(VARIABLE="value")`` → a running service that knows one organisation, answering for water; the
    service's commands find its database meanwhile."""
    file = home / "competence.yml"
    file.write_text(yaml.safe_dump(COMPETENCE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AVARIYKA_ROUTING_DATABASE_URL", url)
        assert commands.main(["seed", str(file)]) == 0
        made: list[Routing] = []

        def start(**environment: str) -> Routing:
            service = Routing(home, url, amqp_uri, environment)
            made.append(service)
            service.start()
            service.hear(service.event("crews", "organisation.changed"))
            eventually(lambda: count(url, "organisations") == 1, what="the organisation is known")
            return service

        yield start
        for service in made:
            service.kill()


def request(routing: Routing, **classified: Any) -> None:
    routing.hear(routing.event("intake", "request.registered"))
    routing.hear(routing.event("triage", "request.classified", **classified))
