from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models.household import Household
from households.models.member import Member
from povertyaid.audit.history import tracked
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import ScopedQuerySet


class DesignationQuerySet(ScopedQuerySet):
    def valid_on(self, day):
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


@tracked("household")
class Designation(models.Model):
    """An official status or certificate: 低保, 特困证, 残疾人 …, with or without an enrolment."""

    class Kind(models.TextChoices):
        DIBAO = "dibao", "低保"
        CITY_HARDSHIP = "city_hardship", "市特困"
        HARDSHIP_CERT = "hardship_cert", "特困证"
        REEMPLOYMENT_CERT = "reemployment_cert", "再就业优惠证"
        DISABLED = "disabled", "残疾人"
        SERIOUS_ILLNESS = "serious_illness", "大病"
        CHRONIC_ILLNESS = "chronic_illness", "慢性病"
        LAID_OFF = "laid_off", "下岗职工"
        NO_SUPPORT = "no_support", "无保户"
        SPECIAL_DIFFICULTY = "special_difficulty", "特别困难人员"
        POOR_MODEL_WORKER = "poor_model_worker", "贫困劳模"
        STARTUP_MODEL = "startup_model", "创业典型"
        SELF_RELIANCE_MODEL = "self_reliance_model", "脱贫典型"

    household = models.ForeignKey(Household, models.PROTECT, related_name="designations")
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="designations",
        verbose_name=_("member"),
        help_text=_("Empty means the whole household."),
    )
    kind = models.CharField(_("status"), max_length=30, choices=Kind)
    number = models.CharField(_("certificate number"), max_length=60, blank=True, default="")
    issuer = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("issuer")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = DesignationQuerySet.as_manager()
    scope_path = "household__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("official status")
        verbose_name_plural = _("official statuses")
        ordering = ["household", "valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                name="designation_kind_is_known",
                condition=Q(
                    kind__in=[
                        "dibao",
                        "city_hardship",
                        "hardship_cert",
                        "reemployment_cert",
                        "disabled",
                        "serious_illness",
                        "chronic_illness",
                        "laid_off",
                        "no_support",
                        "special_difficulty",
                        "poor_model_worker",
                        "startup_model",
                        "self_reliance_model",
                    ]
                ),
                violation_error_message=_("Please choose a status from the list."),
            ),
            models.CheckConstraint(
                name="designation_ends_after_it_starts",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day must not lie before the first day."),
            ),
        ]
        indexes = [models.Index(fields=["kind"], name="designation_by_kind")]

    def __str__(self):
        return f"{self.household_id} {self.kind}"
