"""Calling the guarded endpoint of a toy service, and what every error must look like."""

from typing import Any

import requests

from tests.support.keys import token
from tests.support.processes import ServiceProcess

THING = "/things/7a9a1c52-4f0e-4b8e-9a53-6f6f3a1c0001"
GOOD = {"text": "Нет воды", "count": 2}


def bearer(**claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(**claims)}"}


def change(edge: ServiceProcess, path: str = THING, **kwargs: Any) -> requests.Response:
    """Send the guarded command, as a dispatcher unless told otherwise."""
    kwargs["headers"] = bearer() | kwargs.get("headers", {})
    return edge.post(path, **({"json": GOOD} | kwargs if "data" not in kwargs else kwargs))


def problem(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The body of an error, which has the same form whatever went wrong."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:avariyka:error:{code}")
    assert body["correlation_id"] == answer.headers["X-Correlation-Id"]
    assert body["title"] not in ("", code), "a person can read it"
    return body
