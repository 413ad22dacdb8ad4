from django.db import connection, models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme


class RosterImportQuerySet(ScopedQuerySet):
    def newest_first(self):
        return self.order_by("-uploaded_at", "-pk")


class RosterImport(models.Model):
    """A roster that somebody brought: previewed, then imported for good or discarded.

    The file itself lies encrypted in the data folder under `stored_as`, so that what was
    imported can be shown years later. `fingerprint` is that of the preview: an import goes in
    only as it was shown.
    """

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("waiting to be imported")
        IMPORTED = "imported", _("imported")
        DISCARDED = "discarded", _("discarded")

    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="roster_imports", verbose_name=_("unit")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="roster_imports", verbose_name=_("programme")
    )
    state = models.CharField(
        _("state of the import"), max_length=10, choices=State, default=State.PREVIEWED
    )
    file_name = models.CharField(_("file name"), max_length=255)
    file_digest = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=64, unique=True)
    sheets = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_created = models.PositiveIntegerField(_("rows new"), default=0)
    rows_updated = models.PositiveIntegerField(_("rows changed"), default=0)
    rows_unchanged = models.PositiveIntegerField(_("rows unchanged"), default=0)
    rows_refused = models.PositiveIntegerField(_("rows refused"), default=0)
    rows_skipped = models.PositiveIntegerField(_("rows skipped"), default=0)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="uploaded_rosters",
        verbose_name=_("uploaded by"),
        help_text=_("Empty where a command of the server did it."),
    )
    settled_at = models.DateTimeField(_("imported or discarded at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="settled_rosters",
        verbose_name=_("imported or discarded by"),
    )

    objects = RosterImportQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="rosterimport_state_is_known",
                condition=Q(state__in=["previewed", "imported", "discarded"]),
                violation_error_message=_("A roster is previewed, imported or discarded."),
            ),
            models.CheckConstraint(
                name="rosterimport_settled_iff_no_preview",
                condition=Q(state="previewed", settled_at=None, settled_by=None)
                | (~Q(state="previewed") & Q(settled_at__isnull=False)),
                violation_error_message=_("A settled roster has the moment it was settled."),
            ),
            models.CheckConstraint(
                name="rosterimport_counts_add_up",
                condition=Q(
                    rows_read=F("rows_created")
                    + F("rows_updated")
                    + F("rows_unchanged")
                    + F("rows_refused")
                    + F("rows_skipped")
                ),
                violation_error_message=_("The rows read must add up."),
            ),
        ]
        indexes = [models.Index(fields=["unit", "-uploaded_at"], name="rosterimport_by_unit")]

    def __str__(self):
        return f"{self.file_name} {self.pk}"

    def get_absolute_url(self):
        return reverse("households:roster-detail", args=[self.pk])

    @property
    def code(self):
        """What the audit trail calls it."""
        return f"R{self.pk}"

    @property
    def is_preview(self):
        return self.state == self.State.PREVIEWED

    @property
    def counts(self):
        names = ("read", "created", "updated", "unchanged", "refused", "skipped")
        return {name: getattr(self, f"rows_{name}") for name in names}


CODE_COUNTS = """
    SELECT found ->> 'code', refuses, count(*)
      FROM households_rosterline,
           LATERAL (SELECT true, refusals UNION ALL SELECT false, warnings) AS kind (refuses, all_found),
           LATERAL jsonb_array_elements(all_found) AS found
     WHERE roster_id = %s
     GROUP BY 1, 2
"""


class RosterLineQuerySet(ScopedQuerySet):
    def code_counts(self, roster):
        """{(code, whether it refuses): how many times it stands in a roster}."""
        with connection.cursor() as cursor:
            cursor.execute(CODE_COUNTS, [roster.pk])
            return {(code, refuses): n for code, refuses, n in cursor.fetchall()}

    def with_warnings(self):
        return self.exclude(warnings=[])

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

    roster = models.ForeignKey(RosterImport, models.CASCADE, related_name="lines")
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
