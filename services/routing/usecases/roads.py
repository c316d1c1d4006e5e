"""The road map and how the roads are: taken over, read when changed."""

from datetime import datetime

from services.routing.domain.conditions import Conditions
from services.routing.domain.roads import RoadMap, RoadNetwork
from services.routing.usecases.ports import Work


def import_roads(work: Work, network: RoadNetwork, source: str) -> None:
    """Put this network in the place of the one there was; running services notice by themselves."""
    with work:
        work.roads.replace(network, source, work.now)
        work.commit()


def read_network(work: Work, known_version: int) -> tuple[int, RoadNetwork | None] | None:
    """The network and its version; None if ``known_version`` is still the newest."""
    with work:
        version = work.roads.version()
        return None if version == known_version else (version, work.roads.network())


def show_roads(work: Work) -> tuple[RoadMap | None, Conditions | None]:
    """The map in use and what was last said of the roads."""
    with work:
        return work.roads.map(), work.roads.conditions()


def read_factor(work: Work) -> float:
    """How many times as long driving takes now."""
    with work:
        told = work.roads.conditions()
        return 1.0 if told is None else told.factor_at(work.now)


def report_conditions(
    work: Work, factor: float, reason: str, until: datetime | None, by: str
) -> tuple[RoadMap | None, Conditions]:
    """Keep how the roads are; every crew's travel time follows within seconds."""
    with work:
        told = Conditions(factor, reason, until, by, work.now)
        work.roads.report(told)
        found = work.roads.map()
        work.commit()
    return found, told
