"""A paper as a workbook: a sheet for each table, numbers as numbers, totals as formulas."""

import datetime
import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from povertyaid.web.workbook import A4, FORMATS, MIME, OPTIONS, text_width
from reports.figures.indicator import Figure
from reports.figures.numbers import PLACES, as_number
from reports.papers.paper import Cell, Column, Facts, NameList, Paper, Paragraph, Row, Table

__all__ = ["MIME", "as_bytes"]

NARROWEST, WIDEST = 9, 44  # column widths, in Latin characters


def as_bytes(paper: Paper) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS | {"constant_memory": False}) as book:
        book.set_properties({"title": paper.title, "subject": paper.cut.programme.name})
        Writer(book, paper).write()
    return file.getvalue()


class Writer:
    def __init__(self, book: Any, paper: Paper):
        self.book = book
        self.paper = paper
        face = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        boxed = face | {"border": 1, "border_color": "#AEB6BF"}
        self.formats = {
            "title": book.add_format(face | {"bold": True, "font_size": 16, "align": "center"}),
            "under": book.add_format(face | {"font_color": "#4D555E"}),
            "right": book.add_format(face | {"align": "right"}),
            "head": book.add_format(
                boxed | {"bold": True, "bg_color": "#EEF0F2", "align": "center", "text_wrap": True}
            ),
        }
        self.face = boxed

    def cell_format(
        self, kind: str, *, is_total: bool = False, depth: int = 0, measure: str = ""
    ) -> Any:
        """`measure` is shown behind the number, which stays a number."""
        key = f"{kind}/{is_total}/{depth}/{measure}"
        if key not in self.formats:
            unit = f'"{measure}"' if measure else ""
            look = self.face | {"num_format": FORMATS[kind] + unit}
            if is_total:
                look |= {"bold": True}
            if kind == "text":
                look |= {"text_wrap": True, "indent": depth}
            self.formats[key] = self.book.add_format(look)
        return self.formats[key]

    def write(self) -> None:
        self._overview()
        for table in self.paper.tables():
            self._table(table)
        if self.paper.annex:
            self._names(self.paper.annex)
        self._figures()

    def _page(self, name: str, title: str, last: int, *, wide: bool = False) -> tuple[Any, int]:
        """A sheet with its heading; answers it and the first free line."""
        page = self.book.add_worksheet(tab(name, self.book))
        paper, cut = self.paper, self.paper.cut
        page.set_row(0, 30)
        page.merge_range(0, 0, 0, max(last, 1), title, self.formats["title"])
        page.write_string(1, 0, f"{cut.programme.name}　{cut.unit.name}", self.formats["under"])
        issued = paper.issued_on.isoformat() if paper.issued_on else ""
        said = _("As of %(as_of)s; issued on %(issued)s by %(by)s") % {
            "as_of": cut.as_of.isoformat(),
            "issued": issued,
            "by": paper.issued_by or _("command line"),
        }
        page.write_string(2, 0, said, self.formats["under"])
        page.set_paper(A4)
        if wide:
            page.set_landscape()
        page.set_margins(left=0.7, right=0.7, top=0.9, bottom=0.8)
        page.fit_to_pages(1, 0)
        page.set_footer("&C— &P —")
        return page, 3

    def _overview(self) -> None:
        page, line = self._page(_("Overview"), self.paper.title, 1)
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 80)
        for section in self.paper.sections:
            for block in section.blocks:
                if isinstance(block, Facts):
                    for label, cells in block.items:
                        page.write_string(line, 0, str(label), self.cell_format("text"))
                        page.write_string(line, 1, spoken(cells), self.cell_format("text"))
                        line += 1
                elif isinstance(block, Paragraph):
                    page.write_string(line, 0, section.title, self.cell_format("text"))
                    page.write_string(line, 1, spoken(block.parts), self.cell_format("text"))
                    line += 1

    def _table(self, table: Table) -> None:
        last = len(table.columns) - 1
        page, line = self._page(table.caption, table.caption, last, wide=last > 6)
        if table.unit:
            text = _("Unit: %(unit)s") % {"unit": table.unit}
            page.write_string(line, last, text, self.formats["right"])
            line += 1
        for nth, column in enumerate(table.columns):
            title = f"{column.label}（{column.unit}）" if column.unit else column.label
            page.write_string(line, nth, title, self.formats["head"])
            page.set_column(nth, nth, self._width(table, nth, title))
        page.set_row(line, 48 if last > 6 else 32)
        page.freeze_panes(line + 1, 1)
        page.repeat_rows(line)
        first = line + 1
        for place, row in enumerate(table.rows):
            at = first + place
            look = self.cell_format("text", is_total=row.is_total, depth=row.depth)
            page.write_string(at, 0, row.label, look)
            for nth, (column, cell) in enumerate(
                zip(table.columns[1:], row.cells, strict=True), start=1
            ):
                self._cell(page, at, nth, cell, is_total=row.is_total, is_mixed=column.is_mixed)
                formula = self._formula(table, row, column, first, at, nth)
                if formula and isinstance(cell, Figure) and cell.value is not None:
                    kind = number_format(cell)
                    look = self.cell_format(kind, is_total=row.is_total)
                    page.write_formula(at, nth, formula, look, as_number(cell.value))
        at = first + len(table.rows)
        for note in table.notes:
            page.write_string(at, 0, note, self.formats["under"])
            at += 1
        signers = "　　　　　".join(
            f"{one}："
            for one in (_("Head of unit"), _("Checked by"), _("Filled in by"), _("Phone"))
        )
        page.write_string(at + 1, 0, signers, self.formats["under"])

    def _width(self, table: Table, nth: int, title: str) -> float:
        texts = [row.label if nth == 0 else spoken((row.cells[nth - 1],)) for row in table.rows]
        widest = max(map(text_width, texts), default=0)
        head = text_width(title) / 2  # a head is broken into two lines
        return min(max(widest + 2, head, NARROWEST), WIDEST)

    def _formula(
        self, table: Table, row: Row, column: Column, first: int, at: int, nth: int
    ) -> str | None:
        """What the number is in terms of the other cells; None for a number of its own."""
        if row.parts and column.adds:
            places = [first + part for part in row.parts]
            if places == list(range(places[0], places[-1] + 1)):
                ends = (xl_rowcol_to_cell(one, nth) for one in (places[0], places[-1]))
                return f"=SUM({':'.join(ends)})"
            return "=" + "+".join(xl_rowcol_to_cell(one, nth) for one in places)
        if column.share:
            keys = [one.key for one in table.columns]
            part, whole = (xl_rowcol_to_cell(at, keys.index(one)) for one in column.share)
            # As figures round: only all is 100, only none is 0.
            between = f"MIN(99.99,MAX(0.01,ROUND({part}/{whole}*100,2)))"
            return f'=IF({whole}=0,"",IF({part}={whole},100,IF({part}=0,0,{between})))'
        return None

    def _cell(
        self, page: Any, at: int, nth: int, cell: Cell, *, is_total: bool, is_mixed: bool = False
    ) -> None:
        if isinstance(cell, Figure) and cell.value is not None:
            measure = cell.measure if is_mixed else ""
            look = self.cell_format(number_format(cell), is_total=is_total, measure=measure)
            page.write_number(at, nth, as_number(cell.value), look)
        elif isinstance(cell, datetime.date):
            page.write_datetime(at, nth, cell, self.cell_format("day", is_total=is_total))
        else:
            page.write_string(at, nth, spoken((cell,)), self.cell_format("text", is_total=is_total))

    def _names(self, names: NameList) -> None:
        page, line = self._page(names.title, names.title, len(names.columns) - 1)
        for nth, column in enumerate(names.columns):
            title = f"{column.label}（{column.unit}）" if column.unit else column.label
            page.write_string(line, nth, title, self.formats["head"])
            widest = max((text_width(row[nth]) for row in names.rows), default=0)
            page.set_column(nth, nth, min(max(widest, text_width(title)) + 2, WIDEST))
        page.freeze_panes(line + 1, 2)
        page.repeat_rows(line)
        for at, row in enumerate(names.rows, start=line + 1):
            for nth, (column, text) in enumerate(zip(names.columns, row, strict=True)):
                if column.is_number and text.replace(",", "").replace(".", "").isdigit():
                    kind = "money" if column.unit else "whole"
                    number = float(text.replace(",", ""))
                    page.write_number(at, nth, number, self.cell_format(kind))
                else:
                    page.write_string(at, nth, text, self.cell_format("text"))
        if names.left_out:
            text = _("%(n)s more are not listed here.") % {"n": f"{names.left_out:,}"}
            page.write_string(line + 1 + len(names.rows), 0, text, self.formats["under"])

    def _figures(self) -> None:
        """Every figure of the paper with its code, so that another program can pick it up."""
        title = _("Figures of this paper")
        page, line = self._page(title, title, 5)
        heads = (_("Code"), _("Figure"), _("Value"), _("Unit of measure"), _("Rows"), _("Note"))
        for nth, head in enumerate(heads):
            page.write_string(line, nth, head, self.formats["head"])
        for nth, width in enumerate((34, 40, 14, 12, 9, 40)):
            page.set_column(nth, nth, width)
        page.freeze_panes(line + 1, 0)
        page.repeat_rows(line)
        text = self.cell_format("text")
        for at, figure in enumerate(self.paper.figures(), start=line + 1):
            page.write_string(at, 0, figure.code, text)
            page.write_string(at, 1, figure.label, text)
            self._cell(page, at, 2, figure, is_total=False)
            page.write_string(at, 3, figure.measure, text)
            page.write_number(at, 4, figure.row_count, self.cell_format("whole"))
            page.write_string(at, 5, figure.note, text)


def number_format(figure: Figure) -> str:
    return "money" if PLACES.get(figure.kind) else "whole"


def spoken(cells: tuple[Cell, ...]) -> str:
    """Cells as one text: figures as they are written, days in full."""
    said = []
    for cell in cells:
        if isinstance(cell, Figure):
            said.append(cell.text)
        elif isinstance(cell, datetime.date):
            said.append(cell.isoformat())
        else:
            said.append("" if cell is None else str(cell))
    return "".join(said)


def tab(title: str, book: Any) -> str:
    """A name for the tab: Excel forbids []:*?/\\ in it and takes 31 characters, each once."""
    kept = "".join("_" if one in "[]:*?/\\'" else one for one in title)[:28]
    taken = {page.get_name() for page in book.worksheets()}
    return kept if kept not in taken else f"{kept}({len(taken)})"
