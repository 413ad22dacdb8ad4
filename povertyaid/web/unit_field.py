"""Choosing one unit out of twelve thousand: typed as code or name, suggested while typing."""

from functools import cache, partial

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Length
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit


def written(unit):
    """`B-RIV 临江农场`: how a chosen unit stands in the box."""
    return f"{unit.code} {unit.name}"


class UnitInput(forms.TextInput):
    """A text box; office.js lays the suggestions of `/units/suggest/` under it."""

    def __init__(self, attrs=None):
        super().__init__(
            {
                "autocomplete": "off",
                "data-unit-picker": reverse_lazy("unit-suggest"),
                **(attrs or {}),
            }
        )

    def format_value(self, value):
        return written(value) if isinstance(value, OrgUnit) else value


LONGEST_EXAMPLE = 8  # characters of a name that one would type by its initials


def hint_for(staff):
    """How a unit is found, with one of the person's own: who sees no 临江农场 looks for it in vain."""
    unit = staff.unit
    if len(unit.name) > LONGEST_EXAMPLE:
        unit = (
            OrgUnit.objects.open()
            .filter(parent=unit)
            .annotate(length=Length("name"))
            .filter(length__lte=LONGEST_EXAMPLE)
            .order_by("path")
            .first()
        )
    if unit is None:
        return gettext("Name, initials or code.")
    return gettext("Name, initials or code; for example %(initials)s for %(name)s.") % {
        "initials": unit.name_initials,
        "name": unit.name,
    }


class UnitPick(forms.CharField):
    """A unit that the staff member may see, by its code or its whole name; gives an OrgUnit.

    `units` is set by the form, already cut to the person's scope: a unit outside it is unknown
    here exactly as one that does not exist.
    """

    widget = UnitInput
    default_error_messages = {
        "unknown": _("There is no such unit among yours. Please choose one from the list."),
        "several": _(
            "Several of your units are called so. Please choose one from the list, or write its code."
        ),
    }

    def __init__(self, **kwargs):
        self.units = OrgUnit.objects.none()
        self.has_own_hint = "help_text" in kwargs
        kwargs.setdefault("help_text", _("Name, initials or code."))
        super().__init__(max_length=200, **kwargs)

    def shown_to(self, staff):
        """Take the hint's example from the units of who is asked; looked up when it is drawn."""
        if not self.has_own_hint:
            self.help_text = lazy(cache(partial(hint_for, staff)), str)()

    def prepare_value(self, value):
        if isinstance(value, int):
            value = self.units.filter(pk=value).first()
        return value

    def clean(self, value):
        # A field that is switched off is answered by its initial value: a unit or its key.
        value = self.prepare_value(value)
        if isinstance(value, OrgUnit):
            return value
        text = super().clean(value)
        if not text:
            return None
        by_code = self.units.filter(code=text.split()[0]).first()
        if by_code:
            return by_code
        named = list(self.units.filter(name=text)[:2])
        if len(named) == 1:
            return named[0]
        code = "several" if named else "unknown"
        raise ValidationError(self.error_messages[code], code=code)

    def has_changed(self, initial, data):
        if isinstance(initial, int):
            initial = self.units.filter(pk=initial).first()
        return super().has_changed(written(initial) if initial else "", data)
