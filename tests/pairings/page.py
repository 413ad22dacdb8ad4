"""What the tests of this room ask of its pages."""

import datetime

from django.urls import reverse

from pairings.actions import pairs
from tests.households.page import fields_of

DAY = datetime.date(2012, 5, 1)
LATER = datetime.date(2013, 2, 1)


def paired(enrolment, helper, by, *, on=DAY, scheme="one_to_one"):
    return pairs.pair(enrolment, helper=helper, scheme=scheme, on=on, by=by)


def address(name, row, **query):
    return reverse(f"pairings:{name}", args=[row.pk], query=query or None)


def send(desk, page, **typed):
    """Open a page's form and send it with something typed."""
    return desk.post(page, fields_of(desk.get(page)) | typed)


def errors_of(response):
    errors = response.context["form"].errors.as_data()
    return {field: [error.code for error in found] for field, found in errors.items()}


def told(response):
    """Everything the form refuses, as sentences."""
    return [text for texts in response.context["form"].errors.values() for text in texts]


def who(pairing, *, on=None):
    """Names of those on a pair now, or on a day."""
    lines = pairing.lines.on_day(on) if on else pairing.lines.filter(ends_on=None)
    return sorted(lines.values_list("helper__name", flat=True))
