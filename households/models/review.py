from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models.enrolment import Enrolment
from households.models.income import IncomeSnapshot
from povertyaid.audit.history import tracked
from povertyaid.lib.money import MoneyField
from povertyaid.org.models import Staff
from povertyaid.org.scoping import ScopedQuerySet


class StatusReviewQuerySet(ScopedQuerySet):
    def pending(self):
        return self.filter(decision=StatusReview.Decision.PENDING)

    def approved(self):
        return self.filter(decision=StatusReview.Decision.APPROVED)

    def exits(self):
        return self.filter(kind=StatusReview.Kind.EXIT)

    def decidable_by(self, staff):
        """Proposals this person may decide: pending, visible, and made by someone else."""
        return self.pending().visible_to(staff).exclude(proposed_by=staff)


@tracked("enrolment")
class StatusReview(models.Model):
    """A decision on a household's state: identification or exit, with the income it rests on.

    The exit line is frozen as it was on the day (`line_value`, 元 per person and year); NULL
    says it could not be checked, for want of a line or of the year's reference value. Who
    proposes never decides: the database holds the two apart.
    """

    class Kind(models.TextChoices):
        IDENTIFY = "identify", _("identification")
        EXIT = "exit", _("exit from poverty")

    class Decision(models.TextChoices):
        PENDING = "pending", _("pending")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="reviews")
    kind = models.CharField(_("kind of review"), max_length=20, choices=Kind)
    reviewed_on = models.DateField(_("day of review"))
    snapshot = models.ForeignKey(
        IncomeSnapshot,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reviews",
        verbose_name=_("income it rests on"),
    )
    line_value = MoneyField(_("exit line that day, 元 per person and year"), null=True, blank=True)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision, default=Decision.PENDING
    )
    note = models.TextField(_("findings"), blank=True, default="")
    proposed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="proposed_reviews", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_reviews",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_note = models.TextField(_("reason of the decision"), blank=True, default="")

    objects = StatusReviewQuerySet.as_manager()
    scope_path = "enrolment__household__unit__path"
    hidden_from_helpers = True

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-reviewed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="review_kind_is_known",
                condition=Q(kind__in=["identify", "exit"]),
                violation_error_message=_("Please choose a kind of review from the list."),
            ),
            models.CheckConstraint(
                name="review_decided_at_and_by_iff_decided",
                condition=Q(decision="pending", decided_by=None, decided_at=None)
                | Q(
                    decision__in=["approved", "rejected"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                violation_error_message=_(
                    "A decision needs the person and the moment; a pending review has neither."
                ),
            ),
            models.CheckConstraint(
                name="review_maker_is_not_checker",
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                violation_error_message=_(
                    "Who proposed the review cannot decide it; please ask a colleague."
                ),
            ),
            models.UniqueConstraint(
                fields=["enrolment", "kind"],
                condition=Q(decision="pending"),
                name="review_one_pending_per_kind",
                violation_error_message=_(
                    "A review of this kind is already waiting for a decision."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["decision", "kind"], name="review_by_decision"),
            # The approver's list: fifty of what waits, the oldest first, whatever else there is.
            models.Index(
                fields=["proposed_at", "id"],
                condition=Q(decision="pending"),
                name="review_waiting_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.enrolment_id} {self.kind}"
