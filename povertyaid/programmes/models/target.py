from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models.programme import Programme


class Target(models.Model):
    """A promised value of an indicator with a day (目标任务).

    Names its indicator by code and parameters, so completion is always computed, never
    typed. `planned_years` is the length the plan first gave ("five years' work in three").
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="targets")
    code = models.CharField(_("target code"), max_length=20)
    title = models.CharField(_("wording in the plan"), max_length=200)
    unit = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        verbose_name=_("unit that must reach it"),
        help_text=_("Empty means the whole programme."),
    )
    indicator = models.CharField(_("indicator"), max_length=10)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    value = models.DecimalField(_("target value"), max_digits=16, decimal_places=4)
    measure = models.CharField(_("unit of measure"), max_length=20)
    starts_on = models.DateField(_("from"))
    due_on = models.DateField(_("due on"))
    planned_years = models.PositiveSmallIntegerField(
        _("years first planned"), null=True, blank=True
    )
    achieved_on = models.DateField(
        _("achieved on"),
        null=True,
        blank=True,
        help_text=_("The first day the value was reached, confirmed by a person."),
    )

    objects = ScopedQuerySet.as_manager()
    scope_path = "programme__lead_unit__path"

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["programme", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "code"],
                name="target_code_once_in_programme",
                violation_error_message=_("The programme already has a target with this code."),
            ),
            models.CheckConstraint(
                name="target_due_after_it_starts",
                condition=Q(due_on__gte=F("starts_on")),
                violation_error_message=_("The due day must not lie before the first day."),
            ),
            models.CheckConstraint(
                name="target_achieved_after_it_starts",
                condition=Q(achieved_on=None) | Q(achieved_on__gte=F("starts_on")),
                violation_error_message=_(
                    "The day of achievement must not lie before the first day."
                ),
            ),
        ]

    def __str__(self):
        return self.title
