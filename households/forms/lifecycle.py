"""Closing, reopening, moving, merging and splitting: the day, the reason, and who goes where."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Household
from povertyaid.org.models import OrgUnit
from povertyaid.web.forms import DateField, StyledForm, WarningsMixin, dress
from povertyaid.web.unit_field import UnitPick


class ReasonForm(WarningsMixin, StyledForm, forms.Form):
    """Every deed says why; the reason stands in the history and in the audit trail."""

    lengths = {"reason": 30}

    reason = forms.CharField(
        label=_("reason"),
        max_length=200,
        help_text=_("Kept in the history of the file. Please write no identity number here."),
        error_messages={"required": _("Please give the reason in a few words.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def told(self):
        """The reason, with those given to warnings."""
        return "; ".join(filter(None, [self.cleaned_data["reason"], self.reasons_given()]))


class DatedForm(ReasonForm):
    """With the day on which it happened: today or before."""

    on = DateField(label=_("day"), initial=timezone.localdate)

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future. Please check the year."), code="future"
            )
        return day


class CloseForm(DatedForm):
    close_reason = forms.ChoiceField(
        label=_("reason for closing"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the reason for closing.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = {Household.CloseReason.NONE, Household.CloseReason.MERGED}
        self.fields["close_reason"].choices = [
            choice for choice in Household.CloseReason.choices if choice[0] not in others
        ]
        self.order_fields(["close_reason", "on", "reason"])


class ReopenForm(ReasonForm):
    pass


class MoveForm(ReasonForm):
    """Only units one sees: a farm's clerk moves within the farm, the bureau between farms."""

    lengths = {"to": 20, "reason": 30}

    to = UnitPick(
        label=_("unit that takes the file over"),
        error_messages={
            "required": _("Please choose the unit."),
            "unknown": _(
                "None of your units that keep files is called so. Please choose one from the list."
            ),
        },
    )

    def __init__(self, *args, household, **kwargs):
        super().__init__(*args, **kwargs)
        self.household = household
        units = OrgUnit.objects.visible_to(self.staff).keeping_files()
        self.fields["to"].units = units.exclude(pk=household.unit_id)

    def clean(self):
        given = super().clean()
        to = given.get("to")
        if to is None:
            return given
        enrolments = self.household.enrolments.counted().select_related("programme__lead_unit")
        left = [
            enrolment.programme.name
            for enrolment in enrolments
            if not to.path.startswith(enrolment.programme.lead_unit.path)
        ]
        if left:
            self.add_warning(
                "to",
                _("The programme does not reach the new unit: %(names)s.")
                % {"names": "、".join(left)},
                code="out_of_programme",
            )
        return given


class OtherFileForm(StyledForm, forms.Form):
    """Which other file describes the same family."""

    lengths = {"other": 12}

    other = forms.CharField(
        label=_("number of the other file"),
        max_length=60,
        error_messages={"required": _("Please write the number of the other file.")},
    )

    def __init__(self, *args, household, also_closed=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.household, self.also_closed = household, also_closed

    def clean_other(self):
        code = self.cleaned_data["other"].strip()
        files = Household.objects.visible_to(self.staff).select_related("unit")
        found = files.filter(code=code).first()
        if found is None or not (found.is_open or self.also_closed):
            raise ValidationError(
                _("There is no open file with this number in your units. Please compare it."),
                code="unknown",
            )
        if found.pk == self.household.pk:
            raise ValidationError(
                _("This is the number of this file itself. Please write that of the other."),
                code="same_file",
            )
        return found


class MergeForm(DatedForm):
    """Which of the two files stays."""

    stays = forms.ChoiceField(
        label=_("the file that stays"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the file that stays.")},
    )

    def __init__(self, *args, files, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(["stays", "on", "reason"])
        self.files = {str(file.pk): file for file in files}
        self.fields["stays"].choices = [
            (key, f"{file.code} {file.head_name} {file.unit.name}")
            for key, file in self.files.items()
        ]

    def chosen(self):
        """(file that stays, file that closes)"""
        stays = self.cleaned_data["stays"]
        return self.files[stays], next(f for key, f in self.files.items() if key != stays)


class SplitForm(DatedForm):
    """Who leaves, who leads which family, and which programmes go along."""

    members = forms.ModelMultipleChoiceField(
        label=_("who leaves"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Please choose who leaves the family."),
            "invalid_choice": _("This person is not a member of the family any more."),
        },
    )
    head = forms.ModelChoiceField(
        label=_("head of the new household"),
        queryset=None,
        error_messages={"required": _("Please choose the head of the new household.")},
    )
    heir = forms.ModelChoiceField(
        label=_("new head of the family that stays"),
        queryset=None,
        required=False,
        help_text=_("Only if its head leaves."),
    )
    programmes = forms.ModelMultipleChoiceField(
        label=_("programmes in which the new household is enrolled"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It is then identified on that day, and its identification is reviewed."),
    )

    def __init__(self, *args, household, programmes, **kwargs):
        super().__init__(*args, **kwargs)
        self.household = household
        present = household.members.present().order_by("seq", "pk")
        for name in ["members", "head", "heir"]:
            self.fields[name].queryset = present
            self.fields[name].label_from_instance = _name_and_relation
        self.fields["heir"].queryset = present.exclude(relation="户主")
        self.fields["programmes"].queryset = programmes
        for name in ["head", "heir"]:
            dress(self.fields[name], 12)
        self.order_fields(["members", "head", "heir", "programmes", "on", "reason"])


def _name_and_relation(member):
    return f"{member.name} {member.relation}".strip()
