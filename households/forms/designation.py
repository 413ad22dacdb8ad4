"""Giving and ending an official status or certificate."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Designation
from povertyaid.org.models import OrgUnit
from povertyaid.web.forms import DateField, StyledForm, WarningsMixin, office_formfield
from povertyaid.web.unit_field import UnitPick


class DesignationForm(WarningsMixin, StyledForm, forms.ModelForm):
    lengths = {"kind": 12, "member": 12, "issuer": 20, "number": 20}

    issuer = UnitPick(
        label=_("issuer"),
        required=False,
        error_messages={
            "unknown": _("This unit is not one of yours. Please choose another."),
        },
    )

    class Meta:
        model = Designation
        fields = ["kind", "member", "number", "issuer", "valid_from", "valid_to"]
        formfield_callback = office_formfield

    def __init__(self, *args, household, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = household.members.present().order_by("seq", "pk")
        self.fields["member"].label_from_instance = lambda member: member.name
        self.fields["member"].empty_label = _("the whole household")
        self.fields["member"].error_messages["invalid_choice"] = _(
            "This person is not a member of the family."
        )
        self.fields["issuer"].units = OrgUnit.objects.visible_to(self.staff)

    def clean(self):
        # Not the model's clean: the household is filled in by the action, which asks the rest.
        start, end = self.cleaned_data.get("valid_from"), self.cleaned_data.get("valid_to")
        if start and end and end < start:
            self.add_error(
                "valid_to",
                ValidationError(_("The last day must not lie before the first day."), "order"),
            )
        return self.cleaned_data


class EndForm(StyledForm, forms.Form):
    on = DateField(label=_("last day"), initial=timezone.localdate)
    reason = forms.CharField(label=_("reason"), required=False, max_length=200)
    lengths = {"reason": 30}
