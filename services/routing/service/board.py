"""What dispatchers look at: requests, crews, alarms."""

from werkzeug.wrappers import Response

from services.routing.schemas import answers, http, load, parts
from services.routing.service.base import RoutingPoints, read, tagged
from services.routing.usecases import views
from shared.http import Call, Reply


class BoardPoints(RoutingPoints):
    """The board and what stands beside it."""

    @read(
        "/v1/requests",
        query=http.RequestsQuery,
        returns={200: answers.Requests},
        summary="The board: requests, filtered, page by page",
    )
    def list_requests(self, call: Call) -> Response:
        """Asked again with ``If-None-Match`` it is 304 while nothing on the page has changed."""
        page = views.list_requests(self.wiring.uow(), http.wanted(call.query))
        shown = answers.page(page.entries, page.next_cursor, self.words(call))
        return tagged(call, answers.Requests(), shown)

    @read(
        "/v1/requests/<uuid:request_id>",
        returns={200: answers.WholeRequest},
        summary="One request with its whole timeline",
    )
    def show_request(self, call: Call) -> Response:
        """Its ``ETag`` is good for ``If-Match`` of the next command."""
        journal = self.wiring.journal(self.journal)
        found = views.show_request(self.wiring.uow(), journal, call.path["request_id"], call.language)
        shown = answers.whole(found.dossier, found.timeline, self.words(call))
        return tagged(call, answers.WholeRequest(), shown, found.dossier.entry.case.version)

    @read(
        "/v1/crews",
        query=http.CrewsQuery,
        returns={200: answers.Crews},
        summary="Crews with shift, position and present work",
    )
    def list_crews(self, call: Call) -> Reply:
        return Reply(200, answers.crews(views.list_crews(self.wiring.uow(), http.crews_wanted(call.query))))

    @read("/v1/alarms", returns={200: answers.Alarms}, summary="What a person must look at now")
    def list_alarms(self, call: Call) -> Reply:
        wiring = self.wiring
        found = views.list_alarms(wiring.uow(), wiring.desk.policy, wiring.started_at)
        return Reply(200, answers.alarms(found, self.words(call)))

    @read(
        "/v1/load",
        returns={200: load.LoadShape},
        summary="What crews and organisations have in hand and in line, and what goes nowhere",
    )
    def show_load(self, call: Call) -> Response:
        found = views.show_load(self.wiring.uow(), self.wiring.desk.policy)
        return tagged(call, load.LoadShape(), load.load(found, self.words(call)))

    @read(
        "/v1/requests/<uuid:request_id>/messages",
        returns={200: parts.ResidentsMessages},
        summary="What the applicant wrote, first and later, asked of intake",
    )
    def list_residents_messages(self, call: Call) -> Reply:
        asked = self.wiring.intake(self.intake)
        return Reply(200, views.list_messages(asked, call.path["request_id"]))
