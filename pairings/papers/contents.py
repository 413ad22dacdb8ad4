"""The list of contents of a volume: number, head, unit, and the page on which the paper begins.

A page is one row of a table with forty lines in each cell: a table of a thousand rows would take
as long to set as two hundred handbooks.
"""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from povertyaid.web.pdf import Press
from povertyaid.web.workbook import text_width

LINES = 40  # on a page
PAGES_AT_ONCE = 10
# How much of a text has room on its line, in widths of a Latin letter.
WIDTHS = {"code": 24, "name": 16, "unit": 34}


@dataclass
class Page:
    """A page of the list: each column is one text of forty lines."""

    number: int
    columns: list


def pages_for(n, *, two_sided):
    """How many pages the list of `n` lines takes; an even number, if papers have two sides."""
    pages = -(-n // LINES)
    return pages + pages % 2 if two_sided else pages


def set_pages(order, listed, names):
    """The list as PDFs of some pages each. `listed` are (row, page counted from 0)."""
    press = Press("app/contents-paper.css")
    pages = [
        Page(n // LINES + 1, columns_of(listed[n : n + LINES], n, names))
        for n in range(0, len(listed), LINES)
    ]
    with translation.override(settings.LANGUAGE_CODE):
        for start in range(0, len(pages), PAGES_AT_ONCE):
            html = render_to_string(
                "pairings/papers/contents.html",
                {
                    "order": order,
                    "pages": pages[start : start + PAGES_AT_ONCE],
                    "in_all": len(pages),
                    "households": len(listed),
                    "today": timezone.localdate(),
                },
            )
            yield press.bind([press.lay_out(html)])


def columns_of(some, before, names):
    lines = [
        (
            str(before + nth),
            short(row.code, "code"),
            short(row.name, "name"),
            short(names[row.unit], "unit"),
            str(at + 1),
        )
        for nth, (row, at) in enumerate(some, start=1)
    ]
    return ["\n".join(column) for column in zip(*lines, strict=True)]


def short(text, column):
    """As much of a text as its line has room for."""
    text = " ".join(text.split())
    if text_width(text) <= WIDTHS[column]:
        return text
    while text_width(text) > WIDTHS[column] - 2:
        text = text[:-1]
    return f"{text}…"
