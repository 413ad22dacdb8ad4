from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models.programme import Programme


class Series(models.TextChoices):
    """Statistics that lines and shares rest on; a value belongs to a unit and a year."""

    PER_CAPITA_INCOME = "per_capita_income", _("per-capita income, 元 per person and year")
    DIBAO_LINE = "dibao_line", _("subsistence line, 元 per person and month")
    GDP = "gdp", _("gross product, 元")
    SELF_RUN_OUTPUT = "self_run_output", _("output of the self-run economy, 元")
    CULTIVATED_LAND = "cultivated_land", _("cultivated land, 亩")


class ReferenceValue(models.Model):
    """A published statistic of a unit and year (参考指标值), in the base unit of its series.

    What was not published stays away: a line that rests on a missing value is "not
    checkable", never guessed.
    """

    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="reference_values", verbose_name=_("unit")
    )
    series = models.CharField(_("series"), max_length=30, choices=Series)
    year = models.PositiveSmallIntegerField(_("year"))
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)
    source = models.CharField(
        _("source"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("The yearbook, bulletin or letter it comes from."),
    )

    objects = ScopedQuerySet.as_manager()
    scope_path = "unit__path"

    class Meta:
        verbose_name = _("reference value")
        verbose_name_plural = _("reference values")
        ordering = ["unit__path", "series", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "series", "year"],
                name="referencevalue_one_per_unit_series_year",
                violation_error_message=_(
                    "This unit already has a value of this series for the year."
                ),
            ),
            models.CheckConstraint(
                name="referencevalue_series_is_known",
                condition=Q(
                    series__in=[
                        "per_capita_income",
                        "dibao_line",
                        "gdp",
                        "self_run_output",
                        "cultivated_land",
                    ]
                ),
                violation_error_message=_("Please choose a series from the list."),
            ),
            models.CheckConstraint(
                name="referencevalue_not_negative",
                condition=Q(value__gte=0),
                violation_error_message=_("A reference value cannot be negative."),
            ),
        ]

    def __str__(self):
        return f"{self.get_series_display()} {self.year}"


class Threshold(models.Model):
    """The exit line of a category in a programme (退出标准).

    `absolute`: value is 元 per person and year. `share`: value is per cent of a reference
    series of the lead unit in the same year, as S0's 30 % and 50 % of the bureau's income.
    """

    class Basis(models.TextChoices):
        ABSOLUTE = "absolute", _("an amount, 元 per person and year")
        SHARE = "share", _("a share of a reference series, %")

    class ExitLabel(models.TextChoices):
        TUOKUN = "脱困", "脱困"
        TUODI = "脱低", "脱低"
        TUOPIN = "脱贫", "脱贫"

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="thresholds")
    category = models.CharField(_("category"), max_length=60)
    exit_label = models.CharField(_("leaving is called"), max_length=10, choices=ExitLabel)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)
    series = models.CharField(  # noqa: DJ001 -- NULL: no series at all
        _("reference series"),
        max_length=30,
        choices=Series,
        null=True,
        blank=True,
    )
    strict = models.BooleanField(
        _("must lie above the line"), default=False, help_text=_("Otherwise at the line is enough.")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_path = "programme__lead_unit__path"

    class Meta:
        verbose_name = _("exit line")
        verbose_name_plural = _("exit lines")
        ordering = ["programme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "category", "valid_from"],
                name="threshold_one_per_category_and_day",
                nulls_distinct=False,
                violation_error_message=_("This category already has an exit line from that day."),
            ),
            models.CheckConstraint(
                name="threshold_basis_is_known",
                condition=Q(basis__in=["absolute", "share"]),
                violation_error_message=_("Please choose a basis from the list."),
            ),
            models.CheckConstraint(
                name="threshold_series_is_known",
                condition=Q(series=None)
                | Q(
                    series__in=[
                        "per_capita_income",
                        "dibao_line",
                        "gdp",
                        "self_run_output",
                        "cultivated_land",
                    ]
                ),
                violation_error_message=_("Please choose a series from the list."),
            ),
            models.CheckConstraint(
                name="threshold_share_names_its_series",
                condition=Q(basis="share", series__isnull=False)
                | Q(basis="absolute", series__isnull=True),
                violation_error_message=_(
                    "A line that is a share needs the series it is a share of; an amount has none."
                ),
            ),
            models.CheckConstraint(
                name="threshold_exit_label_is_known",
                condition=Q(exit_label__in=["脱困", "脱低", "脱贫"]),
                violation_error_message=_("Please choose what leaving is called."),
            ),
            models.CheckConstraint(
                name="threshold_value_positive",
                condition=Q(value__gt=0),
                violation_error_message=_("An exit line must be above zero."),
            ),
        ]

    def __str__(self):
        return f"{self.category} {self.value}"
