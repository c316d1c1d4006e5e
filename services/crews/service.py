"""Entry points of ``crews``: HTTP for crews' devices, RPC for tokens, events of routing."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from nameko.rpc import rpc

from services.crews.domain.access import Role
from services.crews.domain.orders import Stage, Step
from services.crews.errors import BadCredentials, IdempotencyKeyRequired, NotACrew, TooManyAttempts
from services.crews.schemas import events, http
from services.crews.usecases import access, duty, orders
from services.crews.usecases.ports import Token
from services.crews.wiring import Wiring
from shared.bus import on
from shared.envelope import Event
from shared.errors import Invalid
from shared.http import Call, Reply, api
from shared.idempotency import fingerprint
from shared.logs import get_logger
from shared.service import BaseService

_CREWS = frozenset({Role.CREW.value})
_ANYBODY = frozenset(role.value for role in Role)
_LONGEST_KEY = 200
_log = get_logger(__name__)

_command = partial(
    api, "POST", body=http.Report, returns={200: http.ReceiptShape}, roles=_CREWS, idempotent=True
)


class CrewsService(BaseService):
    """Work orders of crews, their shifts and positions; access tokens for the whole suite."""

    name = "crews"
    wiring = Wiring()

    @rpc(sensitive_arguments=("password",))
    def issue_token(self, login: str, password: str) -> dict[str, Any]:
        """The token as HTTP gives it, or ``{"error": code}``."""
        try:
            given = http.NewToken().load({"login": login, "password": password})
            return dict(http.AccessToken().dump(self._issue(given)))
        except ValidationError:
            return {"error": Invalid.code}
        except (BadCredentials, TooManyAttempts) as refused:
            return {"error": refused.code}

    @on("routing", "assignment.made")
    def on_routing_assignment_made(self, event: Event) -> None:
        card = events.AssignmentMade().load(event.data)
        orders.receive_order(self.wiring.uow(event, "receive_order"), card)

    @on("routing", "assignment.withdrawn")
    def on_routing_assignment_withdrawn(self, event: Event) -> None:
        told = events.AssignmentWithdrawn().load(event.data)
        step = Step(Stage.WITHDRAWN, told["by"], told["at"], reason=told["reason"], note=told["note"])
        orders.withdraw_order(self.wiring.uow(event, "withdraw_order"), told["assignment_id"], step)

    @api("POST", "/v1/tokens", body=http.NewToken, returns={200: http.AccessToken}, summary="Log in")
    def create_token(self, call: Call) -> Reply:
        return Reply(200, self._issue(call.body), {"Cache-Control": "no-store"})

    @api("GET", "/v1/me", returns={200: http.Me}, roles=_ANYBODY, summary="Who the token speaks for")
    def show_me(self, call: Call) -> Reply:
        crew, shift = None, None
        if call.actor.crew_id is not None:
            crew, shift = duty.describe_crew(self.wiring.uow(), _crew_id(call))
        return Reply(200, http.me(call.actor, crew, shift))

    @api(
        "PUT",
        "/v1/me/shift",
        body=http.NewShift,
        returns={200: http.ShiftShape},
        roles=_CREWS,
        summary="Come on shift or leave it",
    )
    def put_shift(self, call: Call) -> Reply:
        longest = self.wiring.policies.longest_shift
        shift = duty.change_shift(self.wiring.uow(), _crew_id(call), call.body, longest)
        return Reply(200, http.shift(shift))

    @api(
        "PUT",
        "/v1/me/position",
        body=http.NewPosition,
        returns={200: http.PositionNoted},
        roles=_CREWS,
        summary="Tell where the crew is",
    )
    def put_position(self, call: Call) -> Reply:
        position = http.position(call.body, self.wiring.clock.now())
        thinning = self.wiring.policies.thinning
        told = duty.note_position(self.wiring.uow(), _crew_id(call), position, thinning)
        return Reply(200, {"told": told})

    @api(
        "GET",
        "/v1/assignments",
        query=http.AssignmentsQuery,
        returns={200: http.Assignments},
        roles=_CREWS,
        summary="The crew's work orders: the open ones, or what changed after a cursor",
    )
    def list_assignments(self, call: Call) -> Reply:
        page = orders.list_orders(self.wiring.uow(), _crew_id(call), call.query["after"], call.query["limit"])
        return Reply(200, http.assignments(page))

    @api(
        "GET",
        "/v1/assignments/<uuid:assignment_id>",
        returns={200: http.AssignmentWithSteps},
        roles=_CREWS,
        summary="One work order with everything that happened to it",
    )
    def show_assignment(self, call: Call) -> Reply:
        order, steps = orders.show_order(self.wiring.uow(), _crew_id(call), call.path["assignment_id"])
        return Reply(200, http.assignment_with_steps(order, steps))

    @_command("/v1/assignments/<uuid:assignment_id>/accept", summary="Take the order on")
    def accept_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.ACCEPTED)

    @_command("/v1/assignments/<uuid:assignment_id>/decline", summary="Refuse the order, with a reason")
    def decline_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.DECLINED)

    @_command("/v1/assignments/<uuid:assignment_id>/depart", summary="The crew is on its way")
    def depart_to_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.DEPARTED)

    @_command("/v1/assignments/<uuid:assignment_id>/arrive", summary="The crew is on site")
    def arrive_at_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.ARRIVED)

    @_command("/v1/assignments/<uuid:assignment_id>/start", summary="Start work, through the safety gate")
    def start_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.WORKING)

    @_command("/v1/assignments/<uuid:assignment_id>/localise", summary="The danger is contained")
    def localise_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.LOCALISED)

    @_command("/v1/assignments/<uuid:assignment_id>/suspend", summary="Work pauses, with a reason")
    def suspend_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.SUSPENDED)

    @_command("/v1/assignments/<uuid:assignment_id>/complete", summary="Work has ended, with a result")
    def complete_assignment(self, call: Call) -> Reply:
        return self._report(call, Stage.COMPLETED)

    def _report(self, call: Call, stage: Stage) -> Reply:
        assignment_id = call.path["assignment_id"]
        asked = fingerprint(stage, assignment_id, http.Report().dump(call.body))
        once = orders.Once(_key(call), call.actor.id, asked)
        step = Step(stage, call.actor.id, self.wiring.clock.now(), **call.body)
        limits = self.wiring.policies.air_limits
        receipt = orders.report_stage(self.wiring.uow(), once, _crew_id(call), assignment_id, step, limits)
        _log.info("stage_reported", assignment_id=str(assignment_id), stage=stage.value)
        return Reply(200, receipt)

    def _issue(self, given: Mapping[str, str]) -> Token:
        wiring = self.wiring
        try:
            return access.issue_token(
                wiring.uow, wiring.passwords, wiring.tokens, wiring.policies.login, **given
            )
        except (BadCredentials, TooManyAttempts) as refused:
            _log.warning("login_refused", code=refused.code)
            raise


def _crew_id(call: Call) -> UUID:
    """The crew that the token speaks for; tokens are ours, so what is there is a UUID."""
    if call.actor.crew_id is None:
        raise NotACrew
    return UUID(call.actor.crew_id)


def _key(call: Call) -> str:
    key = (call.idempotency_key or "").strip()
    if not key or len(key) > _LONGEST_KEY:
        raise IdempotencyKeyRequired
    return key
