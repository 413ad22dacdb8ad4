from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Member
from pairings.models.helper import Helper
from povertyaid.audit.history import tracked
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme


class ActivityKind(models.TextChoices):
    """What people came together for. Sources: the five programme articles."""

    MEETING = "meeting", "会议"
    TRAINING = "training", "培训班"
    LECTURE = "lecture", "讲座"
    VOCATIONAL = "vocational", "职业培训"
    PUBLICITY = "publicity", "宣传活动"
    TALK_TOUR = "talk_tour", "巡回宣讲"
    REPORT_TOUR = "report_tour", "巡回报告会"
    FUNDRAISER = "fundraiser", "募捐义演"
    CAMPAIGN = "campaign", "帮扶主题活动"
    ACTIVITY_MONTH = "activity_month", "帮扶活动月"
    VOLUNTEER = "volunteer", "志愿服务"
    DEBRIEF = "debrief", "述职会"


# What sessions of a kind are counted in: 834 期 of classes and 298 场次 of lectures are no sum.
SESSION_SIGNS = {
    "期": [ActivityKind.TRAINING, ActivityKind.VOCATIONAL],
    "场次": [
        ActivityKind.LECTURE,
        ActivityKind.PUBLICITY,
        ActivityKind.TALK_TOUR,
        ActivityKind.REPORT_TOUR,
        ActivityKind.FUNDRAISER,
    ],
    "次": [
        ActivityKind.MEETING,
        ActivityKind.CAMPAIGN,
        ActivityKind.ACTIVITY_MONTH,
        ActivityKind.VOLUNTEER,
        ActivityKind.DEBRIEF,
    ],
}
SIGN_OF_KIND = {kind.value: sign for sign, kinds in SESSION_SIGNS.items() for kind in kinds}


class BeneficiaryGroup(models.TextChoices):
    """Whom it was for; groups outside the programme are never added to its own."""

    ENROLLED = "enrolled", "在册对象"
    DISABLED = "disabled", "残疾人"
    QIAOXIFU = "qiaoxifu", "巧媳妇"
    PUBLIC = "public", "社会"


# What is called by the same name everywhere; an office writes others as it calls them.
TOPICS = {
    "standing_committee": "市委常委会议",
    "leading_group": "领导小组会议",
    "large": "大型会议",
    "consolation": "慰问活动",
    "medical": "医疗服务",
    "farming": "助农服务",
}


TOPIC_LIST = "活动主题"  # the list by which a programme suggests topics of its own


class ActivityQuerySet(ScopedQuerySet):
    def counted(self):
        """Activities that took place: all but those taken back as entered by mistake."""
        return self.filter(voided_on=None)

    def taken_back(self):
        return self.filter(voided_on__isnull=False)

    def between(self, first, last):
        """From a day to a day, both included."""
        return self.filter(held_on__range=(first, last))

    def named(self):
        """Activities whose helped people are on a list, in contrast to those that were counted."""
        there = Attendance.objects.filter(activity=OuterRef("pk"), member__isnull=False)
        return self.filter(Exists(there))

    def with_number(self):
        return self.filter(Q(headcount__isnull=False) | Q(household_count__isnull=False))

    def without_attendance(self):
        """Neither a number nor a name: somebody has still to say who was there."""
        there = Attendance.objects.filter(activity=OuterRef("pk"))
        return self.filter(~Exists(there), headcount=None, household_count=None)

    def with_numbers(self):
        """Adds who is there by name: `named_members`, their `named_households`, `named_helpers`."""
        there = Attendance.objects.filter(activity=OuterRef("pk")).order_by().values("activity")

        def number(counted):
            told = there.annotate(n=counted).values("n")
            return Coalesce(Subquery(told, output_field=IntegerField()), Value(0))

        return self.annotate(
            named_members=number(Count("member")),
            named_households=number(Count("member__household", distinct=True)),
            named_helpers=number(Count("helper")),
        )

    def sums(self):
        """What these activities come to: sessions by their sign, people and households by group.

        `{"sessions": {"期": 834}, "groups": {"enrolled": {"people": 6765, "households": 12}}}`. A
        household that came by name to several of them is one; helpers are no people trained.
        """
        rows = self.order_by()
        sessions = rows.aggregate(
            **{
                f"s{nth}": Sum("sessions", filter=Q(kind__in=kinds))
                for nth, kinds in enumerate(SESSION_SIGNS.values())
            }
        )
        counted = rows.values("beneficiary_group").annotate(
            people=Sum("headcount"), households=Sum("household_count")
        )
        named = Attendance.objects.filter(activity__in=rows.values("pk"), member__isnull=False)
        named = (
            named.order_by()
            .values("activity__beneficiary_group")
            .annotate(people=Count("pk"), households=Count("member__household", distinct=True))
        )
        groups = {
            one["beneficiary_group"]: [one["people"] or 0, one["households"] or 0]
            for one in counted
        }
        for one in named:
            group = groups[one["activity__beneficiary_group"]]
            group[0] += one["people"]
            group[1] += one["households"]
        return {
            "sessions": {sign: sessions[f"s{nth}"] or 0 for nth, sign in enumerate(SESSION_SIGNS)},
            "groups": {
                group: dict(zip(("people", "households"), groups[group], strict=True))
                for group in BeneficiaryGroup.values
                if group in groups
            },
        }


@tracked()
class Activity(models.Model):
    """A meeting, class, lecture, publicity, volunteer service or debrief (活动).

    The helped people are named, in rows of their own, or counted: `headcount` and
    `household_count` are null as long as there are names. `topic` is a code of TOPICS, or the word of the office.
    """

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="activities", verbose_name=_("programme")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="activities", verbose_name=_("organiser")
    )
    kind = models.CharField(_("kind of activity"), max_length=20, choices=ActivityKind)
    topic = models.CharField(_("topic"), max_length=60, blank=True, default="")
    title = models.CharField(_("title"), max_length=120, blank=True, default="")
    held_on = models.DateField(_("held on"))
    sessions = models.PositiveIntegerField(_("sessions"), default=1)
    place = models.CharField(_("place"), max_length=120, blank=True, default="")
    beneficiary_group = models.CharField(
        _("for whom"), max_length=20, choices=BeneficiaryGroup, default=BeneficiaryGroup.ENROLLED
    )
    headcount = models.PositiveIntegerField(_("attendance, 人次"), null=True, blank=True)
    household_count = models.PositiveIntegerField(
        _("households reached, 户"), null=True, blank=True
    )
    lifted_count = models.PositiveIntegerField(
        _("people lifted through it, 人"), null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    voided_on = models.DateField(_("taken back on"), null=True, blank=True)
    void_reason = models.CharField(
        _("why it was taken back"), max_length=255, blank=True, default=""
    )
    # Counts every change of the activity and of who attended.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ActivityQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="activity_kind_is_known",
                condition=Q(kind__in=ActivityKind.values),
                violation_error_message=_("Please choose the kind of activity from the list."),
            ),
            models.CheckConstraint(
                name="activity_group_is_known",
                condition=Q(beneficiary_group__in=BeneficiaryGroup.values),
                violation_error_message=_("Please choose from the list for whom it was."),
            ),
            models.CheckConstraint(
                name="activity_has_sessions",
                condition=Q(sessions__gt=0),
                violation_error_message=_("The number of sessions must be one or more."),
            ),
            models.CheckConstraint(
                name="activity_taken_back_with_a_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False) & ~Q(void_reason="")),
                violation_error_message=_(
                    "An activity that is taken back needs the day and the reason; one that counts "
                    "has neither."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "kind", "-held_on"], name="activity_by_kind"),
            models.Index(fields=["unit", "-held_on"], name="activity_by_unit"),
        ]

    def __str__(self):
        return f"{self.programme_id}/{self.pk}"

    def get_absolute_url(self):
        return reverse("pairings:activity-detail", args=[self.pk])

    @property
    def trail_code(self):
        """What the audit trail calls an activity: by number, under its unit."""
        return f"{self.unit.code}/A{self.pk}"

    @property
    def counts(self):
        return self.voided_on is None

    @property
    def is_counted(self):
        """Whether a number of helped people stands instead of their names."""
        return any(n is not None for n in (self.headcount, self.household_count, self.lifted_count))

    @property
    def topic_word(self):
        return TOPICS.get(self.topic, self.topic)

    @property
    def called(self):
        """What people call it: its title, else its topic, else its kind."""
        return self.title or self.topic_word or self.get_kind_display()

    @property
    def session_sign(self):
        """What its sessions are counted in: 期, 次 or 场次."""
        return SIGN_OF_KIND[self.kind]

    @property
    def people(self):
        """人次: the number, or the helped people on the list; None where nobody has said.

        `with_numbers` has counted.
        """
        return self.named_members or self.headcount

    @property
    def households(self):
        return self.named_households or self.household_count


class AttendanceQuerySet(ScopedQuerySet):
    def of_household(self, household):
        """What members of a household took part in, whoever held it.

        Not cut by the organiser's unit: whoever may see the family may read what it took part in.
        """
        return self.filter(member__household=household, activity__voided_on=None)

    def of_helper(self, helper):
        return self.filter(helper=helper, activity__voided_on=None)


@tracked("activity", "member")
class Attendance(models.Model):
    """A person at an activity by name: somebody of a family that is helped, or a helper."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="attendances")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="attendances",
        verbose_name=_("member"),
    )  # fmt: skip
    helper = models.ForeignKey(
        Helper, models.PROTECT, null=True, blank=True, related_name="attendances",
        verbose_name=_("who helps"),
    )  # fmt: skip

    objects = AttendanceQuerySet.as_manager()
    scope_path = "activity__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["activity", "pk"]
        constraints = [
            models.CheckConstraint(
                name="attendance_is_of_one_person",
                condition=Q(member=None, helper__isnull=False)
                | Q(member__isnull=False, helper=None),
                violation_error_message=_("Who attends is a member of a family or a helper."),
            ),
            models.UniqueConstraint(
                fields=["activity", "member", "helper"],
                nulls_distinct=False,
                name="attendance_once_at_an_activity",
                violation_error_message=_("This person is on the list already."),
            ),
        ]

    def __str__(self):
        return f"{self.activity_id}/{self.pk}"

    @property
    def trail_code(self):
        return self.activity.trail_code
