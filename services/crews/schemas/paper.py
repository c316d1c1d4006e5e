"""A document as people read it: titles, lines and tables in one language. HTML and PDF are made from this."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from services.crews.domain.documents import SIGNERS, UNSIGNED, Document, DocumentType, Signature, Stroke
from services.crews.usecases.documents import Shown
from shared.i18n import Catalog

NOTHING = "—"
MOST_PICTURES = 12
"""Printed of one document; the list names all."""
Said = Mapping[str, Any]


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


def write_paper(
    shown: Shown, corrected: Document | None, catalog: Catalog, language: str, zone: tzinfo
) -> Paper:
    """The paper of a document; ``corrected`` is the earlier one that it corrects."""
    return _Writer(shown, corrected, catalog, language, zone).paper()


class _Writer:
    def __init__(
        self, shown: Shown, corrected: Document | None, catalog: Catalog, language: str, zone: tzinfo
    ) -> None:
        self._shown, self._document, self._corrected = shown, shown.document, corrected
        self._facts: Said = shown.document.content["facts"]
        self._statement: Said = shown.document.content["statement"]
        self._catalog, self._language, self._zone = catalog, language, zone

    def paper(self) -> Paper:
        known = self._document
        number, digest = str(known.number or NOTHING), known.digest
        return Paper(
            language=self._language,
            title=self._text(f"title.{known.type}"),
            subtitle=self._subtitle(),
            marks=self._marks(),
            sections=[getattr(self, f"_{name}")() for name in _SECTIONS[known.type]],
            signatures=self._signatures(),
            signatures_title=self._text("signatures"),
            empty=self._text("empty"),
            footer=self._text("footer", number=number, digest=digest[:16]),
            page=self._text("page", page="{page}", pages="{pages}"),
            draft=known.number is None,
            photo_ids=[media["id"] for media in self._photos()],
        )

    # Words

    def _text(self, key: str, **values: Any) -> str:
        return self._catalog.text(self._language, f"paper.{key}", **values)

    def _word(self, group: str, code: str | None) -> str:
        """The word for a code; a code nobody has a word for is better shown than hidden."""
        key = f"paper.{group}.{code}"
        return (
            self._catalog.text(self._language, key) if self._catalog.has(self._language, key) else code or ""
        )

    def _moment(self, said: str | datetime | None, shape: str = "%d.%m.%Y %H:%M") -> str:
        if said is None:
            return ""
        moment = said if isinstance(said, datetime) else datetime.fromisoformat(said)
        return moment.astimezone(self._zone).strftime(shape)

    def _subtitle(self) -> str:
        known = self._document
        if known.number is None:
            return self._text("draft", date=self._moment(known.drafted_at))
        return self._text("number", number=known.number, date=self._moment(known.frozen_at, "%d.%m.%Y"))

    def _marks(self) -> list[str]:
        marks = []
        if self._document.type is DocumentType.ACCIDENT_ACT:
            marks.append(self._text("law"))
        if self._corrected is not None and self._corrected.number is not None:
            date = self._moment(self._corrected.frozen_at, "%d.%m.%Y")
            marks.append(self._text("corrects", number=self._corrected.number, date=date))
        if self._shown.corrected_by is not None:
            marks.append(self._text("corrected"))
        return marks

    # Sections

    def _lines(self, title: str, rows: Sequence[tuple[str, str]]) -> Section:
        return Section(
            self._text(f"section.{title}"),
            Lines([(self._text(f"label.{label}"), text or NOTHING) for label, text in rows]),
        )

    def _table(
        self, title: str, columns: Sequence[tuple[str, int, Callable[[Said], str]]], said: Sequence[Said]
    ) -> Section:
        heads = [self._text(f"label.{name}") for name, _, _ in columns]
        rows = [[cell(one) or NOTHING for _, _, cell in columns] for one in said]
        return Section(self._text(f"section.{title}"), Table(heads, [width for _, width, _ in columns], rows))

    def _job(self) -> Section:
        facts = self._facts
        return self._lines(
            "job",
            [
                ("request", facts["number"]),
                ("address", facts["address"] or ""),
                ("flat", facts["flat"] or ""),
                ("text", facts["text"]),
                ("category", f"{self._word('category', facts['category'])}, {facts['priority']}"),
                ("system", self._word("system", facts["system"])),
                ("place", self._word("place", facts["place"])),
                ("hazards", ", ".join(self._word("hazard", hazard) for hazard in facts["hazards"])),
                ("organisation", facts["organisation"] or ""),
                ("crew", facts["crew"] or ""),
                ("people", "; ".join(self._person(person) for person in facts["people"])),
            ],
        )

    def _person(self, person: Said) -> str:
        grade = self._text("grade", grade=person["grade"]) if person["grade"] else ""
        leader = self._text("leader") if person["leader"] else ""
        return ", ".join(part for part in (person["name"], grade, leader) if part)

    def _times(self) -> Section:
        return self._table(
            "times",
            [
                ("stage", 30, lambda time: self._word("stage", time["stage"])),
                ("at", 20, lambda time: self._moment(time["at"])),
                ("reason", 50, lambda time: time["reason"] or ""),
            ],
            self._facts["times"],
        )

    def _works(self) -> Section:
        return self._table(
            "works",
            [
                ("done", 65, lambda work: work["text"]),
                ("quantity", 20, self._quantity),
                ("at", 25, lambda work: self._moment(work["at"])),
            ],
            self._facts["works"],
        )

    def _quantity(self, said: Said) -> str:
        if said["quantity"] is None:
            return ""
        return f"{_figure(said['quantity'])} {self._word('unit', said['unit'])}".strip()

    def _materials(self) -> Section:
        return self._table(
            "materials",
            [
                ("material", 60, self._material),
                ("quantity", 20, self._quantity),
                ("note", 30, lambda used: used["note"] or ""),
            ],
            self._facts["materials"],
        )

    def _material(self, used: Said) -> str:
        return used["name"] or self._word("material", used["code"])

    def _readings(self) -> Section:
        return self._table(
            "readings",
            [
                ("measured", 18, lambda reading: self._word("reading", reading["kind"])),
                ("value", 14, lambda reading: f"{_figure(reading['value'])} {reading['unit']}"),
                ("where", 24, lambda reading: reading["place"] or ""),
                ("instrument", 34, self._instrument),
                ("at", 20, lambda reading: self._moment(reading["at"])),
            ],
            self._facts["readings"],
        )

    def _instrument(self, said: Said) -> str:
        number, until = said["instrument_number"], said["checked_until"]
        parts = [
            said["instrument"],
            number and self._text("instrument_number", number=number),
            until and self._text("checked_until", date=_date(until)),
        ]
        return ", ".join(part for part in parts if part)

    def _defects(self) -> Section:
        return self._table(
            "defects",
            [
                ("element", 22, lambda found: found["element"]),
                ("where", 18, lambda found: found["place"] or ""),
                ("defect", 32, lambda found: found["defect"]),
                ("quantity", 17, self._quantity),
                ("remedy", 26, lambda found: found["remedy"] or ""),
            ],
            self._facts["defects"],
        )

    def _diagnostics(self) -> Section:
        return self._table(
            "diagnostics",
            [
                ("examined", 22, lambda found: ", ".join(filter(None, (found["examined"], found["place"])))),
                ("method", 18, lambda found: self._word("method", found["method"])),
                ("result", 30, lambda found: found["result"]),
                ("condition", 24, lambda found: self._word("condition", found["condition"])),
                ("instrument", 24, self._instrument),
            ],
            self._facts["diagnostics"],
        )

    def _safety(self) -> Section:
        """One row for each answer; the item is named in the first of its rows."""
        return self._table(
            "safety",
            [
                ("item", 42, lambda row: row["item"]),
                ("answer", 40, lambda row: self._answer(row["answer"])),
                ("source", 18, lambda row: row["source"]),
            ],
            [row for item in self._facts["safety"]["items"] for row in self._answers(item)],
        )

    def _answers(self, item: Said) -> list[Said]:
        name = self._word("safety", item["id"])
        return [
            {"answer": answer, "item": " " if number else name, "source": " " if number else item["source"]}
            for number, answer in enumerate(item["answers"])
        ]

    def _briefings(self) -> Section:
        return self._table(
            "briefings",
            [
                ("briefed_by", 24, lambda briefing: briefing["by"]),
                ("topics", 30, lambda briefing: ", ".join(briefing["topics"])),
                ("briefed", 46, lambda briefing: "; ".join(map(self._briefed, briefing["people"]))),
            ],
            self._facts["briefings"],
        )

    def _briefed(self, person: Said) -> str:
        return ", ".join(filter(None, (person["name"], self._moment(person["signed_at"]))))

    def _answer(self, answer: Said) -> str:
        reading, amount = answer["reading"], answer["amount"]
        parts = [
            answer["place"],
            f"{_figure(reading['value'])} {reading['unit']}" if reading else None,
            str(amount) if amount is not None else None,
            answer["told"],
            self._text("absent") if answer["absent"] else None,
            answer["note"],
            self._moment(answer["at"], "%d.%m %H:%M"),
        ]
        return ", ".join(part for part in parts if part)

    def _result(self) -> Section:
        facts, said = self._facts, self._statement
        return self._lines(
            "result",
            [
                ("result", self._word("result", facts["result"])),
                ("notes", "; ".join(facts["notes"])),
                ("conclusion", said["conclusion"] or ""),
                ("recommendations", said["recommendations"] or ""),
            ],
        )

    def _findings(self) -> Section:
        return self._said("findings", "circumstances", "cause", "damage", "conclusion", "recommendations")

    def _accident(self) -> Section:
        said, happened = self._statement, self._statement["happened_at"]
        names = ("place", "cause", "circumstances", "damage", "harmed", "causer")
        return self._lines(
            "accident",
            [
                ("accident_date", self._moment(happened, "%d.%m.%Y")),
                ("accident_time", self._moment(happened, "%H:%M")),
                *((f"said.{name}", said[name] or "") for name in names),
            ],
        )

    def _said(self, title: str, *names: str) -> Section:
        return self._lines(title, [(f"said.{name}", self._statement[name] or "") for name in names])

    def _media(self) -> Section:
        return self._table(
            "media",
            [
                ("kind", 24, lambda media: self._kind(media)),
                ("at", 20, lambda media: self._moment(media["taken_at"])),
                ("where", 22, lambda media: _point(media)),
                ("note", 24, lambda media: media["note"] or ""),
                ("sha256", 20, lambda media: (media["sha256"] or "")[:16]),
            ],
            self._facts["media"],
        )

    def _pictures(self) -> Section:
        shown = [
            (media["id"], f"{self._kind(media)}, {self._moment(media['taken_at'])}")
            for media in self._photos()
        ]
        return Section(self._text("section.pictures"), Pictures(shown))

    def _photos(self) -> list[Said]:
        photos = [media for media in self._facts["media"] if media["kind"] == "photo"]
        return photos[:MOST_PICTURES] if "pictures" in _SECTIONS[self._document.type] else []

    def _kind(self, media: Said) -> str:
        return f"{self._word('media', media['kind'])}, {self._word('purpose', media['purpose'])}"

    # Signatures

    def _signatures(self) -> list[SignatureLine]:
        """Everyone who signed, then empty lines for those whose signature is still awaited."""
        signed = [self._signature(signature) for signature in self._document.signatures]
        heard = {signature.party for signature in self._document.signatures}
        awaited = [party for party in SIGNERS[self._document.type] if party not in heard]
        return [*signed, *(SignatureLine(self._word("party", party), "", "") for party in awaited)]

    def _signature(self, signature: Signature) -> SignatureLine:
        told = [self._text(f"means.{signature.means}"), self._moment(signature.device_at)]
        if signature.means in UNSIGNED:
            told.append(signature.reason or "")
        party = self._word("party", signature.party)
        return SignatureLine(party, signature.name, ", ".join(filter(None, told)), signature.strokes)


def _figure(value: float) -> str:
    return f"{value:.6g}".replace(".", ",")


def _date(said: str) -> str:
    return ".".join(reversed(said.split("-")))


def _point(media: Said) -> str:
    return "" if media["lat"] is None else f"{media['lat']:.5f}, {media['lon']:.5f}"


_SECTIONS: Mapping[DocumentType, Sequence[str]] = {
    DocumentType.WORK_ACT: (
        "job",
        "times",
        "works",
        "materials",
        "readings",
        "briefings",
        "safety",
        "result",
        "media",
        "pictures",
    ),
    DocumentType.SURVEY_ACT: ("job", "findings", "defects", "diagnostics", "readings", "media", "pictures"),
    DocumentType.DEFECT_LIST: ("job", "defects", "result"),
    DocumentType.DIAGNOSTICS: ("job", "diagnostics", "readings", "result"),
    DocumentType.ACCIDENT_ACT: ("accident", "job", "times", "works", "media", "pictures"),
}
