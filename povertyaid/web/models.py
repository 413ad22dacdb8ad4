from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from povertyaid.lib.secrets import EncryptedTextField
from povertyaid.org.models import Staff
from povertyaid.org.scoping import ScopedQuerySet

DRAFT_LASTS = timedelta(days=7)
SUBMISSION_LASTS = timedelta(days=2)


class DraftQuerySet(ScopedQuerySet):
    def fresh(self):
        return self.filter(kept_at__gt=timezone.now() - DRAFT_LASTS)

    def stale(self):
        return self.filter(kept_at__lte=timezone.now() - DRAFT_LASTS)

    def of(self, staff):
        """What one person typed; nobody else, whatever the role, is ever shown it."""
        return self.fresh().filter(kept_by=staff)


class Draft(models.Model):
    """What somebody had typed into a form when the session was gone.

    Not a record of the office: it lies encrypted, belongs to one person, and goes when the
    form is saved or after a week.
    """

    kept_by = models.ForeignKey(Staff, models.CASCADE, related_name="drafts", verbose_name=_("by"))
    kept_at = models.DateTimeField(_("time"), default=timezone.now)
    path = models.CharField(max_length=500)
    body = EncryptedTextField(context="web.Draft.body")

    objects = DraftQuerySet.as_manager()
    scope_path = "kept_by__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("kept typing")
        verbose_name_plural = _("kept typing")
        ordering = ["-kept_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kept_by", "path"], name="draft_is_one_for_each_person_and_page"
            )
        ]

    def __str__(self):
        return self.path


class SubmissionQuerySet(ScopedQuerySet):
    def stale(self):
        return self.filter(used_at__lte=timezone.now() - SUBMISSION_LASTS)


class Submission(models.Model):
    """A form that has been saved: pressing the button again leads to what was saved.

    `key` is a keyed digest of person, page, rendered form and typed text. The same form sent
    again with other text is another wish, and is not swallowed.
    """

    key = models.CharField(max_length=64, unique=True)
    used_by = models.ForeignKey(Staff, models.CASCADE, related_name="+", verbose_name=_("by"))
    used_at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    answer = models.CharField(max_length=500, blank=True, default="")

    objects = SubmissionQuerySet.as_manager()
    scope_path = "used_by__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("saved form")
        verbose_name_plural = _("saved forms")
        ordering = ["-used_at"]

    def __str__(self):
        return self.answer
