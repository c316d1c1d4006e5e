"""Entry points of ``routing``: the events it follows and the dispatchers' API."""

from dataclasses import replace
from functools import partial
from typing import Any

from services.routing.domain.board import Entry
from services.routing.domain.case import Ride
from services.routing.schemas import answers, events, http
from services.routing.usecases import dispatch, roads, views
from services.routing.usecases import events as following
from services.routing.wiring import Wiring
from shared.bus import on
from shared.envelope import Event
from shared.http import Call, Reply, api
from shared.logs import get_logger
from shared.rpc import RpcClient
from shared.service import BaseService

_DISPATCHERS = frozenset({"dispatcher", "senior_dispatcher", "master", "administrator"})
_READERS = _DISPATCHERS | {"operator"}
_log = get_logger(__name__)

_read = partial(api, "GET", roles=_READERS)
_command = partial(api, "POST", roles=_DISPATCHERS, returns={200: answers.RequestShape})


class RoutingService(BaseService):
    """Competence, zones, crew choice, assignments and transfers; the dispatchers' API."""

    name = "routing"
    wiring = Wiring()
    crews = RpcClient("crews", timeout=3.0)
    journal = RpcClient("journal", timeout=1.0)

    @on("intake", "request.registered")
    def on_intake_request_registered(self, event: Event) -> None:
        work = self.wiring.uow(event, "note_registration")
        told = events.RequestRegistered().load(event.data)
        if told.ride is not None:
            told = replace(told, ride=replace(told.ride, sequence=event.sequence))
        following.note_registration(work, self.wiring.desk, told)

    @on("intake", "request.joined")
    def on_intake_request_joined(self, event: Event) -> None:
        ride = Ride(**events.RequestJoined().load(event.data), sequence=event.sequence)
        if following.note_ride(self.wiring.uow(event, "note_ride"), self.wiring.desk, ride):
            self.wiring.reconsider()

    @on("intake", "request.split")
    def on_intake_request_split(self, event: Event) -> None:
        told = events.RequestSplit().load(event.data)
        work = self.wiring.uow(event, "note_split")
        following.note_split(work, self.wiring.desk, told["request_id"], event.sequence)

    @on("triage", "request.classified")
    def on_triage_request_classified(self, event: Event) -> None:
        work = self.wiring.uow(event, "note_classification")
        following.note_classification(work, self.wiring.desk, events.RequestClassified().load(event.data))

    @on("crews", "assignment.progressed")
    def on_crews_assignment_progressed(self, event: Event) -> None:
        told = following.Progress(**events.AssignmentProgressed().load(event.data), sequence=event.sequence)
        if following.note_progress(self.wiring.uow(event, "note_progress"), self.wiring.desk, told):
            self.wiring.reconsider()

    @on("crews", "organisation.changed")
    def on_crews_organisation_changed(self, event: Event) -> None:
        organisation = events.OrganisationChanged().load(event.data)
        work = self.wiring.uow(event, "note_organisation")
        following.note_organisation(work, organisation, event.sequence)
        self.wiring.reconsider()

    @on("crews", "crew.changed")
    def on_crews_crew_changed(self, event: Event) -> None:
        crew_id, profile = events.CrewChanged().load(event.data)
        if following.note_crew(self.wiring.uow(event, "note_crew"), crew_id, profile, event.sequence):
            self.wiring.reconsider()

    @on("crews", "crew.shift_changed")
    def on_crews_crew_shift_changed(self, event: Event) -> None:
        crew_id, shift = events.CrewShiftChanged().load(event.data)
        if following.note_shift(self.wiring.uow(event, "note_shift"), crew_id, shift, event.sequence):
            self.wiring.reconsider()

    @on("crews", "crew.position_changed")
    def on_crews_crew_position_changed(self, event: Event) -> None:
        crew_id, position = events.CrewPositionChanged().load(event.data)
        following.note_position(self.wiring.uow(event, "note_position"), crew_id, position)

    @on("journal", "request.state_changed")
    def on_journal_request_state_changed(self, event: Event) -> None:
        told = following.StateChange(**events.RequestStateChanged().load(event.data), sequence=event.sequence)
        if following.note_state(self.wiring.uow(event, "note_state"), self.wiring.desk, told):
            self.wiring.reconsider()

    @on("journal", "request.cancellation_asked")
    def on_journal_request_cancellation_asked(self, event: Event) -> None:
        told = events.CancellationAsked().load(event.data)
        work = self.wiring.uow(event, "note_cancellation_wish")
        following.note_cancellation_wish(work, told["request_id"], told["at"])

    @on("journal", "deadline.escalated")
    def on_journal_deadline_escalated(self, event: Event) -> None:
        request_id, deadline = events.DeadlineEscalated().load(event.data)
        following.note_deadline(self.wiring.uow(event, "note_deadline"), request_id, deadline)

    @on("journal", "audit.completed")
    def on_journal_audit_completed(self, event: Event) -> None:
        following.note_audit(self.wiring.uow(event, "note_audit"), events.AuditCompleted().load(event.data))

    @api("POST", "/v1/login", body=http.Login, returns={200: answers.AccessToken}, summary="Log in")
    def log_in(self, call: Call) -> Reply:
        token = views.log_in(self.wiring.tokens(self.crews), **call.body)
        return Reply(200, token, {"Cache-Control": "no-store"})

    @_read(
        "/v1/requests",
        query=http.RequestsQuery,
        returns={200: answers.Requests},
        summary="The board: requests, filtered, page by page",
    )
    def list_requests(self, call: Call) -> Reply:
        page = views.list_requests(self.wiring.uow(), http.wanted(call.query))
        return Reply(200, answers.page(page.entries, page.next_cursor, self._words(call)))

    @_read(
        "/v1/requests/<uuid:request_id>",
        returns={200: answers.WholeRequest},
        summary="One request with its whole timeline",
    )
    def show_request(self, call: Call) -> Reply:
        journal = self.wiring.journal(self.journal)
        found = views.show_request(self.wiring.uow(), journal, call.path["request_id"])
        return Reply(200, answers.whole(found.dossier, found.timeline, self._words(call)))

    @_command("/v1/requests/<uuid:request_id>/assign", body=http.Assign, summary="Send this crew")
    def assign_crew(self, call: Call) -> Reply:
        order, wish = _order(call)
        return self._done(call, dispatch.assign_crew(self.wiring.uow(), self.wiring.desk, order, **wish))

    @_command(
        "/v1/requests/<uuid:request_id>/withdraw", body=http.Withdraw, summary="Take it back from its crew"
    )
    def withdraw_crew(self, call: Call) -> Reply:
        order, wish = _order(call)
        entry = dispatch.withdraw_crew(self.wiring.uow(), self.wiring.desk, order, **wish)
        self.wiring.reconsider()
        return self._done(call, entry)

    @_command(
        "/v1/requests/<uuid:request_id>/urgency",
        body=http.Urgency,
        summary="Change the urgency, with a reason",
    )
    def override_urgency(self, call: Call) -> Reply:
        order, wish = _order(call)
        entry = dispatch.override_urgency(self.wiring.uow(), self.wiring.desk, order, **wish)
        self.wiring.reconsider()
        return self._done(call, entry)

    @_command(
        "/v1/requests/<uuid:request_id>/cancellation",
        body=http.Cancellation,
        summary="Call the request off, or keep it against the applicant's wish, with a reason",
    )
    def decide_cancellation(self, call: Call) -> Reply:
        order, wish = _order(call)
        return self._done(call, dispatch.decide_cancellation(self.wiring.uow(), order, **wish))

    @_command(
        "/v1/requests/<uuid:request_id>/acknowledge",
        body=http.Acknowledge,
        summary="The organisation confirmed by voice that it has the request",
    )
    def acknowledge_transfer(self, call: Call) -> Reply:
        order, wish = _order(call)
        return self._done(call, dispatch.acknowledge_transfer(self.wiring.uow(), order, **wish))

    @api(
        "POST",
        "/v1/requests/<uuid:request_id>/close",
        body=http.Close,
        returns={200: answers.Closed},
        roles=_DISPATCHERS,
        summary="Close a request whose work is done",
    )
    def close_request(self, call: Call) -> Reply:
        request_id = call.path["request_id"]
        journal = self.wiring.journal(self.journal)
        state = views.close_request(journal, call.actor.id, request_id, **call.body)
        _log.info("request_closed", request_id=str(request_id), by=call.actor.id)
        return Reply(200, {"request_id": request_id, "state": state})

    @_read(
        "/v1/crews",
        query=http.CrewsQuery,
        returns={200: answers.Crews},
        summary="Crews with shift, position and present work",
    )
    def list_crews(self, call: Call) -> Reply:
        return Reply(200, answers.crews(views.list_crews(self.wiring.uow(), http.crews_wanted(call.query))))

    @_read("/v1/alarms", returns={200: answers.Alarms}, summary="What a person must look at now")
    def list_alarms(self, call: Call) -> Reply:
        wiring = self.wiring
        found = views.list_alarms(wiring.uow(), wiring.desk.policy, wiring.started_at)
        return Reply(200, answers.alarms(found, self._words(call)))

    @_read(
        "/v1/roads", returns={200: answers.RoadsShape}, summary="The road map in use and how the roads are"
    )
    def show_roads(self, call: Call) -> Reply:  # noqa: ARG002
        found, conditions = roads.show_roads(self.wiring.uow())
        return Reply(200, {"map": found, "conditions": conditions})

    @api(
        "PUT",
        "/v1/roads/conditions",
        body=http.RoadConditions,
        returns={200: answers.RoadsShape},
        roles=_DISPATCHERS,
        summary="Say how the roads are: snow, ice, a closed bridge slow everybody down",
    )
    def report_conditions(self, call: Call) -> Reply:
        found, conditions = roads.report_conditions(self.wiring.uow(), **call.body, by=call.actor.id)
        _log.info("road_conditions", factor=conditions.factor, by=call.actor.id)
        self.wiring.refresh()
        return Reply(200, {"map": found, "conditions": conditions})

    def _done(self, call: Call, entry: Entry) -> Reply:
        _log.info("command_done", path=call.request.path, by=call.actor.id, version=entry.case.version)
        return Reply(200, answers.request(entry, self._words(call)))

    def _words(self, call: Call) -> answers.Words:
        return partial(self.wiring.catalog.text, call.language)


def _order(call: Call) -> tuple[dispatch.Order, dict[str, Any]]:
    """Who commands on which request, and the rest of the body."""
    wish = dict(call.body)
    return dispatch.Order(call.actor.id, call.path["request_id"], wish.pop("version")), wish
