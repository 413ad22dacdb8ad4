import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme


class PaperKind(models.TextChoices):
    """What is printed of a household that is helped."""

    HANDBOOK = "handbook", "结对帮扶手册"
    CARD = "card", "对接卡"
    FILE = "file", "一户一档"


class PrintOrderQuerySet(ScopedQuerySet):
    def of(self, staff):
        """What this person has asked for."""
        return self.filter(asked_by=staff)

    def kept(self):
        """Whose files lie ready to be fetched."""
        return self.filter(made_on__isnull=False, gone_on=None)


class PrintOrder(models.Model):
    """Papers of many households that somebody asked for: made in the background, fetched within days.

    Names the households by their keys; which of them the person may see is asked again when the
    papers are made. Only whoever asked may fetch them, and after some days the files are taken
    away: what remains says that they were made.
    """

    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("programme"),
        help_text=_("Empty only for whole files, which speak of every programme."),
    )
    kind = models.CharField(_("kind of paper"), max_length=10, choices=PaperKind)
    households = ArrayField(models.BigIntegerField(), editable=False)
    in_full = models.BooleanField(_("with full numbers"), default=False)
    reason = models.CharField(
        _("what the full numbers are needed for"), max_length=200, blank=True, default=""
    )
    apart = models.BooleanField(
        _("one file per household in the zip"),
        default=False,
        help_text=_("Else there is one file per unit, which is smaller and printed in one go."),
    )
    base = models.CharField(max_length=200, editable=False)
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now, editable=False)
    asked_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("asked for by"), editable=False
    )
    made_on = models.DateField(_("made on"), null=True, blank=True, editable=False)
    printed = models.PositiveIntegerField(_("households printed"), default=0, editable=False)
    pages = models.PositiveIntegerField(_("printed pages"), default=0, editable=False)
    volume_stored_as = models.CharField(max_length=64, blank=True, default="", editable=False)
    folders_stored_as = models.CharField(max_length=64, blank=True, default="", editable=False)
    gone_on = models.DateField(_("files taken away on"), null=True, blank=True, editable=False)

    objects = PrintOrderQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("papers in one go")
        verbose_name_plural = _("papers in one go")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="printorder_kind_is_known",
                condition=Q(kind__in=PaperKind.values),
                violation_error_message=_("Please choose the kind of paper from the list."),
            ),
            models.CheckConstraint(
                name="printorder_names_households",
                condition=Q(households__len__gt=0),
                violation_error_message=_("Please choose the households first."),
            ),
            models.CheckConstraint(
                name="printorder_of_a_programme_unless_whole_files",
                condition=Q(programme__isnull=False) | Q(kind="file"),
                violation_error_message=_(
                    "Please choose the programme: a handbook or a card belongs to one."
                ),
            ),
            models.CheckConstraint(
                name="printorder_full_numbers_with_a_reason",
                condition=Q(in_full=False) | ~Q(reason=""),
                violation_error_message=_(
                    "Please say what the full numbers are needed for; the reason is recorded."
                ),
            ),
            models.CheckConstraint(
                name="printorder_files_lie_while_it_is_kept",
                condition=Q(made_on__isnull=False, gone_on=None)
                & ~Q(volume_stored_as="")
                & ~Q(folders_stored_as="")
                | Q(volume_stored_as="", folders_stored_as="")
                & (Q(made_on=None, gone_on=None) | Q(gone_on__isnull=False)),
                violation_error_message=_(
                    "Papers that are made have their files until these are taken away."
                ),
            ),
        ]
        indexes = [models.Index(fields=["made_on"], name="printorder_by_day")]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self):
        return reverse("pairings:papers", args=[self.pk])

    @property
    def code(self):
        """What the audit trail calls it."""
        return f"P{self.pk}"

    @property
    def is_kept(self):
        return self.made_on is not None and self.gone_on is None

    @property
    def left_out(self):
        """How many of those asked for were not printed: no longer in the programme or the unit."""
        return len(self.households) - self.printed

    @property
    def kept_until(self):
        """The last day on which the files lie ready; None while they are being made, or for ever."""
        days = settings.PAPERS_KEEP_DAYS
        return self.made_on + datetime.timedelta(days=days) if self.made_on and days else None
