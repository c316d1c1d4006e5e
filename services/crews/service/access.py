"""Logging in, staying in, getting out, and whom a token speaks for."""

from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from nameko.rpc import rpc

from services.crews.errors import BadCredentials, SessionEnded, TooManyAttempts
from services.crews.schemas import access as shapes
from services.crews.service.base import ANYBODY, CrewPoints, crew_id_of
from services.crews.usecases import access, duty
from services.crews.usecases.access import Admission, Caller
from shared.errors import Invalid
from shared.http import Call, Reply, api
from shared.logs import get_logger

_NO_STORE = {"Cache-Control": "no-store"}
_REFUSALS = (BadCredentials, SessionEnded, TooManyAttempts)
_log = get_logger(__name__)


class AccessPoints(CrewPoints):
    """Access tokens for the whole suite."""

    @rpc(sensitive_arguments=("password",))
    def issue_token(self, login: str, password: str) -> dict[str, Any]:
        """The tokens as HTTP gives them, or ``{"error": code}``."""
        try:
            given = shapes.NewToken().load({"login": login, "password": password})
            return dict(shapes.AccessToken().dump(shapes.admission(self._log_in(given, Caller()))))
        except ValidationError:
            return {"error": Invalid.code}
        except _REFUSALS as refused:
            return {"error": refused.code}

    @rpc(sensitive_arguments=("refresh_token",))
    def refresh_token(self, refresh_token: str) -> dict[str, Any]:
        """The next tokens as HTTP gives them, or ``{"error": code}``."""
        try:
            given = shapes.NextToken().load({"refresh_token": refresh_token})
            return dict(shapes.AccessToken().dump(shapes.admission(self._refresh(given, Caller()))))
        except ValidationError:
            return {"error": Invalid.code}
        except _REFUSALS as refused:
            return {"error": refused.code}

    @api("POST", "/v1/tokens", body=shapes.NewToken, returns={200: shapes.AccessToken}, summary="Log in")
    def create_token(self, call: Call) -> Reply:
        return Reply(200, shapes.admission(self._log_in(call.body, self.caller(call))), _NO_STORE)

    @api(
        "POST",
        "/v1/tokens/refresh",
        body=shapes.NextToken,
        returns={200: shapes.AccessToken},
        summary="Stay logged in: the next access and refresh token",
    )
    def refresh_access(self, call: Call) -> Reply:
        return Reply(200, shapes.admission(self._refresh(call.body, self.caller(call))), _NO_STORE)

    @api("POST", "/v1/logout", roles=ANYBODY, returns={204: None}, summary="End the session of this token")
    def log_out(self, call: Call) -> Reply:
        if call.actor.session_id is not None:
            access.log_out(self.wiring.uow(), UUID(call.actor.session_id), call.actor.id)
        return Reply(204)

    @api("GET", "/v1/me", returns={200: shapes.Me}, roles=ANYBODY, summary="Who the token speaks for")
    def show_me(self, call: Call) -> Reply:
        crew, shift = None, None
        if call.actor.crew_id is not None:
            crew, shift = duty.describe_crew(self.wiring.uow(), crew_id_of(call))
        return Reply(200, shapes.me(call.actor, crew, shift))

    def _log_in(self, given: dict[str, str], caller: Caller) -> Admission:
        try:
            return access.log_in(self.wiring.door, given["login"], given["password"], caller)
        except _REFUSALS as refused:
            _log.warning("login_refused", code=refused.code)
            raise

    def _refresh(self, given: dict[str, str], caller: Caller) -> Admission:
        try:
            return access.refresh(self.wiring.door, given["refresh_token"], caller)
        except _REFUSALS as refused:
            _log.warning("refresh_refused", code=refused.code)
            raise
