from django.db import models
from django.db.models import Q
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


class ActivityQuerySet(ScopedQuerySet):
    def counted(self):
        """Activities that took place: all but those taken back as entered by mistake."""
        return self.filter(voided_on=None)

    def between(self, first, last):
        """From a day to a day, both included."""
        return self.filter(held_on__range=(first, last))


@tracked()
class Activity(models.Model):
    """A meeting, class, lecture, publicity, volunteer service or debrief (活动).

    Attendance is kept by name, in rows of its own, or counted: `headcount` and `household_count`
    are null as long as there are names. `topic` is a code of TOPICS, or the word of the office.
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
    def topic_word(self):
        return TOPICS.get(self.topic, self.topic)


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

    objects = ScopedQuerySet.as_manager()
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
