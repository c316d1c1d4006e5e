"""What every group of intake's entry points shares."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from services.intake.domain.photos import LARGEST_BYTES, MOST_PHOTOS
from services.intake.errors import VersionRequired
from services.intake.schemas.pages import error_page, language_of, see_other
from services.intake.usecases import forms
from services.intake.wiring import Wiring
from shared.callers import caller_of
from shared.http import MAX_BODY_BYTES, Call, Endpoint
from shared.idempotency import fingerprint
from shared.service import BaseService

page = partial(Endpoint.decorator, raw=True, on_error=error_page)
"""An endpoint that people see in a browser: its errors are pages too."""
FORM_BYTES = MOST_PHOTOS * LARGEST_BYTES + MAX_BODY_BYTES
OPERATORS = frozenset({"operator", "dispatcher", "senior_dispatcher"})
READERS = OPERATORS | {"master", "administrator"}


class IntakePoints(BaseService):
    """Base of the groups; ``IntakeService`` puts them together."""

    wiring = Wiring()

    def public_address(self, call: Call) -> str:
        """The address that the provider called and signed, which a proxy may have changed on the way."""
        query = call.request.query_string.decode("ascii", "replace")
        return f"{self.wiring.settings.public_url}{call.request.path}" + (f"?{query}" if query else "")

    def may_send(self, call: Call) -> bool:
        """Whether the caller's network has not sent too much lately; counts this sending."""
        request = call.request
        forwarded = request.headers.get("X-Forwarded-For", "")
        caller = caller_of(request.remote_addr or "", forwarded, self.wiring.trusted_proxies)
        return self.wiring.web_throttle.allows(caller, self.wiring.clock.now())

    def to_request_page(self, call: Call, secret: str, told: str = "", left_out: int = 0) -> Response:
        """On to the page of a request, which says what was done and how many photos could not be taken."""
        query = f"?lang={language_of(call.request)}"
        query += (f"&told={told}" if told else "") + (f"&left_out={left_out}" if left_out else "")
        return see_other(f"/s/{secret}{query}")


def command_of(call: Call) -> forms.Command:
    """Who asks for what, so that the same command coming again is done once."""
    path = {name: str(value) for name, value in call.path.items()}
    asked = fingerprint(call.request.method, path, call.request.get_json(silent=True))
    return forms.Command(call.actor.id, call.idempotency_key, asked)


def version_of(call: Call) -> int:
    """The version that the change was made from; raises VersionRequired."""
    given = call.request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given.isascii() or not given.isdigit():
        raise VersionRequired
    return int(given)


def etag(card: Mapping[str, Any]) -> dict[str, str]:
    return {"ETag": f'"{card["version"]}"'}
