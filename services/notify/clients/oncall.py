"""Who is on call, asked of crews by RPC. A loop asks, no worker does: the question has its own connection."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import eventlet
from kombu.exceptions import OperationalError
from nameko.exceptions import IncorrectSignature, MethodNotFound, RemoteError, RpcTimeout, UnknownService
from nameko.standalone.rpc import ClusterRpcProxy

from shared.errors import Unavailable
from shared.rpc import NoAnswer

_NO_ANSWERS = (
    UnknownService,
    MethodNotFound,
    IncorrectSignature,
    RemoteError,
    RpcTimeout,
    OperationalError,
    OSError,
)


class RpcOnCall:
    """Crews' on-call lists."""

    def __init__(self, amqp_uri: str, timeout_s: float) -> None:
        self._config = {"AMQP_URI": amqp_uri}
        self._timeout_s = timeout_s

    def people(self, purpose: str) -> Sequence[UUID]:
        """In order, each once; raises NoAnswer."""
        return people_of(self._ask(purpose))

    def _ask(self, purpose: str) -> Any:
        try:
            with (
                eventlet.Timeout(self._timeout_s * 2),
                ClusterRpcProxy(self._config, timeout=self._timeout_s) as cluster,
            ):
                return cluster.crews.on_call(purpose=purpose)
        except eventlet.Timeout as late:
            raise NoAnswer(f"crews.on_call: no answer in {self._timeout_s} s") from late
        except _NO_ANSWERS as broken:
            raise NoAnswer(f"crews.on_call: {type(broken).__name__}") from broken


def people_of(answer: Any) -> list[UUID]:
    """The people of crews' answer who are available; raises Unavailable if it is no answer."""
    try:
        called = [call for call in answer["calls"] if call["available"]]
        return list(dict.fromkeys(UUID(person["id"]) for call in called for person in call["people"]))
    except (KeyError, TypeError, ValueError) as garbled:
        raise Unavailable("crews.on_call: unreadable") from garbled
