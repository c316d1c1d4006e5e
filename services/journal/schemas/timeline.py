"""A timeline as a person reads it: every entry and every move of the official state, in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.journal.domain.clocks import PROMISE
from services.journal.domain.facts import Entry
from services.journal.domain.life import Move, Origin
from services.journal.domain.norms import NormBook
from services.journal.usecases.lives import Timeline
from services.journal.usecases.ports import KeptClock
from shared.i18n import Catalog

SHOWN = frozenset(
    {
        "acknowledge_by",
        "acknowledged_at",
        "addressee",
        "alarm",
        "alert_id",
        "answered_at",
        "applicant",
        "assignment_id",
        "at",
        "attempt",
        "attempt_id",
        "attempts",
        "by",
        "call_id",
        "callback_id",
        "category",
        "category_before",
        "channel",
        "clock",
        "command",
        "confidence",
        "corrects",
        "crew_id",
        "decided_at",
        "delivery_id",
        "detail",
        "device_at",
        "direction",
        "distance_m",
        "document",
        "document_id",
        "document_number",
        "drafted_at",
        "due_at",
        "ended_at",
        "ends_by",
        "error_code",
        "eta_minutes",
        "event",
        "fallback",
        "fault",
        "fixed",
        "hazards",
        "item",
        "kind",
        "language",
        "late_entry",
        "lead_request_id",
        "level",
        "means",
        "message_id",
        "missing",
        "name",
        "needs_person",
        "norm",
        "note_id",
        "number",
        "offered_at",
        "organisation_id",
        "outage_id",
        "outage_kind",
        "outage_number",
        "outcome",
        "parts",
        "partner",
        "party",
        "person_id",
        "photos",
        "place",
        "placed_at",
        "priority",
        "rang_at",
        "readings",
        "reason",
        "reasons",
        "received_at",
        "receiver",
        "record_id",
        "recorded_at",
        "refused",
        "registered_at",
        "request_id",
        "respond_by",
        "result",
        "role",
        "round",
        "rules_version",
        "sha256",
        "signal_id",
        "stage",
        "state",
        "step",
        "symptom",
        "trouble",
        "system",
        "template",
        "title",
        "told",
        "told_at",
        "transfer_id",
        "transferred_at",
        "turn",
        "unit",
        "unsigned_parties",
        "until",
        "untold",
        "what",
    }
)
"""Fields of events that a timeline shows. What residents wrote and where they live is not among them."""
SPOKEN = SHOWN - {"language"}
"""Those that a sentence may name; the language is the reader's, not the resident's."""
_SAME_WORDS = {"category_before": "category"}
_NOTHING = "–"


class Reader:
    """One person's view: their language and the city's own time."""

    def __init__(self, catalog: Catalog, book: NormBook, language: str) -> None:
        self._catalog = catalog
        self._book = book
        self._language = language

    def timeline(self, shown: Timeline) -> dict[str, Any]:
        """The whole timeline, ready for its schema."""
        life = shown.life
        return {
            "request_id": shown.request_id,
            "number": life.number,
            "state": life.state,
            "category": life.category,
            "priority": life.priority,
            "result": life.result,
            "delay_reason": life.delay_reason,
            "returns": life.returns,
            "entries": list(self._lines(shown)),
            "clocks": [self._clock(kept) for kept in shown.clocks],
        }

    def finding(self, code: str) -> str:
        return self._word("finding", code)

    def _lines(self, shown: Timeline) -> Iterator[dict[str, Any]]:
        waiting = {fact.id for fact in shown.life.waiting}
        for entry in shown.entries:
            moves = [move for move in shown.life.moves if move.cause == entry.id]
            reported = next((move.to for move in moves if move.origin is Origin.REPORTED), None)
            yield from (self._move(entry, move) for move in moves if move.origin is Origin.IMPLIED)
            yield {
                **_common(entry),
                "id": entry.id,
                "what": entry.what,
                "text": self._text(f"timeline.{entry.what}", entry.data),
                "note": entry.data.get("note"),
                "data": {name: value for name, value in entry.data.items() if name in SHOWN},
                "state": reported,
                "origin": Origin.REPORTED,
                "applied": entry.id not in waiting,
            }
            yield from (self._move(entry, move) for move in moves if move.origin is Origin.AUTOMATIC)

    def _move(self, entry: Entry, move: Move) -> dict[str, Any]:
        """A move that no event says of itself: implied by the entry, or the journal's own."""
        return {
            **_common(entry),
            "id": f"{entry.id}/{move.to}",
            "source": "journal",
            "type": "request.state_changed",
            "what": f"{move.origin}.{move.to}",
            "actor": "journal",
            "reason": None,
            "text": self._text(f"move.{move.origin}", {"state": move.to.value}),
            "note": None,
            "data": {"from_state": move.before, "to_state": move.to},
            "state": move.to,
            "origin": move.origin,
            "applied": True,
        }

    def _clock(self, kept: KeptClock) -> dict[str, Any]:
        clock, norm = kept.clock, self._book.find(kept.clock.norm)
        return {
            "clock": clock.name,
            "text": self._word("clock", clock.name),
            "norm": clock.norm,
            "legal": self._legal(clock.norm),
            "is_law": norm is not None and norm.is_law,
            "started_at": clock.started_at,
            "approaching_at": clock.approaching_at,
            "due_at": clock.due_at,
            "stopped_at": clock.stopped_at,
            "approach_raised_at": kept.approached_at,
            "missed": kept.missed_at is not None or clock.missed_by(clock.stopped_at or clock.started_at),
        }

    def _legal(self, norm_id: str) -> str | None:
        """Where the limit is written. A default says of itself that it is no law here (rule 6.9)."""
        if norm_id == PROMISE:
            return self._catalog.text(self._language, "norm.promise")
        norm = self._book.find(norm_id)
        if norm is None:
            return None
        return self._catalog.text(self._language, f"norm.{norm.standing}", legal=norm.legal[self._language])

    def _text(self, msgid: str, data: Mapping[str, Any]) -> str:
        words = {name: self._readable(name, data[name]) for name in SPOKEN & data.keys()}
        try:
            return self._catalog.text(self._language, msgid, **words)
        except KeyError:
            return msgid  # an event of another version lacks a word of the sentence

    def _readable(self, name: str, value: Any) -> str:
        if value is None or value == []:
            return _NOTHING
        if isinstance(value, Mapping):
            return str(value.get(self._language, _NOTHING))  # what an administrator has named
        if isinstance(value, list):
            return ", ".join(self._readable(name, item) for item in value)
        if name.endswith(("_at", "_by")):
            moment = datetime.fromisoformat(str(value)).astimezone(self._book.zone)
            return f"{moment:%d.%m %H:%M}"
        return self._word(_SAME_WORDS.get(name, name), str(value))

    def _word(self, name: str, value: str) -> str:
        msgid = f"word.{name}.{value}"
        return (
            self._catalog.text(self._language, msgid) if self._catalog.has(self._language, msgid) else value
        )


def _common(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.occurred_at,
        "recorded_at": entry.recorded_at,
        "source": entry.source,
        "type": entry.type,
        "actor": entry.actor,
        "channel": entry.channel,
        "reason": entry.reason,
        "correlation_id": entry.correlation_id,
        "causation_id": entry.causation_id,
    }
