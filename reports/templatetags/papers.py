"""How a cell of a paper is written, on the page and on paper."""

import datetime
from types import SimpleNamespace

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from povertyaid.web.templatetags.words import behind
from povertyaid.web.workbook import text_width
from reports.figures import numbers
from reports.figures.indicator import Figure
from reports.papers.as_workbook import spoken

register = template.Library()
MANY_COLUMNS = 8


@register.simple_tag
def cell(value, is_linked=True, is_mixed=False):
    """A figure as a link to its rows, a day as 2013-12-10, anything else as it stands.

    In a column of mixed units each figure has its own behind it: 100.00%, 263户.
    """
    if isinstance(value, Figure):
        unit = behind(value.measure) if is_mixed and value.value is not None else ""
        number = format_html('<a href="{}">{}</a>', value.url, value.text)
        return format_html("{}{}", number if is_linked else value.text, unit)
    if isinstance(value, datetime.date):
        return format_html('<span class="nowrap">{}</span>', f"{value:%Y-%m-%d}")
    return "" if value is None else value


@register.filter
def numbered(sections):
    """Sections with 一、二、三、 before their titles, in English 1. 2. 3."""
    in_chinese = (get_language() or "").startswith("zh")
    return [
        SimpleNamespace(number=f"{sign}、" if in_chinese else f"{nth}. ", section=section)
        for nth, (sign, section) in enumerate(
            zip("一二三四五六七八九十", sections or (), strict=False), start=1
        )
    ]


SHORT_FACT = 26  # Latin characters of 10.5 pt in half a line


@register.filter
def side_by_side(items):
    """Facts as the lines of a table: of two short ones that follow each other, each takes a half."""
    lines = []
    for item in items:
        is_short = text_width(spoken(item[1])) <= SHORT_FACT
        if is_short and lines and lines[-1][1]:
            lines[-1] = ([*lines[-1][0], item], False)
        else:
            lines.append(([item], is_short))
    return [line for line, _has_room in lines]


@register.filter
def with_columns(row, table):
    """Each cell of a row together with its column."""
    return zip(table.columns[1:], row.cells, strict=True)


@register.filter
def written(value, kind):
    """A number as its kind is written: 12,155 户, 15,000.00 元."""
    return numbers.written(value, kind)


@register.filter
def plain_value(value):
    """A day as 2013-12-10, nothing as a dash, anything else as it stands."""
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m-%d}"
    return "—" if value in (None, "") else value


# Millimetres that a character of a table's head takes, and the cell's padding, as report-paper.css
# sets them; a table of many columns is set smaller.
HEAD, DENSE_HEAD = (3.9, 2.8), (3.4, 0)


@register.filter
def fitted(column, table):
    """A head in lines of equal length: 家庭 over 人口, not 家庭人 over 口."""
    character, padding = DENSE_HEAD if len(table.columns) > MANY_COLUMNS else HEAD
    label = str(column.label)
    fits = max(int((column.width - padding) / character), 1) if column.width else len(label)
    if len(label) <= fits or not label.isalpha() or label.isascii():
        return label
    lines = -(-len(label) // fits)
    length = -(-len(label) // lines)
    pieces = [(label[at : at + length],) for at in range(0, len(label), length)]
    return format_html_join(mark_safe("<br>"), "{}", pieces)


@register.filter
def is_dense(table):
    return len(table.columns) > MANY_COLUMNS


TITLE_LINE = 20  # characters of size 2 (22 pt) on the 156 mm of a line


@register.filter
def title_lines(name, lead_unit):
    """A long title in lines that end where a reader would pause, none much longer than the other."""
    if len(name) <= TITLE_LINE:
        return [name]
    if name.startswith(lead_unit) and len(lead_unit) <= TITLE_LINE >= len(name) - len(lead_unit):
        return [lead_unit, name.removeprefix(lead_unit)]
    lines = -(-len(name) // TITLE_LINE)
    length = -(-len(name) // lines)
    return [name[place : place + length] for place in range(0, len(name), length)]
