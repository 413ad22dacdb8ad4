"""A square code that leads to a household's page, which asks whoever comes to sign in.

The address names nothing but the key of the row, so a stranger who finds the paper learns nothing.
"""

import io
from urllib.parse import urljoin

import segno
from django.conf import settings
from django.utils.safestring import mark_safe

QUIET = 2  # modules left white around it; the paper is white further out as well


def address_of(household, base):
    """The household's page as it is typed; `base` is where the paper was asked for."""
    return urljoin(settings.BASE_URL or base, household.get_absolute_url())


def drawing(address):
    """The code as an SVG picture to be set into a page; its size is the page's business."""
    picture = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(picture, kind="svg", border=QUIET, xmldecl=False, svgns=True, omitsize=True)
    return mark_safe(picture.getvalue().decode())  # noqa: S308 -- drawn here, of squares alone
