"""A document as people read it: titles, lines and tables in one language. HTML and PDF are made from this."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.crews.domain.documents import Stroke


@dataclass(frozen=True)
class Lines:
    """Labels, each with what stands for it."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """Rows under their heads; ``widths`` are shares of the page."""

    heads: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Pictures:
    """Photos by id, each with what stands beneath it."""

    shown: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Section:
    """One part of a paper."""

    title: str
    block: Lines | Table | Pictures

    @property
    def kind(self) -> str:
        return type(self.block).__name__.lower()


@dataclass(frozen=True)
class SignatureLine:
    """Who signs as what; ``strokes`` if it was drawn."""

    party: str
    name: str
    told: str
    strokes: Sequence[Stroke] = ()


@dataclass(frozen=True)
class Paper:
    """A whole document in one language."""

    language: str
    title: str
    subtitle: str
    marks: Sequence[str]
    sections: Sequence[Section]
    signatures: Sequence[SignatureLine]
    signatures_title: str
    empty: str
    footer: str
    page: str
    draft: bool = False
    photo_ids: Sequence[str] = field(default_factory=tuple)
