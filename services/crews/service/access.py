"""Logging in, and whom a token speaks for."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from nameko.rpc import rpc

from services.crews.errors import BadCredentials, TooManyAttempts
from services.crews.schemas import access as shapes
from services.crews.service.base import ANYBODY, CrewPoints, crew_id_of
from services.crews.usecases import access, duty
from services.crews.usecases.ports import Token
from shared.errors import Invalid
from shared.http import Call, Reply, api
from shared.logs import get_logger

_log = get_logger(__name__)


class AccessPoints(CrewPoints):
    """Access tokens for the whole suite."""

    @rpc(sensitive_arguments=("password",))
    def issue_token(self, login: str, password: str) -> dict[str, Any]:
        """The token as HTTP gives it, or ``{"error": code}``."""
        try:
            given = shapes.NewToken().load({"login": login, "password": password})
            return dict(shapes.AccessToken().dump(self._issue(given)))
        except ValidationError:
            return {"error": Invalid.code}
        except (BadCredentials, TooManyAttempts) as refused:
            return {"error": refused.code}

    @api("POST", "/v1/tokens", body=shapes.NewToken, returns={200: shapes.AccessToken}, summary="Log in")
    def create_token(self, call: Call) -> Reply:
        return Reply(200, self._issue(call.body), {"Cache-Control": "no-store"})

    @api("GET", "/v1/me", returns={200: shapes.Me}, roles=ANYBODY, summary="Who the token speaks for")
    def show_me(self, call: Call) -> Reply:
        crew, shift = None, None
        if call.actor.crew_id is not None:
            crew, shift = duty.describe_crew(self.wiring.uow(), crew_id_of(call))
        return Reply(200, shapes.me(call.actor, crew, shift))

    def _issue(self, given: Mapping[str, str]) -> Token:
        wiring = self.wiring
        try:
            return access.issue_token(
                wiring.uow, wiring.passwords, wiring.tokens, wiring.policies.login, **given
            )
        except (BadCredentials, TooManyAttempts) as refused:
            _log.warning("login_refused", code=refused.code)
            raise
