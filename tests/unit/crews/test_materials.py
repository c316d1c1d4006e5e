"""The catalogue of materials is data; every code and unit has its words."""

from pathlib import Path

import pytest

from services.crews.schemas.materials import materials, read_materials
from shared.config import ROOT, Misconfigured
from shared.i18n import LANGUAGES, Catalog

FILE = ROOT / "services/crews/data/materials.yml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_material_has_a_name_and_a_unit_in_words(language: str) -> None:
    listed = materials(read_materials(FILE), Catalog(ROOT / "services/crews/locale"), language)["materials"]
    assert len(listed) > 20
    wordless = [one for one in listed if "paper." in one["name"] + one["unit_name"]]
    assert wordless == []
    assert [one["name"] for one in listed] == sorted(one["name"] for one in listed)


@pytest.mark.parametrize("content", ["m: [a, a]", "m: [a]\nkg: [a]", "7", "m: [Труба]", "a: ["])
def test_a_file_that_is_no_catalogue_is_named(content: str, tmp_path: Path) -> None:
    file = tmp_path / "materials.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"materials\.yml"):
        read_materials(file)
