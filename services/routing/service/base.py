"""What every group of routing's entry points shares: who may call, and how a command is read and answered."""

from functools import partial
from typing import Any

from services.routing.domain.board import Entry
from services.routing.schemas import answers
from services.routing.usecases import dispatch
from services.routing.wiring import Wiring
from shared.http import Call, Reply, api
from shared.logs import get_logger
from shared.rpc import RpcClient
from shared.service import BaseService

DISPATCHERS = frozenset({"dispatcher", "senior_dispatcher", "master", "administrator"})
READERS = DISPATCHERS | {"operator"}
log = get_logger(__name__)

read = partial(api, "GET", roles=READERS)
command = partial(api, "POST", roles=DISPATCHERS, returns={200: answers.RequestShape})


class RoutingPoints(BaseService):
    """Base of the groups; ``RoutingService`` puts them together."""

    wiring = Wiring()
    crews = RpcClient("crews", timeout=3.0)
    journal = RpcClient("journal", timeout=1.0)

    def done(self, call: Call, entry: Entry) -> Reply:
        """The request as the command left it."""
        log.info("command_done", path=call.request.path, by=call.actor.id, version=entry.case.version)
        return Reply(200, answers.request(entry, self.words(call)))

    def words(self, call: Call) -> answers.Words:
        """Texts in the caller's language."""
        return partial(self.wiring.catalog.text, call.language)


def order_of(call: Call) -> tuple[dispatch.Order, dict[str, Any]]:
    """Who commands on which request, and the rest of the body."""
    wish = dict(call.body)
    return dispatch.Order(call.actor.id, call.path["request_id"], wish.pop("version")), wish
