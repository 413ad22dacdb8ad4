from decimal import Decimal

from django.db import models
from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pairings.models import Activity, Helper
from povertyaid.audit.history import tracked
from povertyaid.lib.money import MoneyField
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.models.unit import paths_above
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme

NOTHING = Value(Decimal(0), output_field=DecimalField(max_digits=16, decimal_places=2))


class FundQuerySet(ScopedQuerySet):
    def open(self):
        return self.filter(closed_on=None)

    def payable_by(self, staff):
        """Open funds one may pay from: of the own units, and of those above them."""
        above = Q(unit__path__in=paths_above(staff.unit.path))
        return self.open().filter(above | Q(unit__path__startswith=staff.unit.path))

    def with_balance(self, on=None):
        """Adds `came_in`, `paid_out` and `balance` in 元, up to a day; counted for each row read.

        Plans, guarantees and quotas are no money that came in; free use and services take none out.
        """
        from disbursements.models.payment import Disbursement  # noqa: PLC0415 -- it stands on this

        inflows = FundInflow.objects.counted().money().filter(fund=OuterRef("pk"))
        payments = Disbursement.objects.counted().money().filter(fund=OuterRef("pk"))
        if on:
            inflows, payments = (
                inflows.filter(received_on__lte=on),
                payments.filter(paid_on__lte=on),
            )
        return self.annotate(
            came_in=_sum(inflows, "fund"), paid_out=_sum(payments, "fund")
        ).annotate(balance=models.F("came_in") - models.F("paid_out"))


def _sum(rows, by):
    summed = rows.order_by().values(by).annotate(all=Sum("amount")).values("all")
    field = DecimalField(max_digits=16, decimal_places=2)
    return Coalesce(Subquery(summed, output_field=field), NOTHING)


@tracked()
class Fund(models.Model):
    """Where money comes from (资金渠道): finance, a union level, a bank, society, one's own pocket.

    `unit` keeps it; who works below that unit pays from it too.
    """

    class Kind(models.TextChoices):
        FISCAL = "fiscal", "财政"
        UNION = "union", "工会"
        CIVIL = "civil", "民政"
        BANK = "bank", "银行、金融机构"
        GUARANTEE = "guarantee", "担保资金"
        SOCIETY = "society", "社会捐助、社会救助基金"
        SELF = "self", "干部自筹"
        ENTERPRISE = "enterprise", "企业"
        COLLECTIVE = "collective", "先进集体"
        UPPER = "upper", "上级拨付"

    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="funds", verbose_name=_("unit"))
    name = models.CharField(_("name of the fund"), max_length=120)
    kind = models.CharField(_("source of the money"), max_length=20, choices=Kind)
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    # Counts every change of the fund.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = FundQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        ordering = ["unit__path", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="fund_has_a_name",
                condition=~Q(name=""),
                violation_error_message=_("A fund needs a name."),
            ),
            models.CheckConstraint(
                name="fund_kind_is_known",
                condition=Q(
                    kind__in=[
                        "fiscal",
                        "union",
                        "civil",
                        "bank",
                        "guarantee",
                        "society",
                        "self",
                        "enterprise",
                        "collective",
                        "upper",
                    ]
                ),
                violation_error_message=_("Please choose the source of the money from the list."),
            ),
            models.UniqueConstraint(
                fields=["unit", "name"],
                name="fund_named_once_in_a_unit",
                violation_error_message=_("The unit has a fund of this name already."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("disbursements:fund-detail", args=[self.pk])

    @property
    def trail_code(self):
        """What the audit trail calls a fund: by its unit and number."""
        return f"{self.unit.code}/F{self.pk}"

    @property
    def is_open(self):
        return self.closed_on is None


class FundInflowQuerySet(ScopedQuerySet):
    def counted(self):
        """Inflows that took place: all but those taken back as entered by mistake."""
        return self.filter(voided_on=None)

    def money(self):
        """What can be paid out: plans, guarantees and quotas are none."""
        return self.exclude(kind__in=FundInflow.NO_MONEY)


@tracked("fund")
class FundInflow(models.Model):
    """Money before it reaches anybody (筹资、划拨、额度): planned, granted, raised, guaranteed.

    It is never added to what was paid out.
    """

    class Kind(models.TextChoices):
        BUDGET = "budget", "计划投入"
        APPROPRIATION = "appropriation", "财政划拨"
        GUARANTEE = "guarantee", "担保资金"
        CREDIT_LINE = "credit_line", "银行专项资金"
        MICROCREDIT = "microcredit", "小额信贷"
        SPECIAL_FUND = "special_fund", "政府产业扶贫专项资金"
        DONATION = "donation", "捐款捐物"
        CENTRE_GUARANTEE = "centre_guarantee", "帮扶中心救助资金"
        OFFICE_BUDGET = "office_budget", "帮扶中心办公费用"

    NO_MONEY = (Kind.BUDGET, Kind.GUARANTEE, Kind.CREDIT_LINE)

    class Form(models.TextChoices):
        CASH = "cash", "现金"
        GOODS = "goods", "实物"

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="inflows", verbose_name=_("programme")
    )
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="inflows", verbose_name=_("fund"))
    kind = models.CharField(_("kind of inflow"), max_length=20, choices=Kind)
    form = models.CharField(_("form"), max_length=10, choices=Form, default=Form.CASH)
    amount = MoneyField(_("amount"))
    received_on = models.DateField(_("day"))
    budget_line = models.CharField(_("line of the account"), max_length=60, blank=True, default="")
    user_unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("unit that uses it"),
    )  # fmt: skip
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="inflows",
        verbose_name=_("activity"),
    )  # fmt: skip
    helper = models.ForeignKey(
        Helper, models.PROTECT, null=True, blank=True, related_name="inflows",
        verbose_name=_("donor"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("recorded by"),
    )  # fmt: skip
    voided_on = models.DateField(_("taken back on"), null=True, blank=True)
    void_reason = models.CharField(
        _("why it was taken back"), max_length=255, blank=True, default=""
    )

    objects = FundInflowQuerySet.as_manager()
    scope_path = "fund__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("inflow")
        verbose_name_plural = _("inflows")
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="fundinflow_kind_is_known",
                condition=Q(
                    kind__in=[
                        "budget",
                        "appropriation",
                        "guarantee",
                        "credit_line",
                        "microcredit",
                        "special_fund",
                        "donation",
                        "centre_guarantee",
                        "office_budget",
                    ]
                ),
                violation_error_message=_("Please choose the kind of inflow from the list."),
            ),
            models.CheckConstraint(
                name="fundinflow_form_is_known",
                condition=Q(form__in=["cash", "goods"]),
                violation_error_message=_("Money comes in as cash or as goods."),
            ),
            models.CheckConstraint(
                name="fundinflow_amount_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("The amount must be above zero."),
            ),
            models.CheckConstraint(
                name="fundinflow_taken_back_with_a_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False) & ~Q(void_reason="")),
                violation_error_message=_(
                    "An inflow that is taken back needs the day and the reason; one that counts "
                    "has neither."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "kind", "received_on"], name="fundinflow_by_kind")
        ]

    def __str__(self):
        return f"{self.fund_id}/{self.pk}"

    @property
    def trail_code(self):
        return self.fund.trail_code

    @property
    def counts(self):
        return self.voided_on is None
