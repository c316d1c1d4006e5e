"""Errors with a stable code. The text a person reads is in the catalogues under ``error.<code>``."""

from typing import Any, ClassVar


class AvariykaError(Exception):
    """Root of every error we raise on purpose.

    ``code`` is a contract (clients and runbooks rely on it), ``status`` is the HTTP status it becomes,
    ``details`` fill the placeholders of the catalogue text. Neither may carry personal data.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message or self.code)
        self.details = details


class Invalid(AvariykaError):
    """The caller's input is wrong; ``errors`` maps each field to what is wrong with it."""

    code = "invalid_input"
    status = 400

    def __init__(self, message: str = "", errors: Any = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.errors = errors or {}


class Unauthenticated(AvariykaError):
    code = "unauthenticated"
    status = 401


class Forbidden(AvariykaError):
    code = "forbidden"
    status = 403


class NotFound(AvariykaError):
    code = "not_found"
    status = 404


class Conflict(AvariykaError):
    code = "conflict"
    status = 409


class TooLarge(AvariykaError):
    code = "too_large"
    status = 413


class Unprocessable(AvariykaError):
    code = "unprocessable"
    status = 422


class Unavailable(AvariykaError):
    """Something this answer needs does not answer now; trying again later is right."""

    code = "unavailable"
    status = 503


class Retryable(AvariykaError):
    """Raised in a bus handler: the same message may succeed later, deliver it again with backoff."""

    code = "retryable"
    status = 503


class Permanent(AvariykaError):
    """Raised in a bus handler: this message can never succeed, keep it as a dead letter with the reason."""

    code = "permanent"
    status = 500
