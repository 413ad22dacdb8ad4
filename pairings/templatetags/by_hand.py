"""How a paper leaves room for the pen: what is not on file is printed as nothing, and rows stay free."""

import math

from django import template
from django.utils.safestring import mark_safe

from pairings.papers import qr
from povertyaid.lib import money as money_lib

register = template.Library()


@register.filter
def iso(day):
    """`2017-12-31`, or nothing."""
    return f"{day:%Y-%m-%d}" if day else ""


@register.filter
def yuan(amount):
    """`15,000.00`, or nothing."""
    return "" if amount in {None, ""} else money_lib.format_yuan(amount)


@register.filter
def free_rows(rows, room):
    """Rows to be written by hand under those that are printed: `"6,2"` is six in all, two at least."""
    in_all, least = map(int, room.split(","))
    return range(max(in_all - len(rows), least))


@register.filter
def title_lines(text, most):
    """A title of more than `most` characters in two lines, parted where a name or a quotation ends."""
    if len(text) <= most:
        return [text]
    middle = len(text) / 2
    ends = [
        n for n in range(1, len(text)) if text[n] in "“《（" or text[n - 1] in "”》）局县市区省场会"
    ]
    near = [n for n in ends if abs(n - middle) <= len(text) / 4] or [math.ceil(middle)]
    cut = min(near, key=lambda n: abs(n - middle))
    return [text[:cut], text[cut:]]


@register.simple_tag(takes_context=True)
def code_of(context, household):
    """The square code that leads to the household's page."""
    return qr.drawing(qr.address_of(household, context["base"]))


CUTS_ACROSS, CUTS_DOWN = (15, 105, 195), (13.5, 67.5, 121.5, 175.5, 229.5, 283.5)  # mm on A4
CUT = 5  # mm long, outside of the cards


@register.simple_tag
def cut_marks():
    """Where a sheet of cards is cut: short lines at its edges, none across a card."""
    top, bottom, left, right = CUTS_DOWN[0], CUTS_DOWN[-1], CUTS_ACROSS[0], CUTS_ACROSS[-1]
    down = [f"M{x} {top - CUT - 1}v{CUT}M{x} {bottom + 1}v{CUT}" for x in CUTS_ACROSS]
    across = [f"M{left - CUT - 1} {y}h{CUT}M{right + 1} {y}h{CUT}" for y in CUTS_DOWN]
    return mark_safe(  # noqa: S308 -- our own numbers
        '<svg class="cuts" viewBox="0 0 210 297" fill="none" stroke="#000" stroke-width=".2">'
        f'<path d="{"".join(down + across)}"/></svg>'
    )
