"""What the words say: symptom, reach, dangers; in any spelling, for any text, quickly (M-1.3-U4)."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.troubles import Level, Trouble, TroubleBook
from services.intake.schemas.lexicon import load_lexicon
from shared.config import ROOT
from tests.support.chance import examples
from tests.unit.intake.examples import listener

READ = listener().troubles
FAULTS = {
    fault["id"]
    for fault in yaml.safe_load((ROOT / "services/triage/data/catalogue.yml").read_text(encoding="utf-8"))[
        "faults"
    ]
}


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("нет воды", "no_water"),
        ("вода не идёт", "no_water"),
        ("нет холодной воды", "no_cold_water"),
        ("нет холодной и горячей воды", "no_water"),
        ("вместо горячей идёт ледяная", "no_hot_water"),
        ("uide su joq, qashan beresizder", "no_water"),
        ("ystyq su zhoq", "no_hot_water"),
        ("су жок", "no_water"),
        ("жарық жоқ со вчера", "no_power"),
        ("нет элеткро", "no_power"),
        ("вырубили свет, лифт стоит", "no_power"),
        ("батареи еле тёплые", "no_heat"),
        ("jylu joq, batareya salqyn", "no_heat"),
        ("во дворе прорвало трубу, нет воды", "burst"),
        ("құбыр жарылды, су ағып жатыр", "burst"),
        ("затопило подвал", "basement_flood"),
        ("кәріз бітелген", "sewer_blocked"),
        ("лифт істемейді", "lift_stopped"),
        ("в подъезде лампочки не меняли с лета", "no_entrance_light"),
        ("не горят фонари, во дворе темно", "no_yard_light"),
        ("соседи сверху топят", "flood_above"),
        ("слабый напор", "low_pressure"),
        ("здравствуйте", ""),
        ("вода есть, нет света", "no_power"),
    ],
)
def test_the_symptom_is_read(text: str, symptom: str) -> None:
    assert READ(text).symptom == symptom


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("нет холодной воды", Level.FLAT),
        ("нет холодной воды во всём доме", Level.HOUSE),
        ("нет света, только у нас", Level.FLAT),
        ("жарық жоқ, бізде ғана", Level.FLAT),
        ("лифт стоит", Level.ENTRANCE),
        ("суық су жоқ, бүкіл үйде", Level.HOUSE),
    ],
)
def test_how_far_it_reaches_is_read(text: str, level: Level) -> None:
    assert READ(text).level is level


@pytest.mark.rule("6.8")
@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("нет света, запах газа в подъезде", "gas"),
        ("газ иісі шығып тұр", "gas"),
        ("лифт застрял, в кабине люди", "people_trapped"),
        ("лифт не едет, муж внутри", "people_trapped"),
        ("искрит щиток", "electric_shock"),
        ("сым үзіліп жерде жатыр, ұшқындап тұр", "electric_shock"),
        ("вода течёт прямо в щиток", "flooding_live"),
        ("соседи залили, вода капает с люстры", "flooding_live"),
        ("дым в подъезде", "fire"),
        ("обрушился потолок", "collapse"),
        ("открытый люк без крышки", "open_manhole"),
        ("лопнула батарея, кипяток", "hot_water"),
        ("нет света, мама на кислороде", "health"),
    ],
)
def test_danger_is_heard_beside_any_trouble(text: str, danger: str) -> None:
    assert danger in READ(text).dangers
    assert not READ(text).is_plain


@pytest.mark.parametrize(
    "text", ["пропала вода", "су өшірілді", "нет воды", "лифт стоит второй день", "засор"]
)
def test_an_ordinary_trouble_is_no_danger(text: str) -> None:
    assert READ(text).dangers == frozenset()


def test_two_unrelated_troubles_are_not_plain() -> None:
    assert READ("нет воды и не вывозят мусор").symptoms == ("no_water", "rubbish")
    assert not READ("нет воды и не вывозят мусор").is_plain


def test_every_fault_of_the_file_is_one_of_triage_s() -> None:
    book = READ.book
    assert {fault for symptom in book.symptoms.values() for fault in symptom.faults} <= FAULTS
    assert book.of_fault("water_cold_none") == "no_cold_water"
    assert book.of_fault("no_such_fault") == ""


def test_families_hold_together_what_one_incident_can_explain() -> None:
    book = READ.book
    assert (
        len({book.family(name) for name in ("no_water", "no_cold_water", "no_hot_water", "low_pressure")})
        == 1
    )
    assert book.family("no_power") != book.family("no_water")


def test_a_name_that_does_not_exist_is_refused() -> None:
    data = load_lexicon().data["troubles"]
    broken = {"symptoms": {"x": {**data["symptoms"]["no_power"], "covers": ["nothing"]}}}
    with pytest.raises(ValueError, match="nothing"):
        TroubleBook(broken)


@given(st.text(max_size=400))
@examples(200)
def test_any_text_is_read(text: str) -> None:
    assert isinstance(READ(text), Trouble)


def test_a_long_message_takes_no_long_time() -> None:
    text = "нет воды прорвало трубу в подвале искрит лампочка течёт кран " * 160
    started = time.process_time()
    READ(text)
    assert time.process_time() - started < 2
