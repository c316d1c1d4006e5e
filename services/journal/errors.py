"""What the journal refuses, each with a stable code."""

from typing import ClassVar

from shared.errors import AvariykaError, Conflict, NotFound, Unprocessable


class JournalError(AvariykaError):
    """Root of the journal's own errors."""


class RequestNotFound(JournalError, NotFound):
    """No event about this request has arrived (yet)."""

    code: ClassVar[str] = "request_not_found"


class ForbiddenMove(JournalError, Conflict):
    """The official state does not allow this move now."""

    code: ClassVar[str] = "forbidden_move"


class NotDone(ForbiddenMove):
    """Only a request whose work is done can be closed."""

    code: ClassVar[str] = "request_not_done"


class ResultRequired(ForbiddenMove):
    """A request closes only with a result (D-1.1-U5)."""

    code: ClassVar[str] = "result_required"


class DelayReasonRequired(ForbiddenMove):
    """An overdue request closes only with a delay reason (D-2.B-U3)."""

    code: ClassVar[str] = "delay_reason_required"


class ClosingNoteRequired(ForbiddenMove):
    """A temporary fix closes only when a person wrote down what happens to the lasting repair."""

    code: ClassVar[str] = "closing_note_required"


class BadCursor(JournalError, Unprocessable):
    """The page cursor is not one this service gave out."""

    code: ClassVar[str] = "bad_cursor"


class BadNorms(JournalError):
    """The norm table cannot be read; the message says where."""

    code: ClassVar[str] = "bad_norms"
