"""The crews' app, served as files: the page, its service worker, and everything else by version."""

from werkzeug.wrappers import Response

from services.crews.schemas.app import Asset
from services.crews.service.base import CrewPoints
from shared.errors import NotFound
from shared.http import Call, raw

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE = {
    **_SAFE,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
        " media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
        " frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "X-Frame-Options": "DENY",
}
_ASK_EVERY_TIME = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"


class AppPoints(CrewPoints):
    """Where a crew's phone gets the app; nobody logs in for that, it holds no data."""

    @raw("GET", "/app", summary="To the app")
    def go_to_app(self, call: Call) -> Response:  # noqa: ARG002
        return Response(status=308, headers={**_SAFE, "Location": "/app/"})

    @raw("GET", "/app/", summary="The crews' app")
    def show_app(self, call: Call) -> Response:
        return _checked(call, self.wiring.app.page, _PAGE)

    @raw("GET", "/app/sw.js", summary="The service worker of the app: it works without network")
    def show_app_worker(self, call: Call) -> Response:
        return _checked(call, self.wiring.app.worker, _SAFE)

    @raw("GET", "/app/assets/<version>/<path:name>", summary="A file of the app; may be kept for ever")
    def show_app_file(self, call: Call) -> Response:
        found = self.wiring.app.find(call.path["version"], call.path["name"])
        if found is None:
            raise NotFound
        return Response(
            found.content, content_type=found.content_type, headers={**_PAGE, "Cache-Control": _FOR_EVER}
        )


def _checked(call: Call, asset: Asset, headers: dict[str, str]) -> Response:
    """The file, or 304 if the phone has just that."""
    response = Response(
        asset.content, content_type=asset.content_type, headers={**headers, "Cache-Control": _ASK_EVERY_TIME}
    )
    response.set_etag(asset.digest)
    return response.make_conditional(call.request)
