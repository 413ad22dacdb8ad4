"""What was done for households, as their handbooks list it. Rooms above add what they gave or lent.

    measures.register(lambda enrolments, staff: {enrolment.pk: [Measure(…), …], …})

Asked once for many households: a thousand handbooks ask no more often than they have to.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the list: what, when, how often or how much."""

    what: str
    first: datetime.date | None = None
    last: datetime.date | None = None
    times: int | None = None  # 件次
    amount: Decimal | None = None  # yuan
    note: str = ""


Tell = Callable[[Sequence[Any], Any], Mapping[int, Sequence[Measure]]]
_sources: list[Tell] = []


def register(tell: Tell) -> None:
    """`tell(enrolments, staff)` answers measures by the key of the enrolment."""
    _sources.append(tell)


def of_many(enrolments: Sequence[Any], staff: Any) -> dict[int, list[Measure]]:
    """Every room's measures of some enrolments, by first day."""
    found: dict[int, list[Measure]] = {}
    for tell in _sources:
        for key, rows in tell(enrolments, staff).items():
            found.setdefault(key, []).extend(rows)
    for rows in found.values():
        rows.sort(key=lambda row: row.first or datetime.date.min)
    return found
