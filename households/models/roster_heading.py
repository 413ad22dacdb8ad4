from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.models.unit import paths_above
from povertyaid.org.scoping import ScopedQuerySet


class RosterHeadingQuerySet(ScopedQuerySet):
    def known_to(self, unit):
        """Headings of a unit and of those above it; the nearest last, so that it wins."""
        return self.filter(unit__path__in=paths_above(unit.path)).order_by("unit__path", "pk")


class RosterHeading(models.Model):
    """A heading that an office's rosters use, and the field it means, beside those everyone knows.

    An empty field says that the heading means nothing we keep, whatever the common table says.
    """

    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="roster_headings", verbose_name=_("unit")
    )
    heading = models.CharField(
        _("heading"),
        max_length=100,
        help_text=_(
            "As it stands in the roster; a heading over others with a slash: 帮扶情况/金额."
        ),
    )
    field = models.CharField(_("meaning"), max_length=40, blank=True, default="")
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="roster_headings", verbose_name=_("added by")
    )

    objects = RosterHeadingQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("heading of rosters")
        verbose_name_plural = _("headings of rosters")
        ordering = ["unit", "heading"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "heading"],
                name="rosterheading_once_per_unit",
                violation_error_message=_("This heading is in the table already."),
            )
        ]

    def __str__(self):
        return self.heading

    def get_absolute_url(self):
        return reverse("households:heading-edit", args=[self.pk])

    @property
    def code(self):
        """What the audit trail calls it: a heading names a column, never a person."""
        return f"H{self.pk}"
