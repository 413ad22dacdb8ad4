"""Which papers of the chosen households are wanted, and how."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pairings.models import PaperKind
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import StyledForm


class PapersForm(StyledForm, forms.Form):
    lengths = {"reason": 30}

    kind = forms.ChoiceField(
        label=_("kind of paper"), choices=PaperKind.choices, widget=forms.RadioSelect
    )
    programme = forms.ModelChoiceField(
        label=_("programme"),
        queryset=Programme.objects.none(),
        to_field_name="code",
        required=False,
        help_text=_(
            "A handbook or a card belongs to one programme; households in no such are left out."
        ),
    )
    apart = forms.BooleanField(
        label=_("one file per household in the zip"),
        required=False,
        help_text=_("Else there is one file per unit, which is smaller and printed in one go."),
    )
    in_full = forms.BooleanField(
        label=_("with full numbers"),
        required=False,
        help_text=_("Identity numbers, phones and bank accounts; else their middle is hidden."),
    )
    reason = forms.CharField(
        label=_("what the full numbers are needed for"),
        max_length=200,
        required=False,
        help_text=_("Your name, the time and this reason are recorded and read by the auditors."),
    )

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, staff=staff, **kwargs)
        self.fields["programme"].queryset = Programme.objects.visible_to(staff)
        for field in self.fields.values():
            field.span = "full"  # one question under the other
        if not staff.has_perm("households.reveal_person"):
            del self.fields["in_full"], self.fields["reason"]

    def clean(self):
        asked = super().clean()
        if asked.get("kind") not in {None, PaperKind.FILE} and not asked.get("programme"):
            needed = _("Please choose the programme: a handbook or a card belongs to one.")
            self.add_error("programme", ValidationError(needed, code="required"))
        if asked.get("in_full") and not asked.get("reason"):
            needed = _("Please say what the full numbers are needed for; the reason is recorded.")
            self.add_error("reason", ValidationError(needed, code="required"))
        return asked
