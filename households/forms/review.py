"""Proposing an identification or an exit, and deciding on it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.actions.reviews import exit_line
from households.models import IncomeSnapshot
from povertyaid.lib.money import format_yuan
from povertyaid.web.forms import DateField, StyledForm, WarningsMixin


class ProposalForm(WarningsMixin, StyledForm, forms.Form):
    on = DateField(label=_("day of review"), initial=timezone.localdate)
    note = forms.CharField(
        label=_("findings"),
        max_length=1000,
        widget=forms.Textarea,
        help_text=_("What was found, who was there, what the neighbours said."),
        error_messages={"required": _("Please write what was found.")},
    )

    def __init__(self, *args, enrolment, **kwargs):
        super().__init__(*args, **kwargs)
        self.enrolment = enrolment

    def clean_on(self):
        day, identified = self.cleaned_data["on"], self.enrolment.identified_on
        if day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future. Please check the year."), code="future"
            )
        if identified and day < identified:
            raise ValidationError(
                _("The day lies before the identification on %(day)s."),
                code="before_identification",
                params={"day": identified.isoformat()},
            )
        return day


class IdentificationForm(ProposalForm):
    """The identification rests on the file as it stands and, if known, on an income."""

    lengths = {"snapshot": 12}

    snapshot = forms.ModelChoiceField(
        label=_("income it rests on"),
        queryset=IncomeSnapshot.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _("This income belongs to another file. Please choose again.")
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_incomes(self.fields["snapshot"], self.enrolment)
        self.initial.setdefault("snapshot", self.enrolment.incomes.at("before").last())
        self.order_fields(["snapshot", "on", "note"])


def offer_incomes(field, enrolment):
    """The enrolment's own incomes, the newest first."""
    field.queryset = enrolment.incomes.order_by("-year", "-pk")
    field.label_from_instance = lambda income: f"{income.year} {income.get_stage_display()}"


class ExitForm(ProposalForm):
    """The exit rests on an income; where that does not reach the line, the clerk must say why."""

    snapshot = forms.ModelChoiceField(
        label=_("income it rests on"),
        queryset=IncomeSnapshot.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "invalid_choice": _("This income belongs to another file. Please choose again.")
        },
    )
    field_order = ["snapshot", "on", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_incomes(self.fields["snapshot"], self.enrolment)

    def clean(self):
        given = super().clean()
        snapshot, on = given.get("snapshot"), given.get("on")
        if not on:
            return given
        line = exit_line(self.enrolment, snapshot.year if snapshot else on.year, on=on)
        if snapshot is None:
            if line.is_required and "snapshot" not in self.errors:
                self.add_error(
                    "snapshot",
                    ValidationError(
                        _(
                            "This category has an exit line. Please enter the income of the year "
                            "first, then choose it here."
                        ),
                        "no_snapshot",
                    ),
                )
            return given
        if snapshot.year > on.year:
            self.add_error(
                "snapshot",
                ValidationError(
                    _("This income is of a later year than the review. Please choose another."),
                    "later_income",
                ),
            )
        elif line.met_by(snapshot.per_capita) is False:
            self.add_warning(
                "snapshot",
                _(
                    "The income per person of %(income)s yuan does not reach the line of %(line)s yuan."
                )
                % {"income": format_yuan(snapshot.per_capita), "line": format_yuan(line.value)},
                code="line_not_met",
            )
        return given

    def despite(self):
        """Why it is proposed although the line is not met."""
        return "; ".join(warning.reason for warning in self.answered_warnings())


class DecisionForm(StyledForm, forms.Form):
    """Two buttons, one note: a rejection must say what to mend."""

    APPROVE, REJECT = "approve", "reject"

    decision = forms.ChoiceField(
        choices=[(APPROVE, _("approve")), (REJECT, _("reject"))],
        error_messages={
            "required": _("Please approve or reject."),
            "invalid_choice": _("Please approve or reject."),
        },
    )
    note = forms.CharField(
        label=_("reason of the decision"),
        required=False,
        max_length=1000,
        widget=forms.Textarea,
        help_text=_("Needed for a rejection: the proposer must know what to mend."),
    )

    def clean(self):
        given = super().clean()
        if given.get("decision") == self.REJECT and not given.get("note"):
            self.add_error(
                "note",
                ValidationError(
                    _("Please say why it is rejected, so that the proposer knows what to mend."),
                    "required",
                ),
            )
        return given
