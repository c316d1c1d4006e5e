"""What a crew needs of people elsewhere, and what they answer."""

from functools import partial

from services.crews.schemas import orders, talk
from services.crews.service.base import CREWS, CrewPoints
from services.crews.usecases.talk import acknowledge_signal, receive_message
from shared.bus import on
from shared.envelope import Event
from shared.http import Call, Reply, api

_command = partial(api, "POST", roles=CREWS, idempotent=True)


class TalkPoints(CrewPoints):
    """Signals, messages, corrections, whether the crew can leave."""

    @_command(
        "/v1/sos",
        body=talk.NewSos,
        returns={200: talk.Raised},
        summary="People are in danger: reaches dispatcher and master at once, until a person acknowledges",
    )
    def raise_sos(self, call: Call) -> Reply:
        return self.perform(call, "sos")

    @_command(
        "/v1/assignments/<uuid:assignment_id>/sos",
        body=talk.NewSos,
        returns={200: talk.Raised},
        summary="The same while working on an order",
    )
    def raise_sos_on_assignment(self, call: Call) -> Reply:
        return self.perform(call, "sos")

    @_command(
        "/v1/assignments/<uuid:assignment_id>/signal",
        body=talk.NewSignal,
        returns={200: talk.Raised},
        summary="Need help, people or equipment, or another service",
    )
    def raise_signal(self, call: Call) -> Reply:
        return self.perform(call, "signal")

    @_command(
        "/v1/assignments/<uuid:assignment_id>/correct",
        body=orders.Correction,
        returns={200: orders.Noted},
        summary="Place, fault or address are otherwise than the card says",
    )
    def correct_assignment(self, call: Call) -> Reply:
        return self.perform(call, "correct")

    @_command(
        "/v1/assignments/<uuid:assignment_id>/leave",
        body=orders.Leaving,
        returns={200: orders.Noted},
        summary="The crew can, or cannot, leave this site now for an emergency",
    )
    def say_leaving(self, call: Call) -> Reply:
        return self.perform(call, "leave")

    @_command(
        "/v1/messages",
        body=talk.NewMessage,
        returns={200: talk.Kept},
        summary="Write to the dispatcher",
    )
    def write_message(self, call: Call) -> Reply:
        return self.perform(call, "message")

    @_command(
        "/v1/assignments/<uuid:assignment_id>/message",
        body=talk.NewMessage,
        returns={200: talk.Kept},
        summary="Write to the dispatcher about an order",
    )
    def write_message_on_assignment(self, call: Call) -> Reply:
        return self.perform(call, "message")

    @on("routing", "signal.acknowledged")
    def on_routing_signal_acknowledged(self, event: Event) -> None:
        told = talk.SignalAcknowledged().load(event.data)
        acknowledge_signal(self.wiring.uow(event, "acknowledge_signal"), **told)
        self.wiring.wake_phones()

    @on("routing", "crew.messaged")
    def on_routing_crew_messaged(self, event: Event) -> None:
        message = talk.CrewMessaged().load(event.data)
        receive_message(self.wiring.uow(event, "receive_message"), message)
        self.wiring.wake_phones()
