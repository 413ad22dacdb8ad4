"""Adding and changing the incomes of a household."""

from django.contrib.auth.decorators import permission_required
from django.utils.translation import gettext as _

from households.actions import incomes
from households.forms.income import IncomeForm
from households.models import Enrolment, IncomeSnapshot
from households.views.saving import data_of, deed_page
from povertyaid.org.scoping import get_visible_or_404

change_files = permission_required("households.change_household", raise_exception=True)


@change_files
def add(request, pk):
    """`pk` is the enrolment's: an income is evidence in a programme."""
    enrolment = get_visible_or_404(
        Enrolment.objects.select_related("household__unit", "programme__lead_unit"),
        request.user,
        pk=pk,
    )
    form = IncomeForm(data_of(request), staff=request.user, enrolment=enrolment)

    def act(version):
        incomes.add(
            enrolment, by=request.user, reason=form.reasons_given(), version=version,
            confirmed=_codes(form), **form.values(),
        )  # fmt: skip
        return enrolment.household

    return _page(
        request, enrolment, form, act, title=_("Add an income"), message=_("The income is saved.")
    )


@change_files
def change(request, pk):
    snapshot = get_visible_or_404(
        IncomeSnapshot.objects.select_related(
            "enrolment__household__unit", "enrolment__programme__lead_unit"
        ),
        request.user,
        pk=pk,
    )
    enrolment = snapshot.enrolment
    form = IncomeForm(data_of(request), instance=snapshot, staff=request.user, enrolment=enrolment)

    def act(version):
        incomes.change(
            snapshot, by=request.user, reason=form.reasons_given(), version=version,
            confirmed=_codes(form), **form.values(),
        )  # fmt: skip
        return enrolment.household

    return _page(
        request, enrolment, form, act, title=_("Change an income"),
        message=_("The income is saved."), evidence=incomes.is_evidence(snapshot),
    )  # fmt: skip


def _codes(form):
    return {warning.code for warning in form.answered_warnings()}


def _page(request, enrolment, form, act, **context):
    return deed_page(
        request, enrolment.household, form, act,
        template="households/income_form.html", enrolment=enrolment, **context,
    )  # fmt: skip
