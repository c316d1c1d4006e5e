"""Entry points of triage: registered requests, dispatchers' corrections, questions by RPC and HTTP."""

from typing import Any

from marshmallow import ValidationError
from nameko.rpc import rpc

from services.triage import schemas, usecases
from services.triage.domain.model import Decision
from services.triage.wiring import Wiring
from shared.bus import on
from shared.envelope import Event
from shared.errors import Invalid
from shared.http import Call, Reply, api
from shared.service import BaseService

_ASKERS = frozenset({"operator", "dispatcher", "senior_dispatcher", "master", "administrator"})


class TriageService(BaseService):
    """Urgency, system, fault and hazards of a request, by versioned rules, with reasons."""

    name = "triage"
    wiring = Wiring()

    @on("intake", "request.registered")
    def on_intake_request_registered(self, event: Event) -> None:
        told = schemas.RequestRegistered().load(event.data)
        uow = self.wiring.uow(event, "classify_request")
        usecases.classify_request(uow, self.wiring.judge, **told)

    @on("routing", "request.urgency_overridden")
    def on_routing_request_urgency_overridden(self, event: Event) -> None:
        correction = schemas.UrgencyOverridden().load(event.data)
        usecases.keep_correction(self.wiring.uow(event, "keep_correction"), correction)

    @rpc
    def classify(self, text: str, language: str | None = None, place: str | None = None) -> dict[str, Any]:
        """The decision as ``request.classified`` tells it, or ``{"error": code}``."""
        try:
            question = schemas.Question().load({"text": text, "language": language, "place": place})
        except ValidationError:
            return {"error": Invalid.code}
        return dict(schemas.DecisionShape().dump(self._facts(self._decide(question))))

    @api(
        "POST",
        "/v1/classify",
        body=schemas.Question,
        returns={200: schemas.AnswerShape},
        roles=_ASKERS,
        summary="Judge a text: urgency, fault, hazards, reasons and what to say",
    )
    def classify_text(self, call: Call) -> Reply:
        decision = self._decide(call.body)
        fault = self.wiring.judge.book.faults[decision.fault]
        spoken = schemas.advice(fault, call.language, decision.language)
        return Reply(200, {**self._facts(decision), **spoken})

    @api(
        "GET",
        "/v1/catalogue",
        returns={200: schemas.Catalogue},
        roles=_ASKERS,
        summary="The fault catalogue in the caller's language",
    )
    def show_catalogue(self, call: Call) -> Reply:
        return Reply(200, schemas.catalogue(self.wiring.judge.book, call.language))

    def _facts(self, decision: Decision) -> dict[str, Any]:
        return usecases.facts(decision, self.wiring.clock.now())

    def _decide(self, question: dict[str, Any]) -> Decision:
        return self.wiring.judge.classify(question["text"], question["language"], question["place"])
