"""Open311 GeoReport v2: other systems report troubles, the public sees what became of them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response

from services.intake.domain.keys import Scope
from services.intake.domain.open311 import Seen, Service
from services.intake.domain.outages import State
from services.intake.errors import TokenNotFound
from services.intake.schemas import open311 as wire
from services.intake.schemas.open311_catalogue import load_services
from services.intake.service.base import IntakePoints
from services.intake.usecases import open311
from services.intake.usecases.keys import recognise
from shared.errors import AvariykaError
from shared.http import Call, Edge, raw
from shared.i18n import choose_language

_HOME = "/open311/v2"
_CHANGESET = "2026-11-26T00:00:00Z"
"""When the list of services last changed its codes."""


def answer_error(edge: Edge, request: HttpRequest, error: AvariykaError) -> Response:
    """An error as the specification wants it: a list of codes with descriptions."""
    format_ = "xml" if request.path.endswith(".xml") else "json"
    language = choose_language(request.headers.get("Accept-Language"))
    fields = [f"{name}: {text}" for name, text in _field_errors(edge, error, language)]
    cards = wire.error_cards(error.status, fields or [edge.title(error, language)])
    text = wire.encode(cards, format_, "errors", "error")
    response = Response(text, status=error.status, content_type=wire.FORMATS[format_])
    if "retry_after_s" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_s"])
    return response


def _field_errors(edge: Edge, error: AvariykaError, language: str) -> Iterator[tuple[str, str]]:
    found: Mapping[str, Any] = getattr(error, "errors", None) or {}
    for name, messages in found.items():
        yield name, " ".join(edge.catalog.verbatim(language, str(message)) for message in messages)


_point = partial(raw, on_error=answer_error)


class Open311Points(IntakePoints):
    """The GeoReport v2 server."""

    @_point("GET", f"{_HOME}/discovery.<string:format>", summary="Open311: discovery")
    def discover(self, call: Call) -> Response:
        text, settings = self.wiring.catalog.text, self.wiring.settings
        card = wire.discovery_card(
            f"{settings.public_url}{_HOME}",
            contact=str(settings.get("open311_contact") or text(call.language, "open311.contact")),
            key_service=text(call.language, "open311.key_service"),
            changeset=_CHANGESET,
        )
        return _answer(call, card, "discovery")

    @_point("GET", f"{_HOME}/services.<string:format>", summary="Open311: what may be reported")
    def list_services(self, call: Call) -> Response:
        self._check(call)
        cards = [wire.service_card(service, call.language) for service in load_services().values()]
        return _answer(call, cards, "services", "service")

    @_point(
        "GET",
        f"{_HOME}/services/<string:service_code>.<string:format>",
        summary="Open311: what else is asked about a service",
    )
    def define_service(self, call: Call) -> Response:
        self._check(call)
        service = open311.service_of(load_services(), call.path["service_code"])
        return _answer(call, wire.definition_card(service, call.language), "service_definition")

    @_point(
        "POST",
        f"{_HOME}/requests.<string:format>",
        summary="Open311: report a trouble; an id at once, or a token while a person completes it",
    )
    def submit_report(self, call: Call) -> Response:
        self._check(call)
        key = recognise(self.wiring.uow(), self.wiring.allowance, _key_text(call), Scope.OPEN311)
        sent = wire.read_report(call.request.values, call.idempotency_key)
        service = open311.service_of(load_services(), sent.service_code)
        taken = open311.submit_report(
            self.wiring.uow(), self.wiring.listener, service, sent, key, call.language
        )
        notice = self._notice(taken, service, call.language)
        card = wire.receipt_card(taken.request, sent.account_id, notice)
        return _answer(call, [card], "service_requests", "request")

    @_point("GET", f"{_HOME}/tokens/<string:token>.<string:format>", summary="Open311: the id of a token")
    def follow_token(self, call: Call) -> Response:
        self._check(call)
        request = open311.find_request(self.wiring.uow(), _uuid(call.path["token"]))
        return _answer(call, [wire.token_card(request)], "service_requests", "request")

    @_point("GET", f"{_HOME}/requests.<string:format>", summary="Open311: what was reported")
    def list_reports(self, call: Call) -> Response:
        self._check(call)
        query = wire.read_query(call.request.args)
        return self._listed(call, open311.list_reports(self.wiring.uow(), query))

    @_point(
        "GET",
        f"{_HOME}/requests/<string:request_id>.<string:format>",
        summary="Open311: one request",
    )
    def show_report(self, call: Call) -> Response:
        self._check(call)
        query = wire.read_query({"service_request_id": call.path["request_id"]})
        return self._listed(call, open311.show_report(self.wiring.uow(), query))

    def _check(self, call: Call) -> None:
        ours = str(self.wiring.settings.get("open311_jurisdiction"))
        wire.check_jurisdiction(call.request.values.get("jurisdiction_id"), ours)

    def _listed(self, call: Call, found: Sequence[Seen]) -> Response:
        reader = self._reader(call)
        for_all = bool(self.wiring.settings.get("open311_public_text", False))
        cards = [self._card(seen, call.language, for_all or seen.report.key_id == reader) for seen in found]
        return _answer(call, cards, "service_requests", "request")

    def _reader(self, call: Call) -> UUID | None:
        """Whose key was shown along; reading needs none."""
        text = _key_text(call)
        if not text:
            return None
        return recognise(self.wiring.uow(), self.wiring.allowance, text, Scope.OPEN311).id

    def _card(self, seen: Seen, language: str, shows_text: bool) -> Mapping[str, Any]:
        service = load_services().get(seen.report.service_code)
        state = self.wiring.catalog.text(language, f"state.{seen.state}")
        return wire.request_card(seen, service, language, state, shows_text)

    def _notice(self, taken: open311.Taken, service: Service, language: str) -> str:
        """What happens next, and what the applicant should do until then."""
        text, request = self.wiring.catalog.text, taken.request
        if request.is_draft:
            missing = ", ".join(text(language, f"open311.missing.{part}") for part in request.missing)
            said = text(language, "open311.draft", missing=missing)
        else:
            said = text(language, "open311.registered", number=request.number)
        if taken.outage is not None and taken.outage.state is State.OPEN:
            said = f"{said} {text(language, 'open311.outage', outage=taken.outage.number)}"
        return f"{said} {service.wordings[language].notice}".strip()


def _answer(call: Call, content: Any, root: str, item: str = "") -> Response:
    format_ = wire.check_format(call.path["format"])
    return Response(wire.encode(content, format_, root, item), content_type=wire.FORMATS[format_])


def _key_text(call: Call) -> str:
    return call.request.values.get("api_key") or call.request.headers.get("X-Api-Key", "")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise TokenNotFound from None
