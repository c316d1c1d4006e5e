"""Who writes with Latin letters is answered with them (rule 6.12)."""

import pytest

from services.intake.domain.latin import is_latin
from services.intake.schemas.lexicon import load_latin
from services.notify.domain.sms import is_gsm
from shared.i18n import LANGUAGES
from tests.unit.intake.lines import CATALOG, Line

latin = load_latin()


def test_russian_and_kazakh_as_people_write_them() -> None:
    assert (
        latin("Заявка № 1042 принята: проспект Абая, 12.", "ru")
        == "Zayavka N 1042 prinyata: prospekt Abaya, 12."
    )
    assert latin("Үйде ыстық су жоқ, Жамбыл көшесі", "kk") == "Uide ystyq su joq, Jambyl koshesi"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uide su joq", True),
        ("net vody abaya 12", True),
        ("нет воды, Abaya 12", False),
        ("12", None),
        ("ok", None),
    ],
)
def test_letters_are_told_apart(text: str, expected: bool | None) -> None:
    assert is_latin(text) is expected


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_in_latin_letters_is_in_the_gsm_alphabet(language: str) -> None:
    texts = CATALOG.text(language, "sms.help"), CATALOG.text(language, "sms.operator_will_call")
    assert all(is_gsm(latin(text, language)) for text in texts)
    alphabet = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі№«»–—"
    assert is_gsm(latin(alphabet + alphabet.upper(), language))


@pytest.mark.rule("6.12")
def test_a_conversation_in_latin_letters() -> None:
    line = Line()
    assert line.text("uide su joq") == "Mekenjaiynyz qandai? Koshe men ui nomirin jazynyz."
    assert line.text("Abay 12").startswith("N 1001 otinim qabyldandy: Abai dangyly, 12.")
    assert line.text("status 1001").startswith("N 1001 otinim.")
    assert line.told("contact.known")[-1]["script"] == "latin"
    assert line.text("Рахмет").startswith("№ 1001")


def test_russian_in_latin_letters_is_understood_and_answered() -> None:
    line = Line()
    assert "prinyata" in line.text("net vody abaya 12")
    assert "chto sluchilos" not in line.text("v nashem podezde lampochki ne menyali, abaya 20")
