"""``python -m demo.twilio_contract.extract FILE``: cut messages and calls out of Twilio's document.

Reads the whole OpenAPI document of https://github.com/twilio/twilio-oai (MIT) and writes ``openapi.json``
beside this file: the operations that the stand-in serves, with every schema they reach, unchanged but for
examples and response headers, which are left out.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "openapi.json"
_OPERATIONS = {
    "/2010-04-01/Accounts/{AccountSid}/Messages.json": ("post", "get"),
    "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json": ("get",),
    "/2010-04-01/Accounts/{AccountSid}/Calls.json": ("post", "get"),
    "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json": ("post",),
}
_LEFT_OUT = frozenset({"examples", "example", "headers"})
_SCHEMA_REF = "#/components/schemas/"


def extract(document: dict[str, Any]) -> dict[str, Any]:
    """The part of ``document`` that describes messages and calls."""
    paths = {
        path: {method: _trimmed(document["paths"][path][method]) for method in methods}
        for path, methods in _OPERATIONS.items()
    }
    schemas = document["components"]["schemas"]
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "servers": document["servers"],
        "paths": paths,
        "components": {
            "securitySchemes": document["components"]["securitySchemes"],
            "schemas": {name: _trimmed(schemas[name]) for name in sorted(_reached(paths, schemas))},
        },
    }


def _trimmed(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _trimmed(value) for key, value in node.items() if key not in _LEFT_OUT}
    return [_trimmed(item) for item in node] if isinstance(node, list) else node


def _reached(node: Any, schemas: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = list(_references(node))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(_trimmed(schemas[name])))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.removeprefix(_SCHEMA_REF)
            else:
                yield from _references(value)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.twilio_contract.extract", description=__doc__)
    parser.add_argument("document", type=Path, help="spec/json/twilio_api_v2010.json of twilio-oai")
    document = json.loads(parser.parse_args().document.read_text(encoding="utf-8"))
    text = json.dumps(extract(document), indent=1, ensure_ascii=False)
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
