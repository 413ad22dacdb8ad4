from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from povertyaid.lib import pinyin
from povertyaid.org.models.unit import OrgUnit
from povertyaid.org.scoping import ScopedQuerySet


class StaffQuerySet(ScopedQuerySet):
    def active(self):
        return self.filter(is_active=True)

    def called(self, word):
        """Persons of this name, sign-in name or pinyin, or with one that begins so."""
        word = word.replace("\x00", "").strip()
        found = Q(full_name__contains=word) | Q(username__istartswith=word)
        key = pinyin.search_key(word)
        if key.isascii() and key.isalpha():
            spelled = Replace("name_pinyin", Value(" "), Value(""))
            found |= Q(spelled__startswith=key)
            found |= Q(name_pinyin__regex="^" + " ".join(f"{letter}[a-z]*" for letter in key))
            return self.annotate(spelled=spelled).filter(found)
        return self.filter(found)


class StaffManager(BaseUserManager.from_queryset(StaffQuerySet)):
    def get_by_natural_key(self, username):
        return self.select_related("unit").get(username=username)


class Staff(AbstractBaseUser):
    """A person who signs in: one name, one unit, one role; never shared.

    What a role may do stands in `povertyaid/roles.py`; what a person may see is the
    subtree of the unit. Leavers are switched off, not deleted: their deeds keep a name.
    """

    class Role(models.TextChoices):
        CLERK = "clerk", _("clerk")
        APPROVER = "approver", _("approver")
        SUPERVISOR = "supervisor", _("supervisor")
        HELPER = "helper", _("helper")
        ADMINISTRATOR = "administrator", _("administrator")
        AUDITOR = "auditor", _("auditor")

    username = models.CharField(_("sign-in name"), max_length=60, unique=True)
    full_name = models.CharField(_("name"), max_length=60)
    name_pinyin = models.CharField(max_length=200, editable=False, db_collation="C", default="")
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="staff", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    is_active = models.BooleanField(
        _("may sign in"), default=True, help_text=_("Switch off when the person leaves.")
    )
    must_change_password = models.BooleanField(
        _("must choose a new password"),
        default=True,
        help_text=_("Asked for at the next sign-in."),
    )
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StaffManager()
    scope_path = "unit__path"

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                name="staff_role_is_known",
                condition=Q(
                    role__in=[
                        "clerk",
                        "approver",
                        "supervisor",
                        "helper",
                        "administrator",
                        "auditor",
                    ]
                ),
                violation_error_message=_("Please choose a role from the list."),
            ),
        ]

    def __str__(self):
        return self.full_name

    def save(self, *args, **kwargs):
        self.name_pinyin = pinyin.full(self.full_name)[:200]
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("staff-detail", args=[self.pk])

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name

    # What Django's permission decorators and templates ask; the answers are in roles.py.
    def has_perm(self, perm, obj=None):
        from povertyaid.roles import permissions_of  # noqa: PLC0415 -- roles.py names apps above

        return self.is_active and perm in permissions_of(self.role)

    def has_perms(self, perm_list, obj=None):
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label):
        from povertyaid.roles import permissions_of  # noqa: PLC0415 -- roles.py names apps above

        return self.is_active and any(
            perm.startswith(f"{app_label}.") for perm in permissions_of(self.role)
        )
