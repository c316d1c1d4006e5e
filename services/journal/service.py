"""Entry points of the journal: every event of a request's life; RPC and HTTP to read, close and audit."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from nameko.rpc import rpc

from services.journal.errors import JournalError, RequestNotFound
from services.journal.schemas import events, http
from services.journal.usecases import audits, lives
from services.journal.wiring import Wiring
from shared.bus import on
from shared.envelope import Event
from shared.errors import Invalid
from shared.http import Call, Reply, api
from shared.idempotency import KeyReused, StillRunning, fingerprint
from shared.logs import correlation, get_logger
from shared.service import BaseService

_READERS = frozenset({"operator", "dispatcher", "senior_dispatcher", "master", "administrator"})
_CLOSERS = _READERS - {"operator"}
_log = get_logger(__name__)


class JournalService(BaseService):
    """The official life of every request, its deadlines, and the self-audit of the suite."""

    name = "journal"
    wiring = Wiring()

    @on("intake", "request.drafted")
    def on_intake_request_drafted(self, event: Event) -> None:
        self._record(event)

    @on("intake", "request.registered")
    def on_intake_request_registered(self, event: Event) -> None:
        self._record(event)

    @on("intake", "request.joined")
    def on_intake_request_joined(self, event: Event) -> None:
        self._record(event)

    @on("intake", "request.split")
    def on_intake_request_split(self, event: Event) -> None:
        self._record(event)

    @on("intake", "request.ride_ended")
    def on_intake_request_ride_ended(self, event: Event) -> None:
        self._record(event)

    @on("intake", "request.supplemented")
    def on_intake_request_supplemented(self, event: Event) -> None:
        self._record(event)

    @on("intake", "delivery.changed")
    def on_intake_delivery_changed(self, event: Event) -> None:
        self._record(event)

    @on("intake", "call.missed")
    def on_intake_call_missed(self, event: Event) -> None:
        self._record(event)

    @on("intake", "call.settled")
    def on_intake_call_settled(self, event: Event) -> None:
        self._record(event)

    @on("intake", "request.cancelled")
    def on_intake_request_cancelled(self, event: Event) -> None:
        self._record(event)

    @on("intake", "request.result_judged")
    def on_intake_request_result_judged(self, event: Event) -> None:
        self._record(event)

    @on("triage", "request.classified")
    def on_triage_request_classified(self, event: Event) -> None:
        self._record(event)

    @on("routing", "request.transferred")
    def on_routing_request_transferred(self, event: Event) -> None:
        self._record(event)

    @on("routing", "transfer.acknowledged")
    def on_routing_transfer_acknowledged(self, event: Event) -> None:
        self._record(event)

    @on("routing", "request.deferred")
    def on_routing_request_deferred(self, event: Event) -> None:
        self._record(event)

    @on("routing", "request.resumed")
    def on_routing_request_resumed(self, event: Event) -> None:
        self._record(event)

    @on("routing", "call.logged")
    def on_routing_call_logged(self, event: Event) -> None:
        self._record(event)

    @on("routing", "transfer.refused")
    def on_routing_transfer_refused(self, event: Event) -> None:
        self._record(event)

    @on("routing", "transfer.escalated")
    def on_routing_transfer_escalated(self, event: Event) -> None:
        self._record(event)

    @on("routing", "request.unroutable")
    def on_routing_request_unroutable(self, event: Event) -> None:
        self._record(event)

    @on("routing", "request.urgency_overridden")
    def on_routing_request_urgency_overridden(self, event: Event) -> None:
        self._record(event)

    @on("routing", "request.cancelled")
    def on_routing_request_cancelled(self, event: Event) -> None:
        self._record(event)

    @on("routing", "assignment.made")
    def on_routing_assignment_made(self, event: Event) -> None:
        self._record(event)

    @on("routing", "assignment.withdrawn")
    def on_routing_assignment_withdrawn(self, event: Event) -> None:
        self._record(event)

    @on("crews", "assignment.progressed")
    def on_crews_assignment_progressed(self, event: Event) -> None:
        self._record(event)

    @on("crews", "assignment.noted")
    def on_crews_assignment_noted(self, event: Event) -> None:
        self._record(event)

    @on("crews", "assignment.corrected")
    def on_crews_assignment_corrected(self, event: Event) -> None:
        self._record(event)

    @on("crews", "document.signed")
    def on_crews_document_signed(self, event: Event) -> None:
        self._record(event)

    @on("crews", "alert.recorded")
    def on_crews_alert_recorded(self, event: Event) -> None:
        self._record(event)

    @on("notify", "message.progressed")
    def on_notify_message_progressed(self, event: Event) -> None:
        self._record(event)

    @on("notify", "alert.progressed")
    def on_notify_alert_progressed(self, event: Event) -> None:
        if event.data.get("request_id") is not None:
            self._record(event)

    @rpc
    def timeline(self, request_id: str, language: str = "ru") -> dict[str, Any]:
        """The timeline as HTTP gives it, or ``{"error": "request_not_found"}``."""
        try:
            return dict(http.TimelineShape().dump(self._timeline(str(UUID(request_id)), language)))
        except (RequestNotFound, ValueError):
            return {"error": RequestNotFound.code}

    @rpc
    def close_request(
        self,
        request_id: str,
        by: str,
        delay_reason: str | None = None,
        note: str | None = None,
        language: str = "ru",
        key: str | None = None,
    ) -> dict[str, Any]:
        """``{"state": ...}``, or ``{"error": code, "detail": text}`` when it may not be closed."""
        given = {"request_id": request_id, "by": by, "delay_reason": delay_reason, "note": note}
        try:
            wish = http.CloseCall().load(given)
            closing = _closing(by, request_id, wish, correlation.get() or "", key)
            state = lives.close_request(self.wiring.uow(), str(wish["request_id"]), closing, self.wiring.book)
        except ValidationError as invalid:
            return {"error": Invalid.code, "detail": invalid.messages}
        except (JournalError, KeyReused, StillRunning) as refused:
            text = self.wiring.catalog.text(language, f"error.{refused.code}")
            return {"error": refused.code, "detail": text}
        return {"state": state.value}

    @api(
        "GET",
        "/v1/requests/<uuid:request_id>/timeline",
        returns={200: http.TimelineShape},
        roles=_READERS,
        summary="The whole life of one request",
    )
    def show_timeline(self, call: Call) -> Reply:
        return Reply(200, self._timeline(str(call.path["request_id"]), call.language))

    @api(
        "GET",
        "/v1/requests",
        query=http.RequestsQuery,
        returns={200: http.RequestsPage},
        roles=_READERS,
        summary="Requests by official state, newest first",
    )
    def list_requests(self, call: Call) -> Reply:
        before = http.row_of(call.query["cursor"])
        page = lives.list_requests(self.wiring.uow(), call.query["state"], call.query["limit"], before)
        return Reply(200, http.requests_page(page))

    @api(
        "POST",
        "/v1/requests/<uuid:request_id>/close",
        body=http.CloseCommand,
        returns={200: http.Closed},
        roles=_CLOSERS,
        idempotent=True,
        summary="Close a request whose work is done; overdue only with a delay reason",
    )
    def post_close(self, call: Call) -> Reply:
        request_id = str(call.path["request_id"])
        wish = _closing(call.actor.id, request_id, call.body, call.correlation_id, call.idempotency_key)
        state = lives.close_request(self.wiring.uow(), request_id, wish, self.wiring.book)
        return Reply(200, {"request_id": request_id, "state": state})

    @api(
        "GET",
        "/v1/audit",
        returns={200: http.AuditShape},
        roles=_READERS,
        summary="What the self-audit has found and nobody has put right yet",
    )
    def show_audit(self, call: Call) -> Reply:
        report = audits.show_audit(self.wiring.uow())
        return Reply(200, http.audit_report(report, self.wiring.reader(call.language)))

    def _record(self, event: Event) -> None:
        lives.record(self.wiring.uow(event, "record"), events.entry(event), self.wiring.book)
        _log.debug("event_recorded", type=event.type, subject=event.subject)

    def _timeline(self, request_id: str, language: str) -> dict[str, Any]:
        shown = lives.show_timeline(self.wiring.uow(), request_id, self.wiring.book)
        return self.wiring.reader(language).timeline(shown)


def _closing(
    by: str, request_id: str, given: Mapping[str, Any], correlation_id: str, key: str | None
) -> lives.Closing:
    delay_reason, note = given["delay_reason"], given["note"]
    asked = fingerprint("close", request_id, delay_reason, note)
    return lives.Closing(by, delay_reason, note, correlation_id, key, asked)
