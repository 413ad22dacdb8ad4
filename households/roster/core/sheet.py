"""Bytes → sheets with rows. The content decides what a file is, not its name.

The cells come from calamine. What calamine does not tell (hidden rows and columns, error
cells, formulas that were never calculated) is read from the file's own parts in
`marks.py`, which also looks at how large a workbook would become before it is unpacked.
"""

import csv
import datetime
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from itertools import islice
from typing import Literal

import msoffcrypto  # type: ignore[import-untyped]
import python_calamine

from households.roster.core import marks


class Odd(Enum):
    """A cell that holds no value although something stands there."""

    ERROR = "error"  # #VALUE! and the like
    NO_STORED_VALUE = "no stored value"  # a formula that nobody has calculated


Cell = (
    str
    | int
    | float
    | bool
    | datetime.date
    | datetime.datetime
    | datetime.time
    | datetime.timedelta
    | Odd
)
State = Literal["visible", "hidden", "veryHidden"]
Merged = Sequence[tuple[int, int, int, int]]


class Reason(StrEnum):
    """Why a file cannot be read."""

    EMPTY = "empty"
    PASSWORD = "password"  # noqa: S105 -- the reason's name
    CORRUPT = "corrupt"
    NOT_A_WORKBOOK = "not_a_workbook"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"


class UnreadableFileError(Exception):
    """No workbook comes out of these bytes. `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read before a file is called too large.

    `unpacked` bytes guard against archives that swell, `cells` against one stray value in
    the last corner of a sheet, which would make a reader reserve memory for all between.
    """

    file_bytes: int = 30 * 1024 * 1024
    unpacked: int = 1024 * 1024 * 1024
    cells: int = 40_000_000
    rows: int = 200_000


@dataclass(slots=True)
class Sheet:
    """One sheet, whose rows are read once, from the first to the last that holds a value.

    `merged` are ranges as (first row, first column, last row, last column) from 0, hidden
    rows and columns count from 0 too.
    """

    name: str
    state: State
    rows: Iterator[list[Cell]]
    merged: Merged = ()
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    @classmethod
    def of(
        cls, rows: Iterable[list[Cell]], name: str = "Sheet1", state: State = "visible"
    ) -> "Sheet":
        return cls(name, state, _without_empty_end(rows))


ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A text that begins so belongs to another program, however well it decodes.
FOREIGN = (
    b"%PDF",
    b"{\\rtf",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
MOST = 1 / 2  # of the records
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")

# The csv module refuses fields above 128 kB; a note may be longer, the file's size is limited.
csv.field_size_limit(64 * 1024 * 1024)


def read_sheets(
    data: bytes, limits: Limits | None = None, *, hidden_too: bool = False
) -> Iterator[Sheet]:
    """All sheets in workbook order, hidden ones without rows unless they are asked for.

    Use the rows of one sheet before asking for the next. Raises UnreadableFileError, also
    while rows are read.
    """
    limits = limits or Limits()
    if not data:
        raise UnreadableFileError(Reason.EMPTY)
    if len(data) > limits.file_bytes:
        raise UnreadableFileError(Reason.TOO_LARGE)
    if data.startswith(ZIP) or data.startswith(OLE):
        yield from _read_workbook(data, limits, hidden_too=hidden_too)
    else:
        yield _read_csv(data, limits)


def glance(data: bytes, limits: Limits | None = None) -> None:
    """Refuse at once what can be told from its first look: raises UnreadableFileError.

    What passes may still turn out to be broken when it is read.
    """
    limits = limits or Limits()
    if not data:
        raise UnreadableFileError(Reason.EMPTY)
    if len(data) > limits.file_bytes:
        raise UnreadableFileError(Reason.TOO_LARGE)
    if data.startswith(OLE):
        _refuse_password(data)
    elif data.startswith(ZIP):
        if not zipfile.is_zipfile(io.BytesIO(data)):
            raise UnreadableFileError(Reason.CORRUPT)
    else:
        _decode(data)


def _refuse_password(data: bytes) -> None:
    try:
        if msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted():
            raise UnreadableFileError(Reason.PASSWORD)
    except msoffcrypto.exceptions.FileFormatError:
        raise UnreadableFileError(Reason.NOT_A_WORKBOOK) from None
    except (OSError, ValueError, EOFError):
        raise UnreadableFileError(Reason.CORRUPT) from None


# --- what is laid over a file, and who looks on -----------------------------------------------------

#: Cells as they were corrected: {sheet name: {row from 0: {column from 0: text}}}.
Overlay = Mapping[str, Mapping[int, Mapping[int, str]]]

NO_OVERLAY: Overlay = {}

#: Is shown each row that was read; what it raises ends the reading.
Watch = Callable[[], None]


def overlaid(sheets: Iterable[Sheet], overlay: Overlay) -> Iterator[Sheet]:
    """The sheets with corrected cells in place of those of the file. No row is added."""
    for sheet in sheets:
        if cells := overlay.get(sheet.name):
            sheet.rows = _overlaid_rows(sheet.rows, cells)
        yield sheet


def _overlaid_rows(
    rows: Iterable[list[Cell]], overlay: Mapping[int, Mapping[int, str]]
) -> Iterator[list[Cell]]:
    for index, row in enumerate(rows):
        for column, text in overlay.get(index, {}).items():
            row.extend([""] * (column + 1 - len(row)))
            row[column] = text
        yield row


def watched(sheets: Iterable[Sheet], watch: Watch) -> Iterator[Sheet]:
    """The sheets, `watch` being called for every row that is read."""
    for sheet in sheets:
        sheet.rows = _watched_rows(sheet.rows, watch)
        yield sheet


def _watched_rows(rows: Iterable[list[Cell]], watch: Watch) -> Iterator[list[Cell]]:
    for row in rows:
        watch()
        yield row


# --- workbooks ------------------------------------------------------------------------------------


def _read_workbook(data: bytes, limits: Limits, *, hidden_too: bool) -> Iterator[Sheet]:
    found = _look_inside(data, limits)
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        for meta in book.sheets_metadata:
            yield _read_sheet(book, meta, found, limits, hidden_too=hidden_too)
    except python_calamine.PasswordError:
        raise UnreadableFileError(Reason.PASSWORD) from None
    except python_calamine.CalamineError:
        raise UnreadableFileError(Reason.CORRUPT) from None


def _look_inside(data: bytes, limits: Limits) -> dict[str, marks.Marks]:
    try:
        if data.startswith(OLE):
            _refuse_password(data)
            return marks.of_binary_workbook(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return marks.of_archive(archive, unpacked=limits.unpacked, cells=limits.cells)
    except marks.ForeignError:
        raise UnreadableFileError(Reason.NOT_A_WORKBOOK) from None
    except marks.TooLargeError:
        raise UnreadableFileError(Reason.TOO_LARGE) from None
    except marks.EncryptedError:
        raise UnreadableFileError(Reason.PASSWORD) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
        raise UnreadableFileError(Reason.CORRUPT) from None


def _state(meta: python_calamine.SheetMetadata) -> State:
    if meta.visible == python_calamine.SheetVisibleEnum.Visible:
        return "visible"
    if meta.visible == python_calamine.SheetVisibleEnum.Hidden:
        return "hidden"
    return "veryHidden"


def _read_sheet(
    book: python_calamine.CalamineWorkbook,
    meta: python_calamine.SheetMetadata,
    found: dict[str, marks.Marks],
    limits: Limits,
    *,
    hidden_too: bool,
) -> Sheet:
    state = _state(meta)
    is_wanted = hidden_too or state == "visible"
    if not is_wanted or meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
        return Sheet.of([], meta.name, state)
    cells = book.get_sheet_by_name(meta.name)
    seen = found.get(meta.name, marks.Marks())
    if cells.start is not None and cells.total_height > limits.rows + 1000:
        raise UnreadableFileError(Reason.TOO_MANY_ROWS)
    return Sheet(
        meta.name,
        state,
        _without_empty_end(_rows(cells, seen)),
        [
            (top, first, bottom, last)
            for (top, first), (bottom, last) in (cells.merged_cell_ranges or [])
        ],
        seen.hidden_rows,
        seen.hidden_columns,
    )


def _rows(cells: python_calamine.CalamineSheet, seen: marks.Marks) -> Iterator[list[Cell]]:
    odd: dict[int, dict[int, Odd]] = {}
    for (at_row, column), is_error in seen.odd.items():
        odd.setdefault(at_row, {})[column] = Odd.ERROR if is_error else Odd.NO_STORED_VALUE
    # iter_rows leaves out empty columns on the left, but not empty rows above.
    left: list[Cell] = [""] * cells.start[1] if cells.start else []
    index = 0
    for values in cells.iter_rows() if cells.start else ():
        row: list[Cell] = [*left, *values]
        yield _with_odd(row, odd[index]) if index in odd else row
        index += 1
    # Calamine sees no cell where a formula was never calculated, so rows may follow its last.
    for below in range(index, max(odd, default=-1) + 1):
        yield _with_odd([], odd.get(below, {}))


def _with_odd(row: list[Cell], odd: dict[int, Odd]) -> list[Cell]:
    row.extend([""] * (max(odd, default=-1) + 1 - len(row)))
    for column, cell in odd.items():
        row[column] = cell
    return row


def _without_empty_end(rows: Iterable[list[Cell]]) -> Iterator[list[Cell]]:
    """Formatted empty rows below the last value are no rows."""
    empty: list[list[Cell]] = []
    for row in rows:
        if is_empty_row(row):
            empty.append([])
            continue
        if empty:
            yield from empty
            empty = []
        yield row


def is_blank(cell: Cell) -> bool:
    return cell == "" or (isinstance(cell, str) and not cell.strip())


def is_empty_row(row: list[Cell]) -> bool:
    for cell in row:
        if cell != "" and not (isinstance(cell, str) and not cell.strip()):
            return False
    return True


# --- text -----------------------------------------------------------------------------------------


def _decode(data: bytes) -> str:
    if data.startswith(FOREIGN):
        raise UnreadableFileError(Reason.NOT_A_WORKBOOK)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]  # what Excel calls "Unicode text"
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # A stray control character is dirt in a cell; a NUL, or many, is no text at all.
        if "\0" in text or len(CONTROL.findall(text)) * 100 > len(text):
            break
        return text
    raise UnreadableFileError(Reason.NOT_A_WORKBOOK)


def _delimiter(text: str) -> str:
    """The comma, if it cuts most of the first records; else what cuts the most.

    A title may hold a comma, a remark a tab.
    """
    share = {mark: _records_cut(text[:20_000], mark) for mark in ",\t;"}
    return "," if share[","] > MOST else max(share, key=lambda mark: share[mark])


def _records_cut(text: str, delimiter: str) -> float:
    """The share of the first records that fall into several cells."""
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        cut = [len(record) > 1 for record in islice(records, 50) if any(record)]
    except csv.Error:
        return 0
    return sum(cut) / max(len(cut), 1)


def _read_csv(data: bytes, limits: Limits) -> Sheet:
    text = _decode(data)
    return Sheet.of(_records(text, limits), "csv")


def _records(text: str, limits: Limits) -> Iterator[list[Cell]]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for number, record in enumerate(records):
            if number > limits.rows + 1000:
                raise UnreadableFileError(Reason.TOO_MANY_ROWS)
            yield list(record)
    except csv.Error:
        raise UnreadableFileError(Reason.CORRUPT) from None


def plain(text: str) -> str:
    """Full-width letters, digits and marks as their plain forms (NFKC)."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)
