"""The container topology is the suite's, checked without a Docker engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.config import ROOT, SERVICES
from shared.sealing import INDEX_KEY, KEYS

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
VARIABLE = re.compile(r"\$\{(\w+)")


def dockerfile(service: str) -> str:
    return (ROOT / "services" / service / "Dockerfile").read_text(encoding="utf-8")


def test_the_same_processes_run_in_containers() -> None:
    assert set(COMPOSE["services"]) == {*SERVICES, "rabbitmq", "postgres", "migrate"}


HARMLESS = {
    "AVARIYKA_LOG_LEVEL",
    "AVARIYKA_INTAKE_VOICE_OPERATORS",
    "AVARIYKA_INTAKE_VOICE_URGENT_OPERATORS",
    "AVARIYKA_INTAKE_VOICE_QUEUE",
    "AVARIYKA_CREWS_VAPID_PRIVATE_KEY",
    "AVARIYKA_CREWS_VAPID_CONTACT",
    "AVARIYKA_TWILIO_VOICE_FROM",
}
"""What may have a default: safe without, and no secret's default is anything but empty."""


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_gets_its_own_database_and_the_bus(service: str) -> None:
    environment = COMPOSE["services"][service]["environment"]
    assert f"@postgres/{service}" in environment[f"AVARIYKA_{service.upper()}_DATABASE_URL"]
    assert environment["AVARIYKA_AMQP_URI"].startswith("amqp://")


@pytest.mark.parametrize("name", ["intake", "notify", "migrate"])
def test_who_keeps_what_is_confidential_gets_the_keys(name: str) -> None:
    assert {KEYS, INDEX_KEY} <= set(COMPOSE["services"][name]["environment"])


def test_ports_are_open_on_this_machine_only() -> None:
    ports = [port for entry in COMPOSE["services"].values() for port in entry.get("ports", [])]
    assert len(ports) == len(SERVICES)
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_secret_has_a_default_and_the_example_names_all() -> None:
    named = {line.split("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line}
    demanded = {name for name in VARIABLE.findall(TEXT) if f"${{{name}:-" not in TEXT}
    assert demanded <= named
    assert {name for name in VARIABLE.findall(TEXT) if f"${{{name}:-" in TEXT} == HARMLESS


def test_images_are_pinned() -> None:
    images = [entry["image"] for entry in COMPOSE["services"].values() if "image" in entry]
    assert all(re.search(r":\d+(\.\d+)?-", image) for image in images)


def test_files_that_containers_mount_or_build_from_exist() -> None:
    builds = [entry["build"]["dockerfile"] for entry in COMPOSE["services"].values() if "build" in entry]
    assert [path for path in builds if not (ROOT / path).exists()] == []
    assert Path(ROOT / "scripts" / "compose" / "databases.sh").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_dockerfiles_differ_in_the_name_alone(service: str) -> None:
    as_intake = dockerfile(service).replace(service, "intake").replace(service.upper(), "INTAKE")
    assert as_intake == dockerfile("intake")
    copied = re.findall(r"^COPY (\S+)", dockerfile(service), re.MULTILINE)
    assert [path for path in copied if not (ROOT / path).exists()] == []
