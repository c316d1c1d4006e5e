"""The parts of papers: which a type of document has, and what stands in each."""

from collections.abc import Callable, Mapping, Sequence

from services.crews.domain.documents import Document, DocumentType
from services.crews.schemas.paper import Lines, Pictures, Section, Table
from services.crews.schemas.paper_words import Said, Words

NOTHING = "—"
MOST_PICTURES = 12
"""Printed of one document; the list names all."""


class Sections:
    """The parts of one document's paper."""

    def __init__(self, document: Document, words: Words) -> None:
        self._type, self._words = document.type, words
        self._facts: Said = document.content["facts"]
        self._statement: Said = document.content["statement"]

    def all(self) -> list[Section]:
        return [getattr(self, f"_{name}")() for name in _SECTIONS[self._type]]

    def _lines(self, title: str, rows: Sequence[tuple[str, str]]) -> Section:
        return Section(
            self._words.text(f"section.{title}"),
            Lines([(self._words.text(f"label.{label}"), text or NOTHING) for label, text in rows]),
        )

    def _table(
        self, title: str, columns: Sequence[tuple[str, int, Callable[[Said], str]]], said: Sequence[Said]
    ) -> Section:
        heads = [self._words.text(f"label.{name}") for name, _, _ in columns]
        rows = [[cell(one) or NOTHING for _, _, cell in columns] for one in said]
        widths = [width for _, width, _ in columns]
        return Section(self._words.text(f"section.{title}"), Table(heads, widths, rows))

    def _job(self) -> Section:
        facts = self._facts
        return self._lines(
            "job",
            [
                ("request", facts["number"]),
                ("address", facts["address"] or ""),
                ("flat", facts["flat"] or ""),
                ("text", facts["text"]),
                ("category", f"{self._words.word('category', facts['category'])}, {facts['priority']}"),
                ("system", self._words.word("system", facts["system"])),
                ("place", self._words.word("place", facts["place"])),
                ("hazards", ", ".join(self._words.word("hazard", hazard) for hazard in facts["hazards"])),
                ("organisation", facts["organisation"] or ""),
                ("crew", facts["crew"] or ""),
                ("people", "; ".join(self._person(person) for person in facts["people"])),
            ],
        )

    def _person(self, person: Said) -> str:
        grade = self._words.text("grade", grade=person["grade"]) if person["grade"] else ""
        leader = self._words.text("leader") if person["leader"] else ""
        return ", ".join(part for part in (person["name"], grade, leader) if part)

    def _times(self) -> Section:
        return self._table(
            "times",
            [
                ("stage", 30, lambda time: self._words.word("stage", time["stage"])),
                ("at", 20, lambda time: self._words.moment(time["at"])),
                ("reason", 50, lambda time: time["reason"] or ""),
            ],
            self._facts["times"],
        )

    def _works(self) -> Section:
        return self._table(
            "works",
            [
                ("done", 65, lambda work: work["text"]),
                ("quantity", 20, self._words.quantity),
                ("at", 25, lambda work: self._words.moment(work["at"])),
            ],
            self._facts["works"],
        )

    def _materials(self) -> Section:
        return self._table(
            "materials",
            [
                ("material", 60, self._material),
                ("quantity", 20, self._words.quantity),
                ("note", 30, lambda used: used["note"] or ""),
            ],
            self._facts["materials"],
        )

    def _material(self, used: Said) -> str:
        return used["name"] or self._words.word("material", used["code"])

    def _readings(self) -> Section:
        return self._table(
            "readings",
            [
                ("measured", 18, lambda reading: self._words.word("reading", reading["kind"])),
                ("value", 14, self._words.measured),
                ("where", 24, lambda reading: reading["place"] or ""),
                ("instrument", 34, self._words.instrument),
                ("at", 20, lambda reading: self._words.moment(reading["at"])),
            ],
            self._facts["readings"],
        )

    def _defects(self) -> Section:
        return self._table(
            "defects",
            [
                ("element", 22, lambda found: found["element"]),
                ("where", 18, lambda found: found["place"] or ""),
                ("defect", 32, lambda found: found["defect"]),
                ("quantity", 17, self._words.quantity),
                ("remedy", 26, lambda found: found["remedy"] or ""),
            ],
            self._facts["defects"],
        )

    def _diagnostics(self) -> Section:
        return self._table(
            "diagnostics",
            [
                ("examined", 22, lambda found: ", ".join(filter(None, (found["examined"], found["place"])))),
                ("method", 18, lambda found: self._words.word("method", found["method"])),
                ("result", 30, lambda found: found["result"]),
                ("condition", 24, lambda found: self._words.word("condition", found["condition"])),
                ("instrument", 24, self._words.instrument),
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
        name = self._words.word("safety", item["id"])
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
        return ", ".join(filter(None, (person["name"], self._words.moment(person["signed_at"]))))

    def _answer(self, answer: Said) -> str:
        reading, amount = answer["reading"], answer["amount"]
        parts = [
            answer["place"],
            self._words.measured(reading) if reading else None,
            str(amount) if amount is not None else None,
            answer["told"],
            self._words.text("absent") if answer["absent"] else None,
            answer["note"],
            self._words.moment(answer["at"], "%d.%m %H:%M"),
        ]
        return ", ".join(part for part in parts if part)

    def _result(self) -> Section:
        facts, said = self._facts, self._statement
        return self._lines(
            "result",
            [
                ("result", self._words.word("result", facts["result"])),
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
                ("accident_date", self._words.moment(happened, "%d.%m.%Y")),
                ("accident_time", self._words.moment(happened, "%H:%M")),
                *((f"said.{name}", said[name] or "") for name in names),
            ],
        )

    def _said(self, title: str, *names: str) -> Section:
        return self._lines(title, [(f"said.{name}", self._statement[name] or "") for name in names])

    def _media(self) -> Section:
        return self._table(
            "media",
            [
                ("kind", 24, self._kind),
                ("at", 20, lambda media: self._words.moment(media["taken_at"])),
                ("where", 22, _point),
                ("note", 24, lambda media: media["note"] or ""),
                ("sha256", 20, lambda media: (media["sha256"] or "")[:16]),
            ],
            self._facts["media"],
        )

    def _pictures(self) -> Section:
        shown = [
            (media["id"], f"{self._kind(media)}, {self._words.moment(media['taken_at'])}")
            for media in self.photos
        ]
        return Section(self._words.text("section.pictures"), Pictures(shown))

    @property
    def photos(self) -> list[Said]:
        """Those that are printed, if this type of document prints any."""
        photos = [media for media in self._facts["media"] if media["kind"] == "photo"]
        return photos[:MOST_PICTURES] if "pictures" in _SECTIONS[self._type] else []

    def _kind(self, media: Said) -> str:
        return f"{self._words.word('media', media['kind'])}, {self._words.word('purpose', media['purpose'])}"


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
