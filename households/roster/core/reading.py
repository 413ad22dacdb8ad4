"""Bytes → a reading: every sheet, what it is used for, and the households they tell of."""

import contextlib
import ctypes
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from households.roster.core import content
from households.roster.core.headings import Synonyms, standard
from households.roster.core.households import Roll, gather
from households.roster.core.layout import NO_LAYOUTS, Layout, Layouts
from households.roster.core.sheet import (
    NO_OVERLAY,
    Limits,
    Overlay,
    Reason,
    Sheet,
    State,
    UnreadableFileError,
    Watch,
    overlaid,
    read_sheets,
    watched,
)
from households.roster.core.tables import Finding, Samples, Table, read_table

Use = Literal["roster", "hidden", "no_header", "empty"]
FileOutcome = Literal["roster", "not_a_roster", "unreadable"]

#: Sheets that our own workbooks bring along. A roster in one of them would be read; that there
#: is none needs no warning. Offices call the sheet of instructions in their own templates so too.
INSTRUCTIONS, WORD_LISTS = "填写说明", "povertyaid"
OWN_SHEETS = frozenset([INSTRUCTIONS, WORD_LISTS])


@dataclass(slots=True)
class SheetReading:
    """One sheet and what it is good for. `table` only where the use is `roster`.

    `layout` and `samples` are also there for a sheet whose headings nobody knows: a clerk may.
    """

    name: str
    state: State
    use: Use
    table: Table | None = None
    has_text: bool = False
    layout: Layout | None = None
    samples: Samples | None = None


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


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What an office knows of its rosters: its words for headings, and layouts it has confirmed."""

    synonyms: Synonyms = field(default_factory=standard)
    layouts: Layouts = field(default_factory=lambda: NO_LAYOUTS)
    hints: content.Hints = content.NO_HINTS


def read_roster(
    data: bytes,
    limits: Limits | None = None,
    knowledge: Knowledge | None = None,
    overlay: Overlay = NO_OVERLAY,
    watch: Watch | None = None,
) -> Reading:
    """Read a file to the end of what can be known without the database.

    `overlay` are cells that were corrected after the file came. `watch` is shown every row
    that goes by; what it raises ends the reading.
    """
    sheets = overlaid(read_sheets(data, limits), overlay)
    return of_sheets(watched(sheets, watch) if watch else sheets, knowledge)


def of_sheets(sheets: Iterable[Sheet], knowledge: Knowledge | None = None) -> Reading:
    """The reading of sheets, each used up before the next is asked for."""
    knowledge = knowledge or Knowledge()
    try:
        readings = [_read(sheet, knowledge) for sheet in sheets]
    except UnreadableFileError as error:
        return Reading("unreadable", reason=error.reason)
    _give_back()
    tables = [reading.table for reading in readings if reading.table]
    if not tables:
        return Reading("not_a_roster", readings)
    return Reading("roster", readings, gather(tables))


def _give_back() -> None:
    """Return what the workbook took to the system; the C library would keep it for the next one.

    Of 100,000 rows a fifth of the memory. Where it knows no such wish, nothing happens.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _read(sheet: Sheet, knowledge: Knowledge) -> SheetReading:
    if sheet.state != "visible":
        return SheetReading(sheet.name, sheet.state, "hidden")
    found = read_table(sheet, knowledge.synonyms, knowledge.layouts, knowledge.hints)
    if isinstance(found, Table):
        return SheetReading(
            sheet.name, sheet.state, "roster", found, layout=found.layout, samples=found.samples
        )
    if found.is_empty:
        return SheetReading(sheet.name, sheet.state, "empty")
    return SheetReading(
        sheet.name, sheet.state, "no_header", None, found.has_text, found.layout, found.samples
    )
