from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import names, words
from households.models.household import Household
from povertyaid.audit.history import tracked
from povertyaid.lib import national_id, pinyin
from povertyaid.lib.secrets import EncryptedTextField, digest
from povertyaid.org.scoping import ScopedQuerySet


class MemberQuerySet(ScopedQuerySet):
    def present(self):
        """Persons who belong to the family now."""
        return self.filter(left_on=None)

    def present_on(self, day):
        return self.filter(Q(left_on=None) | Q(left_on__gt=day))


@tracked("household")
class Member(models.Model):
    """A person of the family; one of them is the head.

    The identity number is encrypted; `id_digest` is its keyed fingerprint, for looking up
    exactly and nothing else. A member who dies or moves out is not removed but dated, so
    that the size of the family on an earlier day stays known.
    """

    class Sex(models.TextChoices):
        UNKNOWN = "", _("unknown")
        MALE = "男", _("male")
        FEMALE = "女", _("female")

    class IdKind(models.TextChoices):
        NONE = "", _("no number")
        NATIONAL_ID = "national_id", _("identity card")
        DISABILITY_CERTIFICATE = "disability_certificate", _("disability certificate")

    class Precision(models.TextChoices):
        NONE = "", _("not known")
        YEAR = "year", _("year")
        MONTH = "month", _("month")
        DAY = "day", _("day")

    class LeaveReason(models.TextChoices):
        NONE = "", _("has not left")
        DECEASED = "deceased", _("deceased")
        MARRIED_OUT = "married_out", _("married out")
        MOVED_OUT = "moved_out", _("moved out")
        SPLIT_OFF = "split_off", _("own household")
        MERGED = "merged", _("moved with a merged file")
        OTHER = "other", _("other reason")

    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    seq = models.PositiveSmallIntegerField(_("order"), default=1)
    name = models.CharField(_("name"), max_length=255)
    name_pinyin = models.CharField(max_length=200, editable=False, db_collation="C", default="")
    name_initials = models.CharField(max_length=30, editable=False, db_collation="C", default="")
    relation = models.CharField(_("relation to the head"), max_length=255, blank=True, default="")
    id_kind = models.CharField(
        _("kind of number"), max_length=30, choices=IdKind, blank=True, default=""
    )
    id_number = EncryptedTextField(
        _("identity number"), context="member.id_number", blank=True, default=""
    )
    id_digest = models.CharField(max_length=64, editable=False, blank=True, default="")
    former_id_number = EncryptedTextField(
        _("former identity number"), context="member.former_id_number", blank=True, default=""
    )
    sex = models.CharField(_("sex"), max_length=2, choices=Sex, blank=True, default="")
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    birth_precision = models.CharField(max_length=5, choices=Precision, blank=True, default="")
    ethnicity = models.CharField(_("ethnicity"), max_length=255, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=255, blank=True, default="")
    health = models.CharField(_("health"), max_length=255, blank=True, default="")
    labour = models.CharField(_("labour ability"), max_length=255, blank=True, default="")
    education = models.CharField(_("schooling"), max_length=255, blank=True, default="")
    study_stage = models.CharField(_("at school in"), max_length=255, blank=True, default="")
    study_year = models.PositiveSmallIntegerField(_("year of study"), null=True, blank=True)
    work_status = models.CharField(_("work status"), max_length=255, blank=True, default="")
    employer = models.CharField(_("employer or school"), max_length=255, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    leave_reason = models.CharField(
        _("reason for leaving"), max_length=20, choices=LeaveReason, blank=True, default=""
    )

    objects = MemberQuerySet.as_manager()
    scope_path = "household__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["household", "seq", "pk"]
        constraints = [
            models.CheckConstraint(
                name="member_has_a_name",
                condition=~Q(name=""),
                violation_error_message=_("A member needs a name."),
            ),
            models.CheckConstraint(
                name="member_sex_is_known",
                condition=Q(sex__in=["", "男", "女"]),
                violation_error_message=_("Sex is 男 or 女."),
            ),
            models.CheckConstraint(
                name="member_id_kind_is_known",
                condition=Q(id_kind__in=["", "national_id", "disability_certificate"]),
                violation_error_message=_("Please choose what kind of number it is."),
            ),
            models.CheckConstraint(
                name="member_digest_iff_number",
                condition=Q(id_kind="", id_digest="") | (~Q(id_kind="") & ~Q(id_digest="")),
                violation_error_message=_("A number needs its kind, and a kind its number."),
            ),
            models.CheckConstraint(
                name="member_birth_precision_iff_birth_date",
                condition=Q(birth_date=None, birth_precision="")
                | Q(birth_date__isnull=False, birth_precision__in=["year", "month", "day"]),
                violation_error_message=_(
                    "A birth date says whether the day, the month or only the year is known."
                ),
            ),
            models.CheckConstraint(
                name="member_left_with_a_reason",
                condition=Q(left_on=None, leave_reason="")
                | (Q(left_on__isnull=False) & ~Q(leave_reason="")),
                violation_error_message=_(
                    "Who left needs the day and the reason; who stays has neither."
                ),
            ),
            models.CheckConstraint(
                name="member_leave_reason_is_known",
                condition=Q(
                    leave_reason__in=[
                        "",
                        "deceased",
                        "married_out",
                        "moved_out",
                        "split_off",
                        "merged",
                        "other",
                    ]
                ),
                violation_error_message=_("Please choose a reason for leaving from the list."),
            ),
            models.CheckConstraint(
                name="member_left_after_joining",
                condition=Q(left_on=None) | Q(joined_on=None) | Q(left_on__gte=F("joined_on")),
                violation_error_message=_(
                    "The day of leaving must not lie before the day of joining."
                ),
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(relation=words.HEAD, left_on=None),
                name="member_one_head_per_household",
                violation_error_message=_(
                    "The household already has a head; please give one of the two another relation."
                ),
            ),
            models.UniqueConstraint(
                fields=["household", "id_digest"],
                condition=Q(left_on=None) & ~Q(id_digest=""),
                name="member_number_once_in_household",
                violation_error_message=_(
                    "Two members of the household have the same identity number."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["id_digest"], name="member_by_digest"),
            models.Index(
                fields=["household"],
                name="member_incomplete",
                condition=Q(left_on=None) & (Q(id_digest="") | Q(birth_date=None)),
            ),
            models.Index(names.spelling("name_pinyin"), name="member_by_spelling"),
            GinIndex(names.characters("name"), name="member_by_characters"),
            models.Index(fields=["name_initials"], name="member_by_initials"),
        ]

    def __str__(self):
        return f"{self.household_id}/{self.seq}"

    def save(self, *args, **kwargs):
        self.name_pinyin = pinyin.full(self.name)[:200]
        self.name_initials = pinyin.initials(self.name)[:30]
        self.id_digest = digest(self.id_number) if self.id_number else ""
        super().save(*args, **kwargs)

    @property
    def trail_code(self):
        """What the audit trail calls a person: the file, never the name."""
        return self.household.code

    @property
    def is_head(self):
        return self.relation == words.HEAD

    @property
    def is_present(self):
        return self.left_on is None

    def age_on(self, day):
        """Full years on a day; None where the birth date is not known."""
        return national_id.age_on(self.birth_date, day) if self.birth_date else None
