"""Commands that are safe to send twice: the first answer is kept and given again (``Idempotency-Key``)."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.encoding import dumps, plain
from shared.errors import Conflict, Unprocessable
from shared.sealing import Sealer, is_sealed

_CLAIM = sa.text(
    "INSERT INTO idempotency (key, actor_id, fingerprint) VALUES (:key, :actor_id, :fingerprint)"
    " ON CONFLICT DO NOTHING"
)
_READ = sa.text("SELECT fingerprint, status, body FROM idempotency WHERE key = :key AND actor_id = :actor_id")
_ANSWER = sa.text(
    "UPDATE idempotency SET status = :status, body = CAST(:body AS jsonb)"
    " WHERE key = :key AND actor_id = :actor_id"
)


class KeyReused(Unprocessable):
    """The key was used before with another body: a client's mistake that must not be guessed at."""

    code = "idempotency_key_reused"


class StillRunning(Conflict):
    """The same command is on its way right now."""

    code = "command_still_running"


@dataclass(frozen=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: Any


def fingerprint(*parts: Any) -> str:
    """A stable digest of what a command asks for (the command's name and body, say)."""
    text = json.dumps(plain(list(parts)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Idempotency:
    """The commands one database has answered. Lives inside the command's own transaction.

    Answers are sealed where there are keys: they repeat what people wrote.
    """

    def __init__(self, connection: sa.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def claim(self, key: str, actor_id: str, fingerprint: str) -> Answer | None:
        """None: do the work now, then call :meth:`answer`. Otherwise the earlier answer, to be repeated.

        A concurrent twin waits on the primary key until the first transaction ends. Raises
        :class:`KeyReused` if the body differs.
        """
        names = {"key": key, "actor_id": actor_id}
        fingerprint = self._sealer.index(fingerprint) if self._sealer.has_keys else fingerprint
        if self._connection.execute(_CLAIM, {**names, "fingerprint": fingerprint}).rowcount == 1:
            return None
        row = self._connection.execute(_READ, names).one()
        if row.fingerprint != fingerprint:
            raise KeyReused
        if row.status is None:
            raise StillRunning
        return Answer(row.status, self._opened(row.body))

    def answer(self, key: str, actor_id: str, status: int, body: Any) -> None:
        values = {"key": key, "actor_id": actor_id, "status": status, "body": self._sealed(dumps(body))}
        self._connection.execute(_ANSWER, values)

    def _sealed(self, text: str) -> str:
        return json.dumps(self._sealer.seal(text)) if self._sealer.has_keys else text

    def _opened(self, body: Any) -> Any:
        sealed = isinstance(body, str) and is_sealed(body)
        return json.loads(self._sealer.open(body)) if sealed else body
