from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models.roster_import import RosterImport
from povertyaid.org.scoping import ScopedQuerySet

CODE_COUNTS = """
    SELECT found ->> 'code', refuses, count(*)
      FROM households_rosterline,
           LATERAL (SELECT true, refusals UNION ALL SELECT false, warnings) AS kind (refuses, all_found),
           LATERAL jsonb_array_elements(all_found) AS found
     WHERE roster_id = %s
     GROUP BY 1, 2
"""


CONFLICT_COUNTS = """
    SELECT one ->> 0, count(*)
      FROM households_rosterline, LATERAL jsonb_array_elements(kept) AS one
     WHERE roster_id = %s AND (one ->> 3)::boolean
     GROUP BY 1
"""


class RosterLineQuerySet(ScopedQuerySet):
    def code_counts(self, roster):
        """{(code, whether it refuses): how many times it stands in a roster}."""
        with connection.cursor() as cursor:
            cursor.execute(CODE_COUNTS, [roster.pk])
            return {(code, refuses): n for code, refuses, n in cursor.fetchall()}

    def conflict_counts(self, roster):
        """{field: rows} where desk and file both changed something, and the desk's word stays."""
        with connection.cursor() as cursor:
            cursor.execute(CONFLICT_COUNTS, [roster.pk])
            return dict(cursor.fetchall())

    def rare_counts(self):
        """How many rows ask a question, and in how many the desk's word stays."""
        return self.aggregate(
            questions=models.Count("pk", filter=~Q(question="")),
            desk=models.Count("pk", filter=~Q(kept=[])),
        )

    def with_findings(self):
        """Rows that are refused or warned of."""
        return self.exclude(refusals=[], warnings=[])

    def with_warnings(self):
        return self.exclude(warnings=[])

    def questions(self):
        """First rows of families that only the head's name matched."""
        return self.exclude(question="")

    def with_desk_words(self):
        """Rows in which something changed at the desk stays."""
        return self.exclude(kept=[])

    def saying(self, code):
        """Lines that a code refuses or warns of."""
        return self.filter(
            Q(refusals__contains=[{"code": code}]) | Q(warnings__contains=[{"code": code}])
        )


class RosterLine(models.Model):
    """What becomes of one data row of a roster, as the preview and the receipt show it.

    A working paper, made anew with each preview. Identity numbers, accounts and phones stand
    here masked; the values themselves stand in the file and, once imported, on file.
    """

    class Outcome(models.TextChoices):
        CREATED = "created", _("new")
        UPDATED = "updated", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")

    roster = models.ForeignKey(
        RosterImport,
        models.CASCADE,
        related_name="lines",
        db_index=False,  # rosterline_once_in_its_place begins with it
    )
    position = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    sheet = models.CharField(max_length=255)
    row = models.PositiveIntegerField()
    code = models.CharField(max_length=255, blank=True, default="")
    head = models.CharField(max_length=255, blank=True, default="")
    name = models.CharField(max_length=255, blank=True, default="")
    relation = models.CharField(max_length=255, blank=True, default="")
    changes = models.JSONField(default=list)
    refusals = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    # Where the desk's word stays: field, the desk's, the file's, whether both are new.
    kept = models.JSONField(default=list)
    # What a match by name alone asks: the file number of the family that it may be.
    question = models.CharField(max_length=40, blank=True, default="")

    objects = RosterLineQuerySet.as_manager()
    scope_path = "roster__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("line of a roster")
        verbose_name_plural = _("lines of a roster")
        ordering = ["roster", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["roster", "position"], name="rosterline_once_in_its_place"
            ),
            models.CheckConstraint(
                name="rosterline_outcome_is_known",
                condition=Q(outcome__in=["created", "updated", "unchanged", "refused"]),
                violation_error_message=_("A row is new, changed, unchanged or refused."),
            ),
            models.CheckConstraint(
                name="rosterline_refused_with_a_reason",
                condition=~Q(outcome="refused") | ~Q(refusals=[]),
                violation_error_message=_("A refused row needs its reason."),
            ),
        ]
        indexes = [
            models.Index(fields=["roster", "outcome", "position"], name="rosterline_by_outcome")
        ]

    def __str__(self):
        return f"{self.roster_id} {self.position}"
