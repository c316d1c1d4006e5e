"""Crews call and write; dispatchers take it on and answer."""

from dataclasses import replace

from services.routing.domain.signals import CrewSignal
from services.routing.schemas import signals as shapes
from services.routing.service.base import DISPATCHERS, RoutingPoints, log, read
from services.routing.usecases import leaving, signals, telling
from shared.bus import on
from shared.envelope import Event
from shared.http import Call, Reply, api


class SignalPoints(RoutingPoints):
    """Signals and messages of crews."""

    @on("crews", "crew.signalled")
    def on_crews_crew_signalled(self, event: Event) -> None:
        signal = CrewSignal(**shapes.CrewSignalled().load(event.data), sequence=event.sequence)
        signals.note_signal(self.wiring.uow(event, "note_signal"), signal)

    @on("notify", "alert.progressed")
    def on_notify_alert_progressed(self, event: Event) -> None:
        told = shapes.AlertProgressed().load(event.data)
        if told["request_id"] is not None:
            telling.note_untold(self.wiring.uow(event, "note_untold"), shapes.untold(told, event.sequence))

    @on("crews", "crew.wrote")
    def on_crews_crew_wrote(self, event: Event) -> None:
        message = shapes.CrewWrote().load(event.data)
        signals.note_message(self.wiring.uow(event, "note_message"), message)

    @on("crews", "assignment.corrected")
    def on_crews_assignment_corrected(self, event: Event) -> None:
        told = shapes.AssignmentCorrected().load(event.data)
        signals.note_correction(self.wiring.uow(event, "note_correction"), told)

    @on("crews", "assignment.leave_changed")
    def on_crews_assignment_leave_changed(self, event: Event) -> None:
        assignment_id, told = shapes.LeaveChanged().load(event.data)
        work, leave = self.wiring.uow(event, "note_leave"), replace(told, sequence=event.sequence)
        if leaving.note_leave(work, self.wiring.desk, assignment_id, leave):
            self.wiring.reconsider()

    @api(
        "POST",
        "/v1/signals/<uuid:signal_id>/acknowledge",
        body=shapes.Acknowledgement,
        returns={200: shapes.SignalShape},
        roles=DISPATCHERS,
        summary="Take a crew's signal on; the crew sees who did and what the answer is",
    )
    def acknowledge_signal(self, call: Call) -> Reply:
        signal_id, by = call.path["signal_id"], call.actor.id
        signal = signals.acknowledge_signal(self.wiring.uow(), signal_id, by, call.body["answer"])
        log.info("signal_acknowledged", signal_id=str(signal_id), by=by)
        return Reply(200, signal)

    @read(
        "/v1/crews/<uuid:crew_id>/messages",
        returns={200: shapes.Messages},
        summary="What the crew and dispatchers wrote to each other",
    )
    def list_messages(self, call: Call) -> Reply:
        return Reply(200, {"messages": signals.list_messages(self.wiring.uow(), call.path["crew_id"])})

    @api(
        "POST",
        "/v1/crews/<uuid:crew_id>/messages",
        body=shapes.NewMessage,
        returns={201: shapes.MessageShape},
        roles=DISPATCHERS,
        summary="Write to a crew",
    )
    def write_to_crew(self, call: Call) -> Reply:
        crew_id, by = call.path["crew_id"], call.actor.id
        return Reply(201, signals.write_to_crew(self.wiring.uow(), crew_id, by, **call.body))
