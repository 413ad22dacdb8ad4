"""How the columns of one kind of roster are laid out, and what a clerk said they mean.

The same office sends the same layout every month. Its fingerprint is that of the headings in
their order; what was once confirmed for it is applied before any rule of ours.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from households.roster.core.header import Column, Header, guess_header, meaning_of
from households.roster.core.headings import Synonyms
from households.roster.core.marks import column_index
from households.roster.core.sheet import Cell, Merged

#: Chosen fields by column letter: {"D": "id_number", "K": ""}; "" is a column that is only kept.
Fields = Mapping[str, str]

#: {fingerprint of a layout: its fields}.
Layouts = Mapping[str, Fields]

NO_LAYOUTS: Layouts = {}

#: Fields that several columns of one table may hold together.
COLLECTED = frozenset(["causes", "unit"])


@dataclass(frozen=True, slots=True)
class Layout:
    """A header with its fingerprint, and whether somebody has confirmed what it means."""

    header: Header
    fingerprint: str
    is_confirmed: bool = False

    @property
    def is_enough(self) -> bool:
        return self.header.is_enough


def fingerprint(headings: Iterable[tuple[str, str]]) -> str:
    """One short text for columns given as letter and heading."""
    told = "\n".join(f"{letter} {heading}" for letter, heading in headings)
    return hashlib.sha256(told.encode()).hexdigest()


def of_header(header: Header, layouts: Layouts = NO_LAYOUTS) -> Layout:
    """The layout of a header, with the fields that were confirmed for it, if any were."""
    mark = fingerprint((column.letter, column.heading) for column in header.columns)
    chosen = layouts.get(mark)
    if chosen is None:
        return Layout(header, mark)
    return Layout(Header(header.rows, with_fields(header.columns, chosen)), mark, is_confirmed=True)


def find_layout(
    top: Sequence[list[Cell]], merged: Merged, found: Header | None, synonyms: Synonyms,
    layouts: Layouts,
) -> Layout | None:  # fmt: skip
    """The layout of a sheet. Where no row is a header by its words, the likeliest row is one."""
    header = found or guess_header(top, merged, synonyms)
    return of_header(header, layouts) if header else None


def with_fields(columns: Iterable[Column], chosen: Fields) -> tuple[Column, ...]:
    """The columns with the chosen fields; what was not asked about stays as it was."""
    return tuple(
        meaning_of(column, chosen[column.letter] or None) if column.letter in chosen else column
        for column in columns
    )


def chosen_header(headings: Iterable[tuple[str, str]], chosen: Fields) -> Header:
    """The header that a choice would make of columns given as letter and heading."""
    columns = [Column(column_index(letter), heading, None) for letter, heading in headings]
    return Header((1,), with_fields(columns, chosen))


def doubled(columns: Iterable[Column]) -> set[str]:
    """Fields that two columns claim although a table may have only one of them."""
    seen: set[str] = set()
    twice: set[str] = set()
    for column in columns:
        if column.field and column.field not in COLLECTED:
            (twice if column.field in seen else seen).add(column.field)
    return twice
