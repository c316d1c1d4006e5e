"""Entry points of ``intake``: Twilio's message webhook and the operators' API."""

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from services.intake.clients import TriagePreview
from services.intake.schemas import http, twilio
from services.intake.schemas.phones import read_phone
from services.intake.usecases import conversations, forms
from services.intake.wiring import Wiring
from shared.http import Call, Reply, api, raw
from shared.idempotency import fingerprint
from shared.rpc import RpcClient
from shared.service import BaseService

_OPERATORS = frozenset({"operator", "dispatcher", "senior_dispatcher"})
_PREVIEW_TIMEOUT_S = 0.4


class IntakeService(BaseService):
    """Requests as residents make them: SMS conversations, operators' forms, the address registry."""

    name = "intake"
    wiring = Wiring()
    triage = RpcClient("triage", timeout=_PREVIEW_TIMEOUT_S)

    @raw("POST", "/twilio/sms", summary="Twilio's webhook for a message; signed, answered with TwiML")
    def receive_sms(self, call: Call) -> Response:
        """Commits to our own database and answers: no other service and no broker stands on this path."""
        form = call.request.form
        signature = call.request.headers.get("X-Twilio-Signature", "")
        self.wiring.signatures.check(self._public_address(call), form, signature)
        sms = twilio.read_sms(form)
        wiring = self.wiring
        reply = conversations.receive_sms(wiring.uow(), wiring.listener, wiring.catalog, read_phone, sms)
        return Response(twilio.answer(reply), content_type=twilio.TWIML)

    @api(
        "POST",
        "/v1/requests",
        body=http.NewRequest,
        returns={201: http.RequestWithPreview},
        roles=_OPERATORS,
        summary="Take a request by phone or on paper: registered if complete, else a draft",
        idempotent=True,
    )
    def create_request(self, call: Call) -> Reply:
        card = forms.take_form(
            self.wiring.uow(), self.wiring.listener, call.body, _command(call), http.request_card
        )
        return Reply(201, self._with_preview(card))

    @api(
        "PATCH",
        "/v1/requests/<uuid:request_id>",
        body=http.DraftChanges,
        returns={200: http.RequestWithPreview},
        roles=_OPERATORS,
        summary="Complete a draft; it is registered as soon as nothing is missing",
        idempotent=True,
    )
    def update_request(self, call: Call) -> Reply:
        card = forms.complete_draft(
            self.wiring.uow(),
            self.wiring.listener,
            call.path["request_id"],
            call.body,
            _command(call),
            http.request_card,
        )
        return Reply(200, self._with_preview(card))

    @api(
        "GET",
        "/v1/requests/<uuid:request_id>",
        returns={200: http.RequestWithPhone},
        roles=_OPERATORS,
        summary="One request as it was received",
    )
    def show_request(self, call: Call) -> Reply:
        request, contact = forms.show_request(self.wiring.uow(), call.path["request_id"])
        return Reply(200, http.request_with_phone(request, contact))

    @api(
        "GET",
        "/v1/requests",
        query=http.DraftQuery,
        returns={200: http.DraftList},
        roles=_OPERATORS,
        summary="Drafts, those that need an operator first",
    )
    def list_requests(self, call: Call) -> Reply:
        drafts = forms.list_drafts(self.wiring.uow(), call.query["limit"])
        return Reply(200, {"requests": [http.request_card(draft) for draft in drafts]})

    @api(
        "GET",
        "/v1/addresses",
        query=http.AddressQuery,
        returns={200: http.AddressList},
        roles=_OPERATORS,
        summary="Candidates for an address as typed",
    )
    def find_addresses(self, call: Call) -> Reply:
        found = forms.find_addresses(self.wiring.listener, call.query["q"]).candidates
        return Reply(200, {"candidates": [http.candidate_card(c) for c in found[: call.query["limit"]]]})

    def _with_preview(self, card: Mapping[str, Any]) -> Mapping[str, Any]:
        """Asked for after the commit: what is registered stays so whether triage answers or not."""
        preview = TriagePreview(self.triage)
        decision = preview.classify(card["text"], card["language"]) if card["text"] else None
        return {**card, "classification": decision}

    def _public_address(self, call: Call) -> str:
        """The address that the provider called and signed, which a proxy may have changed on the way."""
        query = call.request.query_string.decode("ascii", "replace")
        return f"{self.wiring.settings.public_url}{call.request.path}" + (f"?{query}" if query else "")


def _command(call: Call) -> forms.Command:
    path = {name: str(value) for name, value in call.path.items()}
    asked = fingerprint(call.request.method, path, call.request.get_json(silent=True))
    return forms.Command(call.actor.id, call.idempotency_key, asked)
