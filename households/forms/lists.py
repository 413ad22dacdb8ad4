"""Bringing a list: which unit, which programme, which file."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.roster.lists import steps
from households.roster.sentences import UNREADABLE
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import StyledForm
from povertyaid.web.unit_field import UnitPick

MEGABYTE = 1024 * 1024


class ListForm(StyledForm, forms.Form):
    """`content` are the file's bytes; that they are a list of the kind has been seen."""

    lengths = {"unit": 20, "programme": 30, "file": 30}

    unit = UnitPick(
        label=_("unit"),
        help_text=_("Rows that name no unit below it are kept here."),
        error_messages={
            "required": _("Please choose the unit that keeps the list."),
            "unknown": _("There is no such unit among yours. Please choose one from the list."),
        },
    )
    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("programme"),
        error_messages={
            "required": _("Please choose the programme the list belongs to."),
            "invalid_choice": _("This programme is none of yours. Please choose another."),
        },
    )
    file = forms.FileField(
        label=_("list"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv"}),
        error_messages={
            "required": _("Please choose the file."),
            "empty": UNREADABLE["empty"],
            "invalid": _("The file did not arrive. Please choose it again."),
            "missing": _("The file did not arrive. Please choose it again."),
        },
    )

    def __init__(self, *args, staff, kind, **kwargs):
        super().__init__(*args, staff=staff, **kwargs)
        self.kind = kind
        self.fields["unit"].units = OrgUnit.objects.visible_to(staff).open()
        self.fields["programme"].queryset = Programme.objects.visible_to(staff)
        self.fields["file"].help_text = _(
            "A file .xlsx, .xls, .et, .ods or .csv, at most %(megabytes)s MB and %(rows)s rows. "
            "Nothing is written before you have seen what would change."
        ) % {
            "megabytes": settings.ROSTER_MAX_BYTES // MEGABYTE,
            "rows": f"{steps.ROWS_AT_MOST:,}",
        }

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.ROSTER_MAX_BYTES:
            raise ValidationError(UNREADABLE["too_large"], code="too_large")
        self.content = file.read()
        unit = self.cleaned_data.get("unit")
        steps.read(self.kind, self.content, steps.remembered(self.kind, unit) if unit else None)
        return file
