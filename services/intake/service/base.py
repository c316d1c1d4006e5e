"""What every group of intake's entry points shares."""

from collections.abc import Mapping
from typing import Any

from services.intake.errors import VersionRequired
from services.intake.usecases import forms
from services.intake.wiring import Wiring
from shared.http import Call
from shared.idempotency import fingerprint
from shared.service import BaseService

OPERATORS = frozenset({"operator", "dispatcher", "senior_dispatcher"})
READERS = OPERATORS | {"master", "administrator"}


class IntakePoints(BaseService):
    """Base of the groups; ``IntakeService`` puts them together."""

    wiring = Wiring()

    def public_address(self, call: Call) -> str:
        """The address that the provider called and signed, which a proxy may have changed on the way."""
        query = call.request.query_string.decode("ascii", "replace")
        return f"{self.wiring.settings.public_url}{call.request.path}" + (f"?{query}" if query else "")


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
