import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from povertyaid.org.models import Staff
from povertyaid.org.scoping import ScopedQuerySet


class EntryQuerySet(ScopedQuerySet):
    def visible_to(self, staff):
        """As everywhere; what concerns no unit at all, the root units see."""
        rows = super().visible_to(staff)
        if staff.unit.parent_id is None and not rows.query.is_empty():
            rows = rows | self.filter(unit_path=Entry.NO_UNIT)
        return rows

    def about(self, row):
        """Everything done to, or looked at in, one row."""
        return self.filter(target_kind=row._meta.label_lower, target_id=row.pk)

    def reveals(self):
        return self.filter(deed=Entry.REVEALED)


class Entry(models.Model):
    """One deed, or one look at personal data: who, when, what, to which row, why.

    Append-only: the database refuses to change or remove an entry, whoever asks. Names
    the row by its code, so nothing personal stands here, and keeps the path of the unit
    the row belonged to on that day, so a later move does not rewrite what was seen.
    """

    REVEALED = "revealed"
    NO_UNIT = "/"  # the path of what concerns no unit: a sign-in under a name nobody has

    at = models.DateTimeField(_("time"), default=timezone.now)
    by = models.ForeignKey(
        Staff, models.PROTECT, related_name="entries", verbose_name=_("by"), null=True
    )
    deed = models.CharField(_("deed"), max_length=40)
    target_kind = models.CharField(max_length=60)
    target_id = models.BigIntegerField(null=True)
    target_code = models.CharField(_("record"), max_length=120, blank=True, default="")
    unit_path = models.CharField(max_length=400, db_collation="C")
    reason = models.TextField(_("reason"), blank=True, default="")
    detail = models.JSONField(default=dict, blank=True)

    objects = EntryQuerySet.as_manager()
    scope_path = "unit_path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["target_kind", "target_id"], name="entry_by_target"),
            models.Index(fields=["by", "-at"], name="entry_by_person"),
            models.Index(fields=["-at", "-id"], name="entry_by_time"),
            models.Index(fields=["unit_path", "-at"], name="entry_by_unit"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self):
        return f"{self.deed} {self.target_code}"


def unit_path_of(row):
    """Follow the model's `scope_path` to the path of the unit the row belongs to."""
    value = row
    for name in row._meta.model.scope_path.split("__"):  # row may be request.user, a lazy proxy
        value = getattr(value, name)
    return value


def _code_of(row):
    """What the office calls the row: its own code, or that of the file it belongs to."""
    names = ("code", "username", "trail_code")
    return str(next((getattr(row, name) for name in names if getattr(row, name, "")), ""))


def record(row, deed, *, by, reason="", **detail):
    """Write down a deed. `detail` holds codes, counts and field names, never personal data."""
    entry = _entry(row, deed, by, reason, detail)
    entry.save(force_insert=True)
    return entry


def record_each(rows, deed, *, by, reason="", **detail):
    """Write down the same deed for each of many rows, in a few statements."""
    entries = (_entry(row, deed, by, reason, detail) for row in rows)
    return Entry.objects.bulk_create(entries, batch_size=1000)


def _entry(row, deed, by, reason, detail):
    return Entry(
        by=by,
        deed=deed,
        target_kind=row._meta.label_lower,
        target_id=row.pk,
        target_code=_code_of(row),
        unit_path=unit_path_of(row),
        reason=reason,
        detail=detail,
    )
