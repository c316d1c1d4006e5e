"""Which organisation answers for a request: the question that its facts put to the competence table."""

from services.routing.domain.case import Case, has_low_confidence
from services.routing.domain.competence import Question, alike
from services.routing.domain.desk import Desk
from services.routing.domain.words import OTHER
from services.routing.errors import CaseIncomplete


def question_of(case: Case, desk: Desk) -> Question:
    """What the competence table is asked for this request; raises CaseIncomplete while it has no address.

    What nobody recognised goes to whoever answers for everything else.
    """
    if case.address is None:
        raise CaseIncomplete
    vague = has_low_confidence(case, desk.policy)
    system = OTHER if vague else case.system or OTHER
    return Question(
        system=system,
        lat=float(case.address["lat"]),
        lon=float(case.address["lon"]),
        side=desk.networks.side(system, case.fault or OTHER, case.place or OTHER),
        manager=alike(case.address.get("manager") or "") or None,
    )
