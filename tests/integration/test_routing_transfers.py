"""Who answers and handing over, on a real broker and database: zones by command, transfers and back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from shapely import box
from shapely.geometry import mapping

from services.routing.commands import __main__ as commands
from shared.envelope import Event
from tests.support.bus import waiting
from tests.support.routing import ORGANISATION, REGISTERED, Make, Routing, request, routing_services
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
WATERWORKS = str(uuid4())
LAT, LON = REGISTERED["address"]["lat"], REGISTERED["address"]["lon"]
SOON = {
    "AVARIYKA_ROUTING_ACKNOWLEDGE_WITHIN_S": "{emergency: 1, urgent: 1, planned: 1}",
    "AVARIYKA_ROUTING_ESCALATE_WITHIN_S": "{emergency: 1, urgent: 1, planned: 1}",
    "AVARIYKA_ROUTING_ESCALATIONS_EVERY_S": "0.2",
    "AVARIYKA_ROUTING_REFERENCE_EVERY_S": "0.2",
}


@pytest.fixture
def make(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Make]:
    with routing_services(service_database("routing"), amqp_uri, tmp_path) as start:
        yield start


def load(folder: Path) -> None:
    """The house's manager inside, the waterworks outside in the quarter, by the commands of the service."""
    quarter = {"type": "Feature", "properties": {"name": "quarter"}}
    quarter["geometry"] = mapping(box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01))
    areas = folder / "areas.geojson"
    areas.write_text(json.dumps({"type": "FeatureCollection", "features": [quarter]}))
    inside = {"organisation_id": ORGANISATION, "network": "in_house"}
    inside["houses_of"] = [REGISTERED["address"]["manager"].upper()]
    outside = {"organisation_id": WATERWORKS, "network": "mains", "zones": ["quarter"]}
    seed = folder / "matrix.yml"
    seed.write_text(
        yaml.safe_dump({"competences": [{**rule, "systems": ["water"]} for rule in (inside, outside)]})
    )
    assert commands.main(["zones", "import", str(areas)]) == 0
    assert commands.main(["seed", str(seed)]) == 0


def raised_of(routing: Routing, transfer_id: str, total: int) -> list[str]:
    """Who was called about one transfer, rung by rung: on a slow machine others are late as well."""
    raised: list[Event] = []

    def all_came() -> bool:
        raised.extend(waiting(routing.amqp_uri, "routing", "transfer.escalated", "journal"))
        return len(of_this()) >= total

    def of_this() -> list[str]:
        return [event.data["role"] for event in raised if event.data["transfer_id"] == transfer_id]

    eventually(all_came, what=f"{total} escalations")
    return of_this()


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U5")
def test_from_the_houses_manager_to_the_utility_and_up_the_ladder(make: Make, tmp_path: Path) -> None:
    routing = make(**SOON)
    told = routing.event("crews", "organisation.changed", organisation_id=WATERWORKS, name="Водоканал")
    routing.hear(told)
    load(tmp_path)
    eventually(lambda: routing.facts()["competence"]["systems"] == ["water"], what="the matrix is taken over")
    request(routing, place="basement")
    eventually(lambda: routing.shown()["organisation_id"] == ORGANISATION, what="the manager has it")
    shown = routing.ask(f"/v1/requests/{REGISTERED['request_id']}/competence", language="kk").json()
    assert (shown["network"], shown["text"]) == ("in_house", "Үй іші: орнынан көрінеді")
    assert [(rule["name"], rule["objection"]) for rule in shown["rules"]][1:] == [
        ("Водоканал", "other_network")
    ]

    back = routing.order(
        "transfer/refuse", reason="other_network", channel="phone", note="это магистраль"
    ).json()
    assert (back["organisation_id"], back["transfer"]["unit"]) == (WATERWORKS, "Водоканал")
    assert back["transfer"]["basis"]["network_by"] == "said"
    [refused] = routing.told("transfer.refused", 1)
    assert refused.data["reason"] == "other_network"
    assert raised_of(routing, back["transfer"]["transfer_id"], 2) == ["dispatcher", "senior_dispatcher"]
    [alarm] = routing.ask("/v1/alarms").json()["alarms"]
    assert (alarm["code"], "Водоканал" in alarm["text"]) == ("transfer_escalated", True)

    wanted = {"organisation_id": WATERWORKS, "channel": "system", "reason": "сами"}
    refusal = routing.order("transfer", **wanted)
    assert (refusal.status_code, refusal.json()["code"]) == (409, "organisation_without_crews")
    wrong = routing.order(
        "transfer", organisation_id=WATERWORKS, channel="system", reason="x", took="Сериков"
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_input")
    taken = {"channel": "phone", "reason": "подтвердили", "took": "Сериков, мастер"}
    handed = routing.order("transfer", organisation_id=WATERWORKS, **taken).json()
    assert (handed["status"], handed["transfer"]["acknowledged_unit"]) == ("handed_over", "Сериков, мастер")
    assert routing.ask("/v1/alarms").json()["alarms"] == []
    assert [made["turn"] for made in routing.shown()["transfers"]] == [1, 2, 3]
    names = [one["name"] for one in routing.ask("/v1/organisations").json()["organisations"]]
    assert "Водоканал" in names
