"""The refused rows as a workbook: correct them there, bring the workbook again.

A household goes in as a whole, so the rows that did go in stand beside the refused ones of
their family; brought again they change nothing.
"""

import datetime
import math
import re
from dataclasses import dataclass

import xlsxwriter
from django.db.models import Q
from django.utils.translation import gettext as _

from households.models import RosterLine
from households.roster.core.marks import column_letters
from households.roster.core.reading import Knowledge
from households.roster.core.sheet import NO_OVERLAY, is_blank, overlaid, read_sheets
from households.roster.core.tables import layout_of
from households.roster.core.values import DAMAGED, as_text
from households.roster.marked_book import PROPERTY
from households.roster.sentences import SENTENCES

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row to be written: its household's code, the columns that are wrong, what is to be said."""

    code: str
    columns: frozenset[str]
    reasons: tuple[str, ...]


def write(target, data, wanted, *, knowledge=None, overlay=NO_OVERLAY, is_in=True, link=""):
    """Write the rows of `wanted` ({sheet: {row: Wanted}}) into a new workbook: a path or a file.

    `overlay` are cells corrected since the file came. `is_in` says whether the rows that stand
    beside the refused ones have gone in already. By `link` a workbook that comes back is known.
    """
    knowledge = knowledge or Knowledge()
    beside = (
        _("This row has gone in; it stands here with its household.")
        if is_in
        else _("Nothing is wrong with this row; it stands here with its household.")
    )
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        if link:
            book.set_custom_property(PROPERTY, link)
        styles = {
            "text": book.add_format({"num_format": "@"}),
            "reason": book.add_format({"font_color": "#B3261E", "text_wrap": True}),
            "refused": book.add_format({"num_format": "@", "bg_color": "#FDECEA"}),
        }
        for sheet in overlaid(read_sheets(data), overlay):
            if rows := wanted.get(sheet.name):
                page = book.add_worksheet(_tab(sheet.name))
                _write_sheet(page, sheet, rows, styles, knowledge, beside)
        if not wanted:
            book.add_worksheet(_("Nothing was refused"))


def wanted_of_plan(plan):
    """The rows of every household that has a refused one, from a plan."""
    wanted = {}
    for household in plan.households:
        if not any(person.outcome == "refused" for person in household.rows):
            continue
        for person in household.rows:
            row = person.row
            found = [(finding.column, finding.code) for finding in row.refusals]
            wanted.setdefault(row.sheet, {})[row.number] = _wanted(household.code or "", found)
    return wanted


def wanted_of_lines(roster):
    """The same from the lines of a roster that was previewed or imported."""
    refused = list(roster.lines.filter(outcome=RosterLine.Outcome.REFUSED))
    codes = {line.code for line in refused if line.code}
    heads = {(line.sheet, line.head) for line in refused if line.head and not line.code}
    beside = roster.lines.exclude(outcome=RosterLine.Outcome.REFUSED).filter(
        Q(code__in=codes) | Q(code="", head__in={head for _sheet, head in heads})
    )
    wanted = {}
    for line in [*refused, *beside]:
        if (
            line.outcome == RosterLine.Outcome.REFUSED
            or line.code
            or (line.sheet, line.head) in heads
        ):
            found = [(finding["column"], finding["code"]) for finding in line.refusals]
            wanted.setdefault(line.sheet, {})[line.row] = _wanted(line.code, found)
    return wanted


def _wanted(code, found):
    columns = frozenset(column for column, _code in found if column)
    return Wanted(code, columns, tuple(_reason(column, said) for column, said in found))


def _reason(column, code):
    where = _("Column %(column)s: ") % {"column": column} if column else ""
    return f"{where}{SENTENCES[code]}"


def _tab(name):
    """A name that Excel allows; other programs allow more."""
    return re.sub(r"[\[\]:*?/\\]", "_", name)[:31].strip("'") or "Sheet"


def _write_sheet(page, sheet, rows, styles, knowledge, beside):
    top, layout = layout_of(sheet, knowledge.synonyms, knowledge.layouts)
    header = layout.header
    last_header = header.rows[-1]
    code_column = next((c.index for c in header.columns if c.field == "code"), None)
    reasons_at = max(column.index for column in header.columns) + 1
    page.set_column(reasons_at, reasons_at, 60)
    for at, cells in enumerate(top[:last_header]):
        _write_row(page, at, cells, styles["text"])
    page.write_string(header.rows[0] - 1, reasons_at, _("What is wrong"), styles["reason"])
    at = last_header
    numbered = enumerate((*top[last_header:], *sheet.rows), start=last_header + 1)
    for number, cells in numbered:
        if number not in rows:
            continue
        row = rows[number]
        if row.code and code_column is not None:
            cells = _with_code(cells, code_column, row.code)
        _write_row(page, at, cells, styles["text"], styles["refused"], row.columns)
        text = "\n".join(row.reasons) or beside
        page.write_string(at, reasons_at, text, styles["reason"])
        at += 1


def _with_code(cells, column, code):
    """A continuing row names its household again: the row above may be missing here."""
    filled = [*cells, *[""] * (column + 1 - len(cells))]
    if is_blank(filled[column]):
        filled[column] = code
    return filled


def _write_row(page, at, cells, plain, refused=None, wrong=()):
    for nth, cell in enumerate(cells):
        style = refused if column_letters(nth) in wrong else plain
        if isinstance(cell, datetime.date):
            page.write_string(at, nth, as_text(cell), style)
        elif isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell):
            # Also one that the spreadsheet has cut: as text it would pass for what somebody typed.
            page.write_number(at, nth, cell, style if abs(cell) >= DAMAGED else None)
        elif not is_blank(cell) or style is refused:
            page.write_string(at, nth, as_text(cell), style)
