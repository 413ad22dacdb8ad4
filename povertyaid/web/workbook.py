"""Rows → .xlsx: text stays text, numbers are numbers, and nothing a clerk typed runs as a formula.

Written row by row in constant memory and sent in pieces: a county's roster needs no more room
than a village's.
"""

import datetime
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from operator import attrgetter
from typing import Any

import xlsxwriter
from django.http import FileResponse
from django.utils.translation import gettext as _

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"text": "@", "whole": "#,##0", "money": "#,##0.00", "day": "yyyy-mm-dd"}
NARROWEST, WIDEST = 8, 42  # column widths, in Latin characters
LOOKED_AT = 200  # rows that decide them
ROWS_AT_MOST = 1_048_576  # what a sheet holds
TEXT_AT_MOST = 32_767  # what a cell holds
NAME_AT_MOST = 31  # what the tab of a sheet holds
EXACT_TO = 10**15  # Excel keeps fifteen digits of a number
A4 = 9
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "remove_timezone": True,
}


@dataclass(frozen=True)
class Column:
    """One column: its head, where its value comes from, and its kind.

    `value` is an attribute path (`"unit.name"`) or a function of the row. `kind` is "text" (codes,
    phones, masked numbers too), "whole", "money" or "day". `unit` is written into the head.
    """

    head: str
    value: str | Callable[[Any], Any]
    kind: str = "text"
    unit: str = ""

    @property
    def title(self) -> str:
        return f"{self.head}（{self.unit}）" if self.unit else str(self.head)

    def of(self, row: Any) -> Any:
        return self.value(row) if callable(self.value) else attrgetter(self.value)(row)


@dataclass(frozen=True)
class Sheet:
    """A table with its heading lines. `rows` may be an iterator: it is read once."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    unit: str = ""
    as_of: datetime.date | None = None
    notes: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The tab: Excel forbids []:*?/\\ in it, and an apostrophe at either end."""
        kept = "".join("_" if c in "[]:*?/\\" else c for c in str(self.title))
        return kept[:NAME_AT_MOST].strip("'") or "Sheet"

    @property
    def under_title(self) -> list[str]:
        said = [_("As of %(day)s") % {"day": f"{self.as_of:%Y-%m-%d}"}] if self.as_of else []
        said += [_("Unit of amounts: %(unit)s") % {"unit": self.unit}] if self.unit else []
        return [*(["    ".join(said)] if said else []), *map(str, self.notes)]


def write(file: Any, *sheets: Sheet) -> None:
    """Write sheets into a file. Raises ValueError if one has more rows than a sheet holds."""
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        styles = _styles(book)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, styles)


def response(*sheets: Sheet, name: str) -> FileResponse:
    """The workbook as a download called `name`.xlsx; a Chinese name is written as RFC 5987 asks."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- FileResponse closes it when sent
    write(file, *sheets)
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=MIME)
    answer["Cache-Control"] = "no-store"
    return answer


def empty(*, name: str, tab: str, heads: Sequence[tuple[str, bool, Sequence[str]]]) -> FileResponse:
    """An empty list to be filled in, as a download. A head says whether it must be filled, and the
    words that its cells offer. All columns are text: a number as a number would lose its end.
    """
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- FileResponse closes it when sent
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        page = book.add_worksheet(Sheet(tab, (), ()).name)
        plain, text = _styles(book)["head"], book.add_format({"num_format": FORMATS["text"]})
        needed = book.add_format(
            {"bold": True, "bg_color": "#EEF0F2", "border": 1, "font_color": "#B3261E"}
            | {"align": "center", "valign": "vcenter", "font_name": "宋体", "font_size": 11}
        )
        page.set_row(0, 30)
        for nth, (head, is_needed, words) in enumerate(heads):
            widest = max(text_width(head), *map(text_width, words), NARROWEST) + 4
            page.set_column(nth, nth, min(widest, WIDEST), text)
            page.write_string(
                0, nth, f"*{head}" if is_needed else head, needed if is_needed else plain
            )
            if words:
                rule = {"validate": "list", "source": list(words), "error_type": "warning"}
                page.data_validation(1, nth, ROWS_AT_MOST - 1, nth, rule)
        page.freeze_panes(1, 1)
        page.repeat_rows(0)
        page.set_paper(A4)
        page.set_landscape()
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=MIME)
    answer["Cache-Control"] = "no-store"
    return answer


def _styles(book: Any) -> dict[str, Any]:
    face = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    boxed = face | {"border": 1, "border_color": "#AEB6BF"}
    head = {"bold": True, "bg_color": "#EEF0F2", "align": "center", "text_wrap": True}
    styles = {kind: book.add_format(boxed | {"num_format": f}) for kind, f in FORMATS.items()}
    return styles | {
        "title": book.add_format(face | {"bold": True, "font_size": 16, "align": "center"}),
        "under": book.add_format(face | {"font_color": "#4D555E"}),
        "head": book.add_format(boxed | head),
    }


def _write_sheet(page: Any, sheet: Sheet, styles: dict[str, Any]) -> None:
    coming = iter(sheet.rows)
    first = list(islice(coming, LOOKED_AT))
    last = len(sheet.columns) - 1
    for nth, column in enumerate(sheet.columns):
        widest = max(text_width(column.title), *(_width(column.of(row)) for row in first), 0)
        page.set_column(nth, nth, min(max(widest + 2, NARROWEST), WIDEST))
    page.set_row(0, 30)
    if last:
        page.merge_range(0, 0, 0, last, "", styles["title"])
    page.write_string(0, 0, str(sheet.title), styles["title"])
    for at, line in enumerate(sheet.under_title, start=1):
        page.write_string(at, 0, line, styles["under"])
    head_at = 1 + len(sheet.under_title)
    for nth, column in enumerate(sheet.columns):
        page.write_string(head_at, nth, column.title, styles["head"])
    at = head_at
    for at, row in enumerate(chain(first, coming), start=head_at + 1):
        if at >= ROWS_AT_MOST:
            raise ValueError(f"a sheet holds {ROWS_AT_MOST} rows")
        for nth, column in enumerate(sheet.columns):
            _write_cell(page, at, nth, column.of(row), column.kind, styles)
    page.autofilter(head_at, 0, at, last)
    page.freeze_panes(head_at + 1, 1)
    page.repeat_rows(head_at)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _write_cell(
    page: Any, at: int, nth: int, value: Any, kind: str, styles: dict[str, Any]
) -> None:
    """One value. What is not of its kind (a range, a remark among amounts) is written as text."""
    if value is None or value == "":
        page.write_blank(at, nth, None, styles[kind])
    elif kind in {"whole", "money"} and _is_number(value):
        page.write_number(at, nth, value, styles[kind])
    elif kind == "day" and isinstance(value, datetime.date) and value.year >= 1900:
        page.write_datetime(at, nth, value, styles[kind])
    else:
        page.write_string(at, nth, str(value)[:TEXT_AT_MOST], styles["text"])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and abs(value) < EXACT_TO


def _width(value: Any) -> int:
    if value is None:
        return 0
    return text_width(f"{value:,.2f}" if isinstance(value, Decimal) else str(value))


def text_width(text: str) -> int:
    """Latin characters that a text is wide, at its longest line; a Chinese one takes two."""
    return max(
        sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
        for line in text.split("\n")
    )
