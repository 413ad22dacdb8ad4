"""The clerk's own workbook with what is wrong written into it: correct it there, bring it again.

Sheets, rows and formats stay as they are. A bad cell is coloured and carries a comment that says
what is wrong and what to do; where its column knows a list of words, the cell offers them.

openpyxl opens the file and saves it. What it cannot open, or would not give back value for value,
is written anew from the values: they matter more than the formats.
"""

import bisect
import contextlib
import copy
import datetime
import html
import io
import math
import re
import warnings
import zipfile
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import openpyxl
import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from households.roster.core.fields import FIELDS, Kind
from households.roster.core.marks import MOST_COLUMNS, column_index, column_letters
from households.roster.core.reading import WORD_LISTS, Knowledge
from households.roster.core.sheet import OLE, ZIP, Odd, Sheet, is_blank, read_sheets
from households.roster.core.tables import layout_of
from households.roster.core.values import DAMAGED, as_text
from households.roster.word_lists import WordLists, fits, reference
from povertyaid.web.workbook import (
    LOOKED_AT,
    NAME_AT_MOST,
    NARROWEST,
    OPTIONS,
    ROWS_AT_MOST,
    TEXT_AT_MOST,
    WIDEST,
    text_width,
)

AUTHOR = "povertyaid 帮扶台账"
BELOW = f"\n\n—— {AUTHOR} ——\n"  # between what the clerk has written in a comment and what we say
PROPERTY = "povertyaid-roster"
REFUSED, WARNED = "FDECEA", "FFF4CE"
TEXT = "@"

#: Numbers that a spreadsheet would cut, or take the first nought from.
DIGITS = frozenset([Kind.IDENTITY, Kind.ACCOUNT, Kind.PHONE, Kind.CODE])

# Of a comment, in pixels. A line takes so many Latin characters, half as many Chinese ones.
WIDTH, ACROSS, LINE, MARGIN = 320, 44, 18, 16

#: To mark 10,000 rows of 30 columns (15 MB unpacked) takes 8 s and 190 MB, 20,000 rows 17 s and
#: 375 MB, whether there are 500 comments or 5,000. Beyond that the refused rows alone must do.
UNPACKED_AT_MOST = 16 * 1024 * 1024
#: A .csv of 20,000 such rows has 3.8 MB; to write it anew takes 4 s and 100 MB.
BYTES_AT_MOST = 4 * 1024 * 1024
#: Both libraries make every cell that a merged range covers; `A1:XFD1048576` is one short line.
COVERED_AT_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said of a cell. `column` is its letter; None where the whole row is meant."""

    column: str | None
    sentence: str
    refuses: bool


def write(target, data, notes, *, corrections=None, choices=None, link="", knowledge=None):
    """Write the marked workbook of `data` to a path or a binary file.

    `notes` are {sheet: {row as a spreadsheet counts: [Note]}}, `corrections` {sheet: {(row, column)
    from 0: text}}, `choices` {sheet: {letter: words}}. By `link` a workbook that comes back is known.
    Raises UnreadableFileError. Ask `too_large` first.
    """
    known = knowledge or Knowledge()
    pages = list(_pages(data, notes, corrections or {}, choices or {}, known))
    made = _in_the_own_file(data, pages, link)
    if made is None or not _says_the_same(made, pages):
        made = _anew(data, pages, link)
    if hasattr(target, "write"):
        target.write(made)
    else:
        Path(target).write_bytes(made)


def too_large(data):
    """Whether it would take too long to mark every row of the file. Looks only at sizes."""
    if not data.startswith(ZIP):
        return len(data) > BYTES_AT_MOST
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(part.file_size for part in archive.infolist()) > UNPACKED_AT_MOST
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return len(data) > BYTES_AT_MOST


# --- the link -------------------------------------------------------------------------------------

LINK = re.compile(
    rf'<(?:\w+:)?property\b[^>]*\bname="{PROPERTY}"[^>]*>\s*<(?:\w+:)?lpwstr\b[^>]*>([^<]*)<'
    rf'|<meta:user-defined\b[^>]*\bmeta:name="{PROPERTY}"[^>]*>([^<]*)<'
)
PROPERTIES = ("docProps/custom.xml", "meta.xml")  # of an .xlsx and an .ods
LONGEST_PROPERTIES = 64 * 1024


def link_of(data):
    """The code that `write` put into the workbook, "" if there is none.

    Whoever has the file can change it: it is a claim, and the row it names must be asked for as usual.
    """
    if not data.startswith(ZIP):
        return ""
    # A damaged archive fails in a dozen ways.
    with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in set(PROPERTIES) & set(archive.namelist()):
            with archive.open(part) as stream:
                text = stream.read(LONGEST_PROPERTIES).decode("utf-8", errors="replace")
            if match := LINK.search(text):
                return html.unescape(match[1] or match[2] or "").strip()
    return ""


# --- what is to be written where ------------------------------------------------------------------


@dataclass(slots=True)
class _Page:
    """A sheet as read and corrected, and what is to be said in it. Rows and columns count from 0."""

    sheet: Sheet
    rows: list
    first_row: int  # of the data
    digits: frozenset  # columns
    corrected: dict
    notes: dict  # place → notes, refusals first
    choices: dict  # column → words

    @property
    def last_row(self):
        return max(len(self.rows) - 1, self.first_row)

    @property
    def merged(self):
        """The merged ranges, unless they cover more than anybody merges."""
        covered = sum(
            (bottom - top + 1) * (last - first + 1)
            for top, first, bottom, last in self.sheet.merged
        )
        return self.sheet.merged if covered <= COVERED_AT_MOST else ()

    def cell(self, place):
        row, column = place
        cells = self.rows[row] if row < len(self.rows) else ()
        return cells[column] if column < len(cells) else ""

    def becomes_text(self, place):
        """Whether what is typed here next must be text from the first digit on."""
        cell = self.cell(place)
        is_long = (
            isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= DAMAGED
        )
        return place in self.corrected or place[1] in self.digits or is_long


def _pages(data, notes, corrections, choices, knowledge):
    for sheet in read_sheets(data, hidden_too=True):
        top, layout = layout_of(sheet, knowledge.synonyms, knowledge.layouts)
        header = layout.header if layout else None
        rows = [*top, *sheet.rows]
        corrected = corrections.get(sheet.name, {})
        for (row, column), text in corrected.items():
            _put(rows, row, column, text)
        said = notes.get(sheet.name, {})
        known = [column for column in header.columns if column.field] if header else []
        yield _Page(
            sheet=sheet,
            rows=rows,
            first_row=header.rows[-1] if header else max(min(said, default=2) - 1, 0),
            digits=frozenset(c.index for c in known if FIELDS[c.field].kind in DIGITS),
            corrected=corrected,
            notes=_placed(said, rows, _Anchors(sheet.merged)),
            choices={
                column_index(letter): list(words)
                for letter, words in choices.get(sheet.name, {}).items()
                if words
            },
        )


def _put(rows, row, column, text):
    rows.extend([] for _missing in range(row + 1 - len(rows)))
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = text


class _Anchors:
    """Where what is said of a cell is seen: of a merged range only the first cell is."""

    def __init__(self, merged):
        self.by_column = {}
        for top, first, bottom, last in sorted(merged):
            for column in range(first, last + 1):
                self.by_column.setdefault(column, []).append((top, bottom, first))

    def of(self, row, column):
        ranges = self.by_column.get(column, ())
        nth = bisect.bisect_right(ranges, row, key=lambda found: found[0]) - 1
        if nth >= 0 and row <= ranges[nth][1]:
            return ranges[nth][0], ranges[nth][2]
        return row, column


def _placed(said, rows, anchors):
    placed = {}
    for number, notes in sorted(said.items()):
        row = number - 1
        if not 0 <= row < ROWS_AT_MOST:
            continue
        for note in notes:
            column = column_index(note.column) if note.column else _first_filled(rows, row)
            if column < MOST_COLUMNS:
                placed.setdefault(anchors.of(row, column), []).append(note)
    return {
        place: sorted(notes, key=lambda note: not note.refuses) for place, notes in placed.items()
    }


def _first_filled(rows, row):
    cells = rows[row] if row < len(rows) else ()
    return next((column for column, cell in enumerate(cells) if not is_blank(cell)), 0)


def _words(notes):
    """What a comment says, each sentence once."""
    sentences = [
        str(note.sentence)
        if note.column
        else _("This row: %(sentence)s") % {"sentence": note.sentence}
        for note in notes
    ]
    return "\n".join(dict.fromkeys(sentences))


def _colour(notes):
    return REFUSED if notes[0].refuses else WARNED


def _height(text):
    lines = sum(1 + max(text_width(line) - 1, 0) // ACROSS for line in text.split("\n"))
    return lines * LINE + MARGIN


def _not_listed():
    """What is said to a word that the list does not have. Excel takes 32 and 255 characters."""
    return _("Not on the list"), _(
        "The list does not have this word. Choose one that fits; if there is none, yours may stay."
    )


# --- in the clerk's own file ----------------------------------------------------------------------


def _in_the_own_file(data, pages, link):
    """The bytes of the marked file; None where openpyxl cannot do it."""
    if not data.startswith(ZIP) or any(page.sheet.merged and not page.merged for page in pages):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that are left out
        try:
            # Stored values in place of formulas: nobody need open the file in Excel before it
            # is brought again. Links to other files would have nothing left to link.
            book = openpyxl.load_workbook(
                io.BytesIO(data), data_only=True, rich_text=True, keep_links=False
            )
            book.template = False
            by_name = {page.sheet.name: page for page in pages}
            for found in book.worksheets:
                if (page := by_name.get(found.title)) and found.title != WORD_LISTS:
                    _mark(book, found, page)
            _link(book, link)
            stream = io.BytesIO()
            book.save(stream)
        except Exception:  # noqa: BLE001 -- as many ways to fail as there are programs that write .xlsx
            return None
    return stream.getvalue()


def _mark(book, found, page):
    _forget_former_marks(found)
    _give_back(found, page)
    for (row, column), text in page.corrected.items():
        cell = _own_cell(found, row, column)
        _write_text(cell, text)
        cell.number_format = TEXT
    for (row, column), notes in page.notes.items():
        cell = found.cell(row + 1, column + 1)
        cell.fill = PatternFill("solid", fgColor=f"FF{_colour(notes)}")
        cell.comment = _with_ours(cell.comment, _words(notes))
        if page.becomes_text((row, column)):
            cell.number_format = TEXT
    for column, words in page.choices.items():
        _offer(book, found, page, column, words)


def _forget_former_marks(found):
    """A workbook that was marked before says only what is wrong now."""
    # Not iter_rows(): one formatted cell in the last corner would make it create all between.
    for cell in found._cells.values():
        if not cell.comment:
            continue
        own, below, _ours = cell.comment.text.partition(BELOW)
        if below or cell.comment.author == AUTHOR:
            cell.fill = PatternFill()
            cell.comment = _comment(own, cell.comment.author) if below else None
        else:
            cell.comment = _comment(own, cell.comment.author)  # openpyxl forgets how large it was


def _give_back(found, page):
    """What openpyxl loses: values below merged cells, and numbers that are no date but formatted so."""
    for row, cells in enumerate(page.rows, start=1):
        for column, value in enumerate(cells, start=1):
            if value == "" or isinstance(value, Odd):
                continue
            cell = found._cells.get((row, column))
            if cell is None or (cell.data_type != "e" and not isinstance(cell, MergedCell)):
                continue
            own = _own_cell(found, row - 1, column - 1)
            if isinstance(value, str):
                _write_text(own, value)
            else:
                own.value = value


def _own_cell(found, row, column):
    """The cell itself, also where a merged range covers it: openpyxl has none to write into there."""
    cell = found.cell(row + 1, column + 1)
    if isinstance(cell, MergedCell):
        covered, cell = cell, Cell(found, row=row + 1, column=column + 1)
        cell._style = copy.copy(covered._style)
        found._cells[row + 1, column + 1] = cell
    return cell


def _write_text(cell, text):
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text) or None
    if cell.value is not None:
        cell.data_type = "s"  # whatever it begins with, it is no formula


def _with_ours(comment, words):
    return _comment(comment.text + BELOW + words, comment.author) if comment else _comment(words)


def _comment(text, author=AUTHOR):
    return Comment(text, author, height=_height(text), width=WIDTH)


def _offer(book, found, page, column, words):
    """A drop-down for the rows of the data. Where the clerk's own rule stands, it stays."""
    for rule in found.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            if area.min_col <= column + 1 <= area.max_col and area.max_row > page.first_row:
                return
    title, words_of_error = _not_listed()
    rule = DataValidation(
        type="list",
        formula1=_source(book, words),
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning",
        errorTitle=title,
        error=words_of_error,
    )
    letters = column_letters(column)
    rule.add(f"{letters}{page.first_row + 1}:{letters}{page.last_row + 1}")
    found.add_data_validation(rule)


def _source(book, words):
    if fits(words):
        return f'"{",".join(words)}"'
    if WORD_LISTS not in book.sheetnames:
        book.create_sheet(WORD_LISTS).sheet_state = "veryHidden"
    lists = book[WORD_LISTS]
    column = lists.max_column if lists["A1"].value is not None else 0
    for row, word in enumerate(words, start=1):
        _write_text(lists.cell(row, column + 1), word)
    return reference(column, len(words))


def _link(book, link):
    if PROPERTY in book.custom_doc_props.names:
        del book.custom_doc_props[PROPERTY]
    if link:
        book.custom_doc_props.append(StringProperty(name=PROPERTY, value=link))


def _says_the_same(made, pages):
    """Whether the file that was made reads value for value like the one that was brought."""
    written = list(read_sheets(made, hidden_too=True))
    return len(written) >= len(pages) and all(
        page.sheet.name == WORD_LISTS
        or (
            (page.sheet.name, page.sheet.state) == (found.name, found.state)
            and all(
                _values(one) == _values(other)
                for one, other in zip_longest(page.rows, found.rows, fillvalue=())
            )
        )
        for page, found in zip(pages, written, strict=False)
    )


def _values(cells):
    """A row without its empty end. A formula that nobody has calculated leaves an empty cell."""
    values = ["" if cell is Odd.NO_STORED_VALUE else cell for cell in cells]
    while values and values[-1] == "":
        values.pop()
    return values


# --- written anew ---------------------------------------------------------------------------------


def _anew(data, pages, link):
    """A new workbook with the same sheets and values, and of the looks what is known of them."""
    stream = io.BytesIO()
    # Not in constant memory: there a merged range would have to come before the rows above it.
    with xlsxwriter.Workbook(stream, OPTIONS | {"constant_memory": False}) as book:
        if link:
            book.set_custom_property(PROPERTY, link, "text")
        lists = WordLists(book)
        styles = _Styles(book)
        knows_hidden = data.startswith(OLE) or not _is_ods(data)
        tabs = set()
        for page in pages:
            if page.sheet.name != WORD_LISTS:
                tab = _tab(page.sheet.name, tabs)
                _write_page(book.add_worksheet(tab), page, styles, lists, knows_hidden)
        for found in book.worksheets():
            if not found.hidden:
                found.activate()
                found.set_first_sheet()
                break
        lists.finish()
    return stream.getvalue()


class _Styles:
    """Formats by number format and colour, each made once."""

    def __init__(self, book):
        self.book = book
        self.made = {}

    def of(self, number_format="", colour=""):
        if (number_format, colour) not in self.made:
            look = {"num_format": number_format} if number_format else {}
            look |= {"bg_color": f"#{colour}"} if colour else {}
            self.made[number_format, colour] = self.book.add_format(look)
        return self.made[number_format, colour]


def _is_ods(data):
    """Of an .ods only that rows are hidden is known, not which. It begins with its own name."""
    return data[30:38] == b"mimetype"


def _tab(name, taken):
    """A name that Excel allows and that no other sheet has; other programs allow more."""
    kept = re.sub(r"[\[\]:*?/\\]", "_", name)[:NAME_AT_MOST].strip("'") or "Sheet"
    tab, nth = kept, 1
    while tab.lower() in taken:
        nth += 1
        tab = f"{kept[: NAME_AT_MOST - len(str(nth)) - 1]}_{nth}"
    taken.add(tab.lower())
    return tab


def _write_page(target, page, styles, lists, knows_hidden):
    if page.sheet.state == "hidden":
        target.hide()
    elif page.sheet.state == "veryHidden":
        target.very_hidden()
    _set_columns(target, page)
    for top, first, bottom, last in page.merged:
        if (top, first) != (bottom, last):
            with contextlib.suppress(xlsxwriter.exceptions.OverlappingRange):
                target.merge_range(top, first, bottom, last, "", styles.of())
    for row, cells in enumerate(page.rows):
        for column, cell in enumerate(cells):
            notes = page.notes.get((row, column))
            colour = _colour(notes) if notes else ""
            _write_cell(target, page, (row, column), cell, colour, styles)
    for place, notes in page.notes.items():
        words = _words(notes)
        if page.cell(place) == "":
            target.write_blank(*place, None, styles.of(TEXT, _colour(notes)))
        size = {"author": AUTHOR, "width": WIDTH, "height": _height(words)}
        target.write_comment(*place, words, size)
    title, words_of_error = _not_listed()
    for column, words in page.choices.items():
        rule = {"validate": "list", "source": lists.source(words), "error_type": "warning"}
        rule |= {"error_title": title, "error_message": words_of_error}
        target.data_validation(page.first_row, column, page.last_row, column, rule)
    if knows_hidden:
        for row in page.sheet.hidden_rows:
            target.set_row(row, None, None, {"hidden": True})
        for column in page.sheet.hidden_columns:
            target.set_column(column, column, None, None, {"hidden": True})


def _set_columns(target, page):
    widths = {}
    for cells in page.rows[max(page.first_row - 1, 0) : LOOKED_AT]:
        for column, cell in enumerate(cells):
            widths[column] = max(widths.get(column, 0), text_width(as_text(cell)))
    for column, width in widths.items():
        target.set_column(column, column, min(max(width + 2, NARROWEST), WIDEST))


def _write_cell(target, page, place, cell, colour, styles):
    if isinstance(cell, str):
        if cell:
            target.write_string(*place, cell[:TEXT_AT_MOST], styles.of(TEXT, colour))
    elif cell is Odd.ERROR:
        # An error again when the workbook comes back; which one it was is not known.
        target.write_formula(*place, "=NA()", styles.of("", colour), "#N/A")
    elif isinstance(cell, bool):
        target.write_boolean(*place, cell, styles.of("", colour))
    elif isinstance(cell, (int, float)):
        if math.isfinite(cell):
            number_format = TEXT if colour and page.becomes_text(place) else ""
            target.write_number(*place, cell, styles.of(number_format, colour))
    elif number_format := _format_of_time(cell):
        target.write_datetime(*place, cell, styles.of(number_format, colour))
    elif not isinstance(cell, Odd):
        target.write_string(*place, as_text(cell), styles.of(TEXT, colour))


def _format_of_time(cell):
    """How a date or a time is shown; "" for what is none, or older than the calendar of Excel."""
    if isinstance(cell, datetime.date) and cell.year < 1900:
        return ""
    if isinstance(cell, datetime.datetime):
        return "yyyy-mm-dd hh:mm:ss"
    if isinstance(cell, datetime.date):
        return "yyyy-mm-dd"
    if isinstance(cell, datetime.time):
        return "hh:mm:ss"
    return "[h]:mm:ss" if isinstance(cell, datetime.timedelta) else ""
