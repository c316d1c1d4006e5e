"""The crews service as a process with one crew on shift, and the orders that routing would send it."""

import json
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import requests
import yaml

from services.crews import commands
from shared.clock import SystemClock
from shared.envelope import CONTENT_TYPE, Event
from shared.publisher import Outgoing, Publisher
from tests.support import contracts
from tests.support.keys import token
from tests.support.processes import ServiceProcess

EXAMPLE = contracts.example("routing", "assignment.made")
CREW, ORGANISATION = EXAMPLE["crew_id"], EXAMPLE["organisation_id"]
_PEOPLE = (str(UUID(int=11)), str(UUID(int=12)))
LOGIN, PASSWORD = "crew-7", "a password of the test"


class CrewsProcess(ServiceProcess):
    """The service, its master data, and the bus on which routing speaks to it."""

    def __init__(self, home: Path, database_url: str, amqp_uri: str, **environment: str) -> None:
        super().__init__(["shared.run", "crews"], "crews", home, database_url, amqp_uri, environment)
        self.amqp_uri = amqp_uri
        self._home = home
        self._publisher = Publisher(amqp_uri)
        self._offered: list[str] = []

    def end(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        self._publisher.close()
        return super().end(how)

    def seed(self) -> None:
        """One water crew, logged in by ``LOGIN`` and ``PASSWORD``."""
        file = self._home / "seed.yml"
        file.write_text(yaml.safe_dump(_seed(), allow_unicode=True), encoding="utf-8")
        with patch.dict("os.environ", {"AVARIYKA_CREWS_DATABASE_URL": self.database_url}):
            assert commands.main(["seed", str(file)]) == 0

    def offer(self, respond_in_s: float = 3600, **changes: Any) -> str:
        """Send the crew a new order, the contract's example with some fields changed; its id."""
        id_ = str(uuid4())
        now = SystemClock().now()
        card = {
            "assignment_id": id_,
            "request_id": str(uuid4()),
            "offered_at": now.isoformat(),
            "respond_by": (now + timedelta(seconds=respond_in_s)).isoformat(),
            **changes,
        }
        self.hear(contracts.event("routing", "assignment.made", **card))
        self._offered.append(id_)
        return id_

    def plan_shift(self) -> str:
        """Publish a roster by which the crew's shift began twenty minutes ago; the id of the shift."""
        begun = SystemClock().now() - timedelta(minutes=20)
        id_, roster = str(uuid4()), f"{self.url}/v1/rosters/{uuid4()}"
        shift = {
            "id": id_,
            "starts_at": begun.isoformat(),
            "ends_at": (begun + timedelta(hours=8)).isoformat(),
            "crew_id": CREW,
            "people": list(_PEOPLE),
            "leader": _PEOPLE[0],
        }
        days = {"starts_on": str(begun.date()), "ends_on": str(begun.date() + timedelta(days=2))}
        body = {"organisation_id": ORGANISATION, "kind": "crews", **days, "shifts": [shift]}
        master = {"Authorization": f"Bearer {token('master-1', ('master',), None, ORGANISATION)}"}
        made = requests.put(roster, json=body, headers=master, timeout=60)
        version = {**master, "If-Match": made.headers["ETag"]}
        published = requests.post(f"{roster}/publish", headers=version, timeout=60)
        assert published.status_code == 200, published.text
        return id_

    def withdraw(self, assignment_id: str) -> None:
        self.hear(contracts.event("routing", "assignment.withdrawn", assignment_id=assignment_id))

    def withdraw_all(self) -> None:
        """Leave the crew without work."""
        while self._offered:
            self.withdraw(self._offered.pop())

    def hear(self, told: Event) -> None:
        """Put an event on the bus as routing would."""
        text = json.dumps(told.to_json())
        sent = Outgoing(told.id, f"{told.source}.events", told.type, text, CONTENT_TYPE)
        assert self._publisher.publish([sent]) == {told.id}


def _seed() -> dict[str, Any]:
    crew = {
        "key": "seven",
        "id": CREW,
        "name": "Бригада 7",
        "specialisations": ["water"],
        "members": ["first", "second"],
        "leader": "first",
        "base": {"lat": 43.24, "lon": 76.91},
        "access": {"login": LOGIN, "password": PASSWORD},
        "shift": {"hours": 12},
    }
    water = {
        "key": "water",
        "id": ORGANISATION,
        "name": "Водоканал",
        "kind": "water",
        "people": [
            {"key": key, "id": id_, "name": name, "grade": grade}
            for key, id_, name, grade in zip(
                ("first", "second"), _PEOPLE, ("Первая", "Второй"), (5, 4), strict=True
            )
        ],
        "crews": [crew],
    }
    return {"organisations": [water]}
