"""Zones and competences: put in the place of the old ones, read as one consistent table."""

from collections.abc import Sequence
from datetime import tzinfo

from services.routing.domain.competence import Competence, Matrix
from services.routing.domain.zones import Zone, Zones
from services.routing.usecases.ports import Work


def replace_reference(work: Work, zones: Sequence[Zone], competences: Sequence[Competence]) -> None:
    """Take these zones and competences instead of all there were; running services notice by themselves."""
    with work:
        work.reference.replace(zones, competences)
        work.commit()


def read_matrix(work: Work, known_version: int, local_time: tzinfo) -> tuple[int, Matrix] | None:
    """The competence table and its version; None if ``known_version`` is still the newest."""
    with work:
        version = work.reference.version()
        if version == known_version:
            return None
        return version, Matrix(Zones(work.reference.zones()), work.reference.competences(), local_time)
