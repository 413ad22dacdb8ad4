"""What is said of the household itself."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.forms import phone as phones
from households.forms.choices import NoteField
from households.models import Household
from povertyaid.org.models import OrgUnit
from povertyaid.web.forms import (
    AccountField,
    PhoneField,
    StyledForm,
    WarningsMixin,
    office_formfield,
)
from povertyaid.web.unit_field import UnitPick

NO_PERSONS = _("A family has at least one person. Please leave it empty if it is not known.")


class HouseholdForm(WarningsMixin, StyledForm, forms.ModelForm):
    """Unit and number are given when the file is opened; later the unit changes by moving it."""

    lengths = {"unit": 20, "code": 12, "address": 30, "stated_size": 8, "why": 30}

    unit = UnitPick(
        label=_("unit"),
        error_messages={
            "required": _("Please choose the unit that keeps the file."),
            "unknown": _(
                "None of your units that keep files is called so. Please choose one from the list."
            ),
        },
    )
    phone = PhoneField(label=_("household phone"), required=False, max_length=40)
    bank_account = AccountField(label=_("bank account"), required=False, max_length=40)
    note = NoteField(label=_("note"), required=False)
    why = forms.CharField(
        label=_("reason for the change"),
        required=False,
        max_length=200,
        help_text=_("Kept in the history of the file, for example: home visit in May."),
    )

    MAIN = ["unit", "code", "address", "phone", "opened_on", "stated_size"]
    MORE = ["bank_name", "bank_branch", "bank_account", "note"]

    class Meta:
        model = Household
        fields = [
            "unit", "code", "address", "phone", "opened_on", "stated_size", "bank_name",
            "bank_branch", "bank_account", "note",
        ]  # fmt: skip
        formfield_callback = office_formfield
        help_texts = {
            "code": _("Leave it empty and the file gets the unit's next number."),
            "stated_size": _("Only if not every member is listed here."),
        }
        error_messages = {
            "code": {"unique": _("This file number is in use. Please leave the field empty.")},
            "stated_size": {"min_value": NO_PERSONS},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["unit"], self.fields["code"]
        else:
            del self.fields["why"]
            self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).keeping_files()
            self.fields["code"].required = False
            self.initial["opened_on"] = timezone.localdate()
            self.initial["unit"] = self.instance.unit_id and self.instance.unit
        self.fields["stated_size"].min_value = 1

    @property
    def main_fields(self):
        return [self[name] for name in self.MAIN if name in self.fields]

    @property
    def more_fields(self):
        return [self[name] for name in self.MORE]

    def clean_opened_on(self):
        day = self.cleaned_data["opened_on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future. Please check the year."), code="future"
            )
        return day

    def clean_stated_size(self):
        size = self.cleaned_data["stated_size"]
        if size == 0:
            raise ValidationError(NO_PERSONS, code="no_persons")
        return size

    def clean(self):
        given = super().clean()
        phone = given.get("phone")
        if phone and "phone" in self.changed_data and not phones.looks_right(phone):
            self.add_warning(
                "phone",
                _("This does not look like a phone number: a mobile number has 11 digits."),
                code="phone",
            )
        return given
