from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models.roster_import import RosterImport
from povertyaid.lib.secrets import EncryptedTextField
from povertyaid.org.models import Staff
from povertyaid.org.scoping import ScopedQuerySet


class RosterCorrection(models.Model):
    """A cell of a roster that a clerk typed anew in the preview; it counts instead of the file's.

    Encrypted: often it is an identity number. The file stays as it came.
    """

    roster = models.ForeignKey(RosterImport, models.CASCADE, related_name="corrections")
    sheet = models.CharField(max_length=255)
    row = models.PositiveIntegerField()
    column = models.PositiveSmallIntegerField()
    text = EncryptedTextField(
        _("corrected to"), context="roster.correction", blank=True, default=""
    )
    corrected_at = models.DateTimeField(_("corrected at"))
    corrected_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="roster_corrections", verbose_name=_("corrected by")
    )

    objects = ScopedQuerySet.as_manager()
    scope_path = "roster__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("corrected cell of a roster")
        verbose_name_plural = _("corrected cells of a roster")
        ordering = ["roster", "sheet", "row", "column"]
        constraints = [
            models.UniqueConstraint(
                fields=["roster", "sheet", "row", "column"], name="rostercorrection_once_per_cell"
            ),
            models.CheckConstraint(
                name="rostercorrection_row_as_a_spreadsheet_counts",
                condition=Q(row__gte=1),
                violation_error_message=_("Rows of a sheet are counted from 1."),
            ),
        ]

    def __str__(self):
        return f"{self.roster_id} {self.sheet} {self.row}"
