"""What stands in a workbook besides its cell values: hidden rows, errors, empty formulas, size.

A sheet of 100,000 rows is searched by pattern, a block at a time: a full XML reader
takes eight times as long as reading all the cells does.
"""

import html
import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import olefile  # type: ignore[import-untyped]

BLOCK = 8 * 1024 * 1024
LONGEST_ROW = 64 * 1024 * 1024  # bytes of XML: sixteen thousand cells of four thousand letters
LONGEST_TEXT = 256 * 1024 * 1024  # bytes of an .ods, which is searched as a whole
MOST_COLUMNS = 16_384
# Cells of an .ods that come of one value said to repeat itself: no roster has so many alike.
MOST_REPEATED = 10_000
MOST_MADE = 2_000_000


class ForeignError(Exception):
    """An archive, but of no workbook."""


class TooLargeError(Exception):
    """Unpacked, it would be larger than allowed."""


class EncryptedError(Exception):
    """The archive asks for a password."""


@dataclass(slots=True)
class Marks:
    """Rows and columns from 0. `odd` maps a cell to True for an error, False for an empty formula.

    `hidden_columns` holds the first column of each hidden run.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    odd: dict[tuple[int, int], bool] = field(default_factory=dict)


def column_index(letters: str) -> int:
    """`A` → 0, `AA` → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(index: int) -> str:
    """0 → `A`, 26 → `AA`."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def of_archive(archive: zipfile.ZipFile, *, unpacked: int, cells: int) -> dict[str, Marks]:
    """Marks of every sheet by name. Raises the errors above, zipfile.BadZipFile."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise EncryptedError
    if sum(part.file_size for part in parts) > unpacked:
        raise TooLargeError
    names = {part.filename for part in parts}
    if "xl/workbook.xml" in names:
        return _of_xlsx(archive, names, cells)
    if "content.xml" in names:
        if archive.getinfo("content.xml").file_size > LONGEST_TEXT:
            raise TooLargeError
        return _of_ods(archive)
    if "xl/workbook.bin" in names:
        return {}
    raise ForeignError


# --- .xlsx ----------------------------------------------------------------------------------------

# Any of these tags may carry a namespace prefix: some programs write <x:row>.
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^<>]*\bhidden="(?:1|true)")[^<>]*?\br="(\d+)"')
HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\b(?=[^<>]*\bhidden="(?:1|true)")[^<>]*?\bmin="(\d+)"')
CELL_AT = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^<>]*\bt="e")([^<>]*[^/>])>')
EMPTY_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*[^/>])>\s*"
    rb"<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v[^<>]*>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^<>]*?\br="(\d+)"')
FAR_RIGHT = re.compile(rb'r="(?:[A-Z]{3}|[E-Z][A-Z])\d')
FILLED_CELL = re.compile(rb"<(?:\w+:)?c\b([^<>]*[^/>])>\s*<(?:\w+:)?(?:v\s*>|is\b)")


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'(?:^|[\s:]){name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def _of_xlsx(archive: zipfile.ZipFile, names: set[str], cells: int) -> dict[str, Marks]:
    found = {}
    for name, part in _xlsx_parts(archive, names):
        found[name], bound = _xlsx_marks(archive, part)
        if bound > cells and _extent(archive, part) > cells:
            raise TooLargeError
    return found


def _xlsx_parts(archive: zipfile.ZipFile, names: set[str]) -> list[tuple[str, str]]:
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in names:
        return []
    target_of = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^<>]*>", _text(archive, relations)):
        target = _attribute(tag, "Target")
        path = target[1:] if target.startswith("/") else f"xl/{target}"
        target_of[_attribute(tag, "Id")] = path
    sheets = re.findall(r"<(?:\w+:)?sheet\b[^<>]*>", _text(archive, "xl/workbook.xml"))
    parts = [(_attribute(tag, "name"), target_of.get(_attribute(tag, "id"), "")) for tag in sheets]
    return [(name, part) for name, part in parts if part in names and "worksheet" in part]


def _text(archive: zipfile.ZipFile, part: str) -> str:
    raw = archive.read(part)
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return raw.decode(encoding, errors="replace")


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part in pieces that end where a row ends. Raises TooLargeError for a row without end."""
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            block = rest + block
            cut = max(block.rfind(b"row>"), block.rfind(b"/>"))
            if cut < 0:
                if len(block) > LONGEST_ROW:
                    raise TooLargeError
                rest = block
                continue
            end = block.find(b">", cut) + 1
            yield block[:end]
            rest = block[end:]
    yield rest


def _extent(archive: zipfile.ZipFile, part: str) -> int:
    """Exactly so many cells lie between A1 and the last cells that hold a value."""
    rows = columns = 0
    for block in _blocks(archive, part):
        for match in FILLED_CELL.finditer(block):
            if at := CELL_AT.search(match[1]):
                rows = max(rows, int(at[2]))
                columns = max(columns, column_index(at[1].decode()) + 1)
    return rows * columns


def _xlsx_marks(archive: zipfile.ZipFile, part: str) -> tuple[Marks, int]:
    """The marks, and how many cells lie at most between A1 and the last cell, empty ones counted."""
    marks = Marks()
    rows, columns = 0, 130  # EA is the 131st; few sheets reach it
    for block in _blocks(archive, part):
        for match in ROW_NUMBER.finditer(block, max(0, len(block) - 100_000)):
            rows = max(rows, int(match[1]))
        if columns < MOST_COLUMNS and FAR_RIGHT.search(block):
            columns = MOST_COLUMNS
        if b"hidden=" in block:
            marks.hidden_rows.update(int(match[1]) - 1 for match in HIDDEN_ROW.finditer(block))
            marks.hidden_columns.update(
                int(match[1]) - 1 for match in HIDDEN_COLUMN.finditer(block)
            )
        if b't="e"' in block:
            for match in ERROR_CELL.finditer(block):
                _note(marks, match[1], is_error=True)
        # One letter is found many times faster than two, and most sheets have none.
        if b"f" in block and (b"<f" in block or b":f" in block):
            for match in EMPTY_FORMULA.finditer(block):
                # A text formula may well have calculated the empty text: that is a value.
                if not (match[2] and b't="str"' in match[1]):
                    _note(marks, match[1], is_error=False)
    return marks, rows * columns


def _note(marks: Marks, attributes: bytes, *, is_error: bool) -> None:
    if at := CELL_AT.search(b" " + attributes):
        marks.odd[int(at[2]) - 1, column_index(at[1].decode())] = is_error


# --- .ods -----------------------------------------------------------------------------------------


#: The tags that tell what a sheet of an .ods holds, one after the other: read once, from left to right.
ODS_TAG = re.compile(
    r"<(?P<end>/?)table:(?P<kind>table-row|table-cell|covered-table-cell|table-column)\b"
    r"(?P<told>[^<>]*)>|<text:p\b"
)
HIDES = re.compile(r'table:visibility="(?:collapse|filter)"')


def _of_ods(archive: zipfile.ZipFile) -> dict[str, Marks]:
    content = _text(archive, "content.xml")
    found = {}
    for table in re.split(r"(?=<table:table\s)", content)[1:]:
        name = _attribute(table[: table.find(">")], "name")
        found[name] = _ods_marks(table)
    return found


def _ods_marks(table: str) -> Marks:
    """The marks of one sheet. Raises TooLargeError where values repeat themselves into a trap.

    A row and a cell may say how often they repeat; the reader makes them all.
    """
    marks = Marks()
    rows = columns = 1  # how often the open row and cell repeat
    filled = written = made = 0
    for tag in ODS_TAG.finditer(table):
        kind, told = tag["kind"], tag["told"] or ""
        if kind is None or (kind == "table-cell" and not tag["end"]):
            if kind:
                columns = _repeats(told, "columns")
            if kind is None or "office:value" in told:  # text in the open cell, or its value
                filled, written = filled + columns, written + 1
        elif tag["end"] and kind == "table-row":
            made += rows * filled - written
            if filled > MOST_COLUMNS or (filled and rows > MOST_REPEATED) or made > MOST_MADE:
                raise TooLargeError
        elif kind in ("table-row", "table-column") and not tag["end"]:
            repeats = _repeats(told, "rows" if kind == "table-row" else "columns")
            if kind == "table-row":
                rows, columns, filled, written = repeats, 1, 0, 0
            # Only that there are some is told; a run of a thousand is the empty rest of a sheet.
            if repeats < 1000 and HIDES.search(told):
                (marks.hidden_rows if kind == "table-row" else marks.hidden_columns).add(0)
    return marks


def _repeats(told: str, what: str) -> int:
    written = _attribute(told, f"number-{what}-repeated")
    return int(written) if written.isdecimal() and len(written) < 10 else 1


# --- .xls and .et ---------------------------------------------------------------------------------

BOUNDSHEET, BOF, EOF = 0x85, 0x809, 0x0A
ROW, COLINFO, BOOLERR, FORMULA = 0x208, 0x7D, 0x205, 0x06


def of_binary_workbook(data: bytes) -> dict[str, Marks]:
    """Marks of every sheet of a BIFF8 workbook. Raises ForeignError, OSError."""
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        stream = next((name for name in ("Workbook", "Book") if ole.exists(name)), None)
        if stream is None:
            raise ForeignError
        book = ole.openstream(stream).read()
    found = {}
    for kind, start, length in _records(book, 0):
        if kind == BOUNDSHEET and length >= 8:
            position, name = _bound_sheet(book[start : start + length])
            found[name] = _binary_marks(book, position)
    return found


def _records(book: bytes, position: int) -> Iterator[tuple[int, int, int]]:
    """Kind, start and length of the records of one substream, the first BOF to its EOF."""
    depth = 0
    while position + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, position)
        depth += (kind == BOF) - (kind == EOF)
        yield kind, position + 4, length
        position += 4 + length
        if depth <= 0:
            return


def _bound_sheet(record: bytes) -> tuple[int, str]:
    (position,) = struct.unpack_from("<I", record)
    count, is_wide = record[6], record[7] & 1
    raw = record[8 : 8 + count * (2 if is_wide else 1)]
    return position, raw.decode("utf-16-le" if is_wide else "latin-1", errors="replace")


def _binary_marks(book: bytes, position: int) -> Marks:
    marks = Marks()
    for kind, start, length in _records(book, position):
        if kind == ROW and length >= 16:
            row, flags = struct.unpack_from("<H10xH", book, start)
            if flags & 0x20:
                marks.hidden_rows.add(row)
        elif kind == COLINFO and length >= 10:
            first, flags = struct.unpack_from("<H6xH", book, start)
            if flags & 1:
                marks.hidden_columns.add(first)
        elif kind == BOOLERR and length >= 8:
            row, column, is_error = struct.unpack_from("<HH3xB", book, start)
            if is_error:
                marks.odd[row, column] = True
        elif kind == FORMULA and length >= 14:
            row, column = struct.unpack_from("<HH", book, start)
            if book[start + 12 : start + 14] == b"\xff\xff" and book[start + 6] == 2:
                marks.odd[row, column] = True
    return marks
