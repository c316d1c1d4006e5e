"""What the demo's residents and callers say: the same for the same seed."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
PHRASES = HERE / "cast" / "phrases.yml"
ADDRESSES = HERE / "city" / "almaty" / "addresses.csv"
_BY_PHONE_SHARE = 0.2
_SOME_HOUSES = 300


@dataclass(frozen=True)
class Appeal:
    """One resident with one fault. ``address`` is sent separately when ``split``."""

    phone: str
    language: str
    text: str
    address: str
    split: bool
    by_phone: bool


def appeals(count: int, seed: int) -> Iterator[Appeal]:
    """``count`` appeals of an evening."""
    dice = random.Random(seed)
    phrases = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    houses = read_houses(dice)
    for number in range(count):
        phrase = dice.choices(phrases, weights=[phrase["share"] for phrase in phrases])[0]
        yield _appeal(number, seed, phrase, dice.choice(houses), dice)


def read_houses(dice: random.Random) -> list[str]:
    """Addresses as people write them, from the city's own register."""
    with ADDRESSES.open(encoding="utf-8", newline="") as rows:
        houses = [f"{row['street']} {row['housenumber']}" for row in csv.DictReader(rows) if row["street"]]
    return dice.sample(houses, min(_SOME_HOUSES, len(houses)))


def _appeal(number: int, seed: int, phrase: dict[str, Any], house: str, dice: random.Random) -> Appeal:
    split = bool(phrase.get("split"))
    flat = dice.randint(1, 90)
    address = f"{house}, {'кв' if phrase['language'] == 'ru' else 'пәтер'} {flat}"
    return Appeal(
        phone=f"+7700{seed % 1000:03d}{number:04d}",
        language=phrase["language"],
        text=phrase["text"] if split else phrase["text"].format(address=address),
        address=address,
        split=split,
        by_phone=not split and dice.random() < _BY_PHONE_SHARE,
    )
