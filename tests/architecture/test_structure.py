"""The rules about the repository itself (design §3, §4)."""

import ast
import importlib
import inspect
import itertools
import json
import pkgutil
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate as validate_openapi

import services
import shared
from shared import migrations, openapi, topology
from shared.config import ROOT, SERVICES
from shared.errors import AvariykaError
from shared.i18n import LANGUAGES, Catalog
from shared.service import service_class_of

MANDATORY_ROOMS = ("service", "wiring", "usecases", "domain", "store", "schemas", "errors")
OTHER_ROOMS = ("clients", "commands")
MANDATORY_FILES = ("README.md", "config.yml", "Dockerfile", "migrations/env.py", "locale", "__init__.py")
NOT_ROOMS = {"app", "data", "locale", "migrations", "templates", "__pycache__"}
CYRILLIC = re.compile("[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")
# Which letter stands for which: spelling, not speech.
LETTER_TABLES = ("services/triage/domain/text.py", "services/triage/domain/reader.py")
EVENTS = sorted(CONTRACT for CONTRACT in (ROOT / "contracts" / "events").glob("*/*.schema.json"))


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in found.name and not found.name.endswith((".env", ".__main__", ".run")):
            yield importlib.import_module(found.name)


def test_import_rules_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service: str) -> None:
    home = ROOT / "services" / service
    rooms = {path.stem for path in home.iterdir() if path.suffix == ".py" or path.is_dir()} - NOT_ROOMS
    assert rooms - {"__init__"} <= {*MANDATORY_ROOMS, *OTHER_ROOMS}, "a room nobody else has"
    assert set(MANDATORY_ROOMS) <= rooms
    assert [name for name in MANDATORY_FILES if not (home / name).exists()] == []


@pytest.mark.parametrize("service", SERVICES)
def test_handlers_are_exactly_the_readers_of_the_topology(service: str) -> None:
    handled = {
        (entrypoint.source_service, entrypoint.event_type, name)
        for name, method in inspect.getmembers(service_class_of(service), callable)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if hasattr(entrypoint, "event_type")
    }
    expected = {(s.source, s.type, s.method) for s in topology.subscriptions() if s.reader == service}
    assert handled == expected


def test_every_event_has_a_reader_a_schema_and_an_example() -> None:
    told = {(s.source, s.type) for s in topology.subscriptions()}
    described = {(path.parent.name, path.name.removesuffix(".v1.schema.json")) for path in EVENTS}
    assert told == described
    contract = yaml.safe_load((ROOT / "contracts" / "topology.yml").read_text(encoding="utf-8"))
    assert all(readers for types in contract.values() for readers in types.values())


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.name)
def test_example_fits_its_schema(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    example = json.loads(
        path.with_name(path.name.replace(".schema.", ".example.")).read_text(encoding="utf-8")
    )
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(example)


def test_only_one_event_carries_a_phone_number() -> None:
    with_phone = [
        path.name for path in EVENTS if '"phone"' in path.read_text(encoding="utf-8").split("enum")[0]
    ]
    assert with_phone == ["contact.known.v1.schema.json"]


def test_queue_names_are_contracts() -> None:
    """A renamed queue is an orphan that fills for ever: drain the old one before changing this list."""
    listed = (ROOT / "contracts" / "queues.txt").read_text(encoding="utf-8").split()
    assert sorted(s.queue_name for s in topology.subscriptions()) == listed


@pytest.mark.parametrize("service", SERVICES)
def test_one_migration_head(service: str) -> None:
    assert len(migrations.heads(service)) == 1


def all_errors() -> list[type[AvariykaError]]:
    for package in (shared, services):
        list(modules_of(package))
    found: list[type[AvariykaError]] = [AvariykaError]
    for error in found:
        found += [child for child in error.__subclasses__() if child not in found]
    return [error for error in found if error.__module__.startswith(("shared.", "services."))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_a_caller_can_see_has_a_text(language: str) -> None:
    silent = {
        "already_handled",
        "retryable",
        "permanent",
        "malformed_event",
        "event_unroutable",
        "misconfigured",
    }
    untold = [
        f"{error.__module__}.{error.__name__}: {error.code}"
        for error in all_errors()
        if error.code not in silent and not _catalog_of(error).has(language, f"error.{error.code}")
    ]
    assert untold == []


def _catalog_of(error: type[AvariykaError]) -> Catalog:
    parts = error.__module__.split(".")
    home = ROOT / "shared" if parts[0] == "shared" else ROOT / "services" / parts[1]
    return Catalog(home / "locale")


def test_a_code_means_one_thing() -> None:
    codes: dict[str, set[int]] = {}
    for error in all_errors():
        codes.setdefault(error.code, set()).add(error.status)
    assert {code: statuses for code, statuses in codes.items() if len(statuses) > 1} == {}


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_document_is_valid_and_complete(service: str) -> None:
    document = openapi.document(service_class_of(service))
    validate_openapi(json.loads(json.dumps(document, default=str)))
    assert {"/live", "/ready", "/metrics", "/openapi.json"} <= set(document["paths"])
    unexplained = [
        f"{verb} {path}"
        for path, operations in document["paths"].items()
        for verb, operation in operations.items()
        if not operation["summary"]
    ]
    assert unexplained == []


def test_texts_for_people_are_in_catalogues() -> None:
    """No Russian or Kazakh inside program text: translators and masters must reach every word."""
    inline = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for package in ("shared", "services")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if str(path.relative_to(ROOT)) not in LETTER_TABLES and CYRILLIC.search(_text(node))
    ]
    assert inline == []


def _text(node: ast.AST) -> str:
    """The text a statement's own expressions hold; a docstring is explanation, not text."""
    if not isinstance(node, ast.stmt) or _is_text(node):
        return ""
    constants = (
        child
        for field in ast.iter_child_nodes(node)
        if isinstance(field, ast.expr)
        for child in ast.walk(field)
    )
    return " ".join(
        child.value for child in constants if isinstance(child, ast.Constant) and isinstance(child.value, str)
    )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_shared_stays_small() -> None:
    """Plumbing only (design §3). Lines of code; blank lines and explanations are not counted."""
    assert sum(_code_lines(path) for path in (ROOT / "shared").glob("*.py")) <= 2350


def _code_lines(path: Path) -> int:
    with path.open("rb") as source:
        tokens = list(tokenize.tokenize(source.readline))
    return len(
        {
            line
            for before, token in itertools.pairwise(tokens)
            if token.type not in _NO_CODE and not (token.type == tokenize.STRING and before.type in _NO_CODE)
            for line in range(token.start[0], token.end[0] + 1)
        }
    )


_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@pytest.mark.parametrize("service", ["intake", "notify"])
def test_what_is_sealed_is_listed_for_the_rotation_of_keys(service: str) -> None:
    """A sealed column outside the list would be unreadable once the old key is gone (rule 6.11)."""
    store = importlib.import_module(f"services.{service}.store")
    commented = {
        (table.name, column.name)
        for table in store.metadata.tables.values()
        for column in table.columns
        if (column.comment or "").startswith("sealed")
    }
    assert {(place.table, name) for place in store.SEALED for name in place.columns} == commented
