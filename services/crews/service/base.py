"""What all groups of entry points use: the composition root, roles, who calls, the key of a command."""

from uuid import UUID

from services.crews.domain.access import Role
from services.crews.errors import IdempotencyKeyRequired, NotACrew
from services.crews.wiring import Wiring
from shared.http import Call
from shared.service import BaseService

CREWS = frozenset({Role.CREW.value})
ANYBODY = frozenset(role.value for role in Role)
_LONGEST_KEY = 200


class CrewPoints(BaseService):
    """Base of the groups of entry points."""

    wiring = Wiring()


def crew_id_of(call: Call) -> UUID:
    """The crew that the token speaks for; tokens are ours, so what is there is a UUID."""
    if call.actor.crew_id is None:
        raise NotACrew
    return UUID(call.actor.crew_id)


def key_of(call: Call) -> str:
    """The command's idempotency key; raises IdempotencyKeyRequired without a usable one."""
    key = (call.idempotency_key or "").strip()
    if not key or len(key) > _LONGEST_KEY:
        raise IdempotencyKeyRequired
    return key
