"""What all groups of entry points use: the composition root, roles, who calls, the key of a command."""

from uuid import UUID

from services.crews.domain import officials
from services.crews.domain.access import READ_ALL, Role
from services.crews.domain.officials import Official
from services.crews.errors import IdempotencyKeyRequired, NotACrew
from services.crews.service.commands import Sent, spoken
from services.crews.usecases.access import Caller
from services.crews.usecases.commands import perform
from services.crews.usecases.disclosure import Reader
from services.crews.wiring import Wiring
from shared.callers import caller_of
from shared.http import Call, Reply
from shared.logs import get_logger
from shared.service import BaseService

CREWS = frozenset({Role.CREW.value})
ANYBODY = frozenset(role.value for role in Role)
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR.value})
ISSUERS = frozenset(role.value for role in officials.ISSUERS)
READERS = frozenset(role.value for role in officials.READERS)
EDITORS = frozenset(role.value for role in officials.EDITORS)
EXCUSERS = EDITORS | {Role.DISPATCHER.value}
SITE_READERS = CREWS | {role.value for role in READ_ALL}
_LONGEST_KEY = 200
_LONGEST_LABEL = 100
_log = get_logger(__name__)


class CrewPoints(BaseService):
    """Base of the groups of entry points."""

    wiring = Wiring()

    def caller(self, call: Call, label: str | None = None) -> Caller:
        """Where the call comes from, past our own proxies, and what the device calls itself."""
        request = call.request
        forwarded = request.headers.get("X-Forwarded-For", "")
        address = caller_of(request.remote_addr or "", forwarded, self.wiring.policies.access.trusted_proxies)
        return Caller(address, label or request.headers.get("User-Agent", "")[:_LONGEST_LABEL])

    def reader(self, call: Call) -> Reader:
        """Who reads what names people, for the access log."""
        return Reader(call.actor.id, reader_of(call), self.caller(call).address)

    def perform(self, call: Call, name: str) -> Reply:
        """Do a crew's command once; the answer is its receipt."""
        sent = Sent(name, key_of(call), crew_id_of(call), call.actor.id, call.path.get("assignment_id"))
        command, work = spoken(sent, call.body, self.wiring.policies)
        receipt = perform(self.wiring.uow(), command, work)
        _log.info("command_done", command=name, assignment_id=str(sent.assignment_id))
        return Reply(200, receipt)


def crew_id_of(call: Call) -> UUID:
    """The crew that the token speaks for; tokens are ours, so what is there is a UUID."""
    if call.actor.crew_id is None:
        raise NotACrew
    return UUID(call.actor.crew_id)


def reader_of(call: Call) -> UUID | None:
    """The crew whose orders the caller may read; None: everybody's."""
    if call.actor.roles & {role.value for role in READ_ALL}:
        return None
    return crew_id_of(call)


def key_of(call: Call) -> str:
    """The command's idempotency key; raises IdempotencyKeyRequired without a usable one."""
    key = (call.idempotency_key or "").strip()
    if not key or len(key) > _LONGEST_KEY:
        raise IdempotencyKeyRequired
    return key


def official_of(call: Call) -> Official:
    """Who asks, as the token says."""
    actor = call.actor
    organisation_id = UUID(actor.organisation_id) if actor.organisation_id else None
    return Official(actor.id, frozenset(map(Role, actor.roles)), organisation_id)


def based_on(call: Call) -> str | None:
    """The version that a change was made from (If-Match); None if it names none."""
    given = call.request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    return given or None
