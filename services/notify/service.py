"""Entry points of ``notify``: facts from the bus, Twilio's receipts, dispatchers' questions."""

from werkzeug.wrappers import Response

from services.notify import usecases
from services.notify.clients import receipt_of
from services.notify.domain.outages import Ride
from services.notify.domain.plans import plan_of
from services.notify.errors import UnknownMessage
from services.notify.schemas import (
    AssignmentProgressed,
    ContactErased,
    MessageList,
    MessageQuery,
    OutageChanged,
    RequestClassified,
    RequestJoined,
    RequestRegistered,
    RequestSplit,
    RequestStateChanged,
    StatusCallback,
    read_contact,
    ride_of,
    shown,
)
from services.notify.usecases import notices
from services.notify.wiring import STATUS_PATH, Wiring
from shared.bus import on
from shared.envelope import Event
from shared.http import Call, Reply, api, raw
from shared.logs import get_logger
from shared.service import BaseService

_READERS = frozenset({"operator", "dispatcher", "senior_dispatcher", "master", "administrator"})
_log = get_logger(__name__)


class NotifyService(BaseService):
    """Messages to residents: what was said, to which request, and whether it arrived."""

    name = "notify"
    wiring = Wiring()

    @on("intake", "contact.known")
    def on_intake_contact_known(self, event: Event) -> None:
        contact = read_contact(event, self.wiring.sealer)
        usecases.note_contact(self.wiring.uow(event, "note_contact"), contact)
        self.wiring.wake_sender()

    @on("intake", "contact.erased")
    def on_intake_contact_erased(self, event: Event) -> None:
        told = ContactErased().load(event.data)
        usecases.forget_contact(self.wiring.uow(event, "forget_contact"), told["contact_ref"], told["at"])

    @on("intake", "request.registered")
    def on_intake_request_registered(self, event: Event) -> None:
        told = RequestRegistered().load(event.data)
        request = usecases.Request(told["request_id"], told["number"], told["contact_ref"])
        uow = self.wiring.uow(event, "note_request")
        ride = ride_of(told, event.sequence, told["registered_at"])
        zone = self.wiring.choices.zone
        usecases.note_request(uow, request, told["channel"], told["registered_at"], ride, zone)
        self.wiring.wake_sender()

    @on("intake", "request.joined")
    def on_intake_request_joined(self, event: Event) -> None:
        told = RequestJoined().load(event.data)
        ride = ride_of(told, event.sequence, told["at"])
        if ride is not None:
            notices.note_ride(self.wiring.uow(event, "note_ride"), ride, self.wiring.choices.zone)
            self.wiring.wake_sender()

    @on("intake", "request.split")
    def on_intake_request_split(self, event: Event) -> None:
        told = RequestSplit().load(event.data)
        reason, ids = told.pop("reason"), {name: told[name] for name in ("request_id", "outage_id", "at")}
        ride = Ride(**ids, outage_number="", symptom="", sequence=event.sequence, active=False)
        notices.note_split(self.wiring.uow(event, "note_split"), ride, reason)
        self.wiring.wake_sender()

    @on("intake", "outage.changed")
    def on_intake_outage_changed(self, event: Event) -> None:
        outage = OutageChanged().load(event.data)
        notices.note_outage(self.wiring.uow(event, "note_outage"), outage, self.wiring.choices.zone)
        self.wiring.wake_notices()

    @on("triage", "request.classified")
    def on_triage_request_classified(self, event: Event) -> None:
        verdict = RequestClassified().load(event.data)
        usecases.tell_verdict(self.wiring.uow(event, "tell_verdict"), verdict)
        self.wiring.wake_sender()

    @on("crews", "assignment.progressed")
    def on_crews_assignment_progressed(self, event: Event) -> None:
        progress = AssignmentProgressed().load(event.data)
        uow = self.wiring.uow(event, "tell_progress")
        usecases.tell_progress(uow, progress, self.wiring.choices.zone)
        self.wiring.wake_sender()

    @on("journal", "request.state_changed")
    def on_journal_request_state_changed(self, event: Event) -> None:
        told = RequestStateChanged().load(event.data)
        plan = plan_of(told["request_id"], event.sequence, told.pop("deadlines"))
        usecases.tell_state(self.wiring.uow(event, "tell_state"), **told, plan=plan)
        self.wiring.wake_sender()

    @raw("POST", STATUS_PATH, summary="Twilio's word on a message (form, signed)")
    def receive_status(self, call: Call) -> Response:
        request = call.request
        signature = request.headers.get("X-Twilio-Signature", "")
        self.wiring.signature.check(request.full_path.rstrip("?"), request.form, signature)
        told = StatusCallback().load({**request.form.to_dict(), **request.args.to_dict()})
        receipt = receipt_of(told["MessageSid"], told["MessageStatus"], told["ErrorCode"])
        try:
            usecases.receive_receipt(self.wiring.uow(), receipt, told["message_id"])
        except UnknownMessage:
            _log.warning("receipt_for_unknown_message", sid=receipt.sid, state=receipt.state.value)
            raise
        return Response(status=204)

    @api(
        "GET",
        "/v1/messages",
        query=MessageQuery,
        returns={200: MessageList},
        roles=_READERS,
        summary="What the resident of one request was told, in order; numbers masked",
    )
    def list_messages(self, call: Call) -> Reply:
        found = usecases.list_messages(self.wiring.uow(), call.query["request_id"])
        return Reply(200, {"messages": [shown(message) for message in found]})
