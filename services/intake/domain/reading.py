"""Reads the parts of an address around the street: which number is a house, a flat, a floor, a duration."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from services.intake.domain.lexicon import Lexicon
from services.intake.domain.tokens import Kind, Token, Tokeniser


class Role(StrEnum):
    """What a number in a message counts or names."""

    HOUSE = "house"
    ENTRANCE = "entrance"
    FLOOR = "floor"
    FLAT = "flat"
    AREA = "area"
    COUNT = "count"


_LONGEST_SHORTENED = 5
_LONG_UNIT = 6
_ADDRESS_ROLES = (Role.HOUSE, Role.ENTRANCE, Role.FLOOR, Role.FLAT)
_INSIDE = (Role.ENTRANCE, Role.FLOOR, Role.FLAT)
_UNITS = (Role.ENTRANCE, Role.FLOOR, Role.FLAT, Role.HOUSE)


@dataclass
class Reading:
    """A message in tokens; ``roles`` maps positions of numbers, ``units`` positions of unit words."""

    text: str
    tokens: Sequence[Token]
    roles: dict[int, Role] = field(default_factory=dict)
    units: dict[int, Role] = field(default_factory=dict)
    partner: dict[int, int] = field(default_factory=dict)
    """The number a unit word was given: position of the word to position of the number."""

    def value(self, role: Role) -> str | None:
        """The first number of this role, as written."""
        found = (self.tokens[at].raw for at, given in sorted(self.roles.items()) if given is role)
        return next(found, None)

    @cached_property
    def may_name(self) -> Sequence[bool]:
        """For each token, whether it may belong to the name of a street; ask only when roles are given."""
        return [self._may_name(at, token) for at, token in enumerate(self.tokens)]

    def _may_name(self, at: int, token: Token) -> bool:
        if token.kind is Kind.NUMBER:
            return self.roles.get(at) not in _ADDRESS_ROLES
        return token.kind is Kind.WORD and token.type is None and at not in self.units

    def is_unbroken(self, one: int, other: int) -> bool:
        """Whether no comma stands between two tokens, the first first."""
        return "," not in self.text[self.tokens[one].end : self.tokens[other].start]

    def is_free_number(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].kind is Kind.NUMBER and at not in self.roles


class Reader:
    """Gives every number of a message its role by the words beside it."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._tokenise = Tokeniser(lexicon)
        self._numbered_areas = lexicon.words("numbered_areas")
        self._unit_words = {role: lexicon.words(role.value) for role in _UNITS}

    def __call__(self, text: str) -> Reading:
        reading = Reading(text, self._tokenise(text))
        self._mark_counts(reading)
        self._mark_units(reading)
        # From right to left a unit takes the number after it, or else the one before: then «12 подъезд 2
        # этаж 5» leaves 12 for the house and «2 подъезд 5 этаж кв 14» reads as it should.
        for at in sorted(reading.units, reverse=True):
            self._give_number(reading, at)
        return reading

    def _mark_counts(self, reading: Reading) -> None:
        units, before, after = (
            self._lexicon.words(name) for name in ("units", "clock_before", "clock_after")
        )
        keys = [token.key for token in reading.tokens]
        for at, token in enumerate(reading.tokens):
            following = keys[at + 1] if at + 1 < len(keys) else ""
            clock = at > 0 and keys[at - 1] in before and following in after
            if token.kind is Kind.NUMBER and (clock or following in units):
                reading.roles[at] = Role.COUNT

    def _mark_units(self, reading: Reading) -> None:
        for at, token in enumerate(reading.tokens):
            if token.kind is not Kind.WORD:
                continue
            if token.type == Role.AREA.value:
                reading.units[at] = Role.AREA
            for role, words in self._unit_words.items():
                if token.key in words and not self._is_name(reading, at, role):
                    reading.units[at] = role

    def _is_name(self, reading: Reading, at: int, role: Role) -> bool:
        """«Подъездной переулок» counts nothing: a street's type stands beside the word, and no number."""
        follows = reading.tokens[at + 1] if at + 1 < len(reading.tokens) else None
        is_typed = follows is not None and follows.type is not None and reading.is_unbroken(at, at + 1)
        is_counted = at > 0 and reading.tokens[at - 1].kind is Kind.NUMBER
        return role in _INSIDE and is_typed and not is_counted and len(reading.tokens[at].key) > _LONG_UNIT

    def _give_number(self, reading: Reading, at: int) -> None:
        after, before = self._is_after(reading, at), self._is_before(reading, at)
        if reading.units[at] is Role.AREA and before and (at - 2) not in reading.units:
            after = False
        if after or before:
            number = at + 1 if after else at - 1
            reading.roles[number] = reading.units[at]
            reading.partner[at] = number

    def _is_after(self, reading: Reading, at: int) -> bool:
        """Whether the number after a unit is its own: «этаж 5», but not «на 3 этаже. 6-я линия»."""
        if not reading.is_free_number(at + 1) or not _may_count(reading, at, at + 1):
            return False
        unit, number = reading.tokens[at], reading.tokens[at + 1]
        ends_here = len(unit.raw) > _LONGEST_SHORTENED and "." in reading.text[unit.end : number.start]
        return reading.units[at] not in _INSIDE or not (ends_here or number.ordinal)

    def _is_before(self, reading: Reading, at: int) -> bool:
        """Whether the number before a unit is its own: «5 этаж», but not the 19 of «д. 19, кв. …»."""
        if not reading.is_free_number(at - 1) or not _may_count(reading, at, at - 1):
            return False
        if reading.units[at] is Role.AREA:
            token = reading.tokens[at]
            return token.key in self._numbered_areas and reading.tokens[at - 1].key.isdigit()
        if reading.units[at] not in _INSIDE:
            return True
        of_house = reading.units.get(at - 2) is Role.HOUSE and not reading.is_free_number(at - 3)
        return reading.is_unbroken(at - 1, at) and not of_house


def _may_count(reading: Reading, unit: int, number: int) -> bool:
    """Entrances, floors and flats have plain numbers; «14/2» and «7к1» are houses."""
    return reading.units[unit] not in _INSIDE or reading.tokens[number].key.isdigit()
