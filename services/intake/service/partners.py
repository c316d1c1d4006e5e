"""Cards exchanged with partner services: theirs come in signed, ours go out by a dispatcher's word."""

import json
from functools import partial
from uuid import UUID

from nameko.rpc import rpc

from services.intake.domain.keys import ApiKey, Scope
from services.intake.domain.partners import Partner, check_signature
from services.intake.domain.privacy import Purpose
from services.intake.errors import DeliveryNotFound, NothingToRetry
from services.intake.schemas import partners as wire
from services.intake.service.base import OPERATORS, IntakePoints
from services.intake.usecases import cards, deliveries
from services.intake.usecases.disclosure import Reader
from services.intake.usecases.keys import recognise
from services.intake.usecases.partners import list_partners, partner_of
from shared.http import Call, Reply, api


class PartnerPoints(IntakePoints):
    """What partners call, and what dispatchers do with partners."""

    @api(
        "POST",
        "/v1/partner/cards",
        body=wire.PartnerCard,
        returns={200: wire.CardStatus},
        summary="A partner's card, or a further revision of it; X-Api-Key and a signature",
    )
    def take_card(self, call: Call) -> Reply:
        partner, key = self._partner(call)
        content = call.request.get_data(as_text=True)
        card = wire.read_card(call.body, content, json.loads(content))
        wiring = self.wiring
        followed = cards.take_card(wiring.uow(), wiring.listener, wiring.catalog, partner, key, card)
        return Reply(200, wire.status_card(followed))

    @api(
        "GET",
        "/v1/partner/cards/<string:external_id>",
        returns={200: wire.CardStatus},
        summary="What became of a partner's card; X-Api-Key and a signature of the empty body",
    )
    def follow_card(self, call: Call) -> Reply:
        partner, _ = self._partner(call)
        followed = cards.follow_card(self.wiring.uow(), partner, call.path["external_id"])
        return Reply(200, wire.status_card(followed))

    @api(
        "POST",
        "/v1/partner/deliveries/<uuid:delivery_id>/acknowledgement",
        body=wire.Acknowledgement,
        returns={200: wire.DeliveryShape},
        summary="A partner has read what we sent; X-Api-Key and a signature",
    )
    def acknowledge_delivery(self, call: Call) -> Reply:
        partner, _ = self._partner(call)
        reference = call.body["reference"] or ""
        known = deliveries.acknowledge(self.wiring.uow(), partner, call.path["delivery_id"], reference)
        return Reply(200, wire.delivery_card(known))

    @api(
        "GET",
        "/v1/partners",
        returns={200: wire.PartnerList},
        roles=OPERATORS,
        summary="Partner services, and to which of them cards can be sent",
    )
    def list_partners(self, call: Call) -> Reply:  # noqa: ARG002 - the edge's signature
        known = [p for p in list_partners(self.wiring.uow()) if p.is_active]
        return Reply(200, {"partners": [wire.partner_card(partner) for partner in known]})

    @api(
        "POST",
        "/v1/requests/<uuid:request_id>/cards",
        body=wire.SendCard,
        returns={202: wire.DeliveryShape},
        roles=OPERATORS,
        summary="Send a card of this request to a partner, with the person to call",
    )
    def send_card(self, call: Call) -> Reply:
        reader = Reader(call.actor.id, call.actor.roles, Purpose.TRANSFER)
        delivery = deliveries.send_card(
            self.wiring.uow(),
            call.path["request_id"],
            call.body["partner"],
            call.body["note"],
            reader,
            partial(wire.card_text, now=self.wiring.clock.now()),
        )
        self.wiring.wake_courier()
        return Reply(202, wire.delivery_card(delivery))

    @api(
        "GET",
        "/v1/requests/<uuid:request_id>/cards",
        returns={200: wire.RequestCards},
        roles=OPERATORS,
        summary="Cards that came and went about a request",
    )
    def show_cards(self, call: Call) -> Reply:
        request_id = call.path["request_id"]
        received = cards.cards_of(self.wiring.uow(), request_id)
        sent = deliveries.deliveries_of(self.wiring.uow(), request_id)
        return Reply(
            200,
            {
                "received": [wire.received_card(card) for card in received],
                "sent": [wire.delivery_card(delivery) for delivery in sent],
            },
        )

    @api(
        "GET",
        "/v1/partner-deliveries",
        query=wire.DeliveryQuery,
        returns={200: wire.DeliveryList},
        roles=OPERATORS,
        summary="What did not reach a partner (or waits, or has arrived), the newest first",
    )
    def list_deliveries(self, call: Call) -> Reply:
        found = deliveries.list_deliveries(self.wiring.uow(), call.query["progress"], call.query["limit"])
        return Reply(200, {"deliveries": [wire.delivery_card(delivery) for delivery in found]})

    @api(
        "POST",
        "/v1/partner-deliveries/<uuid:delivery_id>/retry",
        returns={200: wire.DeliveryShape},
        roles=OPERATORS,
        summary="Try a failed delivery again",
    )
    def retry_delivery(self, call: Call) -> Reply:
        waiting = deliveries.retry(self.wiring.uow(), call.path["delivery_id"])
        self.wiring.wake_courier()
        return Reply(200, wire.delivery_card(waiting))

    @rpc
    def retry_partner_delivery(self, delivery_id: str) -> dict[str, str]:
        """For a dispatcher of another service: what stands now, or ``{"error": code}``."""
        try:
            waiting = deliveries.retry(self.wiring.uow(), UUID(delivery_id))
        except ValueError:
            return {"error": DeliveryNotFound.code}
        except (DeliveryNotFound, NothingToRetry) as refused:
            return {"error": refused.code}
        self.wiring.wake_courier()
        return {"state": waiting.progress.value}

    def _partner(self, call: Call) -> tuple[Partner, ApiKey]:
        """Who calls, proved by key and signature."""
        headers = call.request.headers
        text = headers.get("X-Api-Key", "")
        key = recognise(self.wiring.uow(), self.wiring.allowance, text, Scope.CARDS)
        partner = partner_of(self.wiring.uow(), key)
        check_signature(
            partner.secret,
            headers.get("Avariyka-Timestamp", ""),
            headers.get("Avariyka-Signature", ""),
            call.request.get_data(),
            self.wiring.clock.now(),
        )
        return partner, key
