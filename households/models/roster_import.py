from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.models.unit import paths_above
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme


class RosterImportQuerySet(ScopedQuerySet):
    def newest_first(self):
        return self.order_by("-uploaded_at", "-pk")

    def imported(self):
        return self.filter(state="imported")

    def before(self, roster):
        """Imports of the same programme whose unit lies on the roster's way up, or below it."""
        path = roster.unit.path
        return (
            self.imported()
            .filter(programme=roster.programme)
            .filter(Q(unit__path__startswith=path) | Q(unit__path__in=paths_above(path)))
            .exclude(pk=roster.pk)
            .order_by("-settled_at", "-pk")
        )


class RosterImport(models.Model):
    """A roster that somebody brought: read, confirmed, previewed, then imported or put away.

    The file itself lies encrypted in the data folder under `stored_as` until its time is over;
    what it did stays told. `fingerprint` is that of the preview: an import goes in only as it
    was shown. `named` are the keys of all families that the file named, with their versions
    after the import: so the next roster knows who is missing in it, and what the desk changed.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        HEADINGS = "headings", _("headings to be confirmed")
        PREVIEWED = "previewed", _("waiting to be imported")
        WRITING = "writing", _("being imported")
        IMPORTED = "imported", _("imported")
        DISCARDED = "discarded", _("discarded")
        FAILED = "failed", _("not readable")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

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
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    # Why nothing could be read: a word of `roster.sentences.UNREADABLE`.
    reason = models.CharField(max_length=20, blank=True, default="")
    # What the clerk decided: fields in which the file wins over the desk, warnings that were looked
    # at, first rows ("sheet!row") of families that are another one than the name says, or the same.
    file_wins = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    confirmed = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    other_families = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    same_families = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    # A correction came after the last reading: what is shown is older than what is known.
    is_stale = models.BooleanField(default=False)
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        verbose_name=_("corrects"),
        help_text=_("The roster whose workbook of errors this one is, corrected."),
    )
    named = ArrayField(models.BigIntegerField(), default=list, blank=True)
    named_versions = ArrayField(models.IntegerField(), default=list, blank=True)
    # Families that the roster before named and this one does not, and such as come back.
    missing = ArrayField(models.BigIntegerField(), default=list, blank=True)
    returned = ArrayField(models.BigIntegerField(), default=list, blank=True)
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

    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_rosters",
        verbose_name=_("undone by"),
    )
    file_gone_on = models.DateField(_("file removed on"), null=True, blank=True)

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
                condition=Q(
                    state__in=[
                        "reading",
                        "headings",
                        "previewed",
                        "writing",
                        "imported",
                        "discarded",
                        "failed",
                        "undoing",
                        "undone",
                    ]
                ),
                violation_error_message=_("This is no state of a roster."),
            ),
            models.CheckConstraint(
                name="rosterimport_settled_iff_nothing_waits",
                condition=Q(
                    state__in=["reading", "headings", "previewed", "writing", "failed"],
                    settled_at=None,
                    settled_by=None,
                )
                | Q(
                    state__in=["imported", "discarded", "undoing", "undone"],
                    settled_at__isnull=False,
                ),
                violation_error_message=_("A settled roster has the moment it was settled."),
            ),
            models.CheckConstraint(
                name="rosterimport_failed_with_a_reason",
                condition=Q(state="failed") & ~Q(reason="") | ~Q(state="failed") & Q(reason=""),
                violation_error_message=_("A roster that cannot be read has a reason."),
            ),
            models.CheckConstraint(
                name="rosterimport_undone_by_and_at_together",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False),
                violation_error_message=_("Say when the import was undone."),
            ),
            models.CheckConstraint(
                name="rosterimport_undone_iff_taken_back",
                condition=Q(state="undone", undone_at__isnull=False)
                | ~Q(state="undone") & Q(undone_at=None),
                violation_error_message=_("Say when the import was undone."),
            ),
            models.CheckConstraint(
                name="rosterimport_every_name_with_its_version",
                condition=Q(named__len=F("named_versions__len")),
                violation_error_message=_("Every family named has its version."),
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
    def is_working(self):
        """Whether something is being done with it that the clerk waits for."""
        return self.state in {self.State.READING, self.State.WRITING, self.State.UNDOING}

    @property
    def marker(self):
        """What the history of every row says that this import changed."""
        return f"{self.code} {self.file_name}"

    @property
    def undo_marker(self):
        """The same for what was changed when the import was undone."""
        return f"撤销 {self.marker}"

    @property
    def counts(self):
        names = ("read", "created", "updated", "unchanged", "refused", "skipped")
        return {name: getattr(self, f"rows_{name}") for name in names}
