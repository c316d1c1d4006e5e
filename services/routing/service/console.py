"""The dispatchers' console: a page and its files. It holds no data; those come by the API, with a token."""

from functools import cache

from werkzeug.wrappers import Response

from services.routing.schemas.console import LINKS, PAGE, Asset, links, read_console
from services.routing.service.base import RoutingPoints
from shared.errors import NotFound
from shared.http import Call, raw

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
_files = cache(read_console)


class ConsolePoints(RoutingPoints):
    """Where a dispatcher's browser gets the console."""

    @raw("GET", "/console", summary="The dispatchers' console")
    def show_console(self, call: Call) -> Response:
        return _served(call, _files()[PAGE])

    @raw("GET", "/console/files/<path:name>", summary="A file of the console")
    def show_console_file(self, call: Call) -> Response:
        found = self._links() if call.path["name"] == LINKS else _files().get(call.path["name"])
        if found is None:
            raise NotFound
        return _served(call, found)

    def _links(self) -> Asset:
        """Where this deployment has the desks of other services; what it does not name is not there."""
        return links(self.wiring.settings.get("links"))


def _served(call: Call, asset: Asset) -> Response:
    """The file, or 304 if the browser has just that."""
    response = Response(asset.content, content_type=asset.content_type, headers=_SAFE)
    response.set_etag(asset.digest)
    return response.make_conditional(call.request.environ)
