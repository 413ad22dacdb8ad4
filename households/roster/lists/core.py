"""Bytes → the rows of a list: which columns mean what, what each cell says, what is wrong with it.

Pure: knows nothing of the database. A finding is a column letter ("" for the row) and a code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from households.roster.core import values
from households.roster.core.fields import Field, Kind, Value
from households.roster.core.headings import Synonyms, as_written
from households.roster.core.layout import fingerprint
from households.roster.core.marks import column_letters
from households.roster.core.sheet import (
    Cell,
    Limits,
    Odd,
    Sheet,
    is_blank,
    is_empty_row,
    read_sheets,
)
from households.roster.core.tables import NOTES, TOTALS

HEADER_WITHIN = 30  # rows that hold something
SAMPLES = 3
COLUMNS = 702  # A to ZZ: no list of an office is wider
RUNNING = ("序号", "编号", "顺序号", "No", "NO")
YES = frozenset(["是", "在职", "有", "√", "✓", "Y", "y", "yes", "1", "TRUE"])
NO = frozenset(["否", "不是", "不在职", "×", "N", "n", "no", "0", "FALSE"])
#: Codes of a cell that refuse its row; the others only warn.
REFUSING = frozenset(
    [
        "too_long",
        "id_damaged",
        "id_malformed",
        "unknown_word",
        "name_missing",
        "needed_missing",
    ]
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of the list. `codes` ({word: code}) is for a field that knows only certain words.

    `is_flag` is a field of yes and no. A `needed` one must stand in every row.
    """

    name: str
    kind: Kind
    headings: tuple[str, ...]
    needed: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    is_flag: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: how it is headed, and the field it holds, "" where it is only seen."""

    letter: str
    heading: str
    field: str
    samples: tuple[str, ...] = ()


@dataclass(slots=True)
class Row:
    """One row of data. `cells` are the row as it stood, for the workbook of refused rows."""

    sheet: str
    number: int
    cells: tuple[str, ...]
    values: dict[str, Value | bool] = field(default_factory=dict)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def note(self, letter: str, code: str) -> None:
        """Add a finding where it belongs."""
        (self.refusals if code in REFUSING else self.warnings).append((letter, code))


@dataclass(slots=True)
class Table:
    """A sheet with a header."""

    sheet: str
    header_row: int
    columns: list[Column]
    fingerprint: str
    rows: list[Row]
    skipped: int = 0

    def letter_of(self, name: str) -> str:
        return next((one.letter for one in self.columns if one.field == name), "")


@dataclass(slots=True)
class Reading:
    """A file as read. Sheets without a table of this kind are only named."""

    tables: list[Table] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [row for table in self.tables for row in table.rows]


def read_list(
    data: bytes,
    wanted: Sequence[Wanted],
    chosen: Mapping[str, Mapping[str, str]] | None = None,
    limits: Limits | None = None,
) -> Reading:
    """Read every visible sheet that has the needed headings.

    `chosen` says per fingerprint of a sheet's headings which field a column holds
    ({"…": {"C": "phone", "D": ""}}). Raises UnreadableFileError.
    """
    reading = Reading()
    for sheet in read_sheets(data, limits):
        table = None if sheet.state != "visible" else _read_sheet(sheet, wanted, chosen or {})
        if table is None:
            reading.passed_over.append(sheet.name)
        else:
            reading.tables.append(table)
    return reading


def _read_sheet(
    sheet: Sheet, wanted: Sequence[Wanted], chosen: Mapping[str, Mapping[str, str]]
) -> Table | None:
    synonyms = Synonyms({one.name: one.headings for one in wanted}, RUNNING)
    needed = {one.name for one in wanted if one.needed}
    top: list[list[Cell]] = []
    best: tuple[int, list[Column], str] | None = None
    filled = 0
    for row in sheet.rows:
        top.append(row)
        filled += not is_empty_row(row)
        columns, mark = _columns(row, synonyms, chosen)
        known = {column.field for column in columns} - {""}
        if needed <= known and (len(known) > 1 or len(needed) == len(wanted)):
            best = (len(top), columns, mark)
            break
        if filled >= HEADER_WITHIN:
            break
    if best is None:
        return None
    header_row, columns, mark = best
    table = Table(sheet.name, header_row, columns, mark, [])
    below = enumerate(chain(top[header_row:], sheet.rows), start=header_row + 1)
    _read_rows(table, below, {one.name: one for one in wanted})
    return table


def _columns(
    row: Sequence[Cell], synonyms: Synonyms, chosen: Mapping[str, Mapping[str, str]]
) -> tuple[list[Column], str]:
    """The columns that a row of headings makes, and the fingerprint of these headings."""
    headings = [
        (column_letters(i), text)
        for i, cell in enumerate(row[:COLUMNS])
        if (text := as_written(cell))
    ]
    mark = fingerprint(headings)
    said = chosen.get(mark, {})
    columns, taken = [], set()
    for letter, heading in headings:
        known = "" if synonyms.is_running_number(heading) else synonyms.meaning(heading) or ""
        found = said.get(letter, known)
        if found in taken:
            found = ""
        taken.add(found)
        columns.append(Column(letter, heading, found))
    return columns, mark


def _read_rows(
    table: Table, below: Iterable[tuple[int, list[Cell]]], wanted: Mapping[str, Wanted]
) -> None:
    places = {letter: i for i, letter in enumerate(map(column_letters, range(COLUMNS)))}
    readers = [
        (places[column.letter], column.letter, wanted[column.field], _reader(wanted[column.field]))
        for column in table.columns
        if column.field
    ]
    headings = {column.heading for column in table.columns}
    samples: dict[str, list[str]] = {column.letter: [] for column in table.columns}
    for number, cells in below:
        if is_empty_row(cells):
            continue
        if _is_no_data(cells, headings):
            table.skipped += 1
            continue
        for column in table.columns:
            seen = samples[column.letter]
            i = places[column.letter]
            if len(seen) < SAMPLES and i < len(cells) and (text := values.as_text(cells[i])):
                seen.append(text)
        table.rows.append(_row(table.sheet, number, cells, readers))
    table.columns = [
        Column(one.letter, one.heading, one.field, tuple(dict.fromkeys(samples[one.letter])))
        for one in table.columns
    ]


def _is_no_data(cells: Sequence[Cell], headings: set[str]) -> bool:
    """A total, a note under the table, or the headings printed again."""
    filled = [as_written(cell) for cell in cells if not is_blank(cell)]
    first = filled[0] if filled else ""
    if first.rstrip(":：").endswith(TOTALS) or first.startswith(NOTES):
        return True
    return len(filled) > 1 and all(text in headings for text in filled)


def _reader(one: Wanted) -> values.Reader:
    return values.Reader(Field(one.name, one.kind, of_household=False))


def _row(
    sheet: str,
    number: int,
    cells: Sequence[Cell],
    readers: Iterable[tuple[int, str, Wanted, values.Reader]],
) -> Row:
    row = Row(sheet, number, tuple(map(values.as_text, cells)))
    for i, letter, one, reader in readers:
        cell = cells[i] if i < len(cells) else ""
        value, codes = _value(cell, one, reader)
        for code in codes:
            row.note(letter, code)
        if value is not None:
            row.values[one.name] = value
        elif one.needed and not codes:
            row.note(letter, "name_missing" if one.kind is Kind.NAME else "needed_missing")
        elif one.needed:
            row.refusals.append((letter, codes[0]))
    return row


def _value(
    cell: Cell, one: Wanted, reader: values.Reader
) -> tuple[Value | bool | None, tuple[str, ...]]:
    if one.kind is Kind.IDENTITY:
        read = values.identity(cell)
        return read.number, read.codes
    if one.is_flag:
        text = "" if isinstance(cell, Odd) else values.as_text(cell)
        if text in YES or text in NO:
            return text in YES, ()
        return None, () if text in values.NOTHING else ("flag_unreadable",)
    value, codes = reader(cell)
    if one.codes and isinstance(value, str):
        code = one.codes.get(value)
        return (code, codes) if code is not None else (None, (*codes, "unknown_word"))
    return value, codes
