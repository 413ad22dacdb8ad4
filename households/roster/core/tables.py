"""One sheet → its table: units of money, data rows, totals; the rest is skipped and counted."""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any, NamedTuple

from households.roster.core import content, values
from households.roster.core.fields import FIELDS, SPREAD, SUMMED, Kind, Value
from households.roster.core.header import Column, Header, find_header
from households.roster.core.headings import Synonyms, as_written
from households.roster.core.layout import NO_LAYOUTS, Layout, Layouts, find_layout
from households.roster.core.marks import column_index
from households.roster.core.sheet import Cell, Merged, Sheet, is_blank, is_empty_row, plain

#: A header stands near the top: behind so many filled rows nobody looks for it.
HEADER_WITHIN = 60
WIDE_TABLE = 5  # columns from which on a row with one filled cell is a section heading
NOTHING_KEPT: Mapping[str, str] = {}

#: Codes of a cell that refuse its row. An error cell does so only in name and number.
REFUSING = frozenset(["too_long", "id_damaged", "id_malformed"])


@dataclass(frozen=True, slots=True)
class Finding:
    """A code at a place. `row` as a spreadsheet counts, `column` its letter; None for the whole."""

    sheet: str
    row: int | None
    column: str | None
    code: str


@dataclass(slots=True)
class Row:
    """A data row. `person` holds the member's fields, `household` those of the family by column.

    `running_number` tells households apart where there is no code. `kept` are the columns
    that nobody knows. Most rows have no finding and keep nothing: they share empty ones.
    """

    sheet: str
    number: int
    person: dict[str, Value]
    household: Mapping[int, Value]
    kept: Mapping[str, str] = field(default_factory=lambda: NOTHING_KEPT)
    running_number: str = ""
    refusals: Sequence[Finding] = ()
    warnings: Sequence[Finding] = ()
    # The cells that were found fault with while the row was read, by column letter.
    said: Mapping[str, str] = field(default_factory=lambda: NOTHING_KEPT)
    # By what the person is known: of a disability certificate its holder's number.
    person_number: str = ""

    @property
    def id_number(self) -> str | None:
        number = self.person.get("id_number")
        return number if isinstance(number, str) else None

    @property
    def name(self) -> str:
        return str(self.person.get("name", ""))

    @property
    def number_and_sheet(self) -> tuple[str, int]:
        return self.sheet, self.number

    def refuse(self, code: str, column: Column | None = None) -> None:
        self.refusals = [*self.refusals, self._finding(code, column)]

    def warn(self, code: str, column: Column | None = None) -> None:
        self.warnings = [*self.warnings, self._finding(code, column)]

    def _finding(self, code: str, column: Column | None) -> Finding:
        return Finding(self.sheet, self.number, column.letter if column else None, code)


@dataclass(frozen=True, slots=True)
class Samples:
    """What the columns of a table hold at its beginning, by column index: for whoever confirms them."""

    values: Mapping[int, list[str]]
    proposals: Mapping[int, content.Proposal]


@dataclass(slots=True)
class Table:
    """What one sheet of a roster holds."""

    sheet: str
    header: Header
    money_unit: str | None
    rows: list[Row]
    read: int  # rows 1 … last row with any value
    warnings: list[Finding]
    layout: Layout
    samples: Samples
    # The field of each known column, the columns of each field, and whose income is of a month.
    field_at: Mapping[int, str] = field(init=False)
    places: Mapping[str, Sequence[int]] = field(init=False)
    monthly: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        known = [(column.index, column.field) for column in self.header.columns if column.field]
        self.field_at = dict(known)
        self.places = {name: [at for at, other in known if other == name] for _at, name in known}
        self.monthly = frozenset(c.index for c in self.header.columns if c.is_monthly)

    @property
    def of_members(self) -> bool:
        """One row per member, if there is a relation column; else one row per household."""
        return "relation" in self.header.fields

    def column(self, name: str) -> Column | None:
        return next((column for column in self.header.columns if column.field == name), None)

    @property
    def mapping(self) -> dict[str, str]:
        return {column.heading: column.field for column in self.header.columns if column.field}

    @property
    def unmapped(self) -> list[str]:
        return [column.heading for column in self.header.columns if not column.field]


UNIT_LINE = re.compile(
    r"单位[:]?[(]?(?:人民币|[户人次个亩年、,/和及])*((?:亿|万|千)?元)(?![\u4e00-\u9fff])"
    r"|[(]((?:亿|万|千)?元)[)]"
)
NOTES = ("说明", "注", "填表人", "制表", "审核", "负责人", "单位负责人", "填报")
PART_TOTAL = "小计"
TOTALS = (PART_TOTAL, "合计", "总计")


def _money_unit(above: Sequence[list[Cell]]) -> str | None:
    """What a title or a line above the header says money is counted in."""
    for row in above:
        for cell in row:
            if isinstance(cell, str) and (match := UNIT_LINE.search(plain(as_written(cell)))):
                return match[1] or match[2]
    return None


@dataclass(frozen=True, slots=True)
class _Total:
    row: int
    is_part: bool  # 小计: since the last one
    data_rows_above: int
    cells: list[Cell]


class _ColumnPlan(NamedTuple):
    """How one column is read; a tuple, because it is taken apart for every cell."""

    at: int
    field: str
    of_household: bool
    reader: values.Reader
    needs_unit: bool
    column: Column


#: Cells of these types are read alike where they are equal; not so TRUE, which is equal to 1.0.
ALIKE = frozenset([str, float, datetime.date, datetime.datetime])


class _Columns:
    """Some columns of a table, for reading a row's cells of them all at once.

    Most texts and numbers of a roster stood in a row above: their values are fetched together,
    and only what has not been met, or of which something is to be said, is looked at by itself.
    """

    def __init__(self, plan: Sequence[_ColumnPlan]) -> None:
        self.plan = plan
        self.width = max((column.at for column in plan), default=-1) + 1
        self.needs_unit = any(column.needs_unit for column in plan)
        self.cells_of = _picker([column.at for column in plan])
        self.known = [column.reader.plain.get for column in plan]
        household = [place for place, column in enumerate(plan) if column.of_household]
        person = [place for place, column in enumerate(plan) if not column.of_household]
        self.household_at = [plan[place].at for place in household]
        self.household_of = _picker(household)
        self.person_fields = [plan[place].field for place in person]
        self.person_of = _picker(person)

    def read(self, cells: list[Cell]) -> tuple[list[Any], list[int]]:
        """The values, "" where nothing stands, and the places of those still to be read (None)."""
        found = [get(cell) for get, cell in zip(self.known, self.cells_of(cells), strict=True)]
        return found, [i for i, value in enumerate(found) if value is None] if None in found else []


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Takes what stands at these places, however few they are."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def _said(names: Sequence[Any], found: Sequence[Any]) -> dict[Any, Value]:
    """By name what was found; nothing leaves no trace."""
    pairs = zip(names, found, strict=True)
    return {name: value for name, value in pairs if value != ""} if "" in found else dict(pairs)


NO_COLUMNS: frozenset[int] = frozenset()


class _Merges:
    """Merged cells in columns of household words: what the first says holds for all they cover.

    Goes down the rows once; the ranges of one column never overlap.
    """

    def __init__(self, merged: Merged, first_row: int, columns: Iterable[Column]) -> None:
        wanted = {column.index for column in columns if column.field in SPREAD}
        self.waiting: dict[int, list[tuple[int, int]]] = {}
        for top, first, bottom, last in sorted(merged, reverse=True):
            if top >= first_row and bottom > top and first == last and first in wanted:
                self.waiting.setdefault(first, []).append((top, bottom))
        self.open: dict[int, tuple[int, int, Cell]] = {}

    def see(self, index: int, cells: list[Cell]) -> None:
        """Note the ranges that begin in this row."""
        for column, ranges in self.waiting.items():
            while ranges and ranges[-1][0] <= index:
                top, bottom = ranges.pop()
                if top == index and column < len(cells):
                    self.open[column] = (top, bottom, cells[column])

    def fill(self, index: int, cells: list[Cell]) -> frozenset[int]:
        """Write the words of the ranges that began above this row; answers in which columns."""
        if not self.open:
            return NO_COLUMNS
        filled = []
        for column, (top, bottom, word) in self.open.items():
            if top < index <= bottom:
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = word
                filled.append(column)
        return frozenset(filled)


class _Above:
    """The household cells of the row above, as they stand and as they were read.

    An export repeats the household on the row of every member: it is read once, and stands in
    memory once. Not where something is said of its cells: that is said of every row. Only rows of
    texts, numbers and days (`ALIKE`) are asked for and remembered.
    """

    def __init__(self, plan: Iterable[_ColumnPlan]) -> None:
        at = [column.at for column in plan if column.of_household]
        self.width = max(at, default=0) + 1
        self.pick = itemgetter(*at) if len(at) > 1 else None
        self.cells: tuple[Cell, ...] | None = None
        self.household: dict[int, Value] = {}

    def household_of(self, cells: list[Cell]) -> dict[int, Value] | None:
        """The household read above, if this row repeats it."""
        if self.pick is None or self.cells is None or len(cells) < self.width:
            return None
        return self.household if self.pick(cells) == self.cells else None

    def remember(self, cells: list[Cell], household: dict[int, Value]) -> None:
        self.household = household
        self.cells = (
            self.pick(cells) if self.pick is not None and len(cells) >= self.width else None
        )

    def forget(self) -> None:
        self.cells = None


class _TableReader:
    """Walks down a sheet below its header."""

    def __init__(
        self, sheet: Sheet, top: Sequence[list[Cell]], layout: Layout, samples: Samples
    ) -> None:
        header = layout.header
        self.sheet = sheet
        self.header = header
        self.layout = layout
        self.samples = samples
        self.first_row = header.rows[-1]  # index of the row below the header
        self.money_unit = _money_unit(top[: header.rows[0] - 1])
        self.headings = [
            {i: text for i, cell in enumerate(top[row - 1]) if (text := as_written(cell))}
            for row in header.rows
        ]
        self.heading_words = {text for headings in self.headings for text in headings.values()}
        self.known = [column for column in header.columns if column.field]
        self.unknown = [
            column for column in header.columns if not column.field and not column.is_running_number
        ]
        self.running = next((c.index for c in header.columns if c.is_running_number), None)
        self.column_of = {column.field: column for column in reversed(self.known)}
        self.id_column = self.column_of.get("id_number")
        # Where only the head is named, the head is the person of the row.
        self.name_column = self.column_of.get("name") or self.column_of["head"]
        self.of_members = "relation" in header.fields
        self.plan = [
            self._plan(column)
            for column in self.known
            if column not in (self.id_column, self.name_column)
        ]
        self.read_name = values.Reader(FIELDS["name"])
        self.assumed_unit = False
        self.merges = _Merges(sheet.merged, self.first_row, self.known)
        self.above = _Above(self.plan)
        self.all_columns = _Columns(self.plan)
        self.of_persons = _Columns([plan for plan in self.plan if not plan.of_household])
        self.width = 0

    def _plan(self, column: Column) -> _ColumnPlan:
        definition = FIELDS[column.field or ""]
        reader = values.Reader(definition, column.unit or self.money_unit or "元")
        of_household = (
            not self.of_members if definition.kind is Kind.NOTE else definition.of_household
        )
        has_unit = column.unit or self.money_unit or definition.kind is not Kind.MONEY
        return _ColumnPlan(
            column.index, definition.name, of_household, reader, not has_unit, column
        )

    def read(self, below: Iterable[list[Cell]]) -> Table:
        """The table, from the rows below the header."""
        rows: list[Row] = []
        totals: list[_Total] = []
        index = self.first_row - 1
        for index, cells in enumerate(below, start=self.first_row):
            self.width = max(self.width, len(cells))
            self.merges.see(index, cells)
            first = _first_text(cells)
            if first and self._is_total(first, cells):
                is_part = first.rstrip(":：").endswith(PART_TOTAL)
                totals.append(_Total(index + 1, is_part, len(rows), cells))
            elif not self._is_skipped(first, cells):
                row = self._row(index, cells, self.merges.fill(index, cells))
                # Written otherwise, or merged: one copy of a household is enough all the same.
                if (
                    rows
                    and row.household is not rows[-1].household
                    and row.household == rows[-1].household
                ):
                    row.household = rows[-1].household
                rows.append(row)
        table = Table(
            self.sheet.name, self.header, self.money_unit, rows, index + 1, [], self.layout,
            self.samples,
        )  # fmt: skip
        table.warnings.extend(self._sheet_warnings(table))
        table.warnings.extend(self._wrong_totals(rows, totals))
        return table

    # --- what is no data ---

    def _is_total(self, first: str, cells: list[Cell]) -> bool:
        if not first.rstrip(":：").endswith(TOTALS):
            return False
        column = self.id_column
        return column is None or column.index >= len(cells) or _says_nothing(cells[column.index])

    def _is_skipped(self, first: str, cells: list[Cell]) -> bool:
        if first and first.startswith(NOTES):
            return True
        width = len(cells)
        for column in self.known:
            if column.index < width and not _says_nothing(cells[column.index]):
                break
        else:
            return True
        if len(self.header.columns) >= WIDE_TABLE and _has_one_filled(cells):
            return True
        return first in self.heading_words and self._is_repeated_header(cells)

    def _is_repeated_header(self, cells: list[Cell]) -> bool:
        filled = [i for i, cell in enumerate(cells) if not is_blank(cell)]
        return len(filled) > 1 and any(
            all(as_written(cells[i]) == headings.get(i) for i in filled)
            for headings in self.headings
        )

    # --- what is data ---

    def _row(self, index: int, cells: list[Cell], filled: frozenset[int]) -> Row:
        width = len(cells)
        row = Row(self.sheet.name, index + 1, {}, {}, NOTHING_KEPT, said=NOTHING_KEPT)
        self._read_name(
            row, cells[self.name_column.index] if self.name_column.index < width else ""
        )
        fits = self._read_identity(row, cells, width)
        if filled or not ALIKE.issuperset(map(type, cells)):
            self._read_each(row, cells, filled)
            self.above.forget()
        else:
            self._read_together(row, cells)
        if self.running is not None and self.running < width:
            marker = values.as_text(cells[self.running])
            row.running_number = "" if marker in values.NOTHING else marker
        if self.unknown:
            row.kept = {
                column.heading: values.as_text(cells[column.index])
                for column in self.unknown
                if column.index < width and not _says_nothing(cells[column.index])
            }
        self._check(row, fits)
        if row.refusals or row.warnings:
            row.said = _said_at(cells, [*row.refusals, *row.warnings])
        return row

    def _read_together(self, row: Row, cells: list[Cell]) -> None:
        """The cells of a row that holds nothing but texts, numbers and days."""
        above = self.above.household_of(cells)
        columns = self.all_columns if above is None else self.of_persons
        if len(cells) < columns.width or (columns.needs_unit and not self.assumed_unit):
            self._read_each(row, cells)
            self.above.forget()
            return
        found, unread = columns.read(cells)
        is_plain = True  # nothing is said of a cell of the household
        for place in unread:
            plan = columns.plan[place]
            cell = cells[plan.at]
            if isinstance(cell, str) and plan.reader.is_as_written(cell):
                found[place] = cell
                continue
            value, codes = plan.reader(cell)
            found[place] = "" if value is None else value
            if codes:
                self._note(row, plan.column, codes)
                is_plain = is_plain and not plan.of_household
        row.person.update(_said(columns.person_fields, columns.person_of(found)))
        if above is not None:
            row.household = above
            return
        row.household = household = _said(columns.household_at, columns.household_of(found))
        if is_plain:
            self.above.remember(cells, household)
        else:
            self.above.forget()

    def _read_each(self, row: Row, cells: list[Cell], filled: frozenset[int] = NO_COLUMNS) -> None:
        """The cells of a row one by one; `filled` are those of a merged cell that begins above."""
        household: dict[int, Value] = {}
        row.household = household
        for plan in self.plan:
            if plan.at >= len(cells):
                break
            cell = cells[plan.at]
            if cell == "":
                continue
            value, codes = plan.reader(cell)
            if codes and plan.at not in filled:  # told once, where the merged cell begins
                self._note(row, plan.column, codes)
            if value is None:
                continue
            if plan.of_household:
                household[plan.at] = value
            else:
                row.person[plan.field] = value
            if plan.needs_unit and not self.assumed_unit:
                self.assumed_unit = not values.states_its_unit(cell)

    @staticmethod
    def _note(row: Row, column: Column, codes: Iterable[str]) -> None:
        for code in codes:
            if code in REFUSING:
                row.refuse(code, column)
            else:
                row.warn(code, column)

    def _read_name(self, row: Row, cell: Cell) -> None:
        if isinstance(cell, str) and self.read_name.is_as_written(cell):
            row.person["name"] = cell
            return
        value, codes = self.read_name(cell)
        for code in codes:
            # An error where the name belongs leaves nobody to enter; elsewhere it is only told.
            if code == "cell_error":
                row.refuse(code, self.name_column)
            else:
                self._note(row, self.name_column, [code])
        if value is not None:
            row.person["name"] = value
        elif not row.refusals:
            row.refuse("name_missing", self.name_column)

    def _read_identity(self, row: Row, cells: list[Cell], width: int) -> bool:
        """Whether the number's check digit is right, so that sex and birth date may come from it."""
        column = self.id_column
        if column is None:
            if "member_number" not in self.column_of:  # our own exports hold no numbers of persons
                row.warn("id_missing")
            return False
        read = values.identity(cells[column.index] if column.index < width else "")
        for code in read.codes:
            if code == "cell_error":
                row.refuse(code, column)
            else:
                self._note(row, column, [code])
        if read.number is None:
            if not row.refusals and "id_placeholder" not in read.codes:
                row.warn("id_missing", column)
            return False
        row.person["id_number"] = read.number
        row.person_number = read.number[:18]
        row.person["id_kind"] = read.kind or ""
        if read.former:
            row.person["former_id_number"] = read.former
        return read.fits

    def _check(self, row: Row, fits: bool) -> None:
        """What the number says against what is written; what is not written comes from it."""
        person = row.person
        if fits:
            number = str(person["id_number"])
            sex = values.sex_of(number)
            written = person.get("birth_date")
            if isinstance(written, str):
                if not number.startswith(written.replace("-", ""), 6):
                    row.warn("birth_date_differs_from_id", self.column_of.get("birth_date"))
            elif birth_date := values.birth_date_of(number):
                person["birth_date"] = birth_date
            if person.setdefault("sex", sex) != sex:
                row.warn("sex_differs_from_id", self.column_of.get("sex"))
        if self.of_members:
            self._check_relation(row)
        phone = person.get("phone")
        if phone and not values.PHONE.fullmatch(str(phone)):
            row.warn("phone_malformed", self.column_of.get("phone"))

    def _check_relation(self, row: Row) -> None:
        relation = row.person.get("relation")
        if not relation:
            row.warn("relation_missing", self.column_of.get("relation"))
            return
        implied = relation_sex(str(relation))
        if implied and row.person.get("sex", implied) != implied:
            row.warn("relation_sex_differs", self.column_of.get("sex"))

    # --- what is said of the whole sheet ---

    def _sheet_warnings(self, table: Table) -> Iterator[Finding]:
        if self._assumes_unit(table.rows):
            yield Finding(table.sheet, None, None, "money_unit_assumed")
        if any(row < table.read for row in self.sheet.hidden_rows):
            yield Finding(table.sheet, None, None, "hidden_rows")
        if any(column < self.width for column in self.sheet.hidden_columns):
            yield Finding(table.sheet, None, None, "hidden_columns")
        if not table.rows:
            yield Finding(table.sheet, None, None, "no_rows")

    def _assumes_unit(self, rows: list[Row]) -> bool:
        """Amounts stand without a unit, or might: a column of money has none and no amount either."""
        bare = [plan.at for plan in self.plan if plan.needs_unit]
        any_amount = any(index in row.household for row in rows for index in bare)
        return bool(bare) and (self.assumed_unit or not any_amount)

    def _wrong_totals(self, rows: list[Row], totals: list[_Total]) -> Iterator[Finding]:
        """Stated sums that are not the sum of the rows they stand for, refused rows included."""
        since = 0
        for total in totals:
            counted = rows[since : total.data_rows_above] if total.is_part else rows
            if total.is_part:
                since = total.data_rows_above
            for plan in self.plan:
                if plan.field not in SUMMED or plan.at >= len(total.cells):
                    continue
                stated, _ = plan.reader(total.cells[plan.at])
                if stated is not None and _decimal(stated) != _sum(counted, plan.at):
                    yield Finding(self.sheet.name, total.row, plan.column.letter, "total_differs")


def _said_at(cells: list[Cell], findings: Iterable[Finding]) -> dict[str, str]:
    """What stands in the cells that findings are about, by column letter."""
    said = {}
    for letter in {finding.column for finding in findings if finding.column}:
        index = column_index(letter)
        if index < len(cells):
            said[letter] = values.as_text(cells[index])
    return said


def _first_text(row: Sequence[Cell]) -> str:
    for cell in row:
        if not is_blank(cell):
            return as_written(cell)
    return ""


def _says_nothing(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return False
    return (cell if cell.isalnum() else values.tidy(cell)) in values.NOTHING


def _has_one_filled(cells: list[Cell]) -> bool:
    filled = 0
    for cell in cells:
        if not is_blank(cell):
            filled += 1
            if filled > 1:
                return False
    return filled == 1


def _decimal(value: Value) -> Decimal:
    return Decimal(str(value))


def _sum(rows: list[Row], column: int) -> Decimal:
    return sum(
        (_decimal(row.household[column]) for row in rows if column in row.household), Decimal(0)
    )


# 之子, 儿子, 长子 …: what a relation to the head says of the person's sex. Longest ends first:
# 之女婿 ends in a man although it begins as 之女.
MALE_ENDS = (
    "女婿", "孙子", "外孙", "儿子", "之子", "长子", "次子", "三子", "四子", "独子", "继子", "养子",
    "之父", "父亲", "祖父", "岳父", "公公", "爷爷", "丈夫", "之夫", "之兄", "之弟", "哥哥", "弟弟", "叔叔",
    "舅舅", "侄子", "之侄", "外甥", "曾孙",
)  # fmt: skip
FEMALE_ENDS = (
    "儿媳", "孙媳", "孙女", "外孙女", "女儿", "之女", "长女", "次女", "三女", "四女", "独女", "继女", "养女",
    "之母", "母亲", "祖母", "岳母", "婆婆", "奶奶", "妻子", "之妻", "之姐", "之妹", "姐姐", "妹妹", "侄女",
    "外甥女", "曾孙女",
)  # fmt: skip


@lru_cache(maxsize=1024)
def relation_sex(relation: str) -> str:
    """男 or 女 where the word says it, else nothing: 配偶, 之兄弟姐妹."""
    if "兄弟姐妹" in relation:
        return ""
    if relation.endswith(FEMALE_ENDS):
        return "女"
    return "男" if relation.endswith(MALE_ENDS) else ""


@dataclass(frozen=True, slots=True)
class NoTable:
    """A sheet without a table. `layout` is its likeliest header, for a clerk who knows better."""

    has_text: bool = False
    is_empty: bool = False
    layout: Layout | None = None
    samples: Samples | None = None


def header_of(sheet: Sheet, synonyms: Synonyms) -> tuple[list[list[Cell]], Header | None]:
    """The rows read until the header is found, and the header; the sheet's other rows follow."""
    top: list[list[Cell]] = []
    filled = 0
    for row in sheet.rows:
        top.append(row)
        filled += not is_empty_row(row)
        if filled >= HEADER_WITHIN:
            break
    return top, find_header(top, sheet.merged, synonyms)


def layout_of(
    sheet: Sheet, synonyms: Synonyms, layouts: Layouts = NO_LAYOUTS
) -> tuple[list[list[Cell]], Layout | None]:
    """The first rows of a sheet and its layout as the reading takes it; the other rows follow."""
    top, found = header_of(sheet, synonyms)
    layout = find_layout(top, sheet.merged, found, synonyms, layouts) if top else None
    return top, layout if layout and layout.is_enough else None


def read_table(
    sheet: Sheet,
    synonyms: Synonyms,
    layouts: Layouts = NO_LAYOUTS,
    hints: content.Hints = content.NO_HINTS,
) -> Table | NoTable:
    """The table of a sheet; if no row of it is a roster header, what it holds instead.

    `layouts` are what clerks confirmed for headings like these; they come before any rule.
    """
    top, found = header_of(sheet, synonyms)
    if not top:
        return NoTable(is_empty=True)
    layout = find_layout(top, sheet.merged, found, synonyms, layouts)
    if layout is None:
        return NoTable(_has_text(chain(top, sheet.rows)))
    below = top[layout.header.rows[-1] :]
    below += list(islice(sheet.rows, max(content.LOOKED_AT - len(below), 0)))
    samples = _samples(layout, below[: content.LOOKED_AT], hints, synonyms)
    if not layout.is_enough:
        return NoTable(_has_text(chain(top, below, sheet.rows)), False, layout, samples)
    reader = _TableReader(sheet, top, layout, samples)
    return reader.read(chain(below, sheet.rows))


def _samples(
    layout: Layout, rows: Sequence[list[Cell]], hints: content.Hints, synonyms: Synonyms
) -> Samples:
    columns = layout.header.columns
    return Samples(
        {column.index: content.samples(column, rows) for column in columns},
        {} if layout.is_confirmed else content.propose(layout.header, rows, hints, synonyms),
    )


def _has_text(rows: Iterable[list[Cell]]) -> bool:
    return any(isinstance(cell, str) and not is_blank(cell) for row in rows for cell in row)
