"""Who answers for a request, and handing it over."""

from services.routing.schemas import competence, http
from services.routing.service.base import RoutingPoints, command, order_of, read
from services.routing.usecases import answering, transfers, views
from shared.http import Call, Reply


class TransferPoints(RoutingPoints):
    """Competence explained; transfers by hand and back."""

    @read(
        "/v1/requests/<uuid:request_id>/competence",
        returns={200: competence.CompetenceShape},
        summary="Who answers for the request now, by which rule, and why not the others",
    )
    def explain_competence(self, call: Call) -> Reply:
        found = answering.explain_request(self.wiring.uow(), self.wiring.desk, call.path["request_id"])
        return Reply(200, competence.explained(found, self.words(call)))

    @read(
        "/v1/organisations",
        returns={200: competence.Organisations},
        summary="Organisations that a request can be handed to",
    )
    def list_organisations(self, call: Call) -> Reply:  # noqa: ARG002
        return Reply(200, {"organisations": views.list_organisations(self.wiring.uow())})

    @command(
        "/v1/requests/<uuid:request_id>/transfer",
        body=http.TransferTo,
        summary="Hand the request to an organisation: through the system, by phone or radio",
    )
    def transfer_request(self, call: Call) -> Reply:
        order, wish = order_of(call)
        wanted = transfers.Wanted(**wish)
        entry = transfers.transfer_request(self.work_of(call), self.wiring.desk, order, wanted)
        self.wiring.reconsider()
        return self.done(call, entry)

    @command(
        "/v1/requests/<uuid:request_id>/transfer/refuse",
        body=http.GiveBack,
        summary="The organisation gives the request back: the next one that answers gets it",
    )
    def give_back(self, call: Call) -> Reply:
        order, wish = order_of(call)
        given = transfers.GivenBack(**wish)
        entry = transfers.give_back(self.work_of(call), self.wiring.desk, order, given)
        self.wiring.reconsider()
        return self.done(call, entry)
