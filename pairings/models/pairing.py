from django.contrib.postgres.aggregates import BoolOr
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households.models import Enrolment, Household
from pairings.models.helper import Helper
from pairings.models.modes import join_modes
from povertyaid.audit.history import tracked
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme

# From its first day up to the day it ended, that day not included: who takes over on a day
# begins when the other ended, and every day has one answer.
PERIOD = Func(
    "starts_on", "ends_on", Value("[)"), function="daterange", output_field=DateRangeField()
)
# Not the plain column: as the second of a GiST index it would tempt the database to look up all lines
# of a helper there, in a hundred pages, while the helper's own index has them in three.
HELPER = ExpressionWrapper(F("helper") + 0, output_field=models.BigIntegerField())


def lasting_on(day, at=""):
    """The condition that a period holds on a day; without a day, that it has no end."""
    if day is None:
        return Q(**{f"{at}ends_on": None})
    return Q(**{f"{at}starts_on__lte": day}) & (
        Q(**{f"{at}ends_on": None}) | Q(**{f"{at}ends_on__gt": day})
    )


def with_open_target(day, at=""):
    """The condition that the family's file was open (on a day); a unit has no file to close."""
    household = f"{at}enrolment__household"
    is_open = Q(**{f"{at}enrolment": None}) | Q(**{f"{household}__status": Household.Status.OPEN})
    return is_open if day is None else is_open | Q(**{f"{household}__closed_on__gt": day})


class PairingQuerySet(ScopedQuerySet):
    def on_day(self, day):
        """Pairs that stood on a day."""
        return self.filter(lasting_on(day))

    def current(self, on=None):
        """Pairs that stand now (on a day): not ended, and the family's file is open."""
        return self.filter(lasting_on(on), with_open_target(on))

    def ended(self):
        return self.filter(ends_on__isnull=False)

    def of_household(self, household):
        return self.filter(enrolment__household=household)

    def whose_helper_left(self):
        """Pairs that stand, with a helper who has left: they wait to be handed over."""
        gone = PairingHelper.objects.filter(ends_on=None, helper__left_on__isnull=False)
        return self.current().filter(pk__in=gone.order_by().values("pairing"))

    def of_mode(self, mode, on=None):
        """Pairs of a mode (on a day). A page of them ends as soon as it has its rows."""
        if mode == Pairing.Mode.UNIT:
            of_units = PairingHelper.objects.filter(lasting_on(on), helper__kind=Helper.Kind.UNIT)
            return self.filter(pk__in=of_units.order_by().values("pairing"))
        return self.alias(mode_on_day=mode_of_each(on)).filter(mode_on_day=mode)

    def with_mode_of_each(self, on=None):
        """Adds `mode`, looked up for each row that is read: for the few rows of a page."""
        return self.annotate(mode=Coalesce(mode_of_each(on), Value("")))

    def with_mode(self, on=None):
        """Adds `mode` and `helper_count` (on a day), computed from who helps whom, never stored.

        Counted for every pair at once: for figures.
        """
        rows, count, mode = join_modes(self, on)
        return rows.annotate(helper_count=Coalesce(count, 0), mode=Coalesce(mode, Value("")))


@tracked()
class Pairing(models.Model):
    """A pair (对子): one household of a programme, or one unit, and those who help it.

    Who helps from when to when stands in its lines (`PairingHelper`). The unit is that of the
    household; it goes along when the file is moved (`pairings/ties.py`).
    """

    class Scheme(models.TextChoices):
        ONE_TO_ONE = "one_to_one", "一帮一"
        HAND_IN_HAND = "hand_in_hand", "牵手"
        AREA = "area", "委员包片"
        N_PLUS_ONE = "n_plus_one", "N+1"
        FIXED_POINT = "fixed_point", "定点帮扶"
        PAIRED_RELIEF = "paired_relief", "结对扶贫"
        ENTERPRISE = "enterprise", "单位帮扶企业"
        VILLAGE = "village", "帮扶贫困村"

    class Mode(models.TextChoices):
        ONE = "one", "一帮一"
        TWO = "two", "二帮一"
        MANY = "many", "多帮一"
        ONE_FOR_MANY = "one_for_many", "一帮多"
        UNIT = "unit", "单位帮一"

    class EndReason(models.TextChoices):
        NONE = "", _("not ended")
        OUT_OF_POVERTY = "out_of_poverty", _("out of poverty")
        FILE_CLOSED = "file_closed", _("the file was closed")
        HELPER_LEFT = "helper_left", _("the helper left")
        PROGRAMME_OVER = "programme_over", _("the programme is over")
        MISTAKE = "mistake", _("entered by mistake")
        OTHER = "other", _("other reason")

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="pairings", verbose_name=_("programme")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="pairings", verbose_name=_("unit")
    )
    enrolment = models.ForeignKey(
        Enrolment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pairings",
        verbose_name=_("household"),
    )
    target_unit = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="helped_by",
        verbose_name=_("unit that is helped"),
    )
    scheme = models.CharField(_("scheme"), max_length=20, choices=Scheme)
    area = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("The area of the committee member, for 委员包片 only."),
    )
    starts_on = models.DateField(_("paired on"))
    ends_on = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(
        _("reason for ending"), max_length=20, choices=EndReason, blank=True, default=""
    )
    # Counts every change of the pair and of its lines.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PairingQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("pair")
        verbose_name_plural = _("pairs")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="pairing_has_one_target",
                condition=Q(enrolment=None, target_unit__isnull=False)
                | Q(enrolment__isnull=False, target_unit=None),
                violation_error_message=_("A pair helps one household or one unit."),
            ),
            models.CheckConstraint(
                name="pairing_scheme_is_known",
                condition=Q(
                    scheme__in=[
                        "one_to_one",
                        "hand_in_hand",
                        "area",
                        "n_plus_one",
                        "fixed_point",
                        "paired_relief",
                        "enterprise",
                        "village",
                    ]
                ),
                violation_error_message=_("Please choose a scheme from the list."),
            ),
            models.CheckConstraint(
                name="pairing_area_only_where_areas_are_shared_out",
                condition=Q(area=None) | Q(scheme="area"),
                violation_error_message=_("Only a pair of 委员包片 has an area."),
            ),
            models.CheckConstraint(
                name="pairing_ended_with_a_reason",
                condition=Q(ends_on=None, end_reason="")
                | (Q(ends_on__isnull=False) & ~Q(end_reason="")),
                violation_error_message=_(
                    "A pair that ended needs the day and the reason; one that stands has neither."
                ),
            ),
            models.CheckConstraint(
                name="pairing_end_reason_is_known",
                condition=Q(
                    end_reason__in=[
                        "",
                        "out_of_poverty",
                        "file_closed",
                        "helper_left",
                        "programme_over",
                        "mistake",
                        "other",
                    ]
                ),
                violation_error_message=_("Please choose why the pair ended from the list."),
            ),
            models.CheckConstraint(
                name="pairing_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A pair does not end before it began."),
            ),
            ExclusionConstraint(
                name="pairing_one_at_a_time_per_household_and_scheme",
                expressions=[
                    ("enrolment", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    (PERIOD, RangeOperators.OVERLAPS),
                ],
                condition=Q(enrolment__isnull=False),
                violation_error_message=_(
                    "The household has a pair of this scheme at that time. Please let the helper "
                    "join that pair."
                ),
            ),
            ExclusionConstraint(
                name="pairing_one_at_a_time_per_unit_and_scheme",
                expressions=[
                    ("target_unit", RangeOperators.EQUAL),
                    ("programme", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    (PERIOD, RangeOperators.OVERLAPS),
                ],
                condition=Q(target_unit__isnull=False),
                violation_error_message=_(
                    "The unit has a pair of this scheme at that time. Please let the helper join "
                    "that pair."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-starts_on"], name="pairing_by_unit"),
            # The newest first, of a programme or of all: a page stops when it has its fifty rows.
            models.Index(fields=["programme", "-starts_on", "-id"], name="pairing_of_programme"),
            models.Index(fields=["-starts_on", "-id"], name="pairing_newest"),
        ]

    def __str__(self):
        return f"{self.programme_id}/{self.pk}"

    def get_absolute_url(self):
        return reverse("pairings:detail", args=[self.pk])

    @property
    def trail_code(self):
        """What the audit trail calls a pair: the file or the unit that is helped."""
        return self.enrolment.household.code if self.enrolment_id else self.target_unit.code

    @property
    def stands(self):
        return self.ends_on is None

    @property
    def target_name(self):
        return self.enrolment.household.head_name if self.enrolment_id else self.target_unit.name

    @property
    def target_url(self):
        target = self.enrolment.household if self.enrolment_id else self.target_unit
        return target.get_absolute_url()


class PairingHelperQuerySet(ScopedQuerySet):
    def on_day(self, day):
        """Who stood on a pair on a day; without a day, who has not left it."""
        return self.filter(lasting_on(day))

    def current(self, on=None):
        """Who stands on a pair now (on a day), as far as the family's file is open."""
        return self.filter(lasting_on(on), with_open_target(on, "pairing__"))

    def of_closed_files(self, on=None):
        """Who has not left the pair of a family whose file was closed meanwhile."""
        household = "pairing__enrolment__household"
        closed = {f"{household}__status": Household.Status.CLOSED}
        if on is not None:
            closed[f"{household}__closed_on__lte"] = on
        return self.filter(lasting_on(on), **closed)


@tracked()
class PairingHelper(models.Model):
    """A helper's time on a pair, as its lead or as one of several.

    Who comes back later has a second line: the periods of one helper on one pair never overlap.
    """

    class Role(models.TextChoices):
        LEAD = "lead", _("lead")
        MEMBER = "member", _("member of the pair")

    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="lines")
    helper = models.ForeignKey(
        Helper, models.PROTECT, related_name="lines", verbose_name=_("who helps")
    )
    role = models.CharField(_("part in the pair"), max_length=10, choices=Role)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=255, blank=True, default="")

    objects = PairingHelperQuerySet.as_manager()
    scope_path = "pairing__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("helper on a pair")
        verbose_name_plural = _("helpers on pairs")
        ordering = ["pairing", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="pairinghelper_role_is_known",
                condition=Q(role__in=["lead", "member"]),
                violation_error_message=_("A helper leads the pair or is a member of it."),
            ),
            models.CheckConstraint(
                name="pairinghelper_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A helper does not leave a pair before joining it."),
            ),
            ExclusionConstraint(
                name="pairinghelper_once_at_a_time_on_a_pair",
                expressions=[
                    ("pairing", RangeOperators.EQUAL),
                    (HELPER, RangeOperators.EQUAL),
                    (PERIOD, RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This helper is on the pair at that time already."),
            ),
            ExclusionConstraint(
                name="pairinghelper_one_lead_at_a_time",
                expressions=[
                    ("pairing", RangeOperators.EQUAL),
                    (PERIOD, RangeOperators.OVERLAPS),
                ],
                condition=Q(role="lead"),
                violation_error_message=_(
                    "The pair has a lead at that time. Please add the helper as a member, or hand "
                    "the pair over."
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["helper"], condition=Q(ends_on=None), name="pairinghelper_standing"
            )
        ]

    def __str__(self):
        return f"{self.pairing_id}/{self.helper_id}"

    @property
    def trail_code(self):
        """What the audit trail calls it: what the pair is called."""
        return self.pairing.trail_code

    @property
    def stands(self):
        return self.ends_on is None

    def stood_on(self, day):
        return self.starts_on <= day and (self.ends_on is None or self.ends_on > day)


def mode_of_each(on):
    """The mode of the pair that is read, from its lines (on a day); NULL where nobody is on it."""
    of_unit = Count("pk", filter=Q(helper__kind=Helper.Kind.UNIT))
    elsewhere = PairingHelper.objects.filter(lasting_on(on), helper=OuterRef("helper")).exclude(
        pairing=OuterRef("pairing")
    )
    Mode = Pairing.Mode  # noqa: N806 -- a class
    lines = PairingHelper.objects.filter(lasting_on(on), pairing=OuterRef("pk")).order_by()
    counted = lines.values("pairing").annotate(
        n=Count("pk"), units=of_unit, is_busy=BoolOr(Exists(elsewhere))
    )
    mode = Case(
        When(units__gt=0, then=Value(Mode.UNIT)),
        When(n=2, then=Value(Mode.TWO)),
        When(n__gt=2, then=Value(Mode.MANY)),
        When(is_busy=True, then=Value(Mode.ONE_FOR_MANY)),
        default=Value(Mode.ONE),
        output_field=CharField(),
    )
    return Subquery(counted.values(mode=mode), output_field=CharField())


# Who is looked after by a pair: those being helped, and those who fell back.
TO_BE_PAIRED = [Enrolment.Status.IDENTIFIED, Enrolment.Status.HELPING, Enrolment.Status.RELAPSED]


def unpaired(enrolments, on=None):
    """Of some enrolments those that are to be helped and have nobody who helps (on a day)."""
    helped = PairingHelper.objects.filter(
        lasting_on(on), lasting_on(on, "pairing__"), pairing__enrolment=OuterRef("pk")
    )
    return enrolments.filter(
        ~Exists(helped), status__in=TO_BE_PAIRED, household__status=Household.Status.OPEN
    )
