"""Documents as people read them: in both languages, with everything, with nothing, over many pages."""

import re
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from services.crews.domain.documents import Document, DocumentType, Means, Number, Party
from services.crews.schemas.paper import Paper
from services.crews.schemas.paper_html import make_html
from services.crews.schemas.paper_pdf import make_pdf
from services.crews.schemas.paper_words import Words
from services.crews.schemas.paper_writer import write_paper
from services.crews.usecases.documents import Shown
from shared.config import ROOT
from shared.i18n import LANGUAGES, Catalog
from tests.unit.crews.examples import NOON
from tests.unit.crews.papers import (
    PHOTO_IDS,
    accident_act,
    document,
    empty_job,
    full_job,
    jpeg,
    signature,
)

CATALOG = Catalog(ROOT / "services/crews/locale")
PHOTOS = {str(id_): jpeg() for id_ in PHOTO_IDS}
LONG = 9


def paper(known: Document, language: str, earlier: Document | None = None, **shown: Any) -> Paper:
    return write_paper(Shown(known, **shown), earlier, CATALOG, language, ZoneInfo("Asia/Almaty"))


def pages(known: Document, language: str) -> list[str]:
    reader = PdfReader(BytesIO(make_pdf(paper(known, language), PHOTOS)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", list(DocumentType))
def test_every_paper_is_whole_in_both_languages_with_everything_and_with_nothing(
    type_: DocumentType, language: str
) -> None:
    for job in (full_job(), empty_job()):
        html = make_html(paper(document(type_, job), language), PHOTOS)
        assert not re.findall(r"(paper|safety)\.[a-z_.]+", html), "a key nobody translated"
        assert "None" not in html
        assert "%LEL" not in html, "a unit nobody has written out"
        assert f'<html lang="{language}">' in html


@pytest.mark.rule("6.12")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", ["Акт о факте аварийного случая", "№ 17/2026 от 24.11.2026", "16:40", "от руки"]),
        ("kk", ["Авариялық жағдай фактісі туралы акт", "№ 17/2026, 24.11.2026", "Зардап шеккен", "Һ."]),
    ],
)
def test_the_pdf_of_an_accident_says_number_date_cause_and_who_signed(
    language: str, words: list[str]
) -> None:
    text = " ".join(pages(accident_act(), language))
    for word in [*words, "Разрыв стояка", "Нұрғалиева Әсем Өмірқызы", "Қасымов Ұ.", "виновник не установлен"]:
        assert word in text
    assert text.count("фото") >= len(PHOTO_IDS)


def test_a_long_paper_breaks_between_rows_and_numbers_its_pages() -> None:
    long = document(
        DocumentType.DEFECT_LIST,
        full_job(LONG * 3),
        number=Number(2026, 18),
        frozen_at=NOON,
        signatures=(signature(Party.LEADER),),
    )
    found = pages(long, "ru")
    assert len(found) > 1
    for number, text in enumerate(found, start=1):
        assert f"стр. {number} из {len(found)}" in text
        assert "№ 18/2026" in text
    assert all("Что нужно сделать" in text for text in found[1:-1]), "heads again on each page"
    assert sum(text.count("Стояк") for text in found) == LONG * 3


@pytest.mark.parametrize("times", [5, 6])
def test_signatures_stand_together_on_one_page(times: int) -> None:
    parties = (Party.LEADER, Party.RESIDENT, Party.FITTER)
    signed = tuple(signature(party) for party in parties)
    found = pages(document(DocumentType.DEFECT_LIST, full_job(times), signatures=signed), "ru")
    assert [text.count("от руки") for text in found if "от руки" in text] == [3]


def test_words_longer_than_a_page_still_make_a_paper() -> None:
    endless = {"circumstances": "строка\n" * 500, "cause": "слово " * 600, "damage": "ы" * 4000}
    found = pages(document(DocumentType.SURVEY_ACT, empty_job(), statement=endless), "kk")
    assert sum(text.count("строка") for text in found) == 500
    assert sum(text.count("слово") for text in found) == 600


def test_a_draft_has_no_number_and_a_correction_names_what_it_corrects() -> None:
    draft = paper(document(DocumentType.WORK_ACT, empty_job()), "ru")
    assert "Черновик" in draft.subtitle
    corrects = paper(document(DocumentType.WORK_ACT, empty_job()), "ru", earlier=accident_act())
    assert corrects.marks == ["Исправляет документ № 17/2026 от 24.11.2026"]
    assert paper(accident_act(), "ru", corrected_by=PHOTO_IDS[0]).marks[-1].startswith("Исправлен")


def test_a_refusal_and_an_awaited_signature_are_to_be_seen() -> None:
    refused = signature(Party.RESIDENT, Means.REFUSED, reason="не согласен")
    lines = paper(document(DocumentType.WORK_ACT, empty_job(), signatures=(refused,)), "ru").signatures
    assert [(line.party, line.name) for line in lines] == [
        ("Житель (заявитель)", "Нұрғалиева Әсем Өмірқызы"),
        ("Бригадир", ""),
    ]
    assert lines[0].told == "отказ от подписи, 24.11.2026 17:00, не согласен"


def test_what_people_typed_is_never_markup_and_signatures_are_lines() -> None:
    hostile = document(
        DocumentType.SURVEY_ACT,
        full_job(),
        statement={"cause": "<script>alert(1)</script>"},
        signatures=(signature(Party.LEADER, name='"><img src=x>'),),
    )
    html = make_html(paper(hostile, "ru"), {})
    assert "<script" not in html
    assert "<img" not in html
    assert '<path d="M 0.0 0.85' in html


def test_figures_and_units_are_written_as_people_write_them() -> None:
    words = Words(CATALOG, "ru", ZoneInfo("Asia/Almaty"))
    said = [
        words.amount(2, "pcs"),
        words.amount(4.5, "bar"),
        words.amount(0, "%LEL"),
        words.amount(1.25, None),
    ]
    assert said == ["2 шт.", "4,5 бар", "0 % НКПР", "1,25"]


def test_the_list_of_materials_has_words_for_every_code() -> None:
    full = make_html(paper(document(DocumentType.WORK_ACT, full_job()), "kk"), PHOTOS)
    assert "Полипропилен құбыр 32 мм" in full
    assert "1,5 м" in full
    assert full.count("data:image/jpeg;base64,") == len(PHOTO_IDS)
