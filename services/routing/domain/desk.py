"""Everything a decision is made by, in one hand: competence, networks, grades, needs, travel time, policy."""

from dataclasses import dataclass

from services.routing.domain.competence import Matrix
from services.routing.domain.grades import GradeMatrix
from services.routing.domain.needs import Needs
from services.routing.domain.networks import Networks
from services.routing.domain.policy import Policy
from services.routing.domain.travel import TravelTime


@dataclass(frozen=True)
class Desk:
    """One consistent set of rules; a change of any of them is a new desk."""

    matrix: Matrix
    grades: GradeMatrix
    needs: Needs
    travel: TravelTime
    policy: Policy
    networks: Networks
