from decimal import Decimal

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf, Round
from django.utils.translation import gettext_lazy as _

from households.models.enrolment import Enrolment
from povertyaid.audit.history import tracked
from povertyaid.lib.money import MoneyField
from povertyaid.org.scoping import ScopedQuerySet


def _or_zero(name):
    return Coalesce(F(name), Value(Decimal(0)))


GROSS = _or_zero("wages") + _or_zero("business") + _or_zero("property") + _or_zero("transfers")
NET = Coalesce(F("stated_net"), GROSS - _or_zero("operating_costs"))


class IncomeSnapshotQuerySet(ScopedQuerySet):
    def at(self, stage):
        return self.filter(stage=stage)


@tracked("enrolment")
class IncomeSnapshot(models.Model):
    """Income of an enrolled household in one year, with the number of persons then.

    Either its parts are known or only a stated net amount is, never both, so there is one
    answer to "how much". Net = wages + business + property + transfers − operating costs
    (人均纯收入 of the registration form, A17–A20); the database divides by the persons, so a
    per-capita figure is never typed. `unavoidable` is what illness or school took, for the
    union's formula (可支配收入 − 刚性支出) ÷ 12 ÷ 人口.
    """

    class Stage(models.TextChoices):
        BEFORE = "before", _("before help")
        YEARLY = "yearly", _("of the year")
        EXIT = "exit", _("at exit")
        MONITOR = "monitor", _("after exit")

    enrolment = models.ForeignKey(
        Enrolment,
        models.PROTECT,
        related_name="incomes",
        db_index=False,  # income_once_per_stage_and_year begins with it
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    year = models.PositiveSmallIntegerField(_("income year"))
    persons = models.PositiveSmallIntegerField(_("persons then"))
    wages = MoneyField(_("wages"), null=True, blank=True)
    business = MoneyField(_("business income"), null=True, blank=True)
    property = MoneyField(_("property income"), null=True, blank=True)
    transfers = MoneyField(_("transfer income"), null=True, blank=True)
    operating_costs = MoneyField(_("operating costs"), null=True, blank=True)
    unavoidable = MoneyField(_("unavoidable expenditure"), null=True, blank=True)
    stated_net = MoneyField(
        _("net income as stated"),
        null=True,
        blank=True,
        help_text=_("Only where the parts are not known."),
    )
    gross_income = models.GeneratedField(
        expression=Coalesce(F("stated_net"), GROSS),
        output_field=models.DecimalField(max_digits=16, decimal_places=2),
        db_persist=True,
        verbose_name=_("gross income"),
    )
    net_income = models.GeneratedField(
        expression=NET,
        output_field=models.DecimalField(max_digits=16, decimal_places=2),
        db_persist=True,
        verbose_name=_("net income"),
    )
    # NULLIF, so that "0 persons" is refused by its constraint and not by the division.
    per_capita = models.GeneratedField(
        expression=Round(NET / NullIf(F("persons"), Value(0)), precision=2),
        output_field=models.DecimalField(max_digits=16, decimal_places=2),
        db_persist=True,
        verbose_name=_("net income per person"),
    )
    source = models.CharField(
        _("source"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("Pay slips, village register, home visit …"),
    )

    objects = IncomeSnapshotQuerySet.as_manager()
    scope_path = "enrolment__household__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("income snapshot")
        verbose_name_plural = _("income snapshots")
        ordering = ["enrolment", "year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "stage", "year"],
                name="income_once_per_stage_and_year",
                violation_error_message=_(
                    "This stage and year already has an income; please change that one."
                ),
            ),
            models.CheckConstraint(
                name="income_has_persons",
                condition=Q(persons__gt=0),
                violation_error_message=_("The number of persons must be at least 1."),
            ),
            models.CheckConstraint(
                name="income_stage_is_known",
                condition=Q(stage__in=["before", "yearly", "exit", "monitor"]),
                violation_error_message=_("Please choose a stage from the list."),
            ),
            models.CheckConstraint(
                name="income_year_is_plausible",
                condition=Q(year__range=(1980, 2100)),
                violation_error_message=_("The income year must lie between 1980 and 2100."),
            ),
            models.CheckConstraint(
                name="income_parts_or_stated_not_both",
                condition=Q(
                    stated_net__isnull=False,
                    wages=None,
                    business=None,
                    property=None,
                    transfers=None,
                    operating_costs=None,
                )
                | (
                    Q(stated_net=None)
                    & ~Q(wages=None, business=None, property=None, transfers=None)
                ),
                violation_error_message=_(
                    "Please give either the parts of the income or, where they are not known, the stated net income."
                ),
            ),
            models.CheckConstraint(
                name="income_parts_not_negative",
                condition=(Q(wages=None) | Q(wages__gte=0))
                & (Q(property=None) | Q(property__gte=0))
                & (Q(business=None) | Q(business__gte=0))
                & (Q(transfers=None) | Q(transfers__gte=0))
                & (Q(operating_costs=None) | Q(operating_costs__gte=0))
                & (Q(unavoidable=None) | Q(unavoidable__gte=0))
                & (Q(stated_net=None) | Q(stated_net__gte=0)),
                violation_error_message=_(
                    "An income or cost cannot be negative; a loss is shown by costs above income."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "year"], name="income_by_stage"),
            models.Index(fields=["per_capita"], name="income_by_per_capita"),
        ]

    def __str__(self):
        return f"{self.enrolment_id} {self.stage} {self.year}"
