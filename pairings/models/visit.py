import uuid

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Household
from pairings.models.helper import Helper
from povertyaid.audit.history import tracked
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme


class Occasion(models.TextChoices):
    """Why somebody came. Sources: the five programme articles."""

    ROUTINE = "routine", "走访活动"
    HELPING_DAY = "helping_day", "党员干部帮扶日"
    CONSOLATION = "consolation", "走访慰问"
    FESTIVAL = "festival", "“两节”慰问"
    MEDICAL = "medical", "入户随访"
    CENTRE = "centre", "帮扶中心接待"


class ServiceKind(models.TextChoices):
    """What was done on a visit, counted in 件次. Sources: the articles on 红卫 and 灌西."""

    PROBLEM = "problem", "解决难事难题"
    POLICY = "policy", "送政策"
    TECHNIQUE = "technique", "送技术"
    PROJECT = "project", "送项目"
    FUND = "fund", "送资金"
    POST = "post", "送岗位"
    INFORMATION = "information", "送信息"
    SERVICE = "service", "送服务"
    CONFIDENCE = "confidence", "送信心"
    IDEOLOGY = "ideology", "思想引导"
    LEGAL = "legal", "法律援助"
    JOB_REFERRAL = "job_referral", "岗位中介"
    LIVELIHOOD = "livelihood", "生活救助"


class VisitQuerySet(ScopedQuerySet):
    def counted(self):
        """Visits that took place: all but those taken back as entered by mistake."""
        return self.filter(voided_on=None)

    def named(self):
        """Visits to one household, in contrast to those that were counted together."""
        return self.filter(household__isnull=False)

    def of_household(self, household):
        return self.filter(household=household)

    def between(self, first, last):
        """From a day to a day, both included."""
        return self.filter(visited_on__range=(first, last))

    def with_unsolved(self):
        """Visits on which a problem was raised that is not solved yet."""
        problems = VisitItem.objects.unsolved().filter(visit=OuterRef("pk"))
        return self.filter(Exists(problems))

    def in_sum(self):
        """Person-times, a named visit being one and a counted one its headcount; and households."""
        told = self.order_by().aggregate(
            named=Count("household"), counted=Sum("headcount"),
            households=Count("household", distinct=True),
        )  # fmt: skip
        return {
            "person_times": told["named"] + (told["counted"] or 0),
            "households": told["households"],
        }


@tracked("household")
class Visit(models.Model):
    """A visit to one household (走访), or visits of a unit counted together.

    A named visit has a household and counts one; a counted one has a headcount in person-times and
    no name. `key` is made where the visit is written down, on the phone too: what is sent twice is
    kept once. A visit entered by mistake is taken back with a reason, not removed.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="visits", verbose_name=_("programme")
    )
    # The household's unit, which follows it; of a counted row the unit that counted.
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="visits", verbose_name=_("unit"))
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("household"),
    )
    helper = models.ForeignKey(
        Helper,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("who visited"),
    )
    companions = models.CharField(_("together with"), max_length=255, blank=True, default="")
    visited_on = models.DateField(_("visited on"))
    occasion = models.CharField(
        _("occasion"), max_length=20, choices=Occasion, default=Occasion.ROUTINE
    )
    headcount = models.PositiveIntegerField(_("people visited, 人次"), null=True, blank=True)
    situation = models.TextField(_("what was found"), max_length=2000, blank=True, default="")
    signature_stored_as = models.CharField(max_length=64, blank=True, default="", editable=False)
    signed_by = models.CharField(_("signed by"), max_length=60, blank=True, default="")
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
    # Counts every change of the visit, its items and its photos.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VisitQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-visited_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="visit_names_a_household_or_counts",
                condition=Q(household=None, headcount__gt=0)
                | Q(household__isnull=False, headcount=None),
                violation_error_message=_(
                    "A visit names one household, or says how many people were visited."
                ),
            ),
            models.CheckConstraint(
                name="visit_occasion_is_known",
                condition=Q(occasion__in=Occasion.values),
                violation_error_message=_("Please choose the occasion from the list."),
            ),
            models.CheckConstraint(
                name="visit_signature_says_whose",
                condition=Q(signature_stored_as="") | ~Q(signed_by=""),
                violation_error_message=_("Please say who signed."),
            ),
            models.CheckConstraint(
                name="visit_taken_back_with_a_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False) & ~Q(void_reason="")),
                violation_error_message=_(
                    "A visit that is taken back needs the day and the reason; one that counts has "
                    "neither."
                ),
            ),
            models.UniqueConstraint(
                fields=["programme", "household", "visited_on", "helper", "occasion"],
                condition=Q(voided_on=None, household__isnull=False),
                nulls_distinct=False,
                name="visit_once_a_day_by_the_same",
                violation_error_message=_(
                    "This visit is recorded already: same household, day, visitor and occasion. "
                    "Please add to that one."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "-visited_on"], name="visit_by_day"),
            models.Index(fields=["unit", "-visited_on"], name="visit_by_unit"),
        ]

    def __str__(self):
        return f"{self.programme_id}/{self.pk}"

    def get_absolute_url(self):
        return reverse("pairings:visit-detail", args=[self.pk])

    @property
    def trail_code(self):
        """What the audit trail calls a visit: the file that was visited, or the unit that counted."""
        return self.household.code if self.household_id else self.unit.code

    @property
    def counts(self):
        return self.voided_on is None

    @property
    def person_times(self):
        """What the visit counts, 人次."""
        return 1 if self.household_id else self.headcount

    @property
    def unsolved(self):
        """Problems raised here and not solved yet."""
        return [item for item in self.items.all() if item.is_open_problem]

    @property
    def target_name(self):
        return self.household.head_name if self.household_id else self.unit.name


class VisitItemQuerySet(ScopedQuerySet):
    def counted(self):
        """Done on visits that took place."""
        return self.filter(visit__voided_on=None)

    def unsolved(self):
        """Problems raised and not solved yet."""
        return self.filter(kind=ServiceKind.PROBLEM, solved_on=None)


@tracked("visit")
class VisitItem(models.Model):
    """Something done on a visit (服务事项), counted in 件次; a problem is raised, then solved."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="items")
    kind = models.CharField(_("what was done"), max_length=20, choices=ServiceKind)
    times = models.PositiveIntegerField(_("how many, 件次"), default=1)
    note = models.CharField(_("note"), max_length=255, blank=True, default="")
    solved_on = models.DateField(_("solved on"), null=True, blank=True)
    solution = models.CharField(_("how it was solved"), max_length=255, blank=True, default="")

    objects = VisitItemQuerySet.as_manager()
    scope_path = "visit__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("thing done on a visit")
        verbose_name_plural = _("things done on visits")
        ordering = ["visit", "pk"]
        constraints = [
            models.CheckConstraint(
                name="visititem_kind_is_known",
                condition=Q(kind__in=ServiceKind.values),
                violation_error_message=_("Please choose what was done from the list."),
            ),
            models.CheckConstraint(
                name="visititem_counts_something",
                condition=Q(times__gt=0),
                violation_error_message=_("The number of times must be one or more."),
            ),
            models.CheckConstraint(
                name="visititem_only_a_problem_is_solved",
                condition=Q(solved_on=None, solution="")
                | Q(solved_on__isnull=False, kind=ServiceKind.PROBLEM),
                violation_error_message=_("Only a problem has a day on which it was solved."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["visit"],
                condition=Q(kind="problem", solved_on=None),
                name="visititem_unsolved",
            )
        ]

    def __str__(self):
        return f"{self.visit_id} {self.kind}"

    @property
    def trail_code(self):
        return self.visit.trail_code

    @property
    def is_problem(self):
        return self.kind == ServiceKind.PROBLEM

    @property
    def is_open_problem(self):
        return self.is_problem and self.solved_on is None


@tracked("visit")
class VisitPhoto(models.Model):
    """A photograph taken on a visit; its file lies encrypted under `stored_as`."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos")
    stored_as = models.CharField(max_length=64, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField(_("size, bytes"), editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    caption = models.CharField(_("caption"), max_length=120, blank=True, default="")

    objects = ScopedQuerySet.as_manager()
    scope_path = "visit__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("photograph of a visit")
        verbose_name_plural = _("photographs of visits")
        ordering = ["visit", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "digest"],
                name="visitphoto_once_on_a_visit",
                violation_error_message=_("This photograph is on the visit already."),
            ),
            models.CheckConstraint(
                name="visitphoto_has_a_size",
                condition=Q(size__gt=0, width__gt=0, height__gt=0),
                violation_error_message=_("A photograph has a size."),
            ),
        ]

    def __str__(self):
        return f"{self.visit_id}/{self.pk}"

    @property
    def trail_code(self):
        return self.visit.trail_code


def last_visits(**of):
    """The day of the last visit of a household (and programme), for a sub-query."""
    visits = Visit.objects.counted().filter(**of).order_by("-visited_on")
    return visits.values("visited_on")[:1]
