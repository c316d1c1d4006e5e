"""Messages for those who write with Latin letters: the same letters as intake's answers, fewer SMS parts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.schemas.lexicon import load_latin
from services.notify.domain import sms
from services.notify.domain.script import LATIN
from services.notify.domain.telling import TEMPLATES
from services.notify.schemas.letters import read_latin
from services.notify.usecases import sending
from shared.i18n import LANGUAGES
from tests.unit.notify.fakes import POLICY, write
from tests.unit.notify.test_texts import text
from tests.unit.notify.world import ANN, World

latin = read_latin()


@given(st.text(alphabet=st.characters(max_codepoint=0x2200)), st.sampled_from(LANGUAGES))
def test_the_letters_are_those_of_intakes_answers(words: str, language: str) -> None:
    assert latin(words, language) == load_latin()(words, language)


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_text_fits_the_gsm_alphabet_and_into_no_more_parts(language: str, template: str) -> None:
    written = latin(text(language, template), language)
    assert sms.is_gsm(written), written
    assert sms.parts(written) == 1


@pytest.mark.parametrize(
    ("script", "said"), [(LATIN, "ru crew_arrived 1042 latin"), ("cyrillic", "ru crew_arrived 1042")]
)
def test_the_resident_reads_the_letters_they_write(script: str, said: str) -> None:
    world = World()
    world.knows(replace(ANN, script=script))
    world.hears("arrived")
    [job] = sending.take_due(world.uow, POLICY, write, 10, lambda words, _: f"{words} latin")
    assert job.message.body == said
