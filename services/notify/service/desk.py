"""The desk: a page where an operator sees whom to call and how alerts fare. It holds no data; those come by
the API, with a token."""

from functools import cache

from werkzeug.wrappers import Response

from services.notify.clients.tokens import RpcTokens
from services.notify.schemas.desk import PAGE, AccessToken, Asset, Login, Refresh, read_desk
from services.notify.service.base import NotifyBase
from services.notify.usecases import admission
from shared.errors import NotFound
from shared.http import Call, Reply, api, raw
from shared.rpc import RpcClient

_SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-cache",
}
_NO_STORE = {"Cache-Control": "no-store"}
_files = cache(read_desk)


class DeskPoints(NotifyBase):
    """Where an operator's browser gets the desk, and how one comes in."""

    crews = RpcClient("crews", timeout=3.0)

    @raw("GET", "/desk", summary="The desk: calls to make, alerts, alert lists")
    def show_desk(self, call: Call) -> Response:
        return _served(call, _files()[PAGE])

    @raw("GET", "/desk/files/<path:name>", summary="A file of the desk")
    def show_desk_file(self, call: Call) -> Response:
        found = _files().get(call.path["name"])
        if found is None:
            raise NotFound
        return _served(call, found)

    @api("POST", "/v1/login", body=Login, returns={200: AccessToken}, summary="Log in")
    def log_in(self, call: Call) -> Reply:
        return Reply(200, admission.log_in(RpcTokens(self.crews), **call.body), _NO_STORE)

    @api(
        "POST",
        "/v1/login/refresh",
        body=Refresh,
        returns={200: AccessToken},
        summary="Stay logged in: the next access and refresh token",
    )
    def stay_logged_in(self, call: Call) -> Reply:
        return Reply(200, admission.stay_in(RpcTokens(self.crews), **call.body), _NO_STORE)


def _served(call: Call, asset: Asset) -> Response:
    """The file, or 304 if the browser has just that."""
    response = Response(asset.content, content_type=asset.content_type, headers=_SAFE)
    response.set_etag(asset.digest)
    return response.make_conditional(call.request.environ)
