"""The events that routing follows."""

from dataclasses import replace

from services.routing.domain.case import Ride
from services.routing.schemas import events
from services.routing.service.base import RoutingPoints
from services.routing.usecases import events as following
from shared.bus import on
from shared.envelope import Event


class FollowingPoints(RoutingPoints):
    """What the other services tell."""

    @on("intake", "request.registered")
    def on_intake_request_registered(self, event: Event) -> None:
        work = self.wiring.uow(event, "note_registration")
        told = events.RequestRegistered().load(event.data)
        if told.ride is not None:
            told = replace(told, ride=replace(told.ride, sequence=event.sequence))
        following.note_registration(work, self.wiring.desk, told)

    @on("intake", "request.joined")
    def on_intake_request_joined(self, event: Event) -> None:
        ride = Ride(**events.RequestJoined().load(event.data), sequence=event.sequence)
        if following.note_ride(self.wiring.uow(event, "note_ride"), self.wiring.desk, ride):
            self.wiring.reconsider()

    @on("intake", "request.split")
    def on_intake_request_split(self, event: Event) -> None:
        told = events.RequestSplit().load(event.data)
        work = self.wiring.uow(event, "note_split")
        following.note_split(work, self.wiring.desk, told["request_id"], event.sequence)

    @on("intake", "request.supplemented")
    def on_intake_request_supplemented(self, event: Event) -> None:
        told = events.RequestSupplemented().load(event.data)
        following.note_supplement(self.wiring.uow(event, "note_supplement"), **told)

    @on("triage", "request.classified")
    def on_triage_request_classified(self, event: Event) -> None:
        work = self.wiring.uow(event, "note_classification")
        following.note_classification(work, self.wiring.desk, events.RequestClassified().load(event.data))

    @on("crews", "assignment.progressed")
    def on_crews_assignment_progressed(self, event: Event) -> None:
        told = following.Progress(**events.AssignmentProgressed().load(event.data), sequence=event.sequence)
        if following.note_progress(self.wiring.uow(event, "note_progress"), self.wiring.desk, told):
            self.wiring.reconsider()

    @on("crews", "organisation.changed")
    def on_crews_organisation_changed(self, event: Event) -> None:
        organisation = events.OrganisationChanged().load(event.data)
        work = self.wiring.uow(event, "note_organisation")
        following.note_organisation(work, organisation, event.sequence)
        self.wiring.reconsider()

    @on("crews", "crew.changed")
    def on_crews_crew_changed(self, event: Event) -> None:
        crew_id, profile = events.CrewChanged().load(event.data)
        if following.note_crew(self.wiring.uow(event, "note_crew"), crew_id, profile, event.sequence):
            self.wiring.reconsider()

    @on("crews", "crew.shift_changed")
    def on_crews_crew_shift_changed(self, event: Event) -> None:
        crew_id, shift = events.CrewShiftChanged().load(event.data)
        if following.note_shift(
            self.wiring.uow(event, "note_shift"), self.wiring.desk, crew_id, shift, event.sequence
        ):
            self.wiring.reconsider()

    @on("crews", "crew.position_changed")
    def on_crews_crew_position_changed(self, event: Event) -> None:
        crew_id, position = events.CrewPositionChanged().load(event.data)
        if following.note_position(self.wiring.uow(event, "note_position"), crew_id, position):
            self.wiring.reconsider()

    @on("crews", "crew.positions_changed")
    def on_crews_crew_positions_changed(self, event: Event) -> None:
        moved = events.CrewPositionsChanged().load(event.data)
        if following.note_positions(self.wiring.uow(event, "note_positions"), moved):
            self.wiring.reconsider()

    @on("journal", "request.state_changed")
    def on_journal_request_state_changed(self, event: Event) -> None:
        told = following.StateChange(**events.RequestStateChanged().load(event.data), sequence=event.sequence)
        if following.note_state(self.wiring.uow(event, "note_state"), self.wiring.desk, told):
            self.wiring.reconsider()

    @on("journal", "request.cancellation_asked")
    def on_journal_request_cancellation_asked(self, event: Event) -> None:
        told = events.CancellationAsked().load(event.data)
        work = self.wiring.uow(event, "note_cancellation_wish")
        following.note_cancellation_wish(work, told["request_id"], told["at"])

    @on("journal", "deadline.escalated")
    def on_journal_deadline_escalated(self, event: Event) -> None:
        request_id, deadline = events.DeadlineEscalated().load(event.data)
        following.note_deadline(self.wiring.uow(event, "note_deadline"), request_id, deadline)

    @on("journal", "audit.completed")
    def on_journal_audit_completed(self, event: Event) -> None:
        following.note_audit(self.wiring.uow(event, "note_audit"), events.AuditCompleted().load(event.data))
