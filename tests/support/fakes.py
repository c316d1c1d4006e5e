"""Fakes of what ``shared`` gives: a transaction that remembers, for use-cases tested without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from shared.clock import Clock, FixedClock
from shared.encoding import plain
from shared.idempotency import Answer, KeyReused, StillRunning
from tests.support.sealing import SEALER

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Emitted:
    """One event that a use-case announced."""

    type: str
    subject: str
    data: Mapping[str, Any]


class FakeIdempotency:
    """The same promises as :class:`shared.idempotency.Idempotency`, in a dict."""

    def __init__(self) -> None:
        self._committed: dict[tuple[str, str], tuple[str, Answer | None]] = {}
        self._kept = dict(self._committed)

    def claim(self, key: str, actor_id: str, fingerprint: str) -> Answer | None:
        if (key, actor_id) not in self._kept:
            self._kept[key, actor_id] = (fingerprint, None)
            return None
        earlier, answer = self._kept[key, actor_id]
        if earlier != fingerprint:
            raise KeyReused
        if answer is None:
            raise StillRunning
        return answer

    def answer(self, key: str, actor_id: str, status: int, body: Any) -> None:
        fingerprint, _ = self._kept[key, actor_id]
        self._kept[key, actor_id] = (fingerprint, Answer(status, plain(body)))

    def commit(self) -> None:
        self._committed = dict(self._kept)

    def roll_back(self) -> None:
        self._kept = dict(self._committed)


class FakeTransaction:
    """Stands in for a service's unit of work. What was emitted counts only after ``commit``."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or FixedClock(NOON)
        self.now = self.clock.now()
        self.idempotency = FakeIdempotency()
        self.sealer = SEALER
        self.emitted: list[Emitted] = []
        self.commits = 0
        self._pending: list[Emitted] = []

    @property
    def committed(self) -> bool:
        return self.commits > 0

    def __enter__(self) -> Self:
        self.now = self.clock.now()
        self._pending = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pending = []
        self.idempotency.roll_back()

    def emit(self, type: str, subject: str, data: Mapping[str, Any]) -> None:  # noqa: A002
        self._pending.append(Emitted(type, subject, plain(data)))

    def commit(self) -> None:
        self.emitted += self._pending
        self._pending = []
        self.idempotency.commit()
        self.commits += 1

    def types(self) -> list[str]:
        return [event.type for event in self.emitted]
