"""Events of other services that intake follows."""

from services.intake.schemas import events, partners
from services.intake.service.base import IntakePoints
from services.intake.usecases import incidents, progress
from shared.bus import on
from shared.envelope import Event


class FollowingPoints(IntakePoints):
    """What became of the requests we took, so that whoever asks hears it at once."""

    @on("crews", "assignment.progressed")
    def on_crews_assignment_progressed(self, event: Event) -> None:
        progress.note_crew(self.wiring.uow(event, "note_crew"), events.read_crew_report(event))

    @on("journal", "request.state_changed")
    def on_journal_request_state_changed(self, event: Event) -> None:
        work = self.wiring.uow(event, "note_state")
        progress.note_state(work, self.wiring.book, events.read_standing(event), partners.state_text)
        self.wiring.wake_courier()

    @on("triage", "request.classified")
    def on_triage_request_classified(self, event: Event) -> None:
        told = events.RequestClassified().load(event.data)
        work = self.wiring.uow(event, "refine")
        incidents.refine(work, self.wiring.book, told["request_id"], told["fault"], told["hazards"])
