"""OpenAPI 3 documents, made from the endpoints' own marshmallow schemas."""

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from shared import __version__
from shared.http import PROBLEM, Endpoint, endpoints

_VARIABLE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_TYPES = {"int": {"type": "integer"}, "uuid": {"type": "string", "format": "uuid"}}
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code", "correlation_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What is wrong and what to do, in the caller's language"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; programs decide by it"},
        "correlation_id": {"type": "string"},
        "errors": {"type": "object", "description": "Field by field, for invalid input"},
        "details": {"type": "object"},
    },
}


def document(service_class: Any) -> dict[str, Any]:
    """The OpenAPI document of one service."""
    spec = APISpec(
        title=f"Avariyka {service_class.name}",
        version=__version__,
        openapi_version="3.0.3",
        plugins=[MarshmallowPlugin()],
        info={"description": (service_class.__doc__ or "").strip()},
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.schema("Problem", _PROBLEM_SCHEMA)
    for endpoint, method in endpoints(service_class):
        spec.path(path=_VARIABLE.sub(r"{\g<name>}", endpoint.url), operations=_operation(endpoint, method))
    described: dict[str, Any] = spec.to_dict()
    return described


def _operation(endpoint: Endpoint, method: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": method.__name__,
        "summary": endpoint.summary,
        "description": (method.__doc__ or "").strip(),
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
    }
    if endpoint.roles is not None:
        operation["security"] = [{"bearer": []}]
        operation["x-roles"] = sorted(endpoint.roles)
    if endpoint.body is not None:
        content = {"application/json": {"schema": endpoint.body}}
        operation["requestBody"] = {"required": True, "content": content}
    return {endpoint.method.lower(): operation}


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "in": "path",
            "name": match["name"],
            "required": True,
            "schema": _TYPES.get(match["kind"] or "", _TEXT),
        }
        for match in _VARIABLE.finditer(endpoint.url)
    ]
    if endpoint.query is not None:
        found.append({"in": "query", "schema": endpoint.query})
    if endpoint.idempotent:
        found.append({"in": "header", "name": "Idempotency-Key", "schema": _TEXT})
    return found


def _content(schema: Schema) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    answers: dict[str, Any] = {
        str(status): {"description": "Done", **(_content(schema) if schema is not None else {})}
        for status, schema in endpoint.returns.items()
    }
    if not answers:
        answers["200"] = {"description": "Done"}
    answers["default"] = {"description": "What went wrong", "content": {PROBLEM: {"schema": "Problem"}}}
    return answers


_TEXT = {"type": "string"}
