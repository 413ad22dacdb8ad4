"""What a reader may ask of a paper: programme, unit, day. Each only from what the reader may see."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import DateField, StyledForm
from povertyaid.web.unit_field import UnitPick
from reports.figures.cut import CutError, FutureDayError, cut_of


class CutForm(StyledForm, forms.Form):
    """Programme, unit and day; `cut` stands ready once the form is valid.

    What is not named is filled in. A programme or unit outside the reader's scope is unknown here
    exactly as one that does not exist.
    """

    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("programme"),
        to_field_name="code",
        empty_label=None,
        error_messages={
            "invalid_choice": _(
                "There is no such programme among yours. Please choose one from the list."
            )
        },
    )
    unit = UnitPick(label=_("unit"), required=False)
    as_of = DateField(label=_("as of"), required=False)
    direct = forms.BooleanField(required=False, widget=forms.HiddenInput)

    lengths = {"programme": 30, "unit": 20}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cut = None
        visible = Programme.objects.visible_to(self.staff).select_related("lead_unit")
        self.fields["programme"].queryset = visible
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff)

    def clean(self):
        asked = super().clean()
        if self.errors:
            return asked
        try:
            self.cut = cut_of(
                asked["programme"],
                unit=asked["unit"],
                as_of=asked["as_of"],
                staff=self.staff,
                direct=asked["direct"],
            )
        except FutureDayError as error:
            raise ValidationError({"as_of": str(error)}) from None
        except CutError as error:
            raise ValidationError({"unit": str(error)}) from None
        return asked

    @property
    def names_a_stranger(self):
        """Whether a programme or unit was named that this reader does not know."""
        return bool({"programme", "unit"} & self.errors.keys())

    def filled_in(self):
        """The form again, showing the cut that it chose."""
        return CutForm(
            initial={
                "programme": self.cut.programme.code,
                "unit": self.cut.unit,
                "as_of": self.cut.as_of,
            },
            staff=self.staff,
        )
