"""Days, months and years as offices write them. A month is not made into its first day."""

import datetime
import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from django.utils.translation import gettext_noop as _

from povertyaid.lib.errors import UnreadableError

__all__ = ["DateError", "PartialDate", "Precision", "end_of_year", "parse_partial", "year_of"]

Precision = Literal["day", "month", "year"]

# Years of four digits only: "75年6月" is 1975 to one office and a serial number to another.
SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        # 2017-12-19, 2017/1/5, 2017.12.19, 2017年12月19日, and what Excel adds: 00:00:00
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?号?(?:T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
        r"(\d{4})[-/.年](\d{1,2})月?份?",
        r"(\d{4})年?度?",
        r"(\d{4})(\d{2})(\d{2})(?:\.0)?",
        r"(\d{4})(\d{2})(?:\.0)?",
    )
)


class DateError(UnreadableError):
    """A date that cannot be read: `empty`, `unreadable`, `impossible_date`."""

    messages: ClassVar[Mapping[str, str]] = {
        "empty": _("No date is given."),
        "unreadable": _("This is not a date. Write it like 2017-12-19, 2017年12月 or 2017."),
        "impossible_date": _("This day does not exist in the calendar. Check year, month and day."),
    }


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A day, a month or a year; `date` is its first day."""

    date: datetime.date
    precision: Precision = "day"

    def __post_init__(self) -> None:
        first = {"day": self.date.day, "month": 1, "year": 1}[self.precision]
        if self.date.day != first or (self.precision == "year" and self.date.month != 1):
            raise ValueError("the date of a month or year is its first day")

    def iso(self) -> str:
        """`2017-12-19`, `2017-12` or `2017`."""
        return self.date.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]

    @property
    def last_day(self) -> datetime.date:
        """The last day that is meant: 31 December for a year."""
        if self.precision == "year":
            return end_of_year(self.date.year)
        if self.precision == "month":
            return self.date.replace(day=monthrange(self.date.year, self.date.month)[1])
        return self.date

    def __str__(self) -> str:
        return self.iso()


def parse_partial(text: str) -> PartialDate:
    """Read a date and how exactly it is known.

    Understands 2017-12-19, 2017/1/5, 2017.12.19, 2017年12月19日, 20171219; 2017.12, 2017年12月,
    201712; 2017, 2017年; full-width digits; a time of day behind it is dropped. Written text is
    meant: the *number* 2017.1 of a spreadsheet may have been 2017.10, so whoever reads
    numbers must decide before calling.

    Raises DateError (`empty`, `unreadable`, `impossible_date`).
    """
    cleaned = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    cleaned = re.sub("[‐-―−~]", "-", cleaned).replace("。", ".").replace("、", ".").strip("'")
    if not cleaned:
        raise DateError("empty")
    if not cleaned.isascii():
        # \d also takes digits of other scripts; NFKC has made the full-width ones plain.
        foreign = [c for c in cleaned if c.isdigit() and not c.isascii()]
        if foreign:
            raise DateError("unreadable")
    for shape in SHAPES:
        match = shape.fullmatch(cleaned)
        if match:
            parts = [int(part) for part in match.groups()]
            break
    else:
        raise DateError("unreadable")
    if not 1800 <= parts[0] <= 2199:
        raise DateError("impossible_date")
    precisions: dict[int, Precision] = {1: "year", 2: "month", 3: "day"}
    year, month, day = (*parts, 1, 1)[:3]
    try:
        return PartialDate(date(year, month, day), precisions[len(parts)])
    except ValueError:
        raise DateError("impossible_date") from None


def year_of(when: date | PartialDate) -> int:
    """The calendar year."""
    return when.date.year if isinstance(when, PartialDate) else when.year


def end_of_year(year: int) -> date:
    """31 December."""
    return date(year, 12, 31)
