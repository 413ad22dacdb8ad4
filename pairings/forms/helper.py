"""What is said of a helper, and when a helper leaves."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.forms import phone as phones
from households.forms.lifecycle import DatedForm
from pairings.actions import helpers
from pairings.forms.pick import HelperPick
from pairings.models import Helper
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import IdNumberField, PhoneField, StyledForm, WarningsMixin
from povertyaid.web.unit_field import UnitPick


class HelperForm(WarningsMixin, StyledForm, forms.ModelForm):
    """Programme and unit are given when the helper is entered, and stay."""

    lengths = {
        "programme": 30, "unit": 20, "kind": 8, "name": 12, "category": 12, "home": 20,
        "rank": 12, "honour": 12, "honour_level": 8, "staff": 20,
    }  # fmt: skip

    unit = UnitPick(
        label=_("unit"),
        error_messages={"required": _("Please choose the unit that keeps the helper.")},
    )
    phone = PhoneField(label=_("phone"), required=False, max_length=40)
    id_number = IdNumberField(
        label=_("identity number"),
        required=False,
        max_length=30,
        help_text=_("Only to see that nobody is paired with the own family."),
    )

    class Meta:
        model = Helper
        fields = [
            "programme", "unit", "kind", "name", "category", "home", "rank", "phone", "id_number",
            "honour", "honour_level", "in_post_local", "staff",
        ]  # fmt: skip
        error_messages = {
            "programme": {
                "required": _("Please choose the programme the helper takes part in."),
                "invalid_choice": _("This programme is none of yours. Please choose another."),
            },
            "name": {"required": _("A helper needs a name.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["programme"], self.fields["unit"]
        else:
            mine = Programme.objects.visible_to(self.staff)
            self.fields["programme"].queryset = mine.order_by("-starts_on", "code")
            self.fields["programme"].label_from_instance = lambda programme: programme.name
            self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        signs_in = self.fields["staff"]
        signs_in.queryset = (
            Staff.objects.visible_to(self.staff)
            .active()
            .filter(role=Staff.Role.HELPER)
            .order_by("name_pinyin", "pk")
        )
        signs_in.label_from_instance = lambda staff: f"{staff.full_name} {staff.username}"
        signs_in.empty_label = _("none")
        self.fields["category"].required = True
        self.fields["category"].choices = [c for c in Helper.Category.choices if c[0]]
        if self.instance.category == Helper.Category.NONE:
            self.fields["category"].choices = Helper.Category.choices

    def clean(self):
        given = super().clean()
        helpers.set_number(self.instance, given.get("id_number") or "")
        phone = given.get("phone")
        if phone and "phone" in self.changed_data and not phones.looks_right(phone):
            self.add_warning(
                "phone",
                _("This does not look like a phone number: a mobile number has 11 digits."),
                code="phone",
            )
        if self.instance.pk is None and given.get("programme") and given.get("name"):
            same = Helper.objects.visible_to(self.staff).on_roster()
            same = same.filter(programme=given["programme"], name=given["name"])
            if same.filter(home=given.get("home", "")).exists():
                self.add_warning(
                    "name",
                    _("A helper of this name and home organisation is on the roster already."),
                    code="same_name",
                )
        return given

    def clean_staff(self):
        staff = self.cleaned_data["staff"]
        if staff is not None and self.data.get(self.add_prefix("kind")) == Helper.Kind.UNIT:
            raise ValidationError(
                _("Only a person signs in; a unit has no sign-in."), code="unit_signs_in"
            )
        return staff


class LeaveForm(DatedForm):
    leave_reason = forms.ChoiceField(
        label=_("reason for leaving"),
        widget=forms.RadioSelect,
        choices=[choice for choice in Helper.LeaveReason.choices if choice[0]],
        error_messages={"required": _("Please choose why the helper left.")},
    )
    field_order = ["leave_reason", "on", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)


class HandOverAllForm(DatedForm):
    """To whom all pairs of a helper go. The reason is the note that stands with each."""

    to = HelperPick(label=_("helper who takes over"))

    def __init__(self, *args, helper, **kwargs):
        super().__init__(*args, **kwargs)
        offer_helpers(self.fields["to"], self.staff, helper.programme, but=[helper.pk])
        self.order_fields(["to", "on", "reason"])


def offer_helpers(field, staff, programme, *, but=()):
    """Helpers on the programme's roster that the person may see."""
    field.offer(
        Helper.objects.visible_to(staff)
        .on_roster()
        .filter(programme=programme)
        .exclude(pk__in=but),
        programme=programme.code,
    )
