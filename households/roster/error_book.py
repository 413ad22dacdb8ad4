"""The refused rows as a workbook: correct them there, bring the workbook again.

A household goes in as a whole, so the rows that did go in stand beside the refused ones of
their family; brought again they change nothing.
"""

import datetime
import re

import xlsxwriter
from django.utils.translation import gettext as _

from households.roster.core.headings import standard
from households.roster.core.marks import column_letters
from households.roster.core.sheet import is_blank, read_sheets
from households.roster.core.tables import header_of
from households.roster.core.values import DAMAGED, as_text
from households.roster.sentences import SENTENCES

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write(path, data, plan):
    """Write the households with refused rows into a new workbook at `path` (or a file object)."""
    wanted = _wanted(plan)
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        styles = {
            "text": book.add_format({"num_format": "@"}),
            "reason": book.add_format({"font_color": "#B3261E", "text_wrap": True}),
            "refused": book.add_format({"num_format": "@", "bg_color": "#FDECEA"}),
        }
        for sheet in read_sheets(data):
            if rows := wanted.get(sheet.name):
                _write_sheet(book.add_worksheet(_tab(sheet.name)), sheet, rows, styles)


def _tab(name):
    """A name that Excel allows; other programs allow more."""
    return re.sub(r"[\[\]:*?/\\]", "_", name)[:31].strip("'") or "Sheet"


def _wanted(plan):
    """{sheet: {row: (code of the household, column letters that are wrong, sentences)}}."""
    wanted = {}
    for household in plan.households:
        if not any(person.outcome == "refused" for person in household.rows):
            continue
        for person in household.rows:
            row = person.row
            wrong = {found.column for found in row.refusals}
            said = [_reason(found) for found in row.refusals]
            wanted.setdefault(row.sheet, {})[row.number] = (household.code, wrong, said)
    return wanted


def _reason(found):
    where = _("Column %(column)s: ") % {"column": found.column} if found.column else ""
    return f"{where}{SENTENCES[found.code]}"


def _write_sheet(page, sheet, rows, styles):
    top, header = header_of(sheet, standard())
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
        code, wrong, said = rows[number]
        if code and code_column is not None:
            cells = _with_code(cells, code_column, code)
        _write_row(page, at, cells, styles["text"], styles["refused"], wrong)
        text = "\n".join(said) or _("This row has gone in; it stands here with its household.")
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
        elif isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) < DAMAGED:
            page.write_number(at, nth, cell)
        elif not is_blank(cell) or style is refused:
            page.write_string(at, nth, as_text(cell), style)
