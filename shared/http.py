"""The HTTP edge: decode by schema, check who calls, call one use-case, encode. Errors become problem+json.

Every endpoint describes itself, so OpenAPI documents are made from the same schemas that check the traffic.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from eventlet.event import Event
from marshmallow import Schema, ValidationError
from nameko.extensions import SharedExtension
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import HttpOnlyProtocol, WebServer, WsgiApp
from prometheus_client import Counter, Histogram
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as HttpMethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from shared import encoding
from shared.auth import Actor, TokenInvalid, TokenReader
from shared.clock import SystemClock
from shared.config import ROOT
from shared.db import DATABASE_AWAY
from shared.errors import AvariykaError, Forbidden, Invalid, NotFound, TooLarge, Unauthenticated, Unavailable
from shared.i18n import Catalog, choose_language
from shared.logs import get_logger

PROBLEM = "application/problem+json"
MAX_BODY_BYTES = 64 * 1024
SchemaLike = type[Schema] | Schema

_seconds = Histogram("http_request_seconds", "Time to answer", ["route", "method"])
_answers = Counter("http_requests_total", "Answers given", ["route", "method", "status"])
_log = get_logger(__name__)


class InvalidJson(Invalid):
    code = "invalid_json"


class MethodNotAllowed(AvariykaError):
    code = "method_not_allowed"
    status = 405


@dataclass(frozen=True)
class Call:
    """One HTTP request after decoding: what a use-case needs, nothing of the framework but ``request``."""

    request: Request
    actor: Actor
    language: str
    correlation_id: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Any] = field(default_factory=dict)

    @property
    def idempotency_key(self) -> str | None:
        return self.request.headers.get("Idempotency-Key")


@dataclass(frozen=True)
class Reply:
    """What to answer; ``body`` is dumped through the endpoint's schema for this status."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class BoundedRequest(Request):
    """Reads no more of a body than is needed to see that it is too large; see ``max_body_bytes``."""

    max_content_length = MAX_BODY_BYTES + 1
    max_form_memory_size = MAX_BODY_BYTES


class Edge(SharedExtension):
    """What the endpoints of one service share: the token reader and the texts.

    ``revoked`` names sessions whose tokens are refused before they end; a service that knows some sets it.
    """

    def setup(self) -> None:
        settings = self.container.config["settings"]
        key_file = settings.secret("AVARIYKA_TOKEN_PUBLIC_KEY_FILE")
        self.tokens = TokenReader.from_file(key_file, SystemClock())
        self.catalog = Catalog(ROOT / "services" / settings.service / "locale")
        self.revoked: frozenset[str] = frozenset()

    def actor(self, request: Request) -> Actor:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        actor = self.tokens.read(token.strip())
        if actor.session_id in self.revoked:
            raise TokenInvalid
        return actor

    def problem(self, error: AvariykaError, language: str, correlation_id: str) -> Response:
        """The error as RFC 9457 says it, in the caller's language, with a code that never changes."""
        body: dict[str, Any] = {
            "type": f"urn:avariyka:error:{error.code}",
            "title": self.title(error, language),
            "status": error.status,
            "code": error.code,
            "correlation_id": correlation_id,
        }
        if errors := getattr(error, "errors", None):
            body["errors"] = self.catalog.translated(language, errors)
        if error.details:
            body["details"] = error.details
        response = Response(encoding.dumps(body), status=error.status, content_type=PROBLEM)
        response.headers["X-Correlation-Id"] = correlation_id
        return response

    def title(self, error: AvariykaError, language: str) -> str:
        """What is wrong and what to do, for a person."""
        try:
            return self.catalog.text(language, f"error.{error.code}", **error.details)
        except (KeyError, IndexError):
            return error.code


class JsonWsgiApp(WsgiApp):
    """Unknown paths and wrong methods answer in the same form as everything else."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input_terminated"] = True  # eventlet ends a chunked body where it ends
        request: Any = BoundedRequest(environ, shallow=True)
        try:
            provider, request.path_values = self.url_map.bind_to_environ(environ).match()
        except HTTPException as missing:
            response = self._missing(request, missing)
        else:
            response = provider.handle_request(request)
        return response(environ, start_response)

    def _missing(self, request: Request, missing: HTTPException) -> Response:
        error = MethodNotAllowed() if isinstance(missing, HttpMethodNotAllowed) else NotFound()
        language = choose_language(request.headers.get("Accept-Language"))
        response: Response = self.server.edge.problem(error, language, _correlation_id(request))
        if isinstance(missing, HttpMethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(missing.valid_methods or ()))
        return response


class EdgeServer(WebServer):
    """nameko's server, which goes on answering new callers until the service is gone; this one lets nobody in
    once its endpoints stop, and finishes what is inside."""

    edge = Edge()

    def unregister_provider(self, provider: Any) -> None:
        self._gt.kill()
        self._sock.close()
        self._serv.keepalive = False
        super().unregister_provider(provider)

    def get_wsgi_app(self) -> JsonWsgiApp:
        return JsonWsgiApp(self)

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, **_: Any) -> Any:
        return super().get_wsgi_server(sock, wsgi_app, protocol=DiscreetProtocol)


class DiscreetProtocol(HttpOnlyProtocol):
    """The library prints what a broken client said, which may be anything; this says only that one came."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ARG002 - the library's signature
        _log.warning("http_malformed", client=self.client_address[0])


class Endpoint(HttpRequestHandler):
    """One method and path, with its schemas and the roles that may call it (None: public).

    ``returns`` names the schema of the body for each status, None where there is no body.
    ``max_body_bytes`` bounds what is read of a body: files of a form go to temporary files, no field of it
    may exceed ``MAX_BODY_BYTES``. ``on_error`` answers errors where people look at pages and not at JSON.
    """

    server = EdgeServer()
    edge = Edge()

    def __init__(
        self,
        method: str,
        url: str,
        *,
        body: SchemaLike | None = None,
        query: SchemaLike | None = None,
        returns: Mapping[int, SchemaLike | None] | None = None,
        roles: set[str] | frozenset[str] | None = None,
        summary: str = "",
        raw: bool = False,
        idempotent: bool = False,
        max_body_bytes: int = MAX_BODY_BYTES,
        on_error: "OnError | None" = None,
        **kwargs: Any,
    ) -> None:
        self.body, self.query, self.returns = _instance(body), _instance(query), _instances(returns)
        self.roles, self.summary, self.raw, self.idempotent = roles, summary, raw, idempotent
        self.max_body_bytes, self.on_error = max_body_bytes, on_error
        kwargs.setdefault("expected_exceptions", (AvariykaError, ValidationError))
        super().__init__(method, url, **kwargs)

    def get_url_rule(self) -> Rule:
        return Rule(self.url, methods=[self.method])

    def handle_request(self, request: Request) -> Response:
        request.shallow = False
        request.max_content_length = self.max_body_bytes + 1
        correlation_id = _correlation_id(request)
        started = time.perf_counter()
        with request:  # closes the temporary files of a form
            response = self._answer_or_error(request, correlation_id)
        _seconds.labels(self.url, self.method).observe(time.perf_counter() - started)
        _answers.labels(self.url, self.method, response.status_code).inc()
        return response

    def _answer_or_error(self, request: Request, correlation_id: str) -> Response:
        language = choose_language(request.headers.get("Accept-Language"))
        error: AvariykaError
        try:
            return self._answer(request, language, correlation_id)
        except ValidationError as invalid:
            error = Invalid(errors=invalid.messages)
        except AvariykaError as refusal:
            error = refusal
        except DATABASE_AWAY as down:
            _log.warning("http_without_database", route=self.url, reason=type(down).__name__)
            error = Unavailable()
        except Exception as failure:
            _log.error("http_failed", route=self.url, correlation_id=correlation_id, exc_info=failure)
            error = AvariykaError()
        if self.on_error is not None:
            return self._encode(self.on_error(self.edge, request, error), correlation_id)
        return self.edge.problem(error, language, correlation_id)

    def _answer(self, request: Request, language: str, correlation_id: str) -> Response:
        call = self._decode(request, language, correlation_id)
        waiting: Any = _Promise()
        self.container.spawn_worker(
            self,
            (call,),
            {},
            context_data={"correlation_id": correlation_id},
            handle_result=partial(self.handle_result, waiting),
        )
        return self._encode(waiting.wait(), correlation_id)

    def _decode(self, request: Request, language: str, correlation_id: str) -> Call:
        actor = self._admit(request)
        _take_in(request, self.max_body_bytes)
        return Call(
            request=request,
            actor=actor,
            language=language,
            correlation_id=correlation_id,
            body=self.body.load(_json(request)) if self.body else None,
            query=self.query.load(_storable(request.args.to_dict())) if self.query else {},
            path=vars(request)["path_values"],
        )

    def _admit(self, request: Request) -> Actor:
        if self.roles is None:
            return Actor(id="anonymous")
        actor = self.edge.actor(request)
        if not actor.roles & self.roles:
            raise Forbidden
        return actor

    def _encode(self, result: Any, correlation_id: str) -> Response:
        response = result if isinstance(result, Response) else self._dump(result)
        response.headers.setdefault("X-Correlation-Id", correlation_id)
        return response

    def _dump(self, reply: Reply) -> Response:
        schema = self.returns.get(reply.status)
        content = schema.dump(reply.body) if schema is not None else reply.body
        text = "" if content is None else encoding.dumps(content)
        return Response(
            text,
            status=reply.status,
            headers=dict(reply.headers),
            content_type="application/json; charset=utf-8",
        )


OnError = Callable[[Edge, Request, AvariykaError], Response]
"""Makes the answer to an error where it must not be problem+json."""

api = Endpoint.decorator
raw = partial(Endpoint.decorator, raw=True)


class _Promise:
    """The worker's result, handed to the greenlet that answers the request."""

    def __init__(self) -> None:
        self._event = Event()

    def send(self, result: Any, exc_info: Any) -> None:
        if exc_info:
            self._event.send_exception(exc_info[1])
        else:
            self._event.send(result)

    def wait(self) -> Any:
        return self._event.wait()


def _correlation_id(request: Request) -> str:
    given = request.headers.get("X-Correlation-Id", "")
    acceptable = 8 <= len(given) <= 64 and given.replace("-", "").isalnum()
    return given if acceptable else str(uuid4())


def _take_in(request: Request, limit: int) -> None:
    """Read the body, which may come without its length said, no further than its limit."""
    try:
        is_large = (request.content_length or 0) > limit
        if not is_large and request.mimetype == "multipart/form-data":
            request.form  # noqa: B018 - reads the form, files to the disk
        elif is_large or len(request.get_data()) > limit:
            raise RequestEntityTooLarge
    except RequestEntityTooLarge as large:
        raise TooLarge(limit_kb=limit // 1024) from large


def _json(request: Request) -> Any:
    try:
        return _storable(json.loads(request.get_data() or b"{}"))
    except (ValueError, RecursionError) as broken:
        raise InvalidJson from broken


def _storable(content: Any) -> Any:
    """JSON and URLs can carry what a database text cannot: NUL, and halves of surrogate pairs."""
    try:
        if b"\0" in "".join(_texts(content)).encode():
            raise Invalid
    except UnicodeEncodeError as broken:
        raise Invalid from broken
    return content


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from _texts(value)
    elif isinstance(content, list):
        for item in content:
            yield from _texts(item)


def _instance(schema: SchemaLike | None) -> Schema | None:
    return schema() if isinstance(schema, type) else schema


def _instances(schemas: Mapping[int, SchemaLike | None] | None) -> dict[int, Schema | None]:
    return {status: _instance(given) for status, given in (schemas or {}).items()}


def endpoints(service_class: type) -> list[tuple[Endpoint, Callable[..., Any]]]:
    """Every endpoint of a service class with its method, in the order of path and verb."""
    found = [
        (entrypoint, method)
        for name in dir(service_class)
        if callable(method := getattr(service_class, name))
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, Endpoint)
    ]
    return sorted(found, key=lambda pair: (pair[0].url, pair[0].method))
