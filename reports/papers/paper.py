"""What a paper is made of. Nothing here asks the database or knows how a page looks.

A section holds blocks; a block holds text and figures. Everything that is printed as a computed
number is a `Figure`, so whoever lays a paper out can lead each number back to its rows.
"""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reports.figures.cut import Cut
from reports.figures.indicator import Figure

Cell = Figure | str | datetime.date | None


@dataclass(frozen=True)
class Column:
    """A column of a table. `adds` says that the rows of a total add up to it.

    `share` names two columns of the same table, part and whole, whose percentage this one is.
    `width` is in millimetres of the 156 that paper has. Where each row is measured in something
    else, `is_mixed`, the unit stands in the cell.
    """

    key: str
    label: str
    unit: str = ""
    width: float = 0
    adds: bool = False
    share: tuple[str, str] | None = None
    is_number: bool = True
    is_mixed: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a table. `parts` are the places, in the table, of the lines this one sums up."""

    label: str
    cells: tuple[Cell, ...]
    depth: int = 0
    parts: tuple[int, ...] = ()
    is_total: bool = False


@dataclass(frozen=True)
class Table:
    key: str
    caption: str
    columns: tuple[Column, ...]  # the first is the row's label
    rows: tuple[Row, ...]
    unit: str = ""  # stands above, on the right: 单位：户、人
    notes: tuple[str, ...] = ()
    balances: tuple[tuple[str, tuple[str, ...]], ...] = ()  # whole column = sum of columns

    kind = "table"

    def cell(self, row: Row, key: str) -> Cell:
        """The cell of a column; the first column is the label and has none."""
        return row.cells[[column.key for column in self.columns[1:]].index(key)]


@dataclass(frozen=True)
class Facts:
    """Labels and what is to be said of them."""

    items: tuple[tuple[str, tuple[Cell, ...]], ...]
    kind = "facts"


@dataclass(frozen=True)
class Paragraph:
    """A sentence with figures in it."""

    parts: tuple[Cell, ...]
    kind = "paragraph"


def sentence(template: str, **cells: Cell) -> tuple[Cell, ...]:
    """`sentence("{n} households", n=figure)`: the words around the figures stay one message."""
    pieces = re.split(r"\{(\w+)\}", template)
    parts = [cells[one] if place % 2 else one for place, one in enumerate(pieces)]
    return tuple(part for part in parts if part != "")


@dataclass(frozen=True)
class Chart:
    """A `povertyaid.web.charts.BarChart` and the figures it draws."""

    drawing: Any
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    kind = "chart"


@dataclass(frozen=True)
class Section:
    """`letter` is the section's name in the catalogue of papers: A 工程概况, B 目标任务 …"""

    letter: str
    title: str
    blocks: tuple[Table | Facts | Paragraph | Chart, ...]


@dataclass(frozen=True)
class Balance:
    """Figures that must add up although they stand in different tables."""

    where: str
    whole: Figure
    parts: tuple[Figure, ...]


@dataclass(frozen=True)
class NameList:
    """An annex: households by name, in the order of their files. Not figures."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0  # how many more there are than are printed


@dataclass(frozen=True)
class Paper:
    code: str
    title: str
    cut: Cut
    sections: tuple[Section, ...]
    balances: tuple[Balance, ...] = ()
    highlights: tuple[Figure, ...] = ()  # what a leader asks first; they stand in the sections, too
    annex: NameList | None = None
    issued_on: datetime.date | None = None
    issued_by: str = ""

    def tables(self) -> Iterator[Table]:
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield block

    def figures(self) -> list[Figure]:
        """Every figure once, in the order of print. Two figures never share a code."""
        found: dict[str, Figure] = {}
        for section in self.sections:
            for block in section.blocks:
                for figure in figures_of(block):
                    known = found.setdefault(figure.code, figure)
                    if known.value != figure.value:
                        raise ValueError(f"two figures are called {figure.code}")
        return list(found.values())


def figures_of(block: Table | Facts | Paragraph | Chart) -> Sequence[Figure]:
    if isinstance(block, Table):
        cells: list[Cell] = [cell for row in block.rows for cell in row.cells]
    elif isinstance(block, Facts):
        cells = [cell for _label, cells in block.items for cell in cells]
    elif isinstance(block, Paragraph):
        cells = list(block.parts)
    else:
        cells = list(block.figures)
    return [cell for cell in cells if isinstance(cell, Figure)]
