"""What an assignment is asked for, and who takes a line of its draft instead."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import words
from pairings.actions.assignment import full_helpers
from pairings.actions.drafting import helpers_of
from pairings.forms.pair import OF_UNITS
from pairings.forms.pick import HelperPick
from pairings.models import MOST_HOUSEHOLDS, AssignmentDraft, Helper, Pairing
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import DateField, StyledForm, dress
from povertyaid.web.unit_field import UnitPick


class AssignmentForm(StyledForm, forms.ModelForm):
    """Programme and unit, how many for whom, what counts more, and from which day on."""

    lengths = {"programme": 30, "unit": 20, "per_household": 12, "most_per_helper": 12}

    unit = UnitPick(
        label=_("unit"),
        help_text=_("The households of this unit and of all units below it."),
        error_messages={"required": _("Please choose the unit.")},
    )
    scheme = forms.ChoiceField(
        label=_("scheme"),
        error_messages={"required": _("Please choose a scheme from the list.")},
    )
    starts_on = DateField(label=_("from"), initial=timezone.localdate)
    per_household = forms.IntegerField(
        label=_("helpers to a household"), min_value=1, max_value=9, initial=1
    )
    most_per_helper = forms.IntegerField(
        label=_("households of a helper at most"),
        min_value=1,
        max_value=99,
        initial=MOST_HOUSEHOLDS,
        help_text=_("Those already paired are counted."),
    )
    aim = forms.ChoiceField(
        label=_("what counts more"),
        choices=AssignmentDraft.Aim.choices,
        initial=AssignmentDraft.Aim.BOTH,
        widget=forms.RadioSelect,
    )
    of_helpers = forms.MultipleChoiceField(
        label=_("only these categories of helpers"),
        choices=[choice for choice in Helper.Category.choices if choice[0]],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everybody on the roster."),
    )
    of_households = forms.MultipleChoiceField(
        label=_("only these categories of households"),
        choices=list(words.CATEGORIES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every household that is to be helped."),
    )

    class Meta:
        model = AssignmentDraft
        fields = [
            "programme", "unit", "scheme", "starts_on", "per_household", "most_per_helper",
            "fills_up", "aim", "of_helpers", "of_households",
        ]  # fmt: skip
        error_messages = {
            "programme": {
                "required": _("Please choose the programme."),
                "invalid_choice": _("This programme is none of yours. Please choose another."),
            }
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        self.fields["programme"].queryset = mine
        self.fields["programme"].label_from_instance = lambda programme: programme.name
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        # A committee member's area is said pair by pair; a unit is not a household.
        apart = {*OF_UNITS, Pairing.Scheme.AREA}
        self.fields["scheme"].choices = [c for c in Pairing.Scheme.choices if c[0] not in apart]
        dress(self.fields["scheme"], 12)
        self.fields["fills_up"].span = "full"

    def clean_starts_on(self):
        day = self.cleaned_data["starts_on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future. Please check the year."), code="future"
            )
        return day


class OtherHelperForm(StyledForm, forms.Form):
    """Who takes a line: of those whom the draft is about, only who has room."""

    lengths = {"helper": 30}

    helper = HelperPick()

    def __init__(self, *args, draft, **kwargs):
        super().__init__(*args, **kwargs)
        with_room = helpers_of(draft).visible_to(self.staff).exclude(pk__in=full_helpers(draft))
        field = self.fields["helper"]
        field.offer(with_room)
        field.widget.attrs["data-unit-picker"] = reverse_lazy(
            "pairings:assignment-suggest", args=[draft.pk]
        )
