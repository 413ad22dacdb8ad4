"""What was given: to one household, or counted together."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Avg, Count, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from disbursements.models import Disbursement, Form, Fund, words
from households.models import Enrolment, Household, Member
from pairings.forms.pick import HelperPick
from pairings.models import Helper
from povertyaid.lib.money import format_yuan
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme, SchemeItem
from povertyaid.web.forms import StyledForm, WarningsMixin, dress, office_formfield
from povertyaid.web.unit_field import UnitPick

ENOUGH_TO_COMPARE = 5  # rows of a kind, before an amount is called unusual
FAR_ABOVE = 10  # times the largest so far: 万元 typed as 元, or the other way round
SOON = 30  # days within which the same kind to the same family looks like the same payment


def kinds_of(programme, stored=""):
    """Choices of the kind of aid: the office's words, the programme's own, a stored one of neither."""
    own = SchemeItem.objects.filter(programme=programme, list_name=words.KINDS_LIST)
    labels = [label for label in own.values_list("label", flat=True) if label]
    known = {**words.AID_KINDS, **{label: label for label in labels}}
    if stored and stored not in known:
        known[stored] = stored
    return list(known.items())


class PaymentForm(WarningsMixin, StyledForm, forms.ModelForm):
    """What both kinds of rows say. The programme is given."""

    lengths = {
        "kind": 16, "form": 8, "fund": 20, "budget_line": 12, "quantity": 6, "quantity_unit": 4,
        "helper": 30, "note": 30,
    }  # fmt: skip

    kind = forms.ChoiceField(
        label=_("kind of aid"),
        error_messages={"required": _("Please choose the kind of aid.")},
    )
    helper = HelperPick(label=_("helper who gave or arranged it"), required=False)

    class Meta:
        model = Disbursement
        formfield_callback = office_formfield
        fields = [
            "kind", "form", "amount", "paid_on", "fund", "budget_line", "quantity",
            "quantity_unit", "helper", "note",
        ]  # fmt: skip
        error_messages = {"amount": {"required": _("Please give the amount.")}}
        help_texts = {
            "amount": _("Goods and waivers at their value."),
            "quantity_unit": _("亩, 台, 袋 …"),
            "budget_line": _("Only where the programme's account has lines."),
        }

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.programme = programme
        self.instance.programme = programme
        self.fields["kind"].choices = [("", "—"), *kinds_of(programme, self.instance.kind)]
        dress(self.fields["kind"], 16)
        funds = Fund.objects.payable_by(self.staff)
        if self.instance.fund_id:
            funds = funds | Fund.objects.filter(pk=self.instance.fund_id)
        self.fields["fund"].queryset = funds.select_related("unit").order_by("unit__path", "name")
        self.fields["fund"].label_from_instance = lambda fund: f"{fund.name} {fund.unit.name}"
        self.fields["fund"].empty_label = _("not said")
        helpers = Helper.objects.visible_to(self.staff).filter(programme=programme)
        self.fields["helper"].offer(helpers, programme=programme.code)

    def clean_paid_on(self):
        day = self.cleaned_data["paid_on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future. Please check the year."), code="future"
            )
        return day

    def clean(self):
        given = super().clean()
        if given.get("amount") is not None and given.get("kind"):
            self._warn_of_amount(given)
        if given.get("fund") and given.get("amount") and given.get("paid_on"):
            self._warn_of_balance(given)
        return given

    def _warn_of_amount(self, given):
        """An amount far from what this kind has cost so far."""
        rows = Disbursement.objects.counted().filter(programme=self.programme, kind=given["kind"])
        if self.instance.household_id:
            rows = rows.named()
        past = rows.exclude(pk=self.instance.pk).aggregate(
            n=Count("pk"), most=Max("amount"), mean=Avg("amount")
        )
        if past["n"] >= ENOUGH_TO_COMPARE and given["amount"] >= FAR_ABOVE * past["most"] > 0:
            self.add_warning(
                "amount",
                _(
                    "So far this kind of aid was %(mean)s 元 on average and never above %(most)s 元. "
                    "Please check whether 元 or 万元 was meant."
                )
                % {"mean": format_yuan(past["mean"]), "most": format_yuan(past["most"])},
                code="unusual",
            )

    def _warn_of_balance(self, given):
        if given.get("form") not in {Form.CASH, Form.PREMIUM, Form.GOODS, Form.LOAN, Form.INVEST}:
            return
        fund = Fund.objects.with_balance().get(pk=given["fund"].pk)
        before = Decimal(0)
        if self.instance.pk and self.instance.fund_id == fund.pk:
            before = self.initial.get("amount") or Decimal(0)
        left = fund.balance + before - given["amount"]
        if fund.came_in and left < 0:
            self.add_warning(
                "fund",
                _("The fund does not hold so much: %(balance)s 元 are left in it.")
                % {"balance": format_yuan(fund.balance + before)},
                code="over_balance",
            )


class HouseholdPaymentForm(PaymentForm):
    """To one household, perhaps for one of its members."""

    class Meta(PaymentForm.Meta):
        fields = ["member", *PaymentForm.Meta.fields]

    def __init__(self, *args, household, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.household = household
        self.instance.unit = household.unit
        members = Member.objects.filter(household=household).order_by("seq", "pk")
        self.fields["member"].queryset = members
        self.fields["member"].label_from_instance = lambda one: f"{one.name} {one.relation}".strip()
        self.fields["member"].empty_label = _("the whole household")
        dress(self.fields["member"], 12)

    def clean(self):
        given = super().clean()
        day = given.get("paid_on")
        if day and given.get("kind"):
            near = Disbursement.objects.counted().filter(
                household=self.instance.household, kind=given["kind"], member=given.get("member"),
                paid_on__range=(day - timezone.timedelta(days=SOON), day + timezone.timedelta(days=SOON)),
            ).exclude(pk=self.instance.pk)  # fmt: skip
            if there := near.order_by("-paid_on").first():
                self.add_warning(
                    "kind",
                    _(
                        "The family was given this kind of aid on %(day)s already, %(amount)s 元. "
                        "Please check that it is not the same."
                    )
                    % {"day": there.paid_on.isoformat(), "amount": format_yuan(there.amount)},
                    code="again_soon",
                )
        return given


class CountedPaymentForm(PaymentForm):
    """Counted together: a unit's own number of households or persons, or a project's money."""

    lengths = {**PaymentForm.lengths, "unit": 20}

    unit = UnitPick(
        label=_("unit"), error_messages={"required": _("Please choose the unit that counted.")}
    )

    class Meta(PaymentForm.Meta):
        fields = ["unit", *PaymentForm.Meta.fields, "household_count", "headcount"]
        help_texts = {
            **PaymentForm.Meta.help_texts,
            "household_count": _("Leave both empty where it went to a project of the unit."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        if self.instance.pk:
            del self.fields["unit"]
        self.order_fields(
            ["unit", "kind", "form", "amount", "paid_on", "household_count", "headcount", "fund"]
        )


class ToWhomForm(StyledForm, forms.Form):
    """Which family, in which programme: the first step at the desk."""

    lengths = {"programme": 30, "household": 12}

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("programme"))
    household = forms.CharField(
        label=_("file number, or name of the head"),
        max_length=60,
        error_messages={"required": _("Please write the file number or the name of the head.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        self.fields["programme"].queryset = mine
        self.fields["programme"].label_from_instance = lambda programme: programme.name

    def clean(self):
        given = super().clean()
        if not (given.get("programme") and given.get("household")):
            return given
        text = given["household"].strip().replace("\x00", "")
        mine = Household.objects.visible_to(self.staff)
        enrolled = mine.filter(enrolments__programme=given["programme"]).distinct()
        found = list(enrolled.filter(code=text)[:1]) or list(enrolled.filter(head_name=text)[:2])
        if len(found) == 1:
            given["enrolment"] = Enrolment.objects.get(
                household=found[0], programme=given["programme"]
            )
            return given
        code = "several" if found else "unknown"
        said = {
            "several": _("Several heads are called so. Please write the file number."),
            "unknown": _(
                "No family of this programme among yours is called so. Please compare it."
            ),
        }
        self.add_error("household", ValidationError(said[code], code=code))
        return given
