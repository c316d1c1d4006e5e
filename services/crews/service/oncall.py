"""On-call lists: kept by masters, asked by desks and by the services that do the calling."""

from typing import Any

from nameko.rpc import rpc

from services.crews.schemas import oncall as shapes
from services.crews.schemas.people import WantedQuery
from services.crews.service.base import EDITORS, READERS
from services.crews.service.people import PeoplePoints
from services.crews.usecases import staff
from services.crews.usecases.staff import Register
from shared.http import Call, Reply, api


class OnCallPoints(PeoplePoints):
    """Who is called for what, in which order."""

    @rpc
    def on_call(self, purpose: str) -> dict[str, Any]:
        """Whom to call now for a kind of event, as HTTP gives it; no telephone numbers."""
        found = staff.whom_to_call(self.wiring.uow(), str(purpose))
        return dict(shapes.Calls().dump(shapes.calls(found)))

    @api(
        "GET",
        "/v1/on-call",
        roles=READERS,
        query=WantedQuery,
        returns={200: shapes.OnCallPage},
        summary="On-call lists by name",
    )
    def list_on_call(self, call: Call) -> Reply:
        return self._list(call, Register.ON_CALL)

    @api(
        "GET",
        "/v1/on-call/now",
        roles=READERS,
        query=shapes.PurposeQuery,
        returns={200: shapes.Calls},
        summary="Whom to call now for a kind of event, in order",
    )
    def whom_to_call(self, call: Call) -> Reply:
        return Reply(200, shapes.calls(staff.whom_to_call(self.wiring.uow(), call.query["purpose"])))

    @api(
        "GET",
        "/v1/on-call/<uuid:id_>",
        roles=READERS,
        returns={200: shapes.OnCallEntry},
        summary="One on-call list",
    )
    def show_on_call(self, call: Call) -> Reply:
        return self._show(call, Register.ON_CALL)

    @api(
        "PUT",
        "/v1/on-call/<uuid:id_>",
        roles=EDITORS,
        body=shapes.OnCallBody,
        returns=dict.fromkeys((200, 201), shapes.OnCallEntry),
        summary="Add an on-call list, or change one from the version in If-Match",
    )
    def put_on_call(self, call: Call) -> Reply:
        return self._put(call, Register.ON_CALL, shapes.on_call)
