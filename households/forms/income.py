"""The income of a household in one year: its parts, or one stated sum."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.actions.reviews import exit_line
from households.models import IncomeSnapshot
from povertyaid.lib.money import cents, format_yuan
from povertyaid.web.forms import StyledForm, WarningsMixin, office_formfield

PARTS = ["wages", "business", "property", "transfers", "operating_costs"]
FAR_OUT = 10  # times the line: more likely a slip in the unit than a poor family


class IncomeForm(WarningsMixin, StyledForm, forms.ModelForm):
    """Per-capita income is computed by the database; the page shows it as one types."""

    lengths = {"persons": 4, "year": 4, "source": 30}

    HEAD = ["stage", "year", "persons"]
    MONEY = [*PARTS, "unavoidable"]

    class Meta:
        model = IncomeSnapshot
        fields = ["stage", "year", "persons", *PARTS, "unavoidable", "stated_net", "source"]
        formfield_callback = office_formfield

    NEEDED = {
        "persons": _("Please give the number of persons then."),
        "year": _("Please give the year of the income."),
    }

    def __init__(self, *args, enrolment=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.enrolment = enrolment
        for name, message in self.NEEDED.items():
            self.fields[name].error_messages["required"] = message

    @property
    def head_fields(self):
        return [self[name] for name in self.HEAD if name in self.fields]

    @property
    def money_fields(self):
        return [self[name] for name in self.MONEY]

    def clean_year(self):
        year = self.cleaned_data["year"]
        if year is None:
            raise ValidationError(self.NEEDED["year"], code="required")
        if not 1980 <= year <= timezone.localdate().year:
            raise ValidationError(
                _("The income year must lie between 1980 and this year."), code="year"
            )
        return year

    def clean_persons(self):
        persons = self.cleaned_data["persons"]
        if persons is None:
            raise ValidationError(self.NEEDED["persons"], code="required")
        if persons == 0:
            raise ValidationError(_("The number of persons must be at least 1."), code="no_persons")
        return persons

    def clean(self):
        # Not the model's clean: it would ask for an enrolment that may not be stored yet.
        if self.errors:
            return self.cleaned_data
        parts = {name: self.cleaned_data.get(name) for name in PARTS}
        stated = self.cleaned_data.get("stated_net")
        has_parts = any(parts[name] is not None for name in PARTS if name != "operating_costs")
        if stated is None and not has_parts:
            self.add_error(
                "wages",
                ValidationError(
                    _("Please give the parts of the income, or the net income as stated."),
                    "nothing",
                ),
            )
        elif stated is not None and any(part is not None for part in parts.values()):
            self.add_error(
                "stated_net",
                ValidationError(
                    _(
                        "Please give either the parts of the income or, where they are not known, "
                        "the stated net income."
                    ),
                    "both",
                ),
            )
        else:
            self._doubt()
        return self.cleaned_data

    def per_capita(self):
        """As the database will compute it, 元 per person and year."""
        given = self.cleaned_data
        net = given.get("stated_net")
        if net is None:
            costs = given.get("operating_costs") or Decimal(0)
            net = sum((given.get(name) or Decimal(0) for name in PARTS[:-1]), Decimal(0)) - costs
        return cents(net / given["persons"])

    def _doubt(self):
        each = self.per_capita()
        if each <= 0:
            self.add_warning(
                "persons", _("The income per person is zero or below."), code="no_income"
            )
        if self.enrolment is None:
            return
        line = exit_line(self.enrolment, self.cleaned_data["year"])
        if line.value is not None and each > FAR_OUT * line.value:
            self.add_warning(
                "persons",
                _(
                    "The income per person is more than ten times the exit line of %(line)s yuan. "
                    "Was an amount in 元 written as 万元?"
                )
                % {"line": format_yuan(line.value)},
                code="far_out",
            )

    def values(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.fields}


class FirstIncomeForm(IncomeForm):
    """Income before help, asked while the file is opened; may be left empty."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("empty_permitted", True)
        super().__init__(*args, **kwargs)
        del self.fields["stage"]
        for name in self.NEEDED:
            self.fields[name].required = False  # needed only once there is an income at all
