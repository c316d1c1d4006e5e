"""Inside the house or outside it: fault, place, the likelier side."""

from typing import Any

import pytest
import yaml

from services.routing.domain.networks import NETWORKED, Basis, Network, Side, read_networks
from services.routing.errors import InvalidReference
from shared.config import ROOT
from tests.unit.routing.examples import networks

TABLES: dict[str, Any] = {"version": "1", "faults": {}, "places": {}, "assumed": {}, "systems": {}}


@pytest.mark.rule("D-1.3-U2")
@pytest.mark.parametrize(
    ("system", "fault", "place", "network", "basis"),
    [
        ("water", "mains_burst", "flat", Network.MAINS, Basis.FAULT),
        ("water", "riser_leak", "other", Network.IN_HOUSE, Basis.FAULT),
        ("water", "pipe_burst", "basement", Network.IN_HOUSE, Basis.PLACE),
        ("water", "pipe_burst", "street", Network.MAINS, Basis.PLACE),
        ("heat", "heat_none", "flat", Network.IN_HOUSE, Basis.PLACE),
        ("heat", "heat_none", "other", Network.MAINS, Basis.ASSUMED),
        ("water", "pipe_burst", "other", Network.IN_HOUSE, Basis.ASSUMED),
        ("gas", "gas_smell", "flat", None, Basis.ASSUMED),
        ("lift", "lift_stopped", "lift", None, Basis.ASSUMED),
        ("water", "a fault of tomorrow", "a place of tomorrow", Network.IN_HOUSE, Basis.ASSUMED),
    ],
)
def test_which_side_of_the_wall(
    system: str, fault: str, place: str, network: Network | None, basis: Basis
) -> None:
    assert networks().side(system, fault, place) == Side(network, basis)


def test_the_shipped_table_names_only_faults_that_triage_knows() -> None:
    catalogue = yaml.safe_load((ROOT / "services/triage/data/catalogue.yml").read_text(encoding="utf-8"))
    of_networks = {fault["id"] for fault in catalogue["faults"] if fault["system"] in NETWORKED | {"yard"}}
    table = networks()
    assert (table.faults.keys() | table.assumed.keys()) <= of_networks
    assert table.systems.keys() == NETWORKED
    assert not table.faults.keys() & table.assumed.keys()


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {**TABLES, "faults": {"mains_burst": "underground"}},
        {**TABLES, "places": ["street"]},
        {**TABLES, "systems": {"gas": "mains"}},
    ],
)
def test_a_broken_table_is_refused(data: Any) -> None:
    with pytest.raises(InvalidReference):
        read_networks(data)
