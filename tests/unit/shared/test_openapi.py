"""OpenAPI documents come from the endpoints themselves."""

from typing import Any

import pytest
from marshmallow import Schema, fields, validate
from openapi_spec_validator import validate as validate_openapi
from werkzeug.wrappers import Response

from shared.http import Call, Reply, api, endpoints, raw
from shared.openapi import document


class NewThing(Schema):
    text = fields.String(required=True, validate=validate.Length(max=100))


class Thing(NewThing):
    thing_id = fields.UUID(required=True)


class Page(Schema):
    limit = fields.Integer(load_default=50)


class ThingService:
    """Keeps things."""

    name = "things"

    @api("GET", "/v1/things", query=Page, returns={200: Thing(many=True)}, roles={"operator"}, summary="List")
    def list_things(self, call: Call) -> Reply:
        """Newest first."""
        return Reply(200, [])

    @api(
        "POST",
        "/v1/things",
        body=NewThing,
        returns={201: Thing},
        roles={"operator", "master"},
        idempotent=True,
    )
    def add_thing(self, call: Call) -> Reply:
        return Reply(201, call.body)

    @api("GET", "/v1/things/<uuid:thing_id>/parts/<int:number>", returns={200: Thing})
    def read_part(self, call: Call) -> Reply:
        return Reply(200, {})

    @raw("POST", "/hook", summary="For a provider")
    def hook(self, call: Call) -> Response:
        return Response()

    def helper(self) -> None:
        """Not an endpoint."""


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document(ThingService)


def operation(described: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = described["paths"][path][method]
    return found


def test_it_is_valid_openapi(described: dict[str, Any]) -> None:
    validate_openapi(described)
    assert described["info"]["title"] == "Avariyka things"
    assert described["info"]["description"] == "Keeps things."


def test_every_endpoint_is_in_it_and_nothing_else(described: dict[str, Any]) -> None:
    found = {(method, path) for path, item in described["paths"].items() for method in item}
    assert found == {
        ("get", "/v1/things"),
        ("post", "/v1/things"),
        ("get", "/v1/things/{thing_id}/parts/{number}"),
        ("post", "/hook"),
    }
    assert len(endpoints(ThingService)) == len(found)


def test_the_method_gives_name_summary_and_description(described: dict[str, Any]) -> None:
    listing = operation(described, "get", "/v1/things")
    assert (listing["operationId"], listing["summary"], listing["description"]) == (
        "list_things",
        "List",
        "Newest first.",
    )


def test_roles_are_told_and_public_endpoints_ask_for_no_token(described: dict[str, Any]) -> None:
    guarded = operation(described, "post", "/v1/things")
    assert guarded["security"] == [{"bearer": []}]
    assert guarded["x-roles"] == ["master", "operator"]
    assert "security" not in operation(described, "post", "/hook")


def test_body_and_answer_are_the_schemas_that_check_the_traffic(described: dict[str, Any]) -> None:
    guarded = operation(described, "post", "/v1/things")
    assert guarded["requestBody"]["content"]["application/json"]["schema"] == _ref("NewThing")
    assert guarded["responses"]["201"]["content"]["application/json"]["schema"] == _ref("Thing")
    assert described["components"]["schemas"]["NewThing"] == {
        "type": "object",
        "properties": {"text": {"type": "string", "maxLength": 100}},
        "required": ["text"],
        "additionalProperties": False,
    }


def test_parameters_of_path_query_and_header(described: dict[str, Any]) -> None:
    path = operation(described, "get", "/v1/things/{thing_id}/parts/{number}")["parameters"]
    assert [(one["name"], one["in"], one["schema"]) for one in path] == [
        ("thing_id", "path", {"type": "string", "format": "uuid"}),
        ("number", "path", {"type": "integer"}),
    ]
    [limit] = operation(described, "get", "/v1/things")["parameters"]
    assert (limit["name"], limit["in"], limit["required"]) == ("limit", "query", False)
    [key] = operation(described, "post", "/v1/things")["parameters"]
    assert (key["name"], key["in"]) == ("Idempotency-Key", "header")


def test_every_operation_says_what_an_error_looks_like(described: dict[str, Any]) -> None:
    for item in described["paths"].values():
        for described_operation in item.values():
            problem = described_operation["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"] == _ref("Problem")


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
