"""Work orders: taken from the bus, shown to their crew, moved on by it."""

from functools import partial

from services.crews.domain.orders import Stage, Step
from services.crews.schemas import events
from services.crews.schemas import orders as shapes
from services.crews.service.base import CREWS, CrewPoints, crew_id_of
from services.crews.usecases import orders
from shared.bus import on
from shared.envelope import Event
from shared.http import Call, Reply, api

_command = partial(
    api, "POST", body=shapes.Report, returns={200: shapes.ReceiptShape}, roles=CREWS, idempotent=True
)


class OrderPoints(CrewPoints):
    """The orders of routing and the reports of crews."""

    @on("routing", "assignment.made")
    def on_routing_assignment_made(self, event: Event) -> None:
        card = events.AssignmentMade().load(event.data)
        orders.receive_order(self.wiring.uow(event, "receive_order"), card)
        self.wiring.wake_phones()

    @on("routing", "assignment.withdrawn")
    def on_routing_assignment_withdrawn(self, event: Event) -> None:
        told = events.AssignmentWithdrawn().load(event.data)
        step = Step(Stage.WITHDRAWN, told["by"], told["at"], reason=told["reason"], note=told["note"])
        orders.withdraw_order(self.wiring.uow(event, "withdraw_order"), told["assignment_id"], step)
        self.wiring.wake_phones()

    @api(
        "GET",
        "/v1/assignments",
        query=shapes.AssignmentsQuery,
        returns={200: shapes.Assignments},
        roles=CREWS,
        summary="The crew's work orders: the open ones, or what changed after a cursor",
    )
    def list_assignments(self, call: Call) -> Reply:
        page = orders.list_orders(
            self.wiring.uow(), crew_id_of(call), call.query["after"], call.query["limit"]
        )
        return Reply(200, shapes.assignments(page))

    @api(
        "GET",
        "/v1/assignments/<uuid:assignment_id>",
        returns={200: shapes.AssignmentWithSteps},
        roles=CREWS,
        summary="One work order with everything that happened to it",
    )
    def show_assignment(self, call: Call) -> Reply:
        known = orders.show_order(self.wiring.uow(), crew_id_of(call), call.path["assignment_id"])
        return Reply(200, shapes.assignment_with_steps(known))

    @_command("/v1/assignments/<uuid:assignment_id>/accept", summary="Take the order on")
    def accept_assignment(self, call: Call) -> Reply:
        return self.perform(call, "accept")

    @_command("/v1/assignments/<uuid:assignment_id>/decline", summary="Refuse the order, with a reason")
    def decline_assignment(self, call: Call) -> Reply:
        return self.perform(call, "decline")

    @_command("/v1/assignments/<uuid:assignment_id>/depart", summary="The crew is on its way")
    def depart_to_assignment(self, call: Call) -> Reply:
        return self.perform(call, "depart")

    @_command("/v1/assignments/<uuid:assignment_id>/arrive", summary="The crew is on site")
    def arrive_at_assignment(self, call: Call) -> Reply:
        return self.perform(call, "arrive")

    @_command("/v1/assignments/<uuid:assignment_id>/start", summary="Start work, through the safety gate")
    def start_assignment(self, call: Call) -> Reply:
        return self.perform(call, "start")

    @_command("/v1/assignments/<uuid:assignment_id>/localise", summary="The danger is contained")
    def localise_assignment(self, call: Call) -> Reply:
        return self.perform(call, "localise")

    @_command("/v1/assignments/<uuid:assignment_id>/suspend", summary="Work pauses, with a reason")
    def suspend_assignment(self, call: Call) -> Reply:
        return self.perform(call, "suspend")

    @_command("/v1/assignments/<uuid:assignment_id>/complete", summary="Work has ended, with a result")
    def complete_assignment(self, call: Call) -> Reply:
        return self.perform(call, "complete")

    @api(
        "POST",
        "/v1/assignments/<uuid:assignment_id>/note",
        body=shapes.NewNote,
        returns={200: shapes.Noted},
        roles=CREWS,
        idempotent=True,
        summary="Note something on the order, whatever its stage",
    )
    def note_on_assignment(self, call: Call) -> Reply:
        return self.perform(call, "note")
