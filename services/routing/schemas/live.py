"""The live stream of dispatchers' screens: each changed thing as it is now, in the shapes of the API."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields

from services.routing.schemas import answers
from services.routing.schemas.outages import live_outage
from services.routing.schemas.signals import live_signal
from services.routing.usecases.live import Sight, Subjects
from shared.changes import Change, Changes
from shared.i18n import Catalog
from shared.sse import Batch, Message

KINDS = ("request", "crew", "organisation", "audit", "roads", "zones", "signal", "message", "outage")
Look = Callable[[Subjects], Sight]


def _known_kinds(given: str) -> None:
    if unknown := set(given.split(",")) - set(KINDS):
        raise ValidationError(f"Unknown: {', '.join(sorted(unknown))}.")


class StreamQuery(Schema):
    """``kinds``: only these, separated by commas. ``last_event_id``: for callers that cannot set a header."""

    kinds = fields.String(load_default=",".join(KINDS), validate=_known_kinds)
    last_event_id = fields.String(load_default=None)


class Screens:
    """The source of the stream: reads the changes, looks at what they are about, words it."""

    def __init__(self, changes: Changes, look: Look, catalog: Catalog) -> None:
        self._changes, self._look, self._catalog = changes, look, catalog

    def latest(self) -> int:
        """The number of the last change."""
        return self._changes.latest()

    def after(self, position: int) -> Batch | None:
        """What changed since then, each thing once; None if that is not kept any more."""
        news = self._changes.after(position)
        if news is None:
            return None
        seen = self._look(_subjects(news.changes))
        return Batch(news.position, list(self._messages(news.changes, seen)))

    def _messages(self, changes: Iterable[Change], seen: Sight) -> Iterable[Message]:
        for change in changes:
            body = _body(change, seen)
            if body is not None:
                yield Message(change.number, change.kind, partial(self._worded, body))

    def _worded(self, body: "_Body", language: str) -> Any:
        return body(partial(self._catalog.text, language))


def _subjects(changes: Collection[Change]) -> Subjects:
    kinds = ("request", "crew", "signal", "outage")
    ids = {kind: [UUID(one.subject) for one in changes if one.kind == kind] for kind in kinds}
    return Subjects(*(ids[kind] for kind in kinds))


_Body = Callable[[answers.Words], Any]


def _body(change: Change, seen: Sight) -> _Body | None:
    """What makes the data of a change; None for what no screen shows (yet)."""
    if change.kind == "request":
        found = seen.requests.get(UUID(change.subject))
        return None if found is None else partial(answers.live_request, *found)
    if change.kind == "crew":
        crew = seen.crews.get(UUID(change.subject))
        return None if crew is None else partial(answers.live_crew, *crew)
    if change.kind == "signal":
        signal = seen.signals.get(UUID(change.subject))
        return None if signal is None else partial(live_signal, *signal)
    if change.kind == "outage":
        outage = seen.outages.get(UUID(change.subject))
        return None if outage is None else partial(live_outage, outage)
    if change.kind == "audit":
        return partial(answers.live_alarms, seen.audit)
    return lambda _: {"id": change.subject}
