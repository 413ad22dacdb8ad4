"""The gate before the printer: totals that do not foot do not print."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from povertyaid.lib.quantities import Quantity, total
from reports.figures.indicator import Figure
from reports.papers.paper import Cell, Paper, Table


@dataclass(frozen=True)
class Mismatch:
    """A whole that is not the sum of its parts, with the figures that say so."""

    where: str
    whole: Figure
    parts: tuple[Figure, ...]

    @property
    def sum_of_parts(self) -> Quantity:
        return total((part.quantity for part in self.parts if part.quantity), self.whole.kind)

    def __str__(self) -> str:
        return _("%(where)s: the parts make %(sum)s, the whole is %(whole)s.") % {
            "where": self.where,
            "sum": f"{self.sum_of_parts.value:,}",
            "whole": self.whole.text,
        }


class FootingError(Exception):
    """A paper whose totals do not foot. Carries every mismatch; the message names the cells."""

    def __init__(self, mismatches: Sequence[Mismatch]):
        self.mismatches = tuple(mismatches)
        super().__init__(" ".join(str(mismatch) for mismatch in mismatches))

    def __str__(self) -> str:
        return _("The totals of this paper do not foot, so it is not printed. %(cells)s") % {
            "cells": " ".join(str(mismatch) for mismatch in self.mismatches)
        }


def check(paper: Paper) -> None:
    """Raises FootingError if any total of the paper is not the sum of what it sums up."""
    mismatches = list(mismatches_of(paper))
    if mismatches:
        raise FootingError(mismatches)


def mismatches_of(paper: Paper) -> Iterator[Mismatch]:
    for table in paper.tables():
        yield from _down(table)
        yield from _across(table)
    for balance in paper.balances:
        yield from _compare(balance.where, balance.whole, balance.parts)


def _down(table: Table) -> Iterator[Mismatch]:
    """Each total against its lines, column by column."""
    for row in table.rows:
        if not row.parts:
            continue
        for place, column in enumerate(table.columns[1:]):
            if column.adds:
                where = _("Table “%(table)s”, line “%(row)s”, column “%(column)s”") % {
                    "table": table.caption,
                    "row": row.label,
                    "column": column.label,
                }
                parts = [table.rows[one].cells[place] for one in row.parts]
                yield from _compare(where, row.cells[place], parts)


def _across(table: Table) -> Iterator[Mismatch]:
    """Columns that are made of other columns, line by line."""
    for whole, parts in table.balances:
        labels = {column.key: column.label for column in table.columns}
        for row in table.rows:
            where = _("Table “%(table)s”, line “%(row)s”: %(whole)s = %(parts)s") % {
                "table": table.caption,
                "row": row.label,
                "whole": labels[whole],
                "parts": " + ".join(labels[part] for part in parts),
            }
            yield from _compare(
                where, table.cell(row, whole), [table.cell(row, part) for part in parts]
            )


def _compare(where: str, whole: Cell, parts: Sequence[Cell]) -> Iterator[Mismatch]:
    if not isinstance(whole, Figure) or whole.value is None:
        return
    figures = tuple(part for part in parts if isinstance(part, Figure))
    mismatch = Mismatch(where, whole, figures)
    if mismatch.sum_of_parts.value != Decimal(whole.value):
        yield mismatch
