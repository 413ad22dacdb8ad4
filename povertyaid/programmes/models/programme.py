from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import ScopedQuerySet


class ProgrammeQuerySet(ScopedQuerySet):
    def visible_to(self, staff):
        """Programmes led by a unit above, at, or below one's own.

        A farm works under its bureau's programme, and a bureau sees what its farms run
        themselves: the programme is a frame, not a household's data.
        """
        above = Q()
        parts = staff.unit.path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            above |= Q(lead_unit__path="/" + "/".join(parts[:depth]) + "/")
        return self.filter(above | Q(lead_unit__path__startswith=staff.unit.path))

    def manageable_by(self, staff):
        """Programmes led from one's own unit or below: only these may be changed."""
        return self.filter(lead_unit__path__startswith=staff.unit.path)

    def running(self, on):
        return self.filter(starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))


class Programme(models.Model):
    """One round of one helping programme (帮扶工程): who leads it, from when, what it counts.

    `as_of` is the day its summary speaks of, not the last day anything was entered: a
    report without a day of its own is computed up to it.
    """

    class CountingUnit(models.TextChoices):
        HOUSEHOLD = "household", _("households")
        PERSON = "person", _("persons")

    code = models.CharField(
        _("programme code"),
        max_length=20,
        unique=True,
        validators=[
            RegexValidator(
                r"^[0-9A-Za-z][0-9A-Za-z.-]*$",
                _("A programme code has letters, digits, points and dashes only."),
            )
        ],
    )
    name = models.CharField(_("programme name"), max_length=120)
    mode_label = models.CharField(
        _("slogan"),
        max_length=40,
        blank=True,
        default="",
        help_text=_("For example 一帮一, N+1, 6+1."),
    )
    round_no = models.PositiveSmallIntegerField(_("round"), default=1)
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("round before"),
    )
    lead_unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="programmes", verbose_name=_("lead unit")
    )
    counting_unit = models.CharField(
        _("counts"), max_length=10, choices=CountingUnit, default=CountingUnit.HOUSEHOLD
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    as_of = models.DateField(
        _("as-of day"),
        null=True,
        blank=True,
        help_text=_("Reports without a day of their own are computed up to it; empty means today."),
    )
    consolidation_until = models.DateField(_("consolidation until"), null=True, blank=True)
    helping_day = models.PositiveSmallIntegerField(
        _("helping day of the month"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
    )

    objects = ProgrammeQuerySet.as_manager()
    scope_path = "lead_unit__path"

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["-starts_on", "code"]
        constraints = [
            models.CheckConstraint(
                name="programme_counting_unit_is_known",
                condition=Q(counting_unit__in=["household", "person"]),
                violation_error_message=_(
                    "Please choose whether the programme counts households or persons."
                ),
            ),
            models.CheckConstraint(
                name="programme_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day must not lie before the first day."),
            ),
            models.CheckConstraint(
                name="programme_helping_day_is_a_day_of_the_month",
                condition=Q(helping_day=None) | Q(helping_day__range=(1, 31)),
                violation_error_message=_("The helping day must be a day of the month, 1 to 31."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("programme-detail", args=[self.pk])


class SchemeItem(models.Model):
    """One entry of a list the programme calls its own: 6+1, 八个一批, 五清, 十公开.

    Lists are data because every programme brings others; the list named 困难类别 adds
    categories, 致困原因 adds causes and 帮扶需求 adds needs to the office-wide ones.
    """

    CATEGORIES = "困难类别"
    CAUSES = "致困原因"
    NEEDS = "帮扶需求"

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="scheme_items")
    list_name = models.CharField(_("list"), max_length=40)
    part = models.CharField(
        _("part"),
        max_length=20,
        blank=True,
        default="",
        help_text=_("For example 册 / 卡 / 帐, or empty."),
    )
    seq = models.PositiveSmallIntegerField(_("order"), default=1)
    label = models.CharField(_("item"), max_length=120)

    objects = ScopedQuerySet.as_manager()
    scope_path = "programme__lead_unit__path"

    class Meta:
        verbose_name = _("list item")
        verbose_name_plural = _("list items")
        ordering = ["list_name", "seq", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "list_name", "label"],
                name="schemeitem_stands_once_in_its_list",
                violation_error_message=_("This item already stands in the list."),
            )
        ]

    def __str__(self):
        return self.label
