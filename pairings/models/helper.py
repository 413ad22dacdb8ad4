from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households.models import names
from povertyaid.audit.history import tracked
from povertyaid.lib import pinyin
from povertyaid.lib.secrets import EncryptedTextField
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme

MOST_HOUSEHOLDS = 5  # of one helper at a time; who has more is told as overloaded


class HelperQuerySet(ScopedQuerySet):
    def on_roster(self, on=None):
        """Who helps now, or helped on a day."""
        if on is None:
            return self.filter(left_on=None)
        return self.filter(Q(left_on=None) | Q(left_on__gt=on))

    def left(self):
        return self.filter(left_on__isnull=False)

    def with_household_count(self, on=None):
        """Adds `household_count`: pairs the helper is on now, counted for each row that is read."""
        return self.annotate(household_count=_pairs_of_helper(on))

    def idle(self, on=None):
        """On the roster, and paired with nobody."""
        # An index tells who has no line at all; only where a family's file was closed one looks on.
        helped = Exists(_lines().on_day(on))
        closed = Q(pk__in=_on_closed_files(on)) & ~Exists(_lines().current(on))
        return self.on_roster(on).filter(~helped | closed)

    def overloaded(self, limit=MOST_HOUSEHOLDS, on=None):
        """On more pairs at a time than one person can look after."""
        counted = _lines(of=None).on_day(on).order_by().values("helper").annotate(n=Count("pk"))
        many = self.filter(pk__in=counted.filter(n__gt=limit).values("helper"))
        return many.alias(pairs_now=_pairs_of_helper(on)).filter(
            ~Q(pk__in=_on_closed_files(on)) | Q(pairs_now__gt=limit)
        )

    def called(self, text):
        """Of this name, or of one that sounds so from its beginning, or with these initials."""
        text = "".join(text.replace("\x00", "").split())
        letters = pinyin.search_key(text)
        if letters.isascii() and letters.isalpha():
            spelled = self.annotate(spelling=names.spelling("name_pinyin"))
            return spelled.filter(
                Q(spelling__startswith=letters) | Q(name_initials__startswith=letters)
            )
        has = Q(name_characters__contains=list(text)) & Q(name__contains=text)
        return self.annotate(name_characters=names.characters("name")).filter(has)


def _lines(of="pk"):
    """The helper's places on pairs; `of` names the key they belong to."""
    from pairings.models.pairing import PairingHelper  # noqa: PLC0415 -- it stands on this model

    rows = PairingHelper.objects.all()
    return rows.filter(helper=OuterRef(of)) if of else rows


def _on_closed_files(on):
    """Keys of helpers with a line on a pair whose family's file is closed: few, and quickly found."""
    return _lines(of=None).of_closed_files(on).order_by().values("helper")


def _pairs_of_helper(on):
    counted = _lines().current(on).order_by().values("helper").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


@tracked()
class Helper(models.Model):
    """A person or a unit on a programme's roster of those who help (帮扶主体).

    `unit` keeps the entry, `home` is the organisation the helper comes from, as written. A helper
    who leaves is dated, not removed: the households then wait to be handed over. The same person
    stands once in each programme, so a sign-in belongs to one entry of each.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "个人"
        UNIT = "unit", "单位"

    class Category(models.TextChoices):
        NONE = "", _("not said")
        CADRE = "cadre", "党员领导干部"
        BIG_GROWER = "big_grower", "种养殖大户"
        WELL_OFF = "well_off", "富裕户"
        ENTREPRENEUR = "entrepreneur", "企业家"
        SELF_EMPLOYED = "self_employed", "个体工商户"
        DEMOCRATIC_PARTY = "democratic_party", "民主党派"
        MODEL_WORKER = "model_worker", "劳动模范"
        LEADER_TEAM = "leader_team", "公司领导班子成员"
        WORKER_REP = "worker_rep", "职工代表"
        ZONE_COMMITTEE = "zone_committee", "包片委员"
        VOLUNTEER = "volunteer", "志愿者"
        EXPERT = "expert", "专家"
        SOCIETY = "society", "社会各界人士"
        UNIT = "unit", "单位"
        ADVANCED_COLLECTIVE = "advanced_collective", "先进集体"

    class HonourLevel(models.TextChoices):
        NONE = "", _("none")
        NATIONAL = "national", "国家级"
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县区级"

    class LeaveReason(models.TextChoices):
        NONE = "", _("has not left")
        TRANSFERRED = "transferred", _("transferred")
        RETIRED = "retired", _("retired")
        DECEASED = "deceased", _("deceased")
        WITHDREW = "withdrew", _("no longer takes part")
        MISTAKE = "mistake", _("entered by mistake")
        OTHER = "other", _("other reason")

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="helpers", verbose_name=_("programme")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="helpers", verbose_name=_("unit")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PERSON)
    name = models.CharField(_("name"), max_length=255)
    name_pinyin = models.CharField(max_length=200, editable=False, db_collation="C", default="")
    name_initials = models.CharField(max_length=30, editable=False, db_collation="C", default="")
    category = models.CharField(
        _("category of helper"), max_length=30, choices=Category, blank=True, default=""
    )
    home = models.CharField(_("home organisation"), max_length=255, blank=True, default="")
    rank = models.CharField(_("post or rank"), max_length=255, blank=True, default="")
    honour = models.CharField(_("honour"), max_length=255, blank=True, default="")
    honour_level = models.CharField(
        _("level of the honour"), max_length=20, choices=HonourLevel, blank=True, default=""
    )
    in_post_local = models.BooleanField(_("in post and local"), default=False)
    phone = models.CharField(_("phone"), max_length=255, blank=True, default="")
    id_number = EncryptedTextField(
        _("identity number"), context="helper.id_number", blank=True, default=""
    )
    id_digest = models.CharField(max_length=64, editable=False, blank=True, default="")
    staff = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="helps",
        verbose_name=_("sign-in"),
        help_text=_("Who signs in under this name sees the households paired here, and no others."),
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)
    leave_reason = models.CharField(
        _("reason for leaving"), max_length=20, choices=LeaveReason, blank=True, default=""
    )
    # Counts every change of the entry and every handing over of all its households at once.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HelperQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("who helps")
        verbose_name_plural = _("helpers")
        ordering = ["name_pinyin", "pk"]
        constraints = [
            models.CheckConstraint(
                name="helper_has_a_name",
                condition=~Q(name=""),
                violation_error_message=_("A helper needs a name."),
            ),
            models.CheckConstraint(
                name="helper_kind_is_known",
                condition=Q(kind__in=["person", "unit"]),
                violation_error_message=_("A helper is a person or a unit."),
            ),
            models.CheckConstraint(
                name="helper_category_is_known",
                condition=Q(
                    category__in=[
                        "",
                        "cadre",
                        "big_grower",
                        "well_off",
                        "entrepreneur",
                        "self_employed",
                        "democratic_party",
                        "model_worker",
                        "leader_team",
                        "worker_rep",
                        "zone_committee",
                        "volunteer",
                        "expert",
                        "society",
                        "unit",
                        "advanced_collective",
                    ]
                ),
                violation_error_message=_("Please choose a category of helper from the list."),
            ),
            models.CheckConstraint(
                name="helper_honour_level_is_known",
                condition=Q(honour_level__in=["", "national", "province", "city", "county"]),
                violation_error_message=_("Please choose the level of the honour from the list."),
            ),
            models.CheckConstraint(
                name="helper_left_with_a_reason",
                condition=Q(left_on=None, leave_reason="")
                | (Q(left_on__isnull=False) & ~Q(leave_reason="")),
                violation_error_message=_(
                    "A helper who left needs the day and the reason; who stays has neither."
                ),
            ),
            models.CheckConstraint(
                name="helper_leave_reason_is_known",
                condition=Q(
                    leave_reason__in=[
                        "",
                        "transferred",
                        "retired",
                        "deceased",
                        "withdrew",
                        "mistake",
                        "other",
                    ]
                ),
                violation_error_message=_("Please choose why the helper left from the list."),
            ),
            models.CheckConstraint(
                name="helper_only_a_person_signs_in",
                condition=Q(staff=None) | Q(kind="person"),
                violation_error_message=_("Only a person signs in; a unit has no sign-in."),
            ),
            models.UniqueConstraint(
                fields=["programme", "staff"],
                name="helper_one_per_sign_in_and_programme",
                violation_error_message=_(
                    "This sign-in belongs to another helper of the programme. Please choose another."
                ),
            ),
            models.UniqueConstraint(
                fields=["programme", "unit", "id_digest"],
                condition=~Q(id_digest=""),
                name="helper_number_once_on_a_roster",
                violation_error_message=_(
                    "A helper with this identity number is on the unit's roster already."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "category"], name="helper_by_category"),
            models.Index(fields=["unit", "name_pinyin"], name="helper_by_unit"),
            models.Index(fields=["name_initials"], name="helper_by_initials"),
            models.Index(names.spelling("name_pinyin"), name="helper_by_spelling"),
            GinIndex(names.characters("name"), name="helper_by_characters"),
        ]

    def __str__(self):
        return f"{self.programme_id}/{self.pk}"

    def save(self, *args, **kwargs):
        self.name_pinyin = pinyin.full(self.name)[:200]
        self.name_initials = pinyin.initials(self.name)[:30]
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("pairings:helper-detail", args=[self.pk])

    @property
    def trail_code(self):
        """What the audit trail calls a helper: by number, never by name."""
        return f"H{self.pk}"

    @property
    def is_on_roster(self):
        return self.left_on is None
