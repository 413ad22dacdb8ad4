"""Where the headings of a sheet stand, and which field each column holds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from households.roster.core.fields import FIELDS, PERSON_COLUMNS, Kind
from households.roster.core.headings import Synonyms, as_written
from households.roster.core.marks import column_letters
from households.roster.core.sheet import Cell, Merged, is_blank, plain

FIELDS_NEEDED = 3  # a person column and two others


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `field` is None where nothing is known by this heading."""

    index: int
    heading: str
    field: str | None
    unit: str | None = None  # of money, from the heading
    is_monthly: bool = False
    is_running_number: bool = False

    @property
    def letter(self) -> str:
        return column_letters(self.index)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings stand (rows from 1) and what they mean."""

    rows: tuple[int, ...]
    columns: tuple[Column, ...]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(column.field for column in self.columns if column.field)

    @property
    def is_enough(self) -> bool:
        return bool(self.fields & PERSON_COLUMNS) and len(self.fields) >= FIELDS_NEEDED


MONTH_OF_A_DATE = re.compile(r"\d\s*月")
DIGITS = re.compile(r"\d{6,}")  # an identity number, a phone, a day: no heading has one
MONEY_UNIT = re.compile(r"(亿|千|万)?元(?![\u4e00-\u9fff])|[(\[【](万)[)\]】]")


def find_header(top: Sequence[list[Cell]], merged: Merged, synonyms: Synonyms) -> Header | None:
    """The first row, or pair of rows, whose headings name a person and two other fields."""
    for index, row in enumerate(top):
        single = _columns(((i, as_written(cell)) for i, cell in enumerate(row)), synonyms)
        one = Header((index + 1,), single)
        if index + 1 < len(top):
            two = _two_row_header(top, index, merged, one, synonyms)
            if two:
                return two
        if one.is_enough:
            return one
    return None


def _two_row_header(
    top: Sequence[list[Cell]], index: int, merged: Merged, one: Header, synonyms: Synonyms
) -> Header | None:
    """Row `index` as parents of the row below, if both together say more than either alone."""
    above = [as_written(cell) for cell in top[index]]
    below = [as_written(cell) for cell in top[index + 1]]
    if sum(map(bool, above)) < 2 or any(":" in plain(text) for text in above):
        return None  # a title, or a line such as 填报单位:… 填报时间:…
    if any(not isinstance(cell, str) for cell in top[index + 1]):
        return None  # numbers and dates are data
    two = Header((index + 1, index + 2), _columns(_paths(merged, index, above, below), synonyms))
    if not two.is_enough or len(two.fields) <= len(one.fields):
        return None
    person = next((column for column in one.columns if column.field in PERSON_COLUMNS), None)
    under_person = below[person.index] if person and person.index < len(below) else ""
    if under_person and not synonyms.meaning(under_person):
        return None  # somebody's name stands below the heading of names: data
    alone = Header((index + 2,), _columns(enumerate(below), synonyms))
    if len(two.fields) < len(alone.fields) or _meanings(two) == _meanings(alone):
        return None  # the row above adds nothing: a line of words, not of parents
    return two


def _meanings(header: Header) -> dict[int, str | None]:
    return {column.index: column.field for column in header.columns if column.field}


def _paths(
    merged: Merged, index: int, above: list[str], below: list[str]
) -> Iterator[tuple[int, str]]:
    """Column and heading, parent and child joined by a slash."""
    width = max(len(above), len(below))
    above = above + [""] * (width - len(above))
    below = below + [""] * (width - len(below))
    spans = [
        (first, last)
        for top, first, bottom, last in merged
        if top <= index <= bottom and last > first
    ]
    parent = ""
    for i in range(width):
        if spans:
            start = next((first for first, last in spans if first <= i <= last), i)
            parent = above[start]
        elif above[i]:
            parent = above[i]
        if below[i] and parent and parent != below[i]:
            yield i, f"{parent}/{below[i]}"
        else:
            yield i, below[i] or above[i]


def _columns(headings: Iterable[tuple[int, str]], synonyms: Synonyms) -> tuple[Column, ...]:
    """For a field with one value the first column wins; causes and units collect theirs."""
    columns = []
    taken: set[str] = set()
    for index, heading in headings:
        if not heading or synonyms.is_written_by_us(heading):
            continue
        if synonyms.is_running_number(heading):
            columns.append(Column(index, heading, None, is_running_number=True))
            continue
        found = synonyms.meaning(heading)
        if found in taken and found not in ("causes", "unit"):
            found = None
        if found:
            taken.add(found)
        columns.append(meaning_of(Column(index, heading, None), found))
    return tuple(columns)


def meaning_of(column: Column, field: str | None) -> Column:
    """The column as one that holds `field`; its heading still tells the unit and the period."""
    is_money = field is not None and FIELDS[field].kind is Kind.MONEY
    return Column(
        column.index,
        column.heading,
        field,
        unit=_unit_in(column.heading) if is_money else None,
        is_monthly=field == "per_capita_income"
        and "月" in MONTH_OF_A_DATE.sub("", plain(column.heading)),
        is_running_number=column.is_running_number and field is None,
    )


def guess_header(top: Sequence[list[Cell]], merged: Merged, synonyms: Synonyms) -> Header | None:
    """The likeliest header of a sheet whose headings nobody knows: the words above the first data.

    Data begin where a row holds an identity number, a number or a date and is as wide as a table.
    """
    for index, row in enumerate(top[1:], start=1):
        filled = [cell for cell in row if not is_blank(cell)]
        if len(filled) < FIELDS_NEEDED or not any(_is_data(cell) for cell in filled):
            continue
        above = [as_written(cell) for cell in top[index - 1]]
        if sum(map(bool, above)) < FIELDS_NEEDED or any(_is_data(cell) for cell in top[index - 1]):
            continue
        if index >= 2 and _spans_columns(merged, index - 2):
            parents = [as_written(cell) for cell in top[index - 2]]
            paths = _paths(merged, index - 2, parents, above)
            return Header((index - 1, index), _columns(paths, synonyms))
        return Header((index,), _columns(enumerate(above), synonyms))
    return None


def _is_data(cell: Cell) -> bool:
    if isinstance(cell, str):
        return bool(DIGITS.search(plain(cell)))
    return not isinstance(cell, bool)


def _spans_columns(merged: Merged, index: int) -> bool:
    """Whether cells of that row are merged sideways, but not all of them into one title."""
    spans = [last - first for top, first, bottom, last in merged if top == index == bottom]
    return len(spans) > 1


def _unit_in(heading: str) -> str | None:
    """元 or 万元 in a heading; the child's before the parent's."""
    for part in reversed(plain(heading).split("/")):
        if match := MONEY_UNIT.search(part):
            return f"{match[1] or match[2] or ''}元"
    return None
