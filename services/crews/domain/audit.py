"""What is written down about access: who let whom in or out, who read what. Never a password or a token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Act(StrEnum):
    """One thing that happened to access."""

    LOGGED_IN = "logged_in"
    LOGIN_REFUSED = "login_refused"
    LOGIN_RESTS = "login_rests"
    LOGGED_OUT = "logged_out"
    REFRESH_REFUSED = "refresh_refused"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - an act, no token
    CODE_ISSUED = "code_issued"
    PAIRING_REFUSED = "pairing_refused"
    DEVICE_PAIRED = "device_paired"
    SESSION_REVOKED = "session_revoked"
    PASSWORD_SET = "password_set"  # noqa: S105 - an act, no password
    LOGIN_SAVED = "login_saved"
    DOCUMENT_READ = "document_read"
    MEDIA_READ = "media_read"


@dataclass(frozen=True)
class AccessAct:
    """``by`` did ``act``, from ``address`` if known; ``login`` and ``session_id`` are what it was done to.

    A login that does not exist is not written down: people type their password into the wrong field.
    """

    at: datetime
    act: Act
    by: str | None = None
    login: str | None = None
    session_id: UUID | None = None
    address: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
