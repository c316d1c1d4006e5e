"""The operators' API: the form, drafts, the address field."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any
from uuid import UUID

from services.intake.clients import TriagePreview
from services.intake.domain.lookup import Found
from services.intake.schemas import desk, http, lookup, privacy
from services.intake.schemas.outages import house_of, ride_card
from services.intake.service.base import OPERATORS, READERS, IntakePoints, command_of, etag, version_of
from services.intake.service.confidential import reader_of
from services.intake.usecases import addresses, disclosure, forms, judging, outages
from services.intake.usecases import lookup as usecases
from services.intake.usecases.callbacks import CallFilter, list_calls
from shared.http import Call, Reply, api
from shared.rpc import RpcClient

_PREVIEW_TIMEOUT_S = 0.4


class OperatorPoints(IntakePoints):
    """What an operator at the telephone needs."""

    triage = RpcClient("triage", timeout=_PREVIEW_TIMEOUT_S)

    @api(
        "POST",
        "/v1/requests",
        body=http.NewRequest,
        returns={201: http.RequestOnTheLine},
        roles=OPERATORS,
        summary="Take a request by phone or on paper: registered if complete, else a draft",
        idempotent=True,
    )
    def create_request(self, call: Call) -> Reply:
        card = forms.take_form(
            self.wiring.uow(), self.wiring.listener, self._form(call), command_of(call), http.request_card
        )
        return self._told(201, call, card)

    @api(
        "PATCH",
        "/v1/requests/<uuid:request_id>",
        body=http.DraftChanges,
        returns={200: http.RequestOnTheLine},
        roles=OPERATORS,
        summary="Save what is typed, or complete a draft; If-Match names the version it was made from",
        idempotent=True,
    )
    def update_request(self, call: Call) -> Reply:
        card = forms.complete_draft(
            self.wiring.uow(),
            self.wiring.listener,
            call.path["request_id"],
            self._form(call),
            replace(command_of(call), version=version_of(call)),
            http.request_card,
        )
        return self._told(200, call, card)

    @api(
        "POST",
        "/v1/requests/<uuid:request_id>/judgement",
        body=desk.JudgementBody,
        returns={200: desk.JudgementShape},
        roles=OPERATORS,
        summary="The applicant says on the telephone whether it is fixed; a no takes it back to a dispatcher",
    )
    def judge_request(self, call: Call) -> Reply:
        judged = judging.judge_by_phone(self.wiring.uow(), call.path["request_id"], call.body["fixed"])
        return Reply(200, asdict(judged))

    @api(
        "POST",
        "/v1/requests/<uuid:request_id>/copy",
        returns={201: http.RequestShape},
        roles=OPERATORS,
        summary="A draft for another trouble of the same person at the same place",
        idempotent=True,
    )
    def copy_request(self, call: Call) -> Reply:
        command = command_of(call)
        wiring, request_id = self.wiring, call.path["request_id"]
        card = forms.copy_request(wiring.uow(), wiring.listener, request_id, command, http.request_card)
        return Reply(201, card, etag(card))

    @api(
        "GET",
        "/v1/requests/<uuid:request_id>",
        query=privacy.WhyQuery,
        returns={200: http.RequestWithCalls},
        roles=READERS,
        summary="One request as it was received; number and name masked unless a reason is given",
    )
    def show_request(self, call: Call) -> Reply:
        reader = reader_of(call)
        request, person = disclosure.show_request(self.wiring.uow(), call.path["request_id"], reader)
        card = http.request_with_person(request, person)
        calls = list_calls(self.wiring.uow(), CallFilter(request_id=request.id))
        return Reply(200, http.with_calls(card, calls), etag(card))

    @api(
        "GET",
        "/v1/requests",
        query=lookup.SearchQuery,
        returns={200: lookup.FoundList},
        roles=OPERATORS,
        summary="Requests by number, phone, address, state, time, the newest first; drafts alone by need",
    )
    def list_requests(self, call: Call) -> Reply:
        words, limit = self._words(call), call.query["limit"]
        if lookup.is_drafts_alone(call.query):
            drafts = forms.list_drafts(self.wiring.uow(), limit)
            found = [lookup.found_card(Found(draft, None), words) for draft in drafts]
            return Reply(200, {"requests": found, "next": None})
        wanted = lookup.wanted_of(call.query)
        requests = usecases.find_requests(self.wiring.uow(), self.wiring.listener, *wanted)
        return Reply(200, lookup.found_list(requests, limit, words))

    @api(
        "GET",
        "/v1/requests/<uuid:request_id>/around",
        returns={200: lookup.AroundShape},
        roles=OPERATORS,
        summary="While a request is typed: outages at its place, earlier requests there and of its applicant",
    )
    def look_around(self, call: Call) -> Reply:
        around = usecases.look_around(self.wiring.uow(), call.path["request_id"])
        return Reply(200, lookup.around_card(around, call.language, self._words(call)))

    @api(
        "GET",
        "/v1/addresses",
        query=http.AddressQuery,
        returns={200: http.AddressList},
        roles=OPERATORS,
        summary="Candidates for an address as typed",
    )
    def find_addresses(self, call: Call) -> Reply:
        wiring = self.wiring
        found = addresses.find_addresses(wiring.listener, wiring.geocoder, call.query["q"])
        return Reply(200, {"candidates": [http.candidate_card(c) for c in found[: call.query["limit"]]]})

    def _words(self, call: Call) -> lookup.Words:
        return partial(self.wiring.catalog.text, call.language)

    def _form(self, call: Call) -> forms.Form:
        return desk.in_zone(call.body, self.wiring.zone, self.wiring.clock.now())

    def _told(self, status: int, call: Call, card: Mapping[str, Any]) -> Reply:
        """A form that is only saved costs no question to triage, unless its text is new."""
        asks = call.body.register or call.body.text
        shown = self._with_preview(card) if asks else {**card, "classification": None, **self._outages(card)}
        return Reply(status, shown, etag(card))

    def _with_preview(self, card: Mapping[str, Any]) -> Mapping[str, Any]:
        """Asked for after the commit: what is registered stays so whether triage answers or not."""
        preview = TriagePreview(self.triage)
        decision = preview.classify(card["text"], card["language"]) if card["text"] else None
        return {**card, "classification": decision, **self._outages(card)}

    def _outages(self, card: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the operator tells the resident at once: that it is known, and until when."""
        own = outages.show_ride(self.wiring.uow(), UUID(card["request_id"]))
        here = outages.list_at_house(self.wiring.uow(), house_of(card["address"]))
        return {
            "outage": ride_card(own) if own is not None else None,
            "outages_here": [ride_card(seen) for seen in here],
        }
