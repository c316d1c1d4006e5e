"""Open311 GeoReport v2: other systems report troubles, the public sees what became of them."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response

from services.intake.domain.keys import Scope
from services.intake.domain.open311 import Seen
from services.intake.domain.requests import Request
from services.intake.errors import RequestNotFound, ServiceNotFound, TokenNotFound
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
    return _response(wire.encode(cards, format_, "errors", "error"), format_, error.status)


def _field_errors(edge: Edge, error: AvariykaError, language: str) -> Iterator[tuple[str, str]]:
    found: Mapping[str, Any] = getattr(error, "errors", None) or {}
    for name, messages in found.items():
        yield name, " ".join(edge.catalog.verbatim(language, str(message)) for message in messages)


def _response(text: str, format_: str, status: int = 200) -> Response:
    return Response(text, status=status, content_type=wire.FORMATS[format_])


class Open311Points(IntakePoints):
    """The GeoReport v2 server."""

    @raw("GET", f"{_HOME}/discovery.<string:format>", summary="Open311 discovery", on_error=answer_error)
    def discover(self, call: Call) -> Response:
        format_ = wire.check_format(call.path["format"])
        text = self.wiring.catalog.text
        card = wire.discovery_card(
            f"{self.wiring.settings.public_url}{_HOME}",
            contact=str(
                self.wiring.settings.get("open311_contact") or text(call.language, "open311.contact")
            ),
            key_service=text(call.language, "open311.key_service"),
            changeset=_CHANGESET,
        )
        return _response(wire.encode(card, format_, "discovery"), format_)

    @raw("GET", f"{_HOME}/services.<string:format>", summary="Open311 service list", on_error=answer_error)
    def list_services(self, call: Call) -> Response:
        format_ = self._format(call)
        cards = [wire.service_card(service, call.language) for service in load_services().values()]
        return _response(wire.encode(cards, format_, "services", "service"), format_)

    @raw(
        "GET",
        f"{_HOME}/services/<string:service_code>.<string:format>",
        summary="Open311 service definition: what else is asked",
        on_error=answer_error,
    )
    def define_service(self, call: Call) -> Response:
        format_ = self._format(call)
        code = call.path["service_code"]
        if code not in load_services():
            raise ServiceNotFound(service_code=code)
        card = wire.definition_card(load_services()[code], call.language)
        return _response(wire.encode(card, format_, "service_definition"), format_)

    @raw(
        "POST",
        f"{_HOME}/requests.<string:format>",
        summary="Open311: report a trouble; an id at once, or a token while a person completes it",
        on_error=answer_error,
    )
    def submit_report(self, call: Call) -> Response:
        format_ = self._format(call)
        key = recognise(self.wiring.uow(), self.wiring.allowance, _key_text(call), Scope.OPEN311)
        services = load_services()
        sent = wire.read_report(call.request.values, services, call.idempotency_key)
        request = open311.submit_report(
            self.wiring.uow(), self.wiring.listener, services, sent, key, call.language
        )
        card = wire.receipt_card(
            request, sent.account_id, self._notice(request, sent.service_code, call.language)
        )
        return _response(wire.encode([card], format_, "service_requests", "request"), format_)

    @raw(
        "GET",
        f"{_HOME}/tokens/<string:token>.<string:format>",
        summary="Open311: the id behind a token",
        on_error=answer_error,
    )
    def follow_token(self, call: Call) -> Response:
        format_ = self._format(call)
        request = open311.find_request(self.wiring.uow(), _uuid(call.path["token"]))
        return _response(
            wire.encode([wire.token_card(request)], format_, "service_requests", "request"), format_
        )

    @raw(
        "GET",
        f"{_HOME}/requests.<string:format>",
        summary="Open311: what was reported",
        on_error=answer_error,
    )
    def list_reports(self, call: Call) -> Response:
        format_ = self._format(call)
        found = open311.list_reports(self.wiring.uow(), wire.read_query(call.request.args))
        return self._listed(call, format_, list(found))

    @raw(
        "GET",
        f"{_HOME}/requests/<string:request_id>.<string:format>",
        summary="Open311: one request",
        on_error=answer_error,
    )
    def show_report(self, call: Call) -> Response:
        format_ = self._format(call)
        query = wire.read_query({"service_request_id": call.path["request_id"]})
        if not query.numbers:
            raise RequestNotFound
        return self._listed(call, format_, [open311.show_report(self.wiring.uow(), query.numbers[0])])

    def _listed(self, call: Call, format_: str, found: list[Seen]) -> Response:
        services, language = load_services(), call.language
        reader = self._reader(call)
        is_open = bool(self.wiring.settings.get("open311_public_text", False))
        cards = [
            wire.request_card(
                seen,
                services.get(seen.report.service_code),
                language,
                self.wiring.catalog.text(language, f"state.{seen.state}"),
                shows_text=is_open or seen.report.key_id == reader,
            )
            for seen in found
        ]
        return _response(wire.encode(cards, format_, "service_requests", "request"), format_)

    def _reader(self, call: Call) -> UUID | None:
        """Whose key was shown along; reading needs none."""
        text = _key_text(call)
        if not text:
            return None
        return recognise(self.wiring.uow(), self.wiring.allowance, text, Scope.OPEN311).id

    def _format(self, call: Call) -> str:
        format_ = wire.check_format(call.path["format"])
        jurisdiction = str(self.wiring.settings.get("open311_jurisdiction"))
        wire.check_jurisdiction(call.request.values.get("jurisdiction_id"), jurisdiction)
        return format_

    def _notice(self, request: Request, service_code: str, language: str) -> str:
        """What happens next, and what the applicant should do until then."""
        text = self.wiring.catalog.text
        advice = load_services()[service_code].wordings[language].notice
        if request.is_draft:
            missing = ", ".join(text(language, f"open311.missing.{part}") for part in request.missing)
            said = text(language, "open311.draft", missing=missing)
        else:
            said = text(language, "open311.registered", number=request.number)
        return f"{said} {advice}".strip()


def _key_text(call: Call) -> str:
    return call.request.values.get("api_key") or call.request.headers.get("X-Api-Key", "")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise TokenNotFound from None
