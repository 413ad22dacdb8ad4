"""How a cell of a paper is written, on the page and on paper."""

import datetime
from types import SimpleNamespace

from django import template
from django.utils.html import format_html

from reports.figures import numbers
from reports.figures.indicator import Figure

register = template.Library()


@register.simple_tag
def cell(value, is_linked=True):
    """A figure as a link to its rows, a day as 2013-12-10, anything else as it stands."""
    if isinstance(value, Figure):
        if is_linked:
            return format_html('<a href="{}">{}</a>', value.url, value.text)
        return value.text
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else value


@register.filter
def numbered(sections):
    """Sections with 一、二、三 before their titles."""
    return [
        SimpleNamespace(number=number, section=section)
        for number, section in zip("一二三四五六七八九十", sections, strict=False)
    ]


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
