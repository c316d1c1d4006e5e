"""The app as it is shipped: one version of everything, texts in both languages, the domain's own rules."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
import yaml

from services.crews.domain.gate import Gate
from services.crews.domain.media import KindLimit, MediaPolicy
from services.crews.domain.orders import FINAL, VERBS, Stage
from services.crews.schemas.app import HOME, App, texts
from shared.config import ROOT
from shared.i18n import LANGUAGES
from tests.unit.crews.examples import GATE

MATERIALS = {"clamp": "pcs"}
MEDIA = MediaPolicy(KindLimit(1, 1), KindLimit(2**20, 1), timedelta(hours=1))

CYRILLIC = re.compile("[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")
HOLE = re.compile(r"\{\w+\}")
# t("key"), named("group", …), t(`group.${…}`)
NAMED = re.compile(r"""\bt\("([\w.]+)"|\bnamed\("(\w+)"|\bt\(`(\w+)\.\$\{""")
SCRIPTS = sorted((HOME / "app").rglob("*.js"))


@pytest.fixture(scope="module")
def app() -> App:
    return App(GATE, MATERIALS, MEDIA)


def test_every_address_in_the_page_and_in_the_worker_leads_to_a_file_of_this_version(app: App) -> None:
    page = app.page.content.decode()
    named = re.findall(r'/app/assets/(\w+)/([^"]+)"', page)
    assert len(named) >= 5
    assert [name for version, name in named if app.find(version, name) is None] == []
    kept = json.loads(re.search(rb"FILES = (\[.*?\]);", app.worker.content)[1])  # type: ignore[index]
    assert set(kept) == set(app.assets)
    assert {"index.html", "js/main.js", "rules.json", "texts/kk.json", "manifests/ru.webmanifest"} <= set(
        kept
    )


def test_what_one_module_imports_is_there(app: App) -> None:
    for script in SCRIPTS:
        for found in re.findall(r'from "(\.[^"]+)"', script.read_text(encoding="utf-8")):
            name = (script.parent / found).resolve().relative_to(HOME / "app").as_posix()
            assert name in app.assets, f"{script.name} imports {found}"


def test_another_version_is_another_address_and_another_worker(app: App) -> None:
    other = App(Gate(GATE.book, ()), MATERIALS, MEDIA)
    assert other.version != app.version
    assert other.worker.content != app.worker.content
    assert other.find(app.version, "js/main.js") is None
    assert app.find(app.version, "../config.yml") is None
    assert App(GATE, MATERIALS, MEDIA).version == app.version


def test_the_manifest_names_icons_that_are_there(app: App) -> None:
    for language in LANGUAGES:
        manifest = json.loads(app.assets[f"manifests/{language}.webmanifest"].content)
        assert manifest["lang"] == language
        assert [
            icon["src"] for icon in manifest["icons"] if icon["src"].removeprefix("../") not in app.assets
        ] == []


def test_rules_lead_from_every_open_stage_to_an_end_and_verbs_cover_what_a_crew_may_do(app: App) -> None:
    rules = json.loads(app.assets["rules.json"].content)
    assert set(rules["moves"]) == set(Stage)
    reported = {stage for following in rules["moves"].values() for stage in following} - {Stage.WITHDRAWN}
    assert set(VERBS.values()) == reported
    ahead = set(rules["forward"])
    assert all(ahead & set(rules["moves"][stage]) for stage in Stage if stage not in FINAL)
    assert rules["air_limits"][0] == {"kind": "gas", "unit": "%LEL", "highest": 10.0, "lowest": None}


@pytest.fixture(scope="module")
def spoken() -> Mapping[str, Mapping[str, str]]:
    return {language: texts(language) for language in LANGUAGES}


def test_both_languages_say_the_same_things(spoken: Mapping[str, Mapping[str, str]]) -> None:
    ru, kk = spoken["ru"], spoken["kk"]
    assert set(ru) == set(kk)
    assert [key for key in ru if not ru[key] or not kk[key]] == []
    assert [key for key in ru if set(HOLE.findall(ru[key])) != set(HOLE.findall(kk[key]))] == []


def test_every_text_the_app_asks_for_exists(spoken: Mapping[str, Mapping[str, str]]) -> None:
    groups = {key.partition(".")[0] for key in spoken["ru"]}
    for script in SCRIPTS:
        for key, *group in NAMED.findall(script.read_text(encoding="utf-8")):
            assert not key or key in spoken["ru"], f"{script.name}: {key}"
            assert set(filter(None, group)) <= groups, f"{script.name}: {group}"


def test_names_of_the_trade_are_known(spoken: Mapping[str, Mapping[str, str]]) -> None:
    """Faults of triage, enumerations of the contract: none comes to a fitter as a code."""
    catalogue = yaml.safe_load((ROOT / "services/triage/data/catalogue.yml").read_text(encoding="utf-8"))
    card = json.loads((ROOT / "contracts/events/routing/assignment.made.v1.schema.json").read_text())
    fields = card["properties"]
    wanted = {f"fault.{fault['id']}" for fault in catalogue["faults"]}
    wanted |= {
        f"{name}.{value}" for name in ("category", "system", "place") for value in fields[name]["enum"]
    }
    for hazard in fields["hazards"]["items"]["enum"]:
        wanted |= {f"hazard.{hazard}", f"hazard.{hazard}.script"}
    withdrawn = json.loads(
        (ROOT / "contracts/events/routing/assignment.withdrawn.v1.schema.json").read_text()
    )
    wanted |= {f"withdrawal.{value}" for value in withdrawn["properties"]["reason"]["enum"]}
    wanted |= {f"step.{stage}" for stage in Stage} | {f"verb.{verb}" for verb in VERBS}
    assert sorted(wanted - set(spoken["ru"])) == []


def test_no_russian_or_kazakh_stands_in_the_scripts_or_the_page() -> None:
    sources = [*SCRIPTS, HOME / "app" / "index.html", HOME / "app" / "app.css"]
    assert [path.name for path in sources if CYRILLIC.search(path.read_text(encoding="utf-8"))] == []
