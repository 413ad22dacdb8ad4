from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from disbursements.models import words
from disbursements.models.fund import Fund
from households.models import Household, Member
from pairings.models import Activity, Helper, Visit
from povertyaid.audit.history import tracked
from povertyaid.lib.money import MoneyField
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme


class Form(models.TextChoices):
    """How it was given. A sum always says which forms it takes: a loan is no grant."""

    CASH = "cash", "现金"
    GOODS = "goods", "实物"
    WAIVER = "waiver", "减免"
    PREMIUM = "premium", "代缴保费"
    USE = "use", "免费使用"
    SERVICE = "service", "服务"
    LOAN = "loan", "贷款"
    INVEST = "invest", "项目投入"


# What takes money out of a fund; a waiver, a free use, a service does not.
TAKES_MONEY = (Form.CASH, Form.GOODS, Form.PREMIUM, Form.LOAN, Form.INVEST)
# What a family was given and keeps. A loan comes back, an investment reaches a project.
GIVEN = (Form.CASH, Form.GOODS, Form.WAIVER, Form.PREMIUM, Form.USE, Form.SERVICE)


class DisbursementQuerySet(ScopedQuerySet):
    def counted(self):
        """Rows of the ledger that stand: all but those voided."""
        return self.filter(voided_on=None)

    def named(self):
        """Given to one household, in contrast to what was counted together."""
        return self.filter(household__isnull=False)

    def money(self):
        """What takes money out of a fund."""
        return self.filter(form__in=TAKES_MONEY)

    def given(self):
        """What was given for good: loans and investments apart."""
        return self.filter(form__in=GIVEN)

    def between(self, first, last):
        """From a day to a day, both included."""
        return self.filter(paid_on__range=(first, last))


@tracked("household")
class Disbursement(models.Model):
    """A row of the ledger (帮扶支出台账): a payment, a gift in kind, a waiver, a premium, a loan.

    A named row has a household; a counted one has no name and says how many households or persons
    it reached, or went to a project of a unit. A row is voided with a reason, never removed.
    `kind` is a code of `words.AID_KINDS` or the programme's own word.
    """

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="disbursements", verbose_name=_("programme")
    )
    # The household's unit, which follows it; of a counted row the unit that counted.
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="disbursements", verbose_name=_("unit")
    )
    paid_on = models.DateField(_("given on"))
    kind = models.CharField(_("kind of aid"), max_length=60)
    form = models.CharField(_("form"), max_length=10, choices=Form, default=Form.CASH)
    amount = MoneyField(_("amount"))
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="disbursements",
        verbose_name=_("fund"),
    )  # fmt: skip
    budget_line = models.CharField(_("line of the account"), max_length=60, blank=True, default="")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="disbursements",
        verbose_name=_("household"),
    )  # fmt: skip
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="disbursements",
        verbose_name=_("member"),
    )  # fmt: skip
    household_count = models.PositiveIntegerField(
        _("households reached, 户"), null=True, blank=True
    )
    headcount = models.PositiveIntegerField(_("persons reached, 人次"), null=True, blank=True)
    quantity = models.DecimalField(
        _("quantity"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    quantity_unit = models.CharField(
        _("unit of the quantity"), max_length=20, blank=True, default=""
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="disbursements",
        verbose_name=_("handed over on the visit"),
    )  # fmt: skip
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="disbursements",
        verbose_name=_("activity"),
    )  # fmt: skip
    helper = models.ForeignKey(
        Helper, models.PROTECT, null=True, blank=True, related_name="disbursements",
        verbose_name=_("helper who gave or arranged it"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("recorded by"),
    )  # fmt: skip
    voided_on = models.DateField(_("voided on"), null=True, blank=True)
    void_reason = models.CharField(_("why it was voided"), max_length=255, blank=True, default="")
    # Counts every change of the row.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DisbursementQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("row of the ledger")
        verbose_name_plural = _("ledger of aid")
        ordering = ["-paid_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="disbursement_names_a_household_or_counts",
                condition=Q(household=None) | Q(household_count=None, headcount=None),
                violation_error_message=_(
                    "A row names one household, or says how many were reached; not both."
                ),
            ),
            models.CheckConstraint(
                name="disbursement_member_of_a_household",
                condition=Q(member=None) | Q(household__isnull=False),
                violation_error_message=_("A member is named together with the household."),
            ),
            models.CheckConstraint(
                name="disbursement_form_is_known",
                condition=Q(
                    form__in=[
                        "cash",
                        "goods",
                        "waiver",
                        "premium",
                        "use",
                        "service",
                        "loan",
                        "invest",
                    ]
                ),
                violation_error_message=_("Please choose the form from the list."),
            ),
            models.CheckConstraint(
                name="disbursement_has_a_kind",
                condition=~Q(kind=""),
                violation_error_message=_("Please choose the kind of aid."),
            ),
            models.CheckConstraint(
                name="disbursement_amount_positive",
                condition=Q(amount__gt=0) | Q(amount=0, form__in=["use", "service"]),
                violation_error_message=_(
                    "The amount must be above zero; only a free use or a service may have none."
                ),
            ),
            models.CheckConstraint(
                name="disbursement_counts_somebody",
                condition=(Q(household_count=None) | Q(household_count__gt=0))
                & (Q(headcount=None) | Q(headcount__gt=0)),
                violation_error_message=_(
                    "The number of households or persons must be above zero."
                ),
            ),
            models.CheckConstraint(
                name="disbursement_quantity_with_its_unit",
                condition=Q(quantity=None, quantity_unit="")
                | (Q(quantity__gt=0) & ~Q(quantity_unit="")),
                violation_error_message=_("A quantity is above zero and says its unit."),
            ),
            models.CheckConstraint(
                name="disbursement_voided_with_a_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False) & ~Q(void_reason="")),
                violation_error_message=_(
                    "A row that is voided needs the day and the reason; one that stands has neither."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "-paid_on"], name="disbursement_by_day"),
            models.Index(fields=["unit", "-paid_on"], name="disbursement_by_unit"),
        ]

    def __str__(self):
        return f"{self.programme_id}/{self.pk}"

    def get_absolute_url(self):
        return reverse("disbursements:detail", args=[self.pk])

    @property
    def trail_code(self):
        """What the audit trail calls a row: the file it was given to, or the unit that counted."""
        return self.household.code if self.household_id else self.unit.code

    @property
    def stands(self):
        return self.voided_on is None

    @property
    def kind_word(self):
        return words.AID_KINDS.get(self.kind, self.kind)
