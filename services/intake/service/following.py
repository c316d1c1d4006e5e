"""Events of other services that intake follows."""

from services.intake.schemas import events
from services.intake.service.base import IntakePoints
from services.intake.usecases import progress
from shared.bus import on
from shared.envelope import Event


class FollowingPoints(IntakePoints):
    """What became of the requests we took, so that whoever asks hears it at once."""

    @on("journal", "request.state_changed")
    def on_journal_request_state_changed(self, event: Event) -> None:
        progress.note_state(self.wiring.uow(event, "note_state"), events.read_standing(event))
