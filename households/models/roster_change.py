from django.db import models
from django.utils.translation import gettext_lazy as _

from households.models.roster_import import RosterImport
from povertyaid.org.scoping import ScopedQuerySet


class RosterChangeQuerySet(ScopedQuerySet):
    def held_back(self):
        """Files that somebody changed since: undoing the import left them as they are."""
        return self.filter(is_held_back=True)


class RosterChange(models.Model):
    """A family's file that an import opened or changed, with its version afterwards.

    What undoing needs to know. `household_id` is no foreign key: undoing an import takes the
    files away again that it opened.
    """

    roster = models.ForeignKey(RosterImport, models.CASCADE, related_name="files")
    household_id = models.BigIntegerField()
    is_new = models.BooleanField()
    version = models.PositiveIntegerField()
    is_held_back = models.BooleanField(default=False)

    objects = RosterChangeQuerySet.as_manager()
    scope_path = "roster__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("file changed by a roster")
        verbose_name_plural = _("files changed by rosters")
        ordering = ["roster", "household_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["roster", "household_id"], name="rosterchange_once_per_file"
            )
        ]

    def __str__(self):
        return f"{self.roster_id} {self.household_id}"
