"""Funds, and money that comes into them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from disbursements.models import Fund, FundInflow
from pairings.forms.pick import HelperPick
from pairings.models import Helper
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import StyledForm, WarningsMixin, office_formfield
from povertyaid.web.unit_field import UnitPick

A_LOT = 100_000_000  # 元: a county's yearly fund is below; beyond, 万元 was perhaps typed as 元


class FundForm(StyledForm, forms.ModelForm):
    lengths = {"unit": 20, "name": 20, "kind": 12, "note": 30}

    unit = UnitPick(
        label=_("unit"),
        help_text=_("It keeps the fund; all units below it may pay from it."),
        error_messages={"required": _("Please choose the unit that keeps the fund.")},
    )

    class Meta:
        model = Fund
        fields = ["unit", "name", "kind", "note"]
        error_messages = {"name": {"required": _("A fund needs a name.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["unit"]
        else:
            self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()


class InflowForm(WarningsMixin, StyledForm, forms.ModelForm):
    """Money that was planned, granted, raised or guaranteed."""

    lengths = {
        "programme": 30, "kind": 12, "form": 6, "budget_line": 12, "user_unit": 20, "helper": 30,
        "note": 30,
    }  # fmt: skip

    user_unit = UnitPick(label=_("unit that uses it"), required=False)
    helper = HelperPick(label=_("donor"), required=False)

    class Meta:
        model = FundInflow
        formfield_callback = office_formfield
        fields = [
            "programme", "kind", "form", "amount", "received_on", "budget_line", "user_unit",
            "helper", "note",
        ]  # fmt: skip
        error_messages = {"amount": {"required": _("Please give the amount.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        self.fields["programme"].queryset = mine
        self.fields["programme"].label_from_instance = lambda programme: programme.name
        self.fields["user_unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        self.fields["helper"].offer(Helper.objects.visible_to(self.staff))

    def clean_received_on(self):
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate() and self.data.get("kind") != FundInflow.Kind.BUDGET:
            raise ValidationError(
                _("This day lies in the future; only a plan may. Please check the year."), "future"
            )
        return day

    def clean(self):
        given = super().clean()
        if (given.get("amount") or 0) >= A_LOT:
            self.add_warning(
                "amount",
                _("This is more than 1 亿元. Please check whether 万元 was meant."),
                code="large",
            )
        return given
