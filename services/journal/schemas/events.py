"""Events of all services, read tolerantly: each becomes one entry of the timeline.

What moves the official state becomes a :class:`Fact` beside it; the rest just stands on the timeline.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import Schema

from services.journal.domain.facts import Entry, Fact, Kind
from services.journal.schemas import others
from shared.envelope import Event

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """What one event says: its text's name, when, who, how, why, and the fact in it if there is one."""

    what: str
    at: datetime
    actor: str | None = None
    channel: str | None = None
    reason: str | None = None
    kind: Kind | None = None
    told: Data = field(default_factory=dict)


def _drafted(data: Data) -> Line:
    return Line("request.drafted", data["drafted_at"], channel=data["channel"], kind=Kind.DRAFTED)


def _registered(data: Data) -> Line:
    told = {name: data[name] for name in ("number", "received_at", "outage_id")}
    told |= {"late": bool(data["late_entry"])}
    at, channel = data["registered_at"], data["channel"]
    return Line("request.registered", at, channel=channel, kind=Kind.REGISTERED, told=told)


def _joined(data: Data) -> Line:
    told = {"outage_id": data["outage_id"]}
    return Line("request.joined", data["at"], data["by"], kind=Kind.JOINED, told=told)


def _split(data: Data) -> Line:
    at, by, reason = data["at"], data["by"], data["reason"]
    return Line("request.split", at, by, reason=reason, kind=Kind.SPLIT)


def _ride_ended(data: Data) -> Line:
    return Line("request.ride_ended", data["at"], kind=Kind.RIDE_ENDED)


def _missed(data: Data) -> Line:
    """A caller waits for a call back: no move of the state, but the audit watches until it is settled."""
    return Line("call.missed", data["at"], channel="phone", reason=data["reason"])


def _settled(data: Data) -> Line:
    return Line(f"call.settled.{data['outcome']}", data["at"], data["by"], "phone")


def _supplemented(data: Data) -> Line:
    return Line("request.supplemented", data["at"], channel=data["channel"])


def _delivery(data: Data) -> Line:
    """What a partner could not be told stands on the timeline, and that it is tried again; no move."""
    return Line(f"delivery.{data['state']}", data["at"])


def _classified(data: Data) -> Line:
    told = {key: data[key] for key in ("category", "priority", "system", "fault", "needs_person")}
    told["hazards"] = tuple(data["hazards"])
    return Line("request.classified", data["decided_at"], kind=Kind.CLASSIFIED, told=told)


def _overridden(data: Data) -> Line:
    told = {"category": data["category"], "priority": data["priority"]}
    what, reason = "request.urgency_overridden", data["reason"]
    return Line(what, data["at"], data["by"], reason=reason, kind=Kind.OVERRIDDEN, told=told)


def _unroutable(data: Data) -> Line:
    return Line("request.unroutable", data["at"], reason=data["reason"], kind=Kind.UNROUTABLE)


def _transferred(data: Data) -> Line:
    told = {
        "transfer_id": data["transfer_id"],
        "organisation_id": data["organisation_id"],
        "answer_by": data["acknowledge_by"],
    }
    at, by, channel = data["transferred_at"], data["by"], data["channel"]
    return Line("request.transferred", at, by, channel, kind=Kind.TRANSFERRED, told=told)


def _acknowledged(data: Data) -> Line:
    told = {"transfer_id": data["transfer_id"]}
    at, by, channel = data["acknowledged_at"], data["by"], data["channel"]
    return Line("transfer.acknowledged", at, by, channel, kind=Kind.ACKNOWLEDGED, told=told)


def _given_back(data: Data) -> Line:
    told = {"transfer_id": data["transfer_id"]}
    at, by, channel, reason = data["at"], data["by"], data["channel"], data["reason"]
    return Line("transfer.refused", at, by, channel, reason, kind=Kind.REFUSED, told=told)


def _raised(data: Data) -> Line:
    return Line("transfer.escalated", data["at"])


def _cancelled(data: Data) -> Line:
    what = "request.cancelled.asked" if data["needs_person"] else "request.cancelled"
    told = {"channel": data["channel"], "needs_person": data["needs_person"]}
    return Line(what, data["at"], channel=data["channel"], kind=Kind.CANCELLED, told=told)


def _judged(data: Data) -> Line:
    what = f"request.result_judged.{'fixed' if data['fixed'] else 'not_fixed'}"
    told = {name: data[name] for name in ("channel", "fixed")}
    return Line(what, data["at"], channel=data["channel"], kind=Kind.JUDGED, told=told)


def _called_off(data: Data) -> Line:
    what, told = "request.cancelled.by_dispatcher", {"by_dispatcher": True}
    return Line(what, data["at"], data["by"], reason=data["reason"], kind=Kind.CANCELLED, told=told)


def _deferred(data: Data) -> Line:
    at, by, reason = data["at"], data["by"], data["reason"]
    told = {"until": data["until"]}
    return Line("request.deferred", at, by, reason=reason, kind=Kind.DEFERRED, told=told)


def _resumed(data: Data) -> Line:
    return Line("request.resumed", data["at"], data["by"], kind=Kind.RESUMED)


def _call_logged(data: Data) -> Line:
    reached = "reached" if data["result"] == "reached" else "not_reached"
    return Line(f"call.logged.{data['party']}.{reached}", data["at"], data["by"], data["channel"])


def _made(data: Data) -> Line:
    told = {"order_id": data["assignment_id"], "answer_by": data["respond_by"]}
    at, by, reason = data["offered_at"], data["by"], data["reason"]
    return Line("assignment.made", at, by, reason=reason, kind=Kind.OFFERED, told=told)


def _withdrawn(data: Data) -> Line:
    told = {"order_id": data["assignment_id"], "reason": data["reason"]}
    at, by, reason = data["at"], data["by"], data["reason"]
    return Line("assignment.withdrawn", at, by, reason=reason, kind=Kind.WITHDRAWN, told=told)


_STAGES: Mapping[str, Kind] = {
    kind.value: kind
    for kind in (
        Kind.ACCEPTED,
        Kind.DECLINED,
        Kind.ARRIVED,
        Kind.WORKING,
        Kind.LOCALISED,
        Kind.COMPLETED,
    )
}


def _progressed(data: Data) -> Line:
    """``departed`` and ``suspended`` have no official state of their own: the order stays in hand."""
    told = {"order_id": data["assignment_id"], "reason": data["reason"], "result": data["result"]}
    return Line(
        f"assignment.progressed.{data['stage']}",
        data["at"],
        data["by"],
        reason=data["reason"],
        kind=_STAGES.get(data["stage"]),
        told=told,
    )


_CALLS: Mapping[str, str] = {"sos": "sos", "signal": "signal"}


def _noted(data: Data) -> Line:
    """What a crew entered beside the stages is no fact of the official state."""
    known = "refused" if data["refused"] is not None else _CALLS.get(data["command"])
    what = "assignment.noted" if known is None else f"assignment.noted.{known}"
    return Line(what, data["at"], data["by"], reason=data["refused"])


def _corrected(data: Data) -> Line:
    return Line("assignment.corrected", data["at"], data["by"])


def _document(data: Data) -> Line:
    """A paper beside the work: no move of the state."""
    return Line("document.signed", data["at"], data["by"])


def _alert(data: Data) -> Line:
    """Whom the crew told, and when: no move of the state."""
    return Line("alert.recorded", data["told_at"], data["by"], data["channel"])


def _message(data: Data) -> Line:
    return Line(f"message.progressed.{data['state']}", data["at"], channel=data["channel"])


def _alert_progress(data: Data) -> Line:
    """A list of services and people being told, with the times (M-1.1-U4): no move of the state."""
    what = f"alert.progressed.{data['what']}"
    return Line(what, data["at"], data["by"], channel=data["means"], reason=data["reason"])


_READERS: Mapping[tuple[str, str], tuple[Schema, Callable[[Data], Line]]] = {
    ("intake", "request.drafted"): (others.Drafted(), _drafted),
    ("intake", "request.registered"): (others.Registered(), _registered),
    ("intake", "request.joined"): (others.Joined(), _joined),
    ("intake", "request.split"): (others.Split(), _split),
    ("intake", "request.ride_ended"): (others.RideEnded(), _ride_ended),
    ("intake", "call.missed"): (others.CallMissed(), _missed),
    ("intake", "call.settled"): (others.CallSettled(), _settled),
    ("intake", "request.supplemented"): (others.Supplemented(), _supplemented),
    ("intake", "request.cancelled"): (others.Cancelled(), _cancelled),
    ("intake", "request.result_judged"): (others.ResultJudged(), _judged),
    ("intake", "delivery.changed"): (others.DeliveryChanged(), _delivery),
    ("triage", "request.classified"): (others.Classified(), _classified),
    ("routing", "request.urgency_overridden"): (others.Overridden(), _overridden),
    ("routing", "request.unroutable"): (others.Unroutable(), _unroutable),
    ("routing", "request.cancelled"): (others.CalledOff(), _called_off),
    ("routing", "request.deferred"): (others.Deferred(), _deferred),
    ("routing", "request.resumed"): (others.Resumed(), _resumed),
    ("routing", "call.logged"): (others.CallLogged(), _call_logged),
    ("routing", "request.transferred"): (others.Transferred(), _transferred),
    ("routing", "transfer.acknowledged"): (others.Acknowledged(), _acknowledged),
    ("routing", "transfer.refused"): (others.TransferRefused(), _given_back),
    ("routing", "transfer.escalated"): (others.TransferEscalated(), _raised),
    ("routing", "assignment.made"): (others.AssignmentMade(), _made),
    ("routing", "assignment.withdrawn"): (others.AssignmentWithdrawn(), _withdrawn),
    ("crews", "assignment.progressed"): (others.AssignmentProgressed(), _progressed),
    ("crews", "assignment.corrected"): (others.AssignmentCorrected(), _corrected),
    ("crews", "assignment.noted"): (others.AssignmentNoted(), _noted),
    ("crews", "document.signed"): (others.DocumentSigned(), _document),
    ("crews", "alert.recorded"): (others.AlertRecorded(), _alert),
    ("notify", "message.progressed"): (others.MessageProgressed(), _message),
    ("notify", "alert.progressed"): (others.AlertProgressed(), _alert_progress),
}


def entry(event: Event) -> Entry:
    """The timeline entry of an event; raises marshmallow's ValidationError if the event is not readable."""
    schema, read = _READERS[event.source, event.type]
    data = schema.load(event.data)
    line = read(data)
    return Entry(
        id=event.id,
        request_id=str(data["request_id"]),
        source=event.source,
        type=event.type,
        what=line.what,
        occurred_at=line.at,
        actor=line.actor or event.source,
        channel=line.channel,
        reason=line.reason,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        fact=None if line.kind is None else Fact(event.id, line.kind, line.at, **line.told),
        data=dict(event.data),
    )
