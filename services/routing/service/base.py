"""What every group of routing's entry points shares: who may call, and how a command is read and answered."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

from marshmallow import Schema
from werkzeug.wrappers import Response

from services.routing.domain.board import Entry
from services.routing.errors import CaseChanged, DoneBefore
from services.routing.schemas import answers
from services.routing.store import UnitOfWork
from services.routing.store.once import Once
from services.routing.usecases import dispatch, views
from services.routing.wiring import Wiring
from shared import encoding
from shared.errors import Invalid
from shared.http import Call, Reply, api
from shared.idempotency import fingerprint
from shared.logs import get_logger
from shared.rpc import RpcClient
from shared.service import BaseService

DISPATCHERS = frozenset({"dispatcher", "senior_dispatcher", "master", "administrator"})
SENIORS = DISPATCHERS - {"dispatcher"}
"""Who may put off an emergency."""
READERS = DISPATCHERS | {"operator"}
log = get_logger(__name__)

read = partial(api, "GET", roles=READERS)


class RoutingPoints(BaseService):
    """Base of the groups; ``RoutingService`` puts them together."""

    wiring = Wiring()
    crews = RpcClient("crews", timeout=3.0)
    journal = RpcClient("journal", timeout=1.0)
    intake = RpcClient("intake", timeout=3.0)

    def work_of(self, call: Call) -> UnitOfWork:
        """The transaction of a command, which runs once in effect if it has an ``Idempotency-Key``."""
        work: UnitOfWork = self.wiring.uow()
        if call.idempotency_key:
            path = {name: str(value) for name, value in call.path.items()}
            asked = fingerprint(call.request.path, path, call.request.get_json(silent=True))
            work.once = Once(call.idempotency_key, call.actor.id, asked)
        return work

    def done(self, call: Call, entry: Entry) -> Reply:
        """The request as the command left it."""
        log.info("command_done", path=call.request.path, by=call.actor.id, version=entry.case.version)
        return self.shown(call, entry)

    def shown(self, call: Call, entry: Entry) -> Reply:
        """The request as it is, with the version that the next command is decided on."""
        return Reply(200, answers.request(entry, self.words(call)), {"ETag": f'"{entry.case.version}"'})

    def words(self, call: Call) -> answers.Words:
        """Texts in the caller's language."""
        return partial(self.wiring.catalog.text, call.language)


def command(url: str, **described: Any) -> Callable[[Callable[..., Reply]], Any]:
    """A dispatcher's command on one request. Sent again with its ``Idempotency-Key`` it changes nothing and
    answers with the request as it is; decided on an old version it is refused with the request as it is."""

    def decorate(method: Callable[..., Reply]) -> Any:
        @wraps(method)
        def once(self: RoutingPoints, call: Call) -> Reply:
            try:
                return method(self, call)
            except DoneBefore:
                return self.shown(call, _now(self, call))
            except CaseChanged as stale:
                truth = answers.RequestShape().dump(answers.request(_now(self, call), self.words(call)))
                raise CaseChanged(**stale.details, request=truth) from stale

        defaults = {"roles": DISPATCHERS, "returns": {200: answers.RequestShape}, "idempotent": True}
        return api("POST", url, **{**defaults, **described})(once)

    return decorate


def _now(points: RoutingPoints, call: Call) -> Entry:
    return views.find_entry(points.wiring.uow(), call.path["request_id"])


def order_of(call: Call) -> tuple[dispatch.Order, dict[str, Any]]:
    """Who commands on which request on the strength of which version, and the rest of the body."""
    wish = dict(call.body)
    version = _if_match(call)
    told = wish.pop("version")
    return dispatch.Order(call.actor.id, call.path["request_id"], told if version is None else version), wish


def _if_match(call: Call) -> int | None:
    """The version that ``If-Match`` names; what follows a point in it is not about the version."""
    given = call.request.headers.get("If-Match", "").strip()
    version = given.removeprefix("W/").strip('"').partition(".")[0]
    if given in ("", "*"):
        return None
    if not (version.isascii() and version.isdigit() and len(version) < 19):
        raise Invalid(errors={"If-Match": ["Not a valid integer."]})
    return int(version)


def tagged(
    call: Call, schema: Schema, body: Mapping[str, Any], version: int | None = None, kind: str = "json"
) -> Response:
    """The answer with an ``ETag`` (``version.digest``), or 304 if the caller has it already."""
    text = encoding.dumps(schema.dump(body))
    digest = hashlib.sha256(text.encode()).hexdigest()[:20]
    tag = digest if version is None else f"{version}.{digest}"
    response = Response(text, content_type=f"application/{kind}; charset=utf-8")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Language"
    response.make_conditional(call.request.environ)
    return response
