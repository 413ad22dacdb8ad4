"""The household in a programme: category, causes, needs, goal. State and exit are decisions."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.forms.choices import NOTHING, coded, items_of
from households.models import Enrolment, words
from povertyaid.lib.periods import PartialDate
from povertyaid.programmes.models import SchemeItem
from povertyaid.web.forms import PartialDateField, StyledForm, WarningsMixin, office_formfield

SEVERAL = ["causes", "needs"]


class EnrolmentForm(WarningsMixin, StyledForm, forms.ModelForm):
    """Enrols the family in a programme, or changes what is said of it there.

    The words offered are the office's and those of the programme; before a programme is chosen,
    those of every programme one may see, and the chosen one's are asked for at the end.
    """

    lengths = {"programme": 30, "category": 12, "attitude": 30, "principal": 12}

    identified_on = PartialDateField(
        label=_("identified on"), required=False, help_text=_("A month or a year will do.")
    )
    category = forms.ChoiceField(label=_("category"), required=False)
    causes = forms.MultipleChoiceField(
        label=_("causes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    needs = forms.MultipleChoiceField(
        label=_("needs"), required=False, widget=forms.CheckboxSelectMultiple
    )

    FACTS = ["programme", "principal", "category", "identified_on", "helpable"]
    GOALS = ["target_income", "target_exit_on", "attitude"]

    class Meta:
        model = Enrolment
        fields = [
            "programme", "principal", "category", "helpable", "causes", "needs", "attitude",
            "target_income", "target_exit_on",
        ]  # fmt: skip
        formfield_callback = office_formfield
        error_messages = {
            "programme": {
                "invalid_choice": _(
                    "This programme cannot be chosen: it is not one of yours, or the household "
                    "is in it already."
                )
            },
        }

    def __init__(self, *args, programmes, **kwargs):
        super().__init__(*args, **kwargs)
        enrolment = self.instance
        if enrolment.pk:
            del self.fields["programme"]
            programmes = [enrolment.programme]
            # Also one who has left: saving something else must not take the name away.
            self.fields["principal"].queryset = enrolment.household.members.filter(
                Q(left_on=None) | Q(pk=enrolment.principal_id)
            )
            self.fields["principal"].label_from_instance = lambda member: member.name
        else:
            del self.fields["principal"]
            self.fields["programme"].queryset = programmes
            self.fields["programme"].required = False
            self.fields["programme"].empty_label = _("not enrolled yet")
        self.items = items_of(programmes)
        self._offer(enrolment)
        self.fields["target_income"].label = _("income goal per person and year")
        if enrolment.identified_on:
            self.initial["identified_on"] = PartialDate(
                enrolment.identified_on, enrolment.identified_precision
            )

    def _offer(self, enrolment):
        self.fields["category"].choices = [
            NOTHING,
            *coded(words.CATEGORIES, self.items[SchemeItem.CATEGORIES], [enrolment.category]),
        ]
        self.fields["causes"].choices = coded(
            words.CAUSES, self.items[SchemeItem.CAUSES], enrolment.causes
        )
        self.fields["needs"].choices = coded(
            words.NEEDS, self.items[SchemeItem.NEEDS], enrolment.needs
        )
        for name in ["category", *SEVERAL]:
            self.fields[name].error_messages["invalid_choice"] = _(
                "One of these words is not in the programme's list. Please choose again."
            )

    @property
    def fact_fields(self):
        return [self[name] for name in self.FACTS if name in self.fields]

    @property
    def goal_fields(self):
        return [self[name] for name in self.GOALS]

    @property
    def is_wanted(self):
        """Whether there is an enrolment to save: one on file, or a programme chosen."""
        return bool(self.instance.pk or self.cleaned_data.get("programme"))

    def clean_causes(self):
        return self._in_order("causes")

    def clean_needs(self):
        return self._in_order("needs")

    def _in_order(self, name):
        """The first cause is the main one: what was there keeps its place."""
        chosen, before = self.cleaned_data[name], getattr(self.instance, name)
        return [w for w in before if w in chosen] + [w for w in chosen if w not in before]

    def clean(self):
        # The household is not known yet; "once per programme" is asked by the whole file.
        given = self.cleaned_data
        target = given.get("target_income")
        if target is not None and target == 0:
            self.add_error(
                "target_income",
                ValidationError(_("The income goal must be above zero."), "not_positive"),
            )
        identified, exit_on = given.get("identified_on"), given.get("target_exit_on")
        if identified and exit_on and exit_on < identified.date:
            self.add_error(
                "target_exit_on",
                ValidationError(
                    _("The planned day must not lie before the day of identification."), "order"
                ),
            )
        nowhere = not self.instance.pk and given.get("programme") is None
        if nowhere and "programme" not in self.errors and self._says_something():
            self.add_error(
                "programme",
                ValidationError(_("Please choose the programme this belongs to."), "required"),
            )
        return given

    def _says_something(self):
        return any(name not in {"programme", "helpable"} for name in self.changed_data)

    def _post_clean(self):
        super()._post_clean()
        when = self.cleaned_data.get("identified_on")
        self.instance.identified_on = when.date if when else None
        self.instance.identified_precision = when.precision if when else ""
