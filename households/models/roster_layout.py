from django.db import models
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.models.unit import paths_above
from povertyaid.org.scoping import ScopedQuerySet


class RosterLayoutQuerySet(ScopedQuerySet):
    def known_to(self, unit):
        """Layouts of a unit and of those above it; the nearest last, so that it wins."""
        return self.filter(unit__path__in=paths_above(unit.path)).order_by("unit__path")


class RosterLayout(models.Model):
    """What the columns of one layout mean, as somebody of the unit has confirmed it.

    The layout is recognised by its headings in their order (`fingerprint`), so the same office's
    next roster needs no second look. `columns` holds letter, heading and field; an empty field
    is a column that is only kept with its row.
    """

    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="roster_layouts", verbose_name=_("unit")
    )
    fingerprint = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    confirmed_at = models.DateTimeField(_("confirmed at"))
    confirmed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="roster_layouts", verbose_name=_("confirmed by")
    )

    objects = RosterLayoutQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("layout of a roster")
        verbose_name_plural = _("layouts of rosters")
        ordering = ["unit", "-confirmed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "fingerprint"], name="rosterlayout_once_per_unit"
            )
        ]

    def __str__(self):
        return f"{self.unit_id} {self.fingerprint[:8]}"

    @property
    def fields(self):
        """{letter: field} as the reading takes it."""
        return {letter: name for letter, _heading, name in self.columns}
