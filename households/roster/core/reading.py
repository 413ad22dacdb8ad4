"""Bytes → a reading: every sheet, what it is used for, and the households they tell of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from households.roster.core.headings import Synonyms, standard
from households.roster.core.households import Roll, gather
from households.roster.core.sheet import (
    Limits,
    Reason,
    Sheet,
    State,
    UnreadableFileError,
    read_sheets,
)
from households.roster.core.tables import Content, Finding, Table, read_table

Use = Literal["roster", "hidden", "no_header", "empty"]
FileOutcome = Literal["roster", "not_a_roster", "unreadable"]

#: Sheets that our own workbooks bring along. A roster in one of them would be read; that there
#: is none needs no warning. Offices call the sheet of instructions in their own templates so too.
INSTRUCTIONS, WORD_LISTS = "填写说明", "povertyaid"
OWN_SHEETS = frozenset([INSTRUCTIONS, WORD_LISTS])


@dataclass(slots=True)
class SheetReading:
    """One sheet and what it is good for. `table` only where the use is `roster`."""

    name: str
    state: State
    use: Use
    table: Table | None = None
    has_text: bool = False


@dataclass(slots=True)
class Reading:
    """A file as read. `reason` says why an unreadable one is so."""

    outcome: FileOutcome
    sheets: list[SheetReading] = field(default_factory=list)
    roll: Roll = field(default_factory=Roll)
    reason: Reason | None = None

    @property
    def tables(self) -> list[Table]:
        return [sheet.table for sheet in self.sheets if sheet.table]

    @property
    def warnings(self) -> list[Finding]:
        """What is said of whole sheets and of their totals."""
        found = []
        for sheet in self.sheets:
            if sheet.name in OWN_SHEETS and not sheet.table:
                continue
            if sheet.use == "hidden":
                found.append(Finding(sheet.name, None, None, "sheet_hidden"))
            elif sheet.use == "no_header" and sheet.has_text:
                found.append(Finding(sheet.name, None, None, "sheet_without_header"))
            elif sheet.table:
                found.extend(sheet.table.warnings)
        return found


def read_roster(
    data: bytes, limits: Limits | None = None, synonyms: Synonyms | None = None
) -> Reading:
    """Read a file to the end of what can be known without the database."""
    return of_sheets(read_sheets(data, limits), synonyms)


def of_sheets(sheets: Iterable[Sheet], synonyms: Synonyms | None = None) -> Reading:
    """The reading of sheets, each used up before the next is asked for."""
    try:
        readings = [_read(sheet, synonyms or standard()) for sheet in sheets]
    except UnreadableFileError as error:
        return Reading("unreadable", reason=error.reason)
    tables = [reading.table for reading in readings if reading.table]
    if not tables:
        return Reading("not_a_roster", readings)
    return Reading("roster", readings, gather(tables))


def _read(sheet: Sheet, synonyms: Synonyms) -> SheetReading:
    if sheet.state != "visible":
        return SheetReading(sheet.name, sheet.state, "hidden")
    found = read_table(sheet, synonyms)
    if isinstance(found, Table):
        return SheetReading(sheet.name, sheet.state, "roster", found)
    if found is Content.NOTHING:
        return SheetReading(sheet.name, sheet.state, "empty")
    has_text = found is Content.TEXT
    return SheetReading(sheet.name, sheet.state, "no_header", has_text=has_text)
