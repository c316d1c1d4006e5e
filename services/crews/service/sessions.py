"""What administrators see of access; the public keys of the suite."""

from services.crews.schemas import access as shapes
from services.crews.service.base import ADMINISTRATORS, CrewPoints
from services.crews.usecases import access, devices
from shared.http import Call, Reply, api
from shared.keyring import write_set


class SessionPoints(CrewPoints):
    """Who is in, who let whom in, and the keys that tokens are checked with."""

    @api("GET", "/v1/keys", returns={200: shapes.KeySet}, summary="The public keys of access tokens (JWKS)")
    def list_keys(self, call: Call) -> Reply:  # noqa: ARG002 - anybody may know them
        keyring = self.wiring.edge.tokens.keys
        keys = write_set(keyring.current(self.wiring.clock.now()))
        return Reply(200, keys, {"Cache-Control": "max-age=300"})

    @api(
        "GET",
        "/v1/sessions",
        query=shapes.SessionsQuery,
        returns={200: shapes.Sessions},
        roles=ADMINISTRATORS,
        summary="Who is logged in",
    )
    def list_sessions(self, call: Call) -> Reply:
        return Reply(200, {"sessions": access.list_sessions(self.wiring.uow(), call.query["login"])})

    @api(
        "DELETE",
        "/v1/sessions/<uuid:session_id>",
        roles=ADMINISTRATORS,
        returns={204: None},
        summary="Put anybody out",
    )
    def revoke_session(self, call: Call) -> Reply:
        devices.revoke_session(self.wiring.uow(), call.actor.id, call.path["session_id"])
        return Reply(204)

    @api(
        "GET",
        "/v1/access-log",
        query=shapes.AccessLogQuery,
        returns={200: shapes.AccessLog},
        roles=ADMINISTRATORS,
        summary="Who let whom in or out, the latest first",
    )
    def read_access_log(self, call: Call) -> Reply:
        acts = access.read_log(self.wiring.uow(), **call.query)
        return Reply(200, shapes.access_log(acts, call.query["limit"]))
