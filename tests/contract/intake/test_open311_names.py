"""The names of Open311 services say the trouble by themselves: triage hears in them what they mean."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import services.intake
from services.intake.schemas.open311_catalogue import load_services
from shared.i18n import LANGUAGES
from tests.unit.triage.shipped import decide

FILE: dict[str, Any] = yaml.safe_load(
    (Path(services.intake.__path__[0]) / "data" / "open311.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("service", FILE["services"], ids=lambda service: service["code"])
def test_a_bare_name_is_of_its_system(service: dict[str, Any], language: str) -> None:
    assert decide(f"{service[language]['name']}.").system == service["system"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("danger", FILE["attributes"]["danger"]["values"])
@pytest.mark.rule("6.7")
def test_a_danger_that_was_ticked_makes_an_emergency(danger: str, language: str) -> None:
    service = load_services()["lift-stopped"]
    asked = FILE["attributes"]["danger"][language]["description"]
    told = FILE["attributes"]["danger"]["values"][danger][language]
    decision = decide(f"{service.wordings[language].name}.\n{asked}: {told}")
    assert (decision.category, bool(decision.hazards)) == ("emergency", True)
