"""How dispatchers come in."""

from services.routing.schemas import answers, http
from services.routing.service.base import RoutingPoints
from services.routing.usecases import views
from shared.http import Call, Reply, api


class AccessPoints(RoutingPoints):
    """Logging in; the tokens are made by ``crews``."""

    @api("POST", "/v1/login", body=http.Login, returns={200: answers.AccessToken}, summary="Log in")
    def log_in(self, call: Call) -> Reply:
        token = views.log_in(self.wiring.tokens(self.crews), **call.body)
        return Reply(200, token, {"Cache-Control": "no-store"})

    @api(
        "POST",
        "/v1/login/refresh",
        body=http.Refresh,
        returns={200: answers.AccessToken},
        summary="Stay logged in: the next access and refresh token",
    )
    def stay_logged_in(self, call: Call) -> Reply:
        token = views.stay_in(self.wiring.tokens(self.crews), call.body["refresh_token"])
        return Reply(200, token, {"Cache-Control": "no-store"})
