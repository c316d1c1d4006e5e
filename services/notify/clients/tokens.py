"""Who may look at the desk: asked of crews, which alone looks at passwords."""

from collections.abc import Mapping
from typing import Any, Protocol

from services.notify.errors import CrewsUnavailable
from shared.errors import Unavailable


class Remote(Protocol):
    """The methods of one other service; raises Unavailable when it does not answer in time."""

    def call(self, method: str, **arguments: Any) -> Any: ...


class RpcTokens:
    """Access tokens of crews; each method raises CrewsUnavailable."""

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
