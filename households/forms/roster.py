"""Bringing a roster: which unit, which programme, which file."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.roster import importing
from households.roster.sentences import UNREADABLE
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import StyledForm
from povertyaid.web.unit_field import UnitPick

MEGABYTE = 1024 * 1024


class RosterForm(StyledForm, forms.Form):
    """A valid form has read the file: `reading` is a roster, `content` its bytes."""

    lengths = {"unit": 20, "programme": 30, "file": 30}

    unit = UnitPick(
        label=_("unit"),
        error_messages={
            "required": _("Please choose the unit that keeps the files."),
            "unknown": _("There is no such unit among yours. Please choose one from the list."),
        },
    )
    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("programme"),
        error_messages={
            "required": _("Please choose the programme the roster belongs to."),
            "invalid_choice": _("This programme is none of yours. Please choose another."),
        },
    )
    file = forms.FileField(
        label=_("roster"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv"}),
        error_messages={
            "required": _("Please choose the file."),
            "empty": UNREADABLE["empty"],
            "invalid": _("The file did not arrive. Please choose it again."),
            "missing": _("The file did not arrive. Please choose it again."),
        },
    )

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, staff=staff, **kwargs)
        self.fields["unit"].units = OrgUnit.objects.visible_to(staff).open()
        self.fields["programme"].queryset = Programme.objects.visible_to(staff)
        self.fields["file"].help_text = _(
            "A file .xlsx, .xls, .et, .ods or .csv, at most %(megabytes)s MB and %(rows)s rows. "
            "Nothing is written before you have seen what would change."
        ) % {
            "megabytes": settings.ROSTER_MAX_BYTES // MEGABYTE,
            "rows": f"{settings.ROSTER_MAX_ROWS:,}",
        }

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.ROSTER_MAX_BYTES:
            raise ValidationError(UNREADABLE["too_large"], code="too_large")
        self.content = file.read()
        self.reading = importing.readable(self.content)
        return file
