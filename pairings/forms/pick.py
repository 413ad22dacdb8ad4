"""Choosing one helper out of thousands: typed as name or number, suggested while typing."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from pairings.models import Helper
from povertyaid.web.unit_field import UnitInput

NUMBER = re.compile(r"H([0-9]{1,18})\s*$")


def written(helper):
    """`于海涛 场工会 H17`: how a chosen helper stands in the box."""
    return " ".join(filter(None, [helper.name, helper.home, helper.trail_code]))


class HelperInput(UnitInput):
    """The box of a unit, with suggestions of another address."""

    def __init__(self, attrs=None):
        super().__init__(
            {"data-unit-picker": reverse_lazy("pairings:helper-suggest"), **(attrs or {})}
        )

    def format_value(self, value):
        return written(value) if isinstance(value, Helper) else value


class HelperPick(forms.CharField):
    """A helper that may be chosen here, by number or whole name; gives a Helper.

    `helpers` is set by the form, already cut to what the person may see: one outside it is unknown
    here exactly as one that does not exist.
    """

    widget = HelperInput
    default_error_messages = {
        "required": _("Please choose the helper."),
        "unknown": _(
            "Nobody on the roster of this programme is called so. Please choose one from the list."
        ),
        "several": _("Several helpers are called so. Please choose one from the list."),
    }

    def __init__(self, **kwargs):
        self.helpers = Helper.objects.none()
        kwargs.setdefault("label", _("who helps"))
        kwargs.setdefault("help_text", _("Name, pinyin or initials; then choose from the list."))
        super().__init__(max_length=300, **kwargs)

    def offer(self, helpers, **query):
        """Offer these helpers; `query` narrows the suggestions to the same."""
        self.helpers = helpers
        address = reverse_lazy("pairings:helper-suggest")
        self.widget.attrs["data-unit-picker"] = (
            f"{address}?{urlencode(query)}" if query else address
        )

    def prepare_value(self, value):
        return self.helpers.filter(pk=value).first() if isinstance(value, int) else value

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        if number := NUMBER.search(text):
            found = list(self.helpers.filter(pk=int(number[1])))
        else:
            found = list(self.helpers.filter(name=text)[:2])
        if len(found) == 1:
            return found[0]
        code = "several" if found else "unknown"
        raise ValidationError(self.error_messages[code], code=code)
