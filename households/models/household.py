from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households.models import names
from povertyaid.audit.history import tracked
from povertyaid.lib import pinyin
from povertyaid.lib.secrets import EncryptedTextField
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import ScopedQuerySet


class HouseholdQuerySet(ScopedQuerySet):
    def open(self):
        return self.filter(status=Household.Status.OPEN)

    def closed(self):
        return self.filter(status=Household.Status.CLOSED)

    def with_member_count(self):
        """Adds `member_count`: persons who belong to the family now."""
        present = models.Count("members", filter=Q(members__left_on=None))
        return self.annotate(member_count=present)


@tracked()
class Household(models.Model):
    """A family under one roof, once, whatever programmes it is in.

    Files are closed, never deleted: the help a family once received stays readable to the
    units that gave it. The head's name is kept here as well as on the member, because every
    list sorts and searches by it; `households.actions` keeps the two in step.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class CloseReason(models.TextChoices):
        NONE = "", _("not closed")
        MOVED_AWAY = "moved_away", _("moved away")
        DECEASED = "deceased", _("all members deceased")
        MERGED = "merged", _("merged into another file")
        NOT_POOR = "not_poor", _("found not to be poor")
        ENTERED_BY_MISTAKE = "mistake", _("entered by mistake")
        OTHER = "other", _("other reason")

    unit = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        related_name="households",
        verbose_name=_("unit"),
        db_index=False,  # household_by_unit begins with it
    )
    code = models.CharField(_("file number"), max_length=255, unique=True)
    head_name = models.CharField(_("head of household"), max_length=255, default="")
    head_pinyin = models.CharField(max_length=200, editable=False, db_collation="C", default="")
    head_initials = models.CharField(max_length=30, editable=False, db_collation="C", default="")
    address = models.CharField(_("address"), max_length=255, blank=True, default="")
    phone = models.CharField(_("household phone"), max_length=255, blank=True, default="")
    bank_name = models.CharField(_("bank"), max_length=255, blank=True, default="")
    bank_branch = models.CharField(_("branch of the bank"), max_length=255, blank=True, default="")
    bank_account = EncryptedTextField(
        _("bank account"), context="household.bank_account", blank=True, default=""
    )
    stated_size = models.PositiveSmallIntegerField(
        _("persons as stated"),
        null=True,
        blank=True,
        help_text=_("What the roster or the paper file says, where not every member is listed."),
    )
    note = models.TextField(_("note"), blank=True, default="")
    status = models.CharField(_("file"), max_length=10, choices=Status, default=Status.OPEN)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    close_reason = models.CharField(
        _("reason for closing"), max_length=20, choices=CloseReason, blank=True, default=""
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="split_off"
    )
    # Counts every saved change to the file, its members and enrolments: whoever saves over
    # a number that is no longer the current one is shown what the other person changed.
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = HouseholdQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="household_status_is_known",
                condition=Q(status__in=["open", "closed"]),
                violation_error_message=_("A file is either open or closed."),
            ),
            models.CheckConstraint(
                name="household_closed_on_iff_closed",
                condition=Q(status="open", closed_on=None, close_reason="")
                | (Q(status="closed", closed_on__isnull=False) & ~Q(close_reason="")),
                violation_error_message=_(
                    "A closed file needs its closing day and the reason; an open one has neither."
                ),
            ),
            models.CheckConstraint(
                name="household_closed_after_it_was_opened",
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                violation_error_message=_("The closing day must not lie before the opening day."),
            ),
            models.CheckConstraint(
                name="household_merged_only_when_closed",
                condition=Q(merged_into=None) | Q(close_reason="merged"),
                violation_error_message=_(
                    "Only a file closed as merged names the file it went into."
                ),
            ),
            models.CheckConstraint(
                name="household_close_reason_is_known",
                condition=Q(
                    close_reason__in=[
                        "",
                        "moved_away",
                        "deceased",
                        "merged",
                        "not_poor",
                        "mistake",
                        "other",
                    ]
                ),
                violation_error_message=_("Please choose a reason for closing from the list."),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "code"], name="household_by_unit"),
            models.Index(fields=["head_pinyin", "code"], name="household_by_pinyin"),
            models.Index(fields=["head_initials"], name="household_by_initials"),
            models.Index(names.spelling("head_pinyin"), name="household_by_spelling"),
            GinIndex(names.characters("head_name"), name="household_by_characters"),
        ]

    def __str__(self):
        return self.code

    def save(self, *args, **kwargs):
        self.head_pinyin = pinyin.full(self.head_name)[:200]
        self.head_initials = pinyin.initials(self.head_name)[:30]
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("households:detail", args=[self.pk])

    @property
    def is_open(self):
        return self.status == self.Status.OPEN
