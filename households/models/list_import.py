from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme


class ListImport(models.Model):
    """A list that somebody brought, whose rows are no families: previewed, imported or put away.

    `kind` is the code of a registered kind (`households/roster/lists/kinds.py`). The file lies
    encrypted in the data folder under `stored_as` until its time is over. `fingerprint` is that of
    the preview: a list goes in only as it was shown.
    """

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("waiting to be imported")
        IMPORTED = "imported", _("imported")
        DISCARDED = "discarded", _("discarded")

    kind = models.CharField(max_length=30)
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="list_imports", verbose_name=_("unit")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="list_imports", verbose_name=_("programme")
    )
    state = models.CharField(
        _("state of the import"), max_length=10, choices=State, default=State.PREVIEWED
    )
    file_name = models.CharField(_("file name"), max_length=255)
    stored_as = models.CharField(max_length=64, unique=True)
    # What the columns mean where the clerk said so: {fingerprint of the headings: {letter: field}}.
    chosen = models.JSONField(default=dict, blank=True)
    sheets = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    rows_created = models.PositiveIntegerField(_("rows new"), default=0)
    rows_updated = models.PositiveIntegerField(_("rows changed"), default=0)
    rows_unchanged = models.PositiveIntegerField(_("rows unchanged"), default=0)
    rows_refused = models.PositiveIntegerField(_("rows refused"), default=0)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="uploaded_lists", verbose_name=_("uploaded by")
    )
    settled_at = models.DateTimeField(_("imported or discarded at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="settled_lists",
        verbose_name=_("imported or discarded by"),
    )
    file_gone_on = models.DateField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("list that was brought")
        verbose_name_plural = _("lists that were brought")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="listimport_state_is_known",
                condition=Q(state__in=["previewed", "imported", "discarded"]),
                violation_error_message=_("A list waits, is imported or is put away."),
            ),
            models.CheckConstraint(
                name="listimport_settled_by_somebody",
                condition=Q(state="previewed", settled_at=None, settled_by=None)
                | (~Q(state="previewed") & Q(settled_at__isnull=False, settled_by__isnull=False)),
                violation_error_message=_(
                    "A list that is imported or put away says who did it and when."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def trail_code(self):
        return f"L{self.pk}"

    @property
    def is_preview(self):
        return self.state == self.State.PREVIEWED


class ListLineQuerySet(ScopedQuerySet):
    def saying(self, code):
        """Lines that a code refuses or warns of."""
        return self.filter(findings__contains=[{"code": code}])

    def with_findings(self):
        return self.exclude(findings=[])


class ListLine(models.Model):
    """What becomes of one row of a list, as the preview and the receipt show it; numbers masked.

    `findings` are {"column", "code", "refuses"}; `changes` are [field, what stood, what stands].
    """

    class Outcome(models.TextChoices):
        CREATED = "created", _("new")
        UPDATED = "updated", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")

    of = models.ForeignKey(
        ListImport,
        models.CASCADE,
        related_name="lines",
        db_index=False,  # listline_once_in_its_place begins with it
    )
    position = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    sheet = models.CharField(max_length=255)
    row = models.PositiveIntegerField()
    name = models.CharField(max_length=255, blank=True, default="")
    changes = models.JSONField(default=list)
    findings = models.JSONField(default=list)

    objects = ListLineQuerySet.as_manager()
    scope_path = "of__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("line of a list")
        verbose_name_plural = _("lines of a list")
        ordering = ["of", "position"]
        constraints = [
            models.UniqueConstraint(fields=["of", "position"], name="listline_once_in_its_place"),
            models.CheckConstraint(
                name="listline_outcome_is_known",
                condition=Q(outcome__in=["created", "updated", "unchanged", "refused"]),
                violation_error_message=_("A row is new, changed, unchanged or refused."),
            ),
        ]
        indexes = [models.Index(fields=["of", "outcome", "position"], name="listline_by_outcome")]

    def __str__(self):
        return f"{self.of_id} {self.position}"
