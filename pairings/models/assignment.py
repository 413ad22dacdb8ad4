from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Enrolment
from pairings.assignment.wanted import Aim, Lack, Reason
from pairings.models.helper import MOST_HOUSEHOLDS, Helper
from pairings.models.pairing import Pairing, PairingHelper
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.org.scoping import ScopedQuerySet
from povertyaid.programmes.models import Programme

FAR = 3  # steps along the tree: beyond the own unit, the one above it and its other units


class AssignmentDraftQuerySet(ScopedQuerySet):
    def open(self):
        return self.filter(state__in=[AssignmentDraft.State.MAKING, AssignmentDraft.State.READY])


class AssignmentDraft(models.Model):
    """A proposal which helper takes which household (分配方案), until the office has decided.

    Made in the background from what stood that moment. Nothing of it counts before it is accepted;
    accepting looks again at every line. Drafts are kept, with what became of them.
    """

    class State(models.TextChoices):
        MAKING = "making", _("being made")
        READY = "ready", _("to be looked at")
        ACCEPTED = "accepted", _("accepted")
        DROPPED = "dropped", _("put away")

    class Aim(models.TextChoices):
        NEAR = Aim.NEAR.value, _("near first")
        BOTH = Aim.BOTH.value, _("near and even alike")
        EVEN = Aim.EVEN.value, _("even first")

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="+", verbose_name=_("programme")
    )
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    scheme = models.CharField(_("scheme"), max_length=20, choices=Pairing.Scheme)
    starts_on = models.DateField(_("from"))
    per_household = models.PositiveSmallIntegerField(_("helpers to a household"), default=1)
    most_per_helper = models.PositiveSmallIntegerField(
        _("households of a helper at most"), default=MOST_HOUSEHOLDS
    )
    aim = models.CharField(_("what counts more"), max_length=10, choices=Aim, default=Aim.BOTH)
    of_helpers = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    of_households = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    fills_up = models.BooleanField(_("also households that have too few helpers"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.MAKING)
    household_count = models.PositiveIntegerField(default=0, editable=False)
    helper_count = models.PositiveIntegerField(default=0, editable=False)
    # How many helpers had so many households when it was made: {"0": 12, "1": 30}.
    loads = models.JSONField(default=dict, editable=False)
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    asked_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    # Counts every change of the draft and of its lines.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AssignmentDraftQuerySet.as_manager()
    scope_path = "unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("assignment draft")
        verbose_name_plural = _("assignment drafts")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="assignmentdraft_scheme_is_known",
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
                name="assignmentdraft_aim_is_known",
                condition=Q(aim__in=["near", "both", "even"]),
                violation_error_message=_("Please choose what counts more."),
            ),
            models.CheckConstraint(
                name="assignmentdraft_state_is_known",
                condition=Q(state__in=["making", "ready", "accepted", "dropped"]),
                violation_error_message=_("A draft is being made, to be looked at or settled."),
            ),
            models.CheckConstraint(
                name="assignmentdraft_settled_iff_decided",
                condition=Q(state__in=["making", "ready"], settled_at=None, settled_by=None)
                | Q(
                    state__in=["accepted", "dropped"],
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                ),
                violation_error_message=_("Whoever settles a draft stands beside the moment."),
            ),
            models.CheckConstraint(
                name="assignmentdraft_numbers_are_possible",
                condition=Q(per_household__gte=1, per_household__lte=9)
                & Q(most_per_helper__gte=1, most_per_helper__lte=99),
                violation_error_message=_(
                    "A household gets one to nine helpers, a helper one to ninety-nine households."
                ),
            ),
        ]
        indexes = [models.Index(fields=["unit", "-asked_at"], name="assignmentdraft_by_unit")]

    def __str__(self):
        return self.trail_code

    def get_absolute_url(self):
        return reverse("pairings:assignment-detail", args=[self.pk])

    @property
    def trail_code(self):
        """What the audit trail and the office call it."""
        return f"FA{self.pk}"

    @property
    def is_ready(self):
        return self.state == self.State.READY

    @property
    def is_open(self):
        return self.state in {self.State.MAKING, self.State.READY}


class AssignmentLineQuerySet(ScopedQuerySet):
    def waiting(self):
        """Lines that pair somebody when the draft is accepted."""
        return self.filter(helper__isnull=False, is_out=False, pairing=None)

    def without_helper(self):
        return self.filter(helper=None, is_out=False)

    def out(self):
        return self.filter(is_out=True)

    def far(self):
        return self.filter(helper__isnull=False, is_out=False, steps__gte=FAR)

    def with_problem(self):
        return self.exclude(problem="").filter(is_out=False)

    def paired(self):
        return self.filter(pairing__isnull=False)

    def marked_for(self, staff):
        """Adds `family_is_seen` and `helper_is_seen`: whether the person may see whom a line names.

        Families move, and a draft that was asked for above may name helpers from above.
        """
        families = Enrolment.objects.visible_to(staff).order_by()
        helpers = Helper.objects.visible_to(staff).order_by()
        return self.annotate(
            family_is_seen=Exists(families.filter(pk=OuterRef("enrolment"))),
            helper_is_seen=Exists(helpers.filter(pk=OuterRef("helper"))),
        )


class AssignmentLine(models.Model):
    """One place of a draft: a household, and the helper proposed for it, with the reason.

    Without a helper it says why there is none. `load_before` and `load_after` are what the helper
    had and would have when the draft was made; a page counts anew.
    """

    class Reason(models.TextChoices):
        SAME_UNIT = Reason.SAME_UNIT.value, _("of the same unit")
        NEAREST = Reason.NEAREST.value, _("the nearest there is")
        NEARER_FULL = Reason.NEARER_FULL.value, _("those nearer have no room")
        EVENS_OUT = Reason.EVENS_OUT.value, _("evens out the load")
        BY_HAND = "by_hand", _("chosen by hand")
        NO_HELPERS = Lack.NO_HELPERS.value, _("there is no such helper")
        ALL_FULL = Lack.ALL_FULL.value, _("all helpers are full")
        NOT_ALLOWED = Lack.NOT_ALLOWED.value, _("only own family or present helpers have room")

    class Problem(models.TextChoices):
        NONE = "", _("none")
        HAS_LEFT = "has_left", _("The helper has left meanwhile. Please choose another.")
        FULL = "full", _("The helper has no room any more. Please choose another.")
        OWN_FAMILY = (
            "own_family",
            _("The helper is a member of this family. Please choose another."),
        )
        PAIRED = (
            "paired",
            _(
                "The household has been paired by somebody else meanwhile. Please take the line out."
            ),
        )
        NOT_HELPED = (
            "not_helped",
            _(
                "The household is not to be helped any more, or its file is closed. Please take the "
                "line out."
            ),
        )
        MOVED = "moved", _("The household belongs to another unit now. Please take the line out.")

    draft = models.ForeignKey(AssignmentDraft, models.PROTECT, related_name="lines")
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="+", verbose_name=_("household")
    )
    helper = models.ForeignKey(
        Helper, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("who helps"),
    )  # fmt: skip
    role = models.CharField(_("part in the pair"), max_length=10, choices=PairingHelper.Role)
    joins = models.BooleanField(default=False)  # a pair that stands already
    reason = models.CharField(max_length=20, choices=Reason)
    steps = models.PositiveSmallIntegerField(null=True, blank=True)
    common = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+")
    load_before = models.PositiveSmallIntegerField(default=0)
    load_after = models.PositiveSmallIntegerField(default=0)
    is_out = models.BooleanField(default=False)
    is_by_hand = models.BooleanField(default=False)
    problem = models.CharField(max_length=20, choices=Problem, blank=True, default="")
    pairing = models.ForeignKey(Pairing, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AssignmentLineQuerySet.as_manager()
    scope_path = "draft__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("line of an assignment draft")
        verbose_name_plural = _("lines of assignment drafts")
        ordering = ["draft", "pk"]
        constraints = [
            models.CheckConstraint(
                name="assignmentline_role_is_known",
                condition=Q(role__in=["lead", "member"]),
                violation_error_message=_("A helper leads the pair or is a member of it."),
            ),
            models.CheckConstraint(
                name="assignmentline_reason_is_known",
                condition=Q(
                    reason__in=[
                        "same_unit",
                        "nearest",
                        "nearer_full",
                        "evens_out",
                        "by_hand",
                        "no_helpers",
                        "all_full",
                        "not_allowed",
                    ]
                ),
                violation_error_message=_("Every line says why."),
            ),
            models.CheckConstraint(
                name="assignmentline_problem_is_known",
                condition=Q(
                    problem__in=[
                        "",
                        "has_left",
                        "full",
                        "own_family",
                        "paired",
                        "not_helped",
                        "moved",
                    ]
                ),
                violation_error_message=_("What stands against a line is one of those known."),
            ),
            models.CheckConstraint(
                name="assignmentline_paired_with_a_helper",
                condition=Q(pairing=None) | Q(helper__isnull=False, is_out=False, problem=""),
                violation_error_message=_("Only a line with a helper becomes a pair."),
            ),
            models.UniqueConstraint(
                fields=["draft", "enrolment", "helper"],
                name="assignmentline_helper_once_a_household",
                violation_error_message=_("The draft gives this helper to the household already."),
            ),
        ]

    def __str__(self):
        return f"{self.draft_id}/{self.pk}"

    @property
    def is_done(self):
        return self.pairing_id is not None
