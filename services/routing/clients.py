"""The other services that this one asks, by RPC, each with a twin for a routing service that stands alone."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from services.routing.errors import CrewsUnavailable, IntakeUnavailable, JournalUnavailable, RequestNotFound
from services.routing.usecases.ports import Closing, OutageMove
from shared.errors import Unavailable
from shared.logs import get_logger

_log = get_logger(__name__)


class Remote(Protocol):
    """The methods of one other service; raises Unavailable when it does not answer in time."""

    def call(self, method: str, **arguments: Any) -> Any: ...


class RpcJournal:
    """The journal: timelines, and closing."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def timeline(self, request_id: UUID, language: str) -> Mapping[str, Any] | None:
        """The whole timeline in words of this language; None when the journal has not heard of it yet."""
        answer = self._ask("timeline", request_id=str(request_id), language=language)
        return None if answer.get("error") == RequestNotFound.code else answer

    def close_request(self, wish: Closing) -> Mapping[str, Any]:
        """``{"state": …}``, or ``{"error": code}`` when closing is refused."""
        return self._ask("close_request", **{**vars(wish), "request_id": str(wish.request_id)})

    def _ask(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._remote.call(method, **arguments)
        except Unavailable as silent:
            raise JournalUnavailable(str(silent)) from silent
        return answer


class RpcOutages:
    """Intake, which owns the outages."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def move(self, wish: OutageMove) -> Mapping[str, Any]:
        """The outage after the request joined it or was split off, or ``{"error": code}``."""
        told = {"outage_id": str(wish.outage_id), "request_id": str(wish.request_id)}
        try:
            answer: Mapping[str, Any] = self._remote.call(
                "move_request", move=wish.move, by=wish.by, key=wish.key, **told
            )
        except Unavailable as silent:
            raise IntakeUnavailable(str(silent)) from silent
        return answer


class RpcIntake:
    """Intake, which keeps what residents wrote and tells partners."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def messages(self, request_id: UUID) -> Mapping[str, Any]:
        """``{"messages": […]}``, or ``{"error": code}``."""
        return self._ask("messages", request_id=str(request_id))

    def retry(self, delivery_id: UUID) -> Mapping[str, Any]:
        """``{"state": …}`` of a delivery that is tried again, or ``{"error": code}``."""
        return self._ask("retry_partner_delivery", delivery_id=str(delivery_id))

    def _ask(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._remote.call(method, **arguments)
        except Unavailable as silent:
            raise IntakeUnavailable(str(silent)) from silent
        return answer


class RpcTokens:
    """The crews service, which alone looks at passwords."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def issue(self, login: str, password: str) -> Mapping[str, Any]:
        """A token with its expiry and roles, or ``{"error": code}``."""
        return self._ask("issue_token", login=login, password=password)

    def refresh(self, refresh_token: str) -> Mapping[str, Any]:
        """The next token, or ``{"error": code}``."""
        return self._ask("refresh_token", refresh_token=refresh_token)

    def _ask(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._remote.call(method, **arguments)
        except Unavailable as silent:
            raise CrewsUnavailable(str(silent)) from silent
        return answer


class NullJournal:
    """Stands where no journal is: every timeline is partial, nothing can be closed."""

    def timeline(self, request_id: UUID, language: str) -> Mapping[str, Any] | None:  # noqa: ARG002
        _log.warning("null_journal_asked", request_id=str(request_id))
        raise JournalUnavailable

    def close_request(self, wish: Closing) -> Mapping[str, Any]:
        _log.warning("null_journal_asked", request_id=str(wish.request_id))
        raise JournalUnavailable


class NullOutages:
    """Stands where no intake is: nothing joins and nothing is split off."""

    def move(self, wish: OutageMove) -> Mapping[str, Any]:
        _log.warning("null_outages_asked", request_id=str(wish.request_id))
        raise IntakeUnavailable


class NullIntake:
    """Stands where no intake is: nobody knows what residents wrote, nobody tells partners."""

    def messages(self, request_id: UUID) -> Mapping[str, Any]:
        _log.warning("null_intake_asked", request_id=str(request_id))
        raise IntakeUnavailable

    def retry(self, delivery_id: UUID) -> Mapping[str, Any]:
        _log.warning("null_intake_asked", delivery_id=str(delivery_id))
        raise IntakeUnavailable


class NullTokens:
    """Stands where no crews service is: nobody can log in here; tokens issued elsewhere are still read."""

    def issue(self, login: str, password: str) -> Mapping[str, Any]:  # noqa: ARG002 - the port's signature
        _log.warning("null_tokens_asked")
        raise CrewsUnavailable

    def refresh(self, refresh_token: str) -> Mapping[str, Any]:  # noqa: ARG002 - the port's signature
        _log.warning("null_tokens_asked")
        raise CrewsUnavailable
