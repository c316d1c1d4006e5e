"""How operators come in to the desk: by their login of the suite."""

from collections.abc import Mapping
from typing import Any, Protocol

from services.notify.errors import BadCredentials, SessionEnded, TooManyAttempts

_REFUSALS = {refusal.code: refusal for refusal in (BadCredentials, SessionEnded, TooManyAttempts)}


class Tokens(Protocol):
    """Whoever makes access tokens; ``{"error": code}`` is a refusal. Raises CrewsUnavailable."""

    def issue(self, login: str, password: str) -> Mapping[str, Any]: ...
    def refresh(self, refresh_token: str) -> Mapping[str, Any]: ...


def log_in(tokens: Tokens, login: str, password: str) -> Mapping[str, Any]:
    """A token; raises BadCredentials, TooManyAttempts or CrewsUnavailable."""
    answer = tokens.issue(login, password)
    if "error" in answer:
        raise _REFUSALS.get(answer["error"], BadCredentials)
    return answer


def stay_in(tokens: Tokens, refresh_token: str) -> Mapping[str, Any]:
    """The next token; raises SessionEnded, TooManyAttempts or CrewsUnavailable."""
    answer = tokens.refresh(refresh_token)
    if "error" in answer:
        raise _REFUSALS.get(answer["error"], SessionEnded)
    return answer
