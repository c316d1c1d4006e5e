"""Who read what is confidential, for administrators."""

from services.intake.schemas import privacy
from services.intake.service.base import IntakePoints
from services.intake.usecases import disclosure
from shared.http import Call, Reply, api

ADMINISTRATORS = frozenset({"administrator"})


def reader_of(call: Call) -> disclosure.Reader:
    """Who looks at an endpoint whose query is a :class:`privacy.WhyQuery`."""
    return disclosure.Reader(call.actor.id, call.actor.roles, call.query.get("why"))


class ConfidentialPoints(IntakePoints):
    """The access log."""

    @api(
        "GET",
        "/v1/access-log",
        query=privacy.AccessQuery,
        returns={200: privacy.AccessList},
        roles=ADMINISTRATORS,
        summary="Who read whose number or name, when, through what and why; newest first",
    )
    def list_access(self, call: Call) -> Reply:
        found = disclosure.list_access(self.wiring.uow(), disclosure.AccessFilter(**call.query))
        return Reply(200, {"entries": [privacy.access_card(*entry) for entry in found]})
