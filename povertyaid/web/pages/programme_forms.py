"""What an administrator is asked about a programme, its lists, lines, values and targets."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit
from povertyaid.programmes import indicators, uses
from povertyaid.programmes.models import (
    Programme,
    ReferenceValue,
    SchemeItem,
    Series,
    Target,
    Threshold,
)
from povertyaid.web.forms import DateField, StyledForm, dress, office_formfield
from povertyaid.web.unit_field import UnitPick

YES = (True, 1, "1", "true")  # as a target's parameters may have been written down


class ProgrammeForm(StyledForm, forms.ModelForm):
    """The lead unit is one of the administrator's own subtree, whatever is sent."""

    lead_unit = UnitPick(label=_("lead unit"))

    class Meta:
        model = Programme
        formfield_callback = office_formfield
        fields = [
            *("name", "code", "mode_label", "round_no", "previous", "lead_unit"),
            *("counting_unit", "starts_on", "ends_on", "as_of"),
            *("consolidation_until", "helping_day"),
        ]

    lengths = {"name": 30, "code": 12, "mode_label": 12, "lead_unit": 30, "previous": 30}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lead_unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        earlier = Programme.objects.manageable_by(self.staff).exclude(pk=self.instance.pk)
        self.fields["previous"].queryset = earlier
        if self.instance.pk:
            del self.fields["code"]  # papers, commands and addresses go by it


class ItemForm(StyledForm, forms.ModelForm):
    class Meta:
        model = SchemeItem
        fields = ["list_name", "part", "label"]

    lengths = {"list_name": 20, "part": 8, "label": 30}

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.programme = programme
        names = SchemeItem.objects.filter(programme=programme).order_by("list_name")
        known = names.values_list("list_name", flat=True).distinct()
        self.fields["list_name"].widget.attrs["list"] = "list-names"
        self.list_names = [
            *known,
            *(
                name
                for name in (SchemeItem.CATEGORIES, SchemeItem.CAUSES, SchemeItem.NEEDS)
                if name not in known
            ),
        ]
        self.fields["list_name"].help_text = _(
            "As the programme calls it: 6+1, 八个一批, 五清. Lists named 困难类别, 致困原因 and 帮扶需求 add "
            "words to the files' own."
        )
        if self.instance.pk:
            self.fields["list_name"].disabled = True


class LineForm(StyledForm, forms.ModelForm):
    """An exit line: an amount of its own, or a share of a published series."""

    category = forms.ChoiceField(label=_("category"))
    basis = forms.ChoiceField(
        label=_("basis"), choices=Threshold.Basis.choices, widget=forms.RadioSelect
    )
    series = forms.ChoiceField(
        label=_("reference series"), required=False, choices=[("", ""), *Series.choices]
    )
    valid_from = DateField(
        label=_("valid from"),
        required=False,
        help_text=_("Empty means from the beginning of the programme."),
    )

    class Meta:
        model = Threshold
        fields = [
            *("category", "exit_label", "basis", "value", "series", "valid_from", "strict"),
        ]

    lengths = {"category": 12, "exit_label": 8, "series": 20}

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.programme = programme
        own = programme.scheme_items.filter(list_name=SchemeItem.CATEGORIES)
        known = uses.categories(list(own.values_list("label", flat=True)))
        if self.instance.category and self.instance.category not in dict(known):
            known.append((self.instance.category, self.instance.category))
        self.fields["category"].choices = known
        self.fields["value"].help_text = _(
            "An amount: 元 per person and year. A share: per cent, for example 30."
        )
        self.fields["series"].widget.attrs["data-show-when"] = "basis=share"
        self.fields["series"].widget.choices = self.fields["series"].choices

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("basis") == Threshold.Basis.ABSOLUTE:
            cleaned["series"] = ""
        elif cleaned.get("basis") == Threshold.Basis.SHARE:
            if not cleaned.get("series"):
                self.add_error("series", _("Please choose the series that the line is a share of."))
            if cleaned.get("value") and cleaned["value"] > 100:
                self.add_error("value", _("A share lies between 0 and 100 per cent."))
        cleaned["series"] = cleaned.get("series") or None
        return cleaned


class ValueForm(StyledForm, forms.ModelForm):
    unit = UnitPick(label=_("unit"))

    class Meta:
        model = ReferenceValue
        fields = ["unit", "series", "year", "value", "source"]

    lengths = {"unit": 30, "series": 30, "year": 4, "value": 12, "source": "full"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff)
        self.fields["value"].localize = False
        if self.instance.pk:
            for name in ("unit", "series", "year"):
                self.fields[name].disabled = True

    def clean_year(self):
        year = self.cleaned_data["year"]
        if not 1949 <= year <= 2100:
            raise ValidationError(_("Please write the year with four digits, for example 2013."))
        return year


class TargetForm(StyledForm, forms.ModelForm):
    """A promise: which indicator, asked how, must reach what, until when.

    The indicator's own questions are fields of this form (`p_…`); they become its parameters.
    """

    indicator = forms.ChoiceField(label=_("indicator"))
    unit = UnitPick(
        label=_("unit that must reach it"),
        required=False,
        help_text=_("Empty means the whole programme."),
    )

    class Meta:
        model = Target
        formfield_callback = office_formfield
        fields = [
            *("code", "title", "unit", "indicator", "value", "measure"),
            *("starts_on", "due_on", "planned_years", "achieved_on"),
        ]

    lengths = {"code": 8, "title": "full", "unit": 30, "indicator": 30, "measure": 8}

    def __init__(self, *args, programme, chosen="", **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.programme = programme
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).within(
            programme.lead_unit
        )
        self.fields["starts_on"].label = _("first day")
        known = [(one.code, f"{one.code} {one.label}") for one in indicators.indicators()]
        if self.instance.indicator and self.instance.indicator not in dict(known):
            known.append((self.instance.indicator, self.instance.indicator))
        self.fields["indicator"].choices = [("", ""), *known]
        self.fields["indicator"].widget.choices = self.fields["indicator"].choices
        # Another indicator asks other questions: the page fetches them.
        self.fields["indicator"].widget.attrs |= {"hx-get": "", "hx-target": "#params"}
        code = self.data.get("indicator") or chosen or self.instance.indicator
        self.asked = indicators.indicator(code or "")
        if chosen:
            self.initial["indicator"] = chosen
        if self.asked and (chosen or not self.initial.get("measure")):
            self.initial["measure"] = self.asked.measure
        for parameter in self.asked.parameters if self.asked else ():
            self.fields[f"p_{parameter.name}"] = self._field(parameter, programme)

    def _field(self, parameter, programme):
        told = {
            "label": parameter.label,
            "required": parameter.required,
            "help_text": parameter.help_text,
        }
        if self.instance.indicator == self.asked.code:
            told["initial"] = (self.instance.params or {}).get(parameter.name)
        choices = parameter.choices_for(programme)
        match parameter.kind:
            case "choice":
                field = forms.ChoiceField(choices=[("", _("either")), *choices], **told)
            case "choices":
                if isinstance(told.get("initial"), str):
                    told["initial"] = told["initial"].split(",")
                field = forms.MultipleChoiceField(
                    choices=choices, widget=forms.CheckboxSelectMultiple, **told
                )
            case "yes_no":
                known = told.pop("initial", None)
                answer = "" if known in (None, "") else "1" if known in YES else "0"
                field = forms.ChoiceField(
                    choices=[("", _("either")), ("1", _("yes")), ("0", _("no"))],
                    initial=answer,
                    **told,
                )
            case "year":
                field = forms.IntegerField(min_value=1949, max_value=2100, **told)
            case "day":
                field = DateField(
                    **told | {"help_text": told["help_text"] or _("For example 2017-12-19")}
                )
            case "number":
                field = forms.DecimalField(**told)
            case _:
                field = forms.CharField(max_length=200, **told)
        dress(field)  # it came after the form had dressed the others
        return field

    def parameter_fields(self):
        return [self[name] for name in self.fields if name.startswith("p_")]

    def own_fields(self):
        return [self[name] for name in self.fields if not name.startswith("p_")]

    def clean(self):
        cleaned = super().clean()
        params = {}
        for name in list(cleaned):
            if name.startswith("p_"):
                value = cleaned.pop(name)
                if value not in (None, "", []):
                    params[name.removeprefix("p_")] = plain(value)
        if self.asked is None and self.instance.pk:
            params = self.instance.params  # an indicator nobody computes here: left as it is
        cleaned["params"] = params
        return cleaned


def plain(value):
    """As a JSON document holds it: days and decimals as text."""
    return value if isinstance(value, (bool, int, str, list)) else str(value)
