"""Proposing identifications and exits, and deciding them: never the same person."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Value, When
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.actions import reviews
from households.actions.refusals import RefusedError
from households.forms.review import DecisionForm, ExitForm, IdentificationForm
from households.models import Enrolment, StatusReview
from households.views.saving import data_of, deed_page
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.web.views import ListPage

MINE = "mine"


class ReviewList(ListPage):
    """What waits for one's decision; `?show=mine` shows what one has proposed oneself."""

    title = gettext_lazy("Identification and exit")
    queryset = StatusReview.objects.select_related(
        "enrolment__household__unit", "enrolment__programme", "snapshot", "proposed_by",
        "decided_by",
    )  # fmt: skip

    def has_permission(self):
        user = self.request.user
        self.may_decide = user.has_perm("households.decide_review")
        return self.may_decide or user.has_perm("households.propose_review")

    @property
    def shows_own(self):
        return not self.may_decide or self.request.GET.get("show") == MINE

    def get_queryset(self):
        rows = super().get_queryset()
        if self.shows_own:
            waiting_first = Case(
                When(decision=StatusReview.Decision.PENDING, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            )
            return rows.filter(proposed_by=self.request.user).order_by(
                waiting_first, "-proposed_at", "-pk"
            )
        # Oldest first: who has waited longest is served first.
        return rows.decidable_by(self.request.user).order_by("proposed_at", "pk")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            shows_own=self.shows_own, may_decide=self.may_decide, **kwargs
        )


def not_now(request, enrolment, kind):
    """Back to the file with the reason, where such a review cannot be proposed now; else None.

    Asked when the page is opened: nobody should write findings for nothing.
    """
    if request.method != "GET":
        return None
    try:
        reviews.check_proposable(enrolment, kind)
    except RefusedError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(enrolment.household)
    return None


def _enrolment(request, pk):
    return get_visible_or_404(
        Enrolment.objects.select_related("household__unit", "programme__lead_unit"),
        request.user,
        pk=pk,
    )


@permission_required("households.propose_review", raise_exception=True)
def propose_identification(request, pk):
    enrolment = _enrolment(request, pk)
    if refused := not_now(request, enrolment, StatusReview.Kind.IDENTIFY):
        return refused
    form = IdentificationForm(data_of(request), staff=request.user, enrolment=enrolment)

    def act(version):
        reviews.propose_identification(
            enrolment, snapshot=form.cleaned_data["snapshot"], on=form.cleaned_data["on"],
            note=form.cleaned_data["note"], by=request.user, version=version,
        )  # fmt: skip
        return enrolment.household

    return deed_page(
        request, enrolment.household, form, act,
        template="households/deed_form.html", enrolment=enrolment,
        message=_("The proposal waits for its decision."),
        title=_("Propose identification"), verb=_("Submit for review"),
        text=_("Programme: %(name)s. Once a colleague approves, the household is being helped.")
        % {"name": enrolment.programme.name},
    )  # fmt: skip


@permission_required("households.propose_review", raise_exception=True)
def propose_exit(request, pk):
    enrolment = _enrolment(request, pk)
    if refused := not_now(request, enrolment, StatusReview.Kind.EXIT):
        return refused
    form = ExitForm(data_of(request), staff=request.user, enrolment=enrolment)

    def act(version):
        given = form.cleaned_data
        reviews.propose_exit(
            enrolment, snapshot=given["snapshot"], on=given["on"], note=given["note"],
            despite=form.despite(), by=request.user, version=version,
        )  # fmt: skip
        return enrolment.household

    return deed_page(
        request, enrolment.household, form, act,
        template="households/exit_form.html", enrolment=enrolment,
        message=_("The proposal waits for its decision."),
        title=_("Propose exit from poverty"), choices=held_against_lines(enrolment, form),
    )  # fmt: skip


def held_against_lines(enrolment, form):
    """Each income with the line of its year and the verdict, for choosing by eye."""
    on = form.cleaned_data.get("on") if form.is_bound and form.is_valid() else None
    chosen = str(form["snapshot"].value() or "")
    rows = []
    for nth, income in enumerate(form.fields["snapshot"].queryset):
        line = reviews.exit_line(enrolment, income.year, on=on)
        rows.append(
            {
                "income": income,
                "line": line,
                "met": line.met_by(income.per_capita),
                "is_chosen": chosen == str(income.pk) or (not chosen and nth == 0),
            }
        )
    return rows


def decide(request, pk):
    """Read a proposal with its evidence; approve or reject it, if one may."""
    user = request.user
    may_decide = user.has_perm("households.decide_review")
    if not (may_decide or user.has_perm("households.propose_review")):
        raise PermissionDenied
    review = get_visible_or_404(
        StatusReview.objects.select_related(
            "enrolment__household__unit", "enrolment__programme__lead_unit", "snapshot",
            "proposed_by", "decided_by",
        ),
        user,
        pk=pk,
    )  # fmt: skip
    if request.method == "POST" and not may_decide:
        raise PermissionDenied
    form = DecisionForm(data_of(request), staff=user)

    def act(version):
        decided = reviews.decide(
            review, approve=form.cleaned_data["decision"] == form.APPROVE, by=user,
            note=form.cleaned_data["note"], version=version,
        )  # fmt: skip
        return _Done(decided)

    household = review.enrolment.household
    return deed_page(
        request, household, form, act,
        template="households/review_form.html", message=_("The decision is recorded."), closed=True,
        title=_("Review: %(kind)s") % {"kind": review.get_kind_display()},
        review=review, may_decide=may_decide and review.proposed_by_id != user.pk,
        is_own=review.proposed_by_id == user.pk, **_evidence(review),
    )  # fmt: skip


class _Done:
    """After a decision the approver goes on to the next one, not to the file."""

    def __init__(self, review):
        self.review = review

    def get_absolute_url(self):
        return reverse("households:review-list")


def _evidence(review):
    """The line as frozen with the proposal, the line as it is now, and what the income says."""
    snapshot = review.snapshot
    if review.kind != StatusReview.Kind.EXIT:
        return {}
    year = snapshot.year if snapshot else review.reviewed_on.year
    line = reviews.exit_line(review.enrolment, year, on=review.reviewed_on)
    return {"line": line, "met": line.met_by(snapshot.per_capita if snapshot else None)}
