"""Entry points of triage: registered requests, corrections of dispatchers and crews, questions."""

from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from nameko.rpc import rpc

from services.triage import schemas, usecases
from services.triage.domain.model import Decision
from services.triage.wiring import Wiring
from shared.bus import on
from shared.envelope import Event
from shared.errors import Invalid, NotFound
from shared.http import Call, Reply, api
from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES
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

    @on("crews", "assignment.corrected")
    def on_crews_assignment_corrected(self, event: Event) -> None:
        found = schemas.AssignmentCorrected().load(event.data)
        if found is not None:
            usecases.keep_fault_found(self.wiring.uow(event, "keep_fault_found"), found)

    @rpc
    def classify(self, text: str, language: str | None = None, place: str | None = None) -> dict[str, Any]:
        """The decision as ``request.classified`` tells it, or ``{"error": code}``."""
        try:
            question = schemas.Question().load({"text": text, "language": language, "place": place})
        except ValidationError:
            return {"error": Invalid.code}
        return dict(schemas.DecisionShape().dump(self._facts(self._decide(question))))

    @rpc
    def explain(self, request_id: str, language: str = "ru") -> dict[str, Any]:
        """The kept decision of a request with sources and corrections, or ``{"error": code}``."""
        try:
            asked = schemas.RequestPath().load({"request_id": request_id})
            return dict(
                schemas.ExplanationShape().dump(self._explained(asked["request_id"], _named(language)))
            )
        except (ValidationError, NotFound) as refused:
            return {"error": NotFound.code if isinstance(refused, NotFound) else Invalid.code}

    @rpc
    def catalogue(self, language: str = "ru") -> dict[str, Any]:
        """All faults of the rules in force, named in ``language`` (Russian if unknown)."""
        return dict(schemas.Catalogue().dump(schemas.catalogue(self.wiring.judge.book, _named(language))))

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
        spoken = schemas.advice(self.wiring.judge.book, decision, call.language)
        return Reply(200, {**self._facts(decision), **spoken})

    @api(
        "GET",
        "/v1/decisions/<uuid:request_id>",
        returns={200: schemas.ExplanationShape},
        roles=_ASKERS,
        summary="Why a request was decided as it was, and what dispatchers changed",
    )
    def show_decision(self, call: Call) -> Reply:
        return Reply(200, self._explained(call.path["request_id"], call.language))

    @api(
        "GET",
        "/v1/catalogue",
        returns={200: schemas.Catalogue},
        roles=_ASKERS,
        summary="The fault catalogue in the caller's language",
    )
    def show_catalogue(self, call: Call) -> Reply:
        return Reply(200, schemas.catalogue(self.wiring.judge.book, call.language))

    def _explained(self, request_id: UUID, language: str) -> dict[str, Any]:
        kept = usecases.explain_request(self.wiring.uow(), request_id)
        book = self.wiring.judge.book
        return {
            "request_id": request_id,
            **usecases.facts(kept.decision, kept.decided_at),
            **schemas.advice(book, kept.decision, language),
            "rests_on": schemas.rests_on(book, kept.decision, language),
            "corrections": kept.corrections,
            "faults_found": kept.faults_found,
        }

    def _facts(self, decision: Decision) -> dict[str, Any]:
        return usecases.facts(decision, self.wiring.clock.now())

    def _decide(self, question: dict[str, Any]) -> Decision:
        return self.wiring.judge.classify(question["text"], question["language"], question["place"])


def _named(language: str) -> str:
    """The language to name things in: the one asked for, else the default."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE
