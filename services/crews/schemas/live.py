"""The live stream of crews' devices: a word that there is something to learn, and up to which cursor."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from shared.changes import Changes
from shared.sse import Batch, Message

Cursors = Callable[[Collection[UUID]], Mapping[UUID, int]]


class StreamQuery(Schema):
    """``last_event_id``: for callers that cannot set a header."""

    last_event_id = fields.String(load_default=None)


class Devices:
    """The source of the stream: which crews' feeds have grown, and how far."""

    def __init__(self, changes: Changes, cursors: Cursors) -> None:
        self._changes, self._cursors = changes, cursors

    def latest(self) -> int:
        """The number of the last change."""
        return self._changes.latest()

    def after(self, position: int) -> Batch | None:
        """The feeds that have grown since then; None if that is not kept any more."""
        news = self._changes.after(position)
        if news is None:
            return None
        crews = {change.subject: change.number for change in news.changes}
        cursors = self._cursors([UUID(subject) for subject in crews]) if crews else {}
        messages = [
            Message(number, "changed", partial(_body, cursors.get(UUID(subject), 0)), frozenset({subject}))
            for subject, number in crews.items()
        ]
        return Batch(news.position, messages)


def _body(cursor: int, _language: str) -> dict[str, Any]:
    return {"cursor": cursor}
