"""Facts from the bus that somebody must hear of."""

from services.notify.domain.outages import Ride
from services.notify.domain.plans import plan_of
from services.notify.schemas.alerts import OutageLead, place_of
from services.notify.schemas.events import (
    AssignmentProgressed,
    AssignmentWithdrawn,
    BulletinShape,
    ContactErased,
    OutageChanged,
    RequestClassified,
    RequestJoined,
    RequestRegistered,
    RequestSplit,
    RequestStateChanged,
    UrgencyOverridden,
    home_of,
    read_contact,
    ride_of,
)
from services.notify.service.base import NotifyBase
from services.notify.usecases import facts, notices
from services.notify.usecases.ports import Request
from shared.bus import on
from shared.envelope import Event


class FollowingPoints(NotifyBase):
    """What happened elsewhere."""

    @on("intake", "contact.known")
    def on_intake_contact_known(self, event: Event) -> None:
        contact = read_contact(event, self.wiring.sealer)
        facts.note_contact(self.wiring.uow(event, "note_contact"), contact)
        self.wiring.wake_sender()

    @on("intake", "contact.erased")
    def on_intake_contact_erased(self, event: Event) -> None:
        told = ContactErased().load(event.data)
        facts.forget_contact(self.wiring.uow(event, "forget_contact"), told["contact_ref"], told["at"])

    @on("intake", "request.registered")
    def on_intake_request_registered(self, event: Event) -> None:
        told = RequestRegistered().load(event.data)
        request = Request(told["request_id"], told["number"], told["contact_ref"])
        uow = self.wiring.uow(event, "note_request")
        ride = ride_of(told, event.sequence, told["registered_at"])
        zone = self.wiring.choices.zone
        place = place_of(request.id, event.data.get("address"))
        facts.note_request(
            uow, request, told["channel"], told["registered_at"], ride, zone, home_of(told), place
        )
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
        outage, bulletin = OutageChanged().load(event.data), BulletinShape().load(event.data)
        uow, lead = self.wiring.uow(event, "note_outage"), OutageLead().load(event.data)["lead_request_id"]
        notices.note_outage(uow, outage, self.wiring.choices.zone, bulletin, self.wiring.shipped, lead)
        self.wiring.wake_notices()
        self.wiring.wake_alerts()

    @on("triage", "request.classified")
    def on_triage_request_classified(self, event: Event) -> None:
        verdict = RequestClassified().load(event.data)
        facts.tell_verdict(self.wiring.uow(event, "tell_verdict"), verdict, self.wiring.shipped)
        self.wiring.wake_sender()
        self.wiring.wake_alerts()

    @on("routing", "request.urgency_overridden")
    def on_routing_request_urgency_overridden(self, event: Event) -> None:
        urgency = UrgencyOverridden().load(event.data)
        facts.note_urgency(self.wiring.uow(event, "note_urgency"), urgency)
        self.wiring.wake_sender()

    @on("crews", "assignment.progressed")
    def on_crews_assignment_progressed(self, event: Event) -> None:
        progress = AssignmentProgressed().load(event.data)
        uow = self.wiring.uow(event, "tell_progress")
        facts.tell_progress(uow, progress, self.wiring.choices.zone, asks=self.wiring.asks)
        self.wiring.wake_sender()

    @on("routing", "assignment.withdrawn")
    def on_routing_assignment_withdrawn(self, event: Event) -> None:
        told = AssignmentWithdrawn().load(event.data)
        facts.tell_withdrawal(self.wiring.uow(event, "tell_withdrawal"), **told)
        self.wiring.wake_sender()

    @on("journal", "request.state_changed")
    def on_journal_request_state_changed(self, event: Event) -> None:
        told = RequestStateChanged().load(event.data)
        plan = plan_of(told["request_id"], event.sequence, told.pop("deadlines"))
        facts.tell_state(self.wiring.uow(event, "tell_state"), **told, plan=plan)
        self.wiring.wake_sender()
