from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models.household import Household
from povertyaid.audit.history import tracked
from povertyaid.org.models import Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme, SchemeItem


class DossierKind(models.TextChoices):
    """What a paper of the file is. Sources: the articles on 绥化 and 红卫."""

    HANDBOOK = "handbook", "帮扶手册"
    BOOK = "book", "册"
    CARD = "card", "卡"
    ACCOUNT = "account", "帐"
    FILE = "file", "档案"
    AGREEMENT = "agreement", "协议"
    HEALTH_FILE = "health_file", "健康档案"


# The list of a programme whose entries say which papers a file needs; its entries are the office's.
STANDARD = "一册五卡四帐四档案"


class DossierItemQuerySet(ScopedQuerySet):
    def counted(self):
        """Papers that are in the file: all but those taken out as entered by mistake."""
        return self.filter(voided_on=None)

    def complete(self):
        """Looked through and found to be complete."""
        return self.counted().filter(complete=True)

    def with_scan_count(self):
        """Adds `scan_count`: how many scans lie on the paper."""
        here = models.Count("files", filter=Q(files__voided_on=None))
        return self.annotate(scan_count=here)


@tracked("household")
class DossierItem(models.Model):
    """A paper of a household's file in a programme (档案材料), with or without its scan.

    `item` is the entry of the programme's own dossier standard (一册五卡四帐四档案) that it answers.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="dossier_items")
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="dossier_items", verbose_name=_("programme")
    )
    item = models.ForeignKey(
        SchemeItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="dossier_items",
        verbose_name=_("entry of the dossier standard"),
    )
    kind = models.CharField(_("kind of paper"), max_length=20, choices=DossierKind)
    title = models.CharField(_("title"), max_length=120)
    number = models.CharField(_("number"), max_length=60, blank=True, default="")
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    complete = models.BooleanField(_("checked complete"), default=False)
    # When somebody looked it through; a paper that came with a list is complete without a moment.
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True, editable=False)
    checked_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("checked by"),
    )
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    voided_on = models.DateField(_("taken out on"), null=True, blank=True)
    void_reason = models.CharField(
        _("why it was taken out"), max_length=255, blank=True, default=""
    )
    # Counts every change of the paper and its files.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DossierItemQuerySet.as_manager()
    scope_path = "household__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("paper of the file")
        verbose_name_plural = _("papers of the file")
        ordering = ["household", "programme", "kind", "pk"]
        constraints = [
            models.CheckConstraint(
                name="dossieritem_kind_is_known",
                condition=Q(kind__in=DossierKind.values),
                violation_error_message=_("Please choose the kind of paper from the list."),
            ),
            models.CheckConstraint(
                name="dossieritem_has_a_title",
                condition=~Q(title=""),
                violation_error_message=_("A paper needs a title."),
            ),
            models.CheckConstraint(
                name="dossieritem_taken_out_with_a_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False) & ~Q(void_reason="")),
                violation_error_message=_(
                    "A paper that is taken out needs the day and the reason; one that stays has "
                    "neither."
                ),
            ),
            models.CheckConstraint(
                name="dossieritem_checked_at_and_by_together",
                condition=Q(checked_at=None, checked_by=None)
                | Q(checked_at__isnull=False, checked_by__isnull=False, complete=True),
                violation_error_message=_(
                    "A paper that is checked says when and by whom; one that is not says neither."
                ),
            ),
        ]
        indexes = [models.Index(fields=["programme", "title"], name="dossieritem_by_title")]

    def __str__(self):
        return f"{self.household_id} {self.kind}"

    def get_absolute_url(self):
        return reverse("households:paper", args=[self.pk])

    @property
    def is_counted(self):
        return self.voided_on is None

    @property
    def is_of_health(self):
        """Whether its scans are shown to those alone who need them for their work."""
        return self.kind == DossierKind.HEALTH_FILE

    @property
    def trail_code(self):
        """What the audit trail calls it: what the file is called."""
        return self.household.code


class DossierFileQuerySet(ScopedQuerySet):
    def counted(self):
        """Pages of the paper: all but those taken off it."""
        return self.filter(voided_on=None)

    def not_of_health(self):
        return self.exclude(item__kind=DossierKind.HEALTH_FILE)


@tracked("item")
class DossierFile(models.Model):
    """A scan or photograph of a paper of the file; the bytes lie encrypted under `stored_as`.

    The row outlives the bytes: they go from the disk when their time is over (`gone_on`).
    """

    class Type(models.TextChoices):
        PDF = "pdf", "PDF"
        JPEG = "jpeg", "JPEG"
        PNG = "png", "PNG"

    item = models.ForeignKey(DossierItem, models.PROTECT, related_name="files")
    stored_as = models.CharField(max_length=64, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    type = models.CharField(_("type of file"), max_length=10, choices=Type, editable=False)
    size = models.PositiveIntegerField(_("size, bytes"), editable=False)
    pages = models.PositiveSmallIntegerField(_("pages"), default=1, editable=False)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )

    voided_on = models.DateField(_("taken off on"), null=True, blank=True)
    void_reason = models.CharField(
        _("why it was taken off"), max_length=255, blank=True, default=""
    )
    gone_on = models.DateField(_("removed from the disk on"), null=True, editable=False)

    objects = DossierFileQuerySet.as_manager()
    scope_path = "item__household__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("file of a paper")
        verbose_name_plural = _("files of papers")
        ordering = ["item", "pk"]
        constraints = [
            models.CheckConstraint(
                name="dossierfile_type_is_known",
                condition=Q(type__in=["pdf", "jpeg", "png"]),
                violation_error_message=_("Only PDF, JPEG and PNG files are kept."),
            ),
            models.CheckConstraint(
                name="dossierfile_is_not_empty",
                condition=Q(size__gt=0),
                violation_error_message=_("The file is empty."),
            ),
            models.UniqueConstraint(
                fields=["item", "digest"],
                condition=Q(voided_on=None),
                name="dossierfile_once_on_a_paper",
                violation_error_message=_("This file is on the paper already."),
            ),
            models.CheckConstraint(
                name="dossierfile_taken_off_with_a_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False) & ~Q(void_reason="")),
                violation_error_message=_(
                    "A page that is taken off needs the day and the reason; one that stays has "
                    "neither."
                ),
            ),
            models.CheckConstraint(
                name="dossierfile_has_pages",
                condition=Q(pages__gt=0),
                violation_error_message=_("A file has one page or more."),
            ),
        ]

    def __str__(self):
        return f"{self.item_id}/{self.pk}"

    @property
    def trail_code(self):
        return self.item.trail_code
