"""Questions that need an answer now: RPC with a timeout, and one error for every way of getting no answer."""

from typing import Any

import eventlet
from kombu.exceptions import OperationalError
from nameko.exceptions import IncorrectSignature, MethodNotFound, RemoteError, UnknownService
from nameko.rpc import ReplyListener, RpcProxy, ServiceProxy

from shared.errors import Unavailable

_NO_ANSWERS = (UnknownService, MethodNotFound, IncorrectSignature, RemoteError, OperationalError, OSError)


class NoAnswer(Unavailable):
    """The other service is down, slow or unreachable; the caller must have a plan for this."""

    code = "service_unavailable"


class RpcClient(RpcProxy):
    """A service's dependency: ``triage = RpcClient("triage", timeout=0.5)``, ``self.triage.call(...)``."""

    def __init__(self, target: str, timeout: float) -> None:
        # No retries inside the library: the time we may wait is ours to decide. A question that nobody took
        # in time expires in the queue, so a callee that comes back does not answer the past.
        super().__init__(target, retry=False, expiration=timeout)
        self.timeout = timeout

    def get_dependency(self, worker_ctx: Any) -> "Remote":
        return Remote(worker_ctx, self.target_service, self.rpc_reply_listener, self.options, self.timeout)


class Remote:
    """The methods of one other service."""

    def __init__(
        self, worker_ctx: Any, service: str, listener: ReplyListener, options: dict[str, Any], timeout: float
    ) -> None:
        self._worker_ctx = worker_ctx
        self._service = service
        self._listener = listener
        self._options = options
        self._timeout = timeout

    def call(self, method: str, **arguments: Any) -> Any:
        """The remote result; raises :class:`NoAnswer` when there is none within the timeout."""
        waiting = _OneReply(self._listener)
        proxy = ServiceProxy(self._worker_ctx, self._service, waiting, **self._options)
        try:
            with eventlet.Timeout(self._timeout):
                return getattr(proxy, method)(**arguments)
        except eventlet.Timeout as late:
            raise NoAnswer(f"{self._service}.{method}: no answer in {self._timeout} s") from late
        except _NO_ANSWERS as broken:
            raise NoAnswer(f"{self._service}.{method}: {type(broken).__name__}") from broken
        finally:
            waiting.forget()


class _OneReply:
    """Remembers which reply one call waits for, so that a late one finds nobody and leaves nothing behind."""

    def __init__(self, listener: ReplyListener) -> None:
        self._listener = listener
        self._correlation_id: str | None = None
        self.routing_key = listener.routing_key

    def get_reply_event(self, correlation_id: str) -> Any:
        self._correlation_id = correlation_id
        return self._listener.get_reply_event(correlation_id)

    def forget(self) -> None:
        self._listener._reply_events.pop(self._correlation_id, None)
