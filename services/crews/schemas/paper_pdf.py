"""A paper as PDF: A4, page breaks between rows, number and page on every page, fonts of our own."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from services.crews.schemas.paper import Lines, Paper, Pictures, Section, SignatureLine, Table

_FONTS = Path(__file__).resolve().parent.parent / "data" / "fonts"
_FONT, _SIZE, _SMALL, _LINE = "DejaVu", 9.0, 7.5, 4.6
_MARGIN, _BOTTOM = 15.0, 18.0
_PICTURE_W, _PICTURE_H, _GAP = 86.0, 64.0, 8.0
_BOX_W, _BOX_H = 45.0, 15.0
_ROW_H, _MOST_TOGETHER = 19.0, 8
_LETTERS, _LINES = 600, 20
_GREY = (110, 110, 110)
_HEAD = FontFace(emphasis="BOLD", fill_color=(235, 235, 235))


def make_pdf(paper: Paper, photos: Mapping[str, bytes]) -> bytes:
    """The bytes of the PDF; ``photos`` are JPEGs by id. Takes tenths of a second: not for the hub."""
    pdf = _Pdf(paper)
    pdf.add_page()
    _write_head(pdf, paper)
    for section in paper.sections:
        _write_section(pdf, paper, section, photos)
    _write_signatures(pdf, paper)
    return bytes(pdf.output())


class _Pdf(FPDF):
    """A page with its footer."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self._paper = paper
        self.add_font(_FONT, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(_FONT, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(_MARGIN, _MARGIN)
        self.c_margin = 0  # headings stand flush with the tables; cells bring their own padding
        self.set_auto_page_break(auto=True, margin=_BOTTOM)
        self.set_title(f"{paper.title} {paper.subtitle}")
        self.set_lang(paper.language)
        self.set_font(_FONT, size=_SIZE)

    def footer(self) -> None:
        self.set_y(-_BOTTOM + 5)
        self.set_font(_FONT, size=_SMALL)
        self.set_text_color(*_GREY)
        page = self._paper.page.format(page=self.page_no(), pages="{nb}")
        self.cell(self.epw * 0.75, _LINE, self._paper.footer)
        self.cell(self.epw * 0.25, _LINE, page, align="R")
        self.set_text_color(0)
        self.set_font(_FONT, size=_SIZE)

    def line_of(self, text: str, size: float = _SIZE, style: str = "", align: str = "L") -> None:
        """One paragraph over the whole width."""
        self.set_font(_FONT, style, size)
        height = _LINE * size / _SIZE
        self.multi_cell(0, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_FONT, size=_SIZE)


def _write_head(pdf: _Pdf, paper: Paper) -> None:
    pdf.line_of(paper.title, 14, "B", "C")
    pdf.line_of(paper.subtitle, 11, "", "C")
    for mark in paper.marks:
        pdf.line_of(mark, _SMALL, "", "C")
    pdf.ln(2)


def _write_section(pdf: _Pdf, paper: Paper, section: Section, photos: Mapping[str, bytes]) -> None:
    if isinstance(section.block, Pictures) and not section.block.shown:
        return
    first = _PICTURE_H if isinstance(section.block, Pictures) else 0
    if pdf.will_page_break(first + 4 * _LINE):
        pdf.add_page()
    pdf.ln(2)
    pdf.line_of(section.title, 10, "B")
    pdf.ln(0.5)
    match section.block:
        case Lines(rows):
            _write_lines(pdf, rows)
        case Table() as table:
            _write_table(pdf, paper, table)
        case Pictures(shown):
            _write_pictures(pdf, shown, photos)


def _write_lines(pdf: _Pdf, rows: Sequence[tuple[str, str]]) -> None:
    with pdf.table(
        col_widths=(32, 68), first_row_as_headings=False, line_height=_LINE, text_align="L", padding=0.8
    ) as table:
        for label, text in rows:
            for cells in _rows_of([label, text]):
                row = table.row()
                row.cell(cells[0], style=FontFace(color=_GREY))
                row.cell(cells[1])


def _write_table(pdf: _Pdf, paper: Paper, block: Table) -> None:
    if not block.rows:
        pdf.line_of(paper.empty)
        return
    pdf.set_font(_FONT, size=_SMALL + 0.5)
    with pdf.table(
        col_widths=tuple(block.widths),
        headings_style=_HEAD,
        line_height=_LINE * 0.9,
        text_align="L",
        padding=0.8,
    ) as table:
        table.row(list(block.heads))
        for row in block.rows:
            for cells in _rows_of(row):
                table.row(cells)
    pdf.set_font(_FONT, size=_SIZE)


def _rows_of(cells: Sequence[str]) -> Iterator[list[str]]:
    """A row as the rows that fit on a page: what is too long goes on beneath itself."""
    columns = [list(_pieces(cell)) for cell in cells]
    for row in itertools.zip_longest(*columns, fillvalue=""):
        yield list(row)


def _pieces(text: str) -> Iterator[str]:
    """A text cut after so many lines or letters as any column can show on one page; never empty."""
    lines = [line[at : at + _LETTERS] for line in text.splitlines() for at in range(0, len(line), _LETTERS)]
    piece: list[str] = []
    for line in lines:
        if len(piece) == _LINES or sum(map(len, piece)) + len(line) > _LETTERS:
            yield "\n".join(piece)
            piece = []
        piece.append(line)
    yield "\n".join(piece)


def _write_pictures(pdf: _Pdf, shown: Sequence[tuple[str, str]], photos: Mapping[str, bytes]) -> None:
    """Two in a row, each in its box with its caption beneath; one that is gone leaves its caption."""
    for index, (photo_id, caption) in enumerate(shown):
        column = index % 2
        if column == 0 and pdf.will_page_break(_PICTURE_H + 2 * _LINE):
            pdf.add_page()
        x, y = pdf.l_margin + column * (_PICTURE_W + _GAP), pdf.get_y()
        if photo_id in photos:
            content: Any = BytesIO(photos[photo_id])
            pdf.image(content, x, y, _PICTURE_W, _PICTURE_H, keep_aspect_ratio=True)
        pdf.set_xy(x, y + _PICTURE_H + 0.5)
        pdf.set_font(_FONT, size=_SMALL)
        pdf.cell(_PICTURE_W, _LINE, caption)
        pdf.set_font(_FONT, size=_SIZE)
        is_last = index == len(shown) - 1
        pdf.set_xy(pdf.l_margin, y + (_PICTURE_H + 2 * _LINE if column or is_last else 0))


def _write_signatures(pdf: _Pdf, paper: Paper) -> None:
    """On one page together, as far as they fit on one."""
    together = min(len(paper.signatures), _MOST_TOGETHER) * _ROW_H
    if pdf.will_page_break(together + 3 * _LINE):
        pdf.add_page()
    pdf.ln(3)
    pdf.line_of(paper.signatures_title, 10, "B")
    for line in paper.signatures:
        _write_signature(pdf, line)


def _write_signature(pdf: _Pdf, line: SignatureLine) -> None:
    """As what, the drawn name over its rule, the name and how it was signed."""
    if pdf.will_page_break(_ROW_H):
        pdf.add_page()
    top, left = pdf.get_y(), pdf.l_margin
    pdf.set_xy(left, top + _BOX_H - 2 * _LINE)
    pdf.multi_cell(55, _LINE, line.party, align="L")
    _draw(pdf, line, left + 58, top)
    pdf.set_xy(left + 58 + _BOX_W + 4, top + _BOX_H - 3 * _LINE)
    pdf.multi_cell(0, _LINE, f"{line.name}\n{line.told}".strip(), align="L")
    pdf.set_xy(left, max(top + _ROW_H, pdf.get_y() + 2))


def _draw(pdf: _Pdf, line: SignatureLine, x: float, y: float) -> None:
    pdf.set_draw_color(*_GREY)
    pdf.line(x, y + _BOX_H, x + _BOX_W, y + _BOX_H)
    pdf.set_draw_color(0)
    pdf.set_line_width(0.4)
    for stroke in line.strokes:
        points = [(x + px * _BOX_W, y + py * _BOX_H) for px, py in stroke]
        pdf.polyline(points if len(points) > 1 else points * 2)
    pdf.set_line_width(0.2)
