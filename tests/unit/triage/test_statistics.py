"""The statistical model: what it counts, what it says, how it is learned, and its file."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.triage.clients import SHIPPED_MODEL, SHIPPED_RULES, read_model, write_model
from services.triage.commands.labelled import shipped_examples
from services.triage.commands.models import version_of
from services.triage.commands.training import Example, learn
from services.triage.domain.statistics import features, units
from services.triage.domain.text import tokens
from services.triage.errors import BadModel
from shared.config import ROOT
from tests.unit.triage.shipped import engine

EXAMPLES = [
    Example("нет воды", "water"),
    Example("воды нет", "water"),
    Example("су жоқ", "water"),
    Example("нет света", "power"),
    Example("жарық жоқ", "power"),
    Example("пахнет газом", "gas"),
    Example("запах газа", "gas"),
    Example("не пахнет", "calm"),
]


def best(text: str) -> str:
    return next(iter(learn(EXAMPLES, "1").likelihoods(tokens(text))))


def test_words_pairs_and_denials_are_counted_and_numbers_are_not() -> None:
    assert units(tokens("дом 12, не пахнет")) == ["дом", "не", "!пахнет", "дом не", "не пахне"]
    assert set(features("дом")) == {"<дом>", "<до", "дом", "ом>", "<дом", "дом>"}
    assert all(name.startswith("!") for name in features("!дом"))
    assert set(features("нет воды")) == {"нет воды"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [("нету воды", "water"), ("света нет", "power"), ("газом воняет", "gas"), ("суды жоқ", "water")],
)
def test_it_says_what_it_has_learned(text: str, fault: str) -> None:
    assert best(text) == fault


def test_a_denied_word_is_another_word() -> None:
    assert best("пахнет") == "gas"
    assert best("не пахнет") == "calm"


def test_probabilities_are_sorted_and_sum_to_one() -> None:
    likely = learn(EXAMPLES, "1").likelihoods(tokens("нет газа"))
    assert list(likely.values()) == sorted(likely.values(), reverse=True)
    assert sum(likely.values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("text", ["", "12 34", "👍", "???", "qqq"])
def test_where_no_word_is_known_nothing_is_said(text: str) -> None:
    assert learn(EXAMPLES, "1").likelihoods(tokens(text)) == {}


def test_it_names_the_words_that_speak_most() -> None:
    model = learn(EXAMPLES, "1")
    assert model.telling(tokens("у нас 3 дня Воды нет"), "water", most=1) == ("воды",)


def test_it_quotes_no_word_that_it_has_not_learned() -> None:
    model = learn(EXAMPLES, "1")
    assert model.telling(tokens("Водянова Нетта воды"), "water", most=5) == ("воды",)


def test_of_an_archive_only_what_several_texts_say_is_learned() -> None:
    told = [Example(f"протекает кровля {name}", "roof") for name in ("иванов", "петров", "ким", "ли", "абай")]
    model = learn(EXAMPLES, "1", told)
    assert "<кровля>" in model.vocabulary
    assert not {"<иванов>", "<абаи>"} & set(model.vocabulary)
    assert next(iter(model.likelihoods(tokens("кровля протекает")))) == "roof"


def test_the_same_examples_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        write_model(learn(EXAMPLES, "1"), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_model_reads_back_as_it_was_written(tmp_path: Path) -> None:
    written = learn(EXAMPLES, "1")
    write_model(written, tmp_path / "model.npz")
    read = read_model(tmp_path / "model.npz")
    assert read.version.startswith("1+")
    assert (read.faults, read.vocabulary) == (written.faults, written.vocabulary)
    assert read.likelihoods(tokens("нет воды")) == written.likelihoods(tokens("нет воды"))


def test_the_shipped_model_was_learned_from_the_shipped_phrases() -> None:
    """Else: ./avariyka triage train --output services/triage/data/model.npz"""
    examples = shipped_examples(SHIPPED_RULES, engine().book)
    assert read_model(SHIPPED_MODEL).version.startswith(f"{version_of(examples)}+")
    assert SHIPPED_MODEL.stat().st_size < 5_000_000


Spoil = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts.pop("weights"),
        lambda parts: parts.update(weights=parts["weights"][:-1]),
        lambda parts: parts.update(weights=parts["weights"].astype(np.float64)),
        lambda parts: parts.update(bias=parts["bias"] * np.nan),
        lambda parts: parts.update(vocabulary=np.array([{"a": 1}], dtype=object)),
        lambda parts: parts.update(about=_about(features="0")),
        lambda parts: parts.update(about=np.frombuffer(b"\xff\xfe", dtype=np.uint8)),
    ],
)
def test_a_damaged_or_foreign_file_is_refused(tmp_path: Path, spoil: Spoil) -> None:
    with np.load(SHIPPED_MODEL) as shipped:
        parts = dict(shipped)
    spoil(parts)
    np.savez(tmp_path / "bad.npz", **parts)
    with pytest.raises(BadModel, match=r"bad\.npz"):
        read_model(tmp_path / "bad.npz")


def _about(**changed: str) -> Any:
    told = {"version": "1", "features": "1", "faults": list(read_model(SHIPPED_MODEL).faults), **changed}
    return np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(BadModel):
        read_model(tmp_path / "bad.npz")


def test_the_service_never_loads_the_learning_libraries() -> None:
    """eventlet's patching breaks them, and they would cost a hundred megabytes."""
    program = (
        "import sys, services.triage.service\n"
        "from services.triage.clients import *\n"
        "read_rule_book(SHIPPED_RULES), read_model(SHIPPED_MODEL)\n"
        "print([name for name in ('sklearn', 'scipy', 'joblib', 'pandas') if name in sys.modules])"
    )
    ignored = ["-W", "ignore"]
    ran = subprocess.run(
        [sys.executable, *ignored, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_classifying_never_holds_the_event_loop_for_long() -> None:
    """Under eventlet, beside a ticker: the longest stretch of processor time between two ticks, while the
    longest and the strangest messages are classified one after another, stays short."""
    program = (
        "import eventlet; eventlet.monkey_patch()\n"
        "import time\n"
        "from services.triage.clients import *\n"
        "from services.triage.domain.engine import Engine\n"
        "engine = Engine(read_rule_book(SHIPPED_RULES), read_model(SHIPPED_MODEL))\n"
        "engine.classify('нет воды')\n"
        "gaps, last = [], time.process_time()\n"
        "def tick():\n"
        "    global last\n"
        "    while True:\n"
        "        now = time.process_time(); gaps.append(now - last); last = now\n"
        "        eventlet.sleep(0)\n"
        "eventlet.spawn(tick)\n"
        "for text in ('нет воды, пахнет газом. ' * 20_000, 'х' * 500_000, 'люк открыт ' * 2_000) * 2:\n"
        "    engine.classify(text); eventlet.sleep(0)\n"
        "print(max(gaps))"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(ran.stdout) < 3, "0.12 s here; growing with the square of the length it would be minutes"
