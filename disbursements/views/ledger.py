"""The ledger: found, read, recorded, changed, voided."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Sum
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from disbursements import exports, filters
from disbursements.actions import payments
from disbursements.forms.payment import CountedPaymentForm, HouseholdPaymentForm, ToWhomForm
from disbursements.models import Disbursement, Form
from disbursements.sections import of_family
from disbursements.views.deeds import data_of, deed_page
from households.forms.lifecycle import DatedForm
from households.models import Enrolment, Household
from pairings.views.numbers import NumbersStayOut
from pairings.views.sending import send_list
from povertyaid.lib.money import format_yuan
from povertyaid.lib.quantities import Kind
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web.context import chosen_place, say_place
from povertyaid.web.views import DetailPage, ListPage, wants_fragment

ROWS = Disbursement.objects.select_related(
    "household", "member", "unit", "programme", "fund", "helper"
).defer("household__bank_account", "household__note", "member__id_number", "helper__id_number")

change_ledger = permission_required("disbursements.change_disbursement", raise_exception=True)


class Ledger(NumbersStayOut, ListPage):
    """What was given to whom, newest first; the sum of each form apart."""

    title = gettext_lazy("Ledger of aid")
    permission_required = "disbursements.view_disbursement"
    queryset = ROWS
    filterset_class = filters.LedgerFilter
    ordering = ("-paid_on", "-pk")
    sorts = {"day": "paid_on", "amount": "amount", "unit": "unit__path"}
    counts = Kind.ITEMS

    def get_queryset(self):
        rows = super().get_queryset()
        say_place(self.request, programme=self.filterset.programme_asked)
        return rows

    def get_totals(self, rows):
        """One sum a form: a loan is never added to a grant."""
        summed = rows.order_by().values("form").annotate(all=Sum("amount"))
        by_form = {row["form"]: row["all"] for row in summed}
        return [
            (label, f"{format_yuan(by_form[code])} 元")
            for code, label in Form.choices
            if by_form.get(code)
        ]


@require_POST
@permission_required(
    ("disbursements.view_disbursement", "households.export_household"), raise_exception=True
)
def export(request):
    """The ledger as a workbook: what the page shows, all of it."""
    return send_list(
        request, filters.LedgerFilter, ROWS,
        rows=lambda found, _filterset: found.order_by("-paid_on", "-pk").iterator(2000),
        columns=exports.LEDGER, title=_("Ledger of aid"), back="disbursements:ledger",
    )  # fmt: skip


class PaymentDetail(DetailPage):
    permission_required = "disbursements.view_disbursement"
    queryset = ROWS.select_related("visit", "activity", "recorded_by", "fund__unit")

    def get_title(self):
        return self.object.kind_word


# ---- recording


def usual_programme(request):
    mine = Programme.objects.visible_to(request.user).order_by("-starts_on", "code")
    code = chosen_place(request).get("programme", {}).get("code")
    return (mine.filter(code=code).first() if code else None) or mine.first()


@change_ledger
def to_whom(request):
    """First the family, then what it was given."""
    form = ToWhomForm(
        request.POST or None, staff=request.user, initial={"programme": usual_programme(request)}
    )
    if request.method == "POST" and form.is_valid():
        return redirect("disbursements:create", form.cleaned_data["enrolment"].pk)
    context = {"form": form, "title": _("Record aid for a household"), "breadcrumbs": crumbs()}
    return render(request, "disbursements/to_whom.html", context)


def crumbs():
    return [{"url": reverse("disbursements:ledger"), "title": Ledger.title}]


@change_ledger
def create(request, pk):
    """What one household was given. `?again` keeps kind, fund and day for the next family."""
    enrolments = Enrolment.objects.select_related("household__unit", "programme").defer("kept")
    enrolment = get_visible_or_404(enrolments, request.user, pk=pk)
    household, programme = enrolment.household, enrolment.programme
    form = HouseholdPaymentForm(
        data_of(request), staff=request.user, programme=programme, household=household
    )

    def act(_version):
        return payments.pay(form.save(commit=False), by=request.user, reason=form.reasons_given())

    return deed_page(
        request, None, form, act,
        message=_("The aid is recorded."), title=_("Record aid for a household"),
        verb=_("Record"), about=f"{household.head_name} · {household.code} · {programme.name}",
        back=household.get_absolute_url(), breadcrumbs=crumbs(),
    )  # fmt: skip


@change_ledger
def create_counted(request):
    """Aid that was counted together, or went to a project."""
    mine = Programme.objects.visible_to(request.user)
    code = request.GET.get("programme", "")
    programme = mine.coded(code).first() if code else usual_programme(request)
    if programme is None:
        messages.error(request, _("There is no programme yet. Please have one set up first."))
        return redirect("disbursements:ledger")
    form = CountedPaymentForm(
        data_of(request), staff=request.user, programme=programme,
        initial={"unit": request.user.unit},
    )  # fmt: skip

    def act(_version):
        return payments.pay(form.save(commit=False), by=request.user, reason=form.reasons_given())

    others = [
        (one.name, f"?{urlencode({'programme': one.code})}")
        for one in mine.order_by("-starts_on", "code")
        if one.pk != programme.pk
    ]
    return deed_page(
        request, None, form, act,
        message=_("The aid is recorded."), title=_("Record aid counted together"),
        verb=_("Record"), about=programme.name, others=others,
        back=reverse("disbursements:ledger"), breadcrumbs=crumbs(),
    )  # fmt: skip


# ---- a row that stands


def own_row(request, pk):
    return get_visible_or_404(ROWS, request.user, pk=pk)


@change_ledger
def edit(request, pk):
    row = own_row(request, pk)
    given = {"staff": request.user, "programme": row.programme, "instance": row}
    if row.household_id:
        form = HouseholdPaymentForm(data_of(request), household=row.household, **given)
    else:
        form = CountedPaymentForm(data_of(request), **given)

    def act(version):
        return payments.change(
            form.save(commit=False), by=request.user, reason=form.reasons_given(), version=version
        )

    return deed_page(
        request, row, form, act,
        message=_("Saved."), title=_("Change a row of the ledger"), verb=_("Save"),
        about=f"{row.trail_code} · {row.programme.name}", breadcrumbs=crumbs(),
    )  # fmt: skip


@change_ledger
def void(request, pk):
    row = own_row(request, pk)
    form = DatedForm(data_of(request), staff=request.user)

    def act(version):
        return payments.void(
            row, on=form.cleaned_data["on"], by=request.user, reason=form.told(), version=version
        )

    return deed_page(
        request, row, form, act,
        message=_("The row is voided."), title=_("Void a row of the ledger"),
        verb=_("Void the row"), danger=True, breadcrumbs=crumbs(),
        about=f"{row.trail_code} · {row.kind_word} · {format_yuan(row.amount)} 元",
        text=_("It no longer counts, and stays to be read with the reason."),
    )  # fmt: skip


# ---- on the file of a household


@require_GET
@permission_required("disbursements.view_disbursement", raise_exception=True)
def of_household(request, pk):
    """What the family got, by year and form, for the file's page; without a script, a page."""
    household = get_visible_or_404(Household, request.user, pk=pk)
    enrolments = household.enrolments.counted().select_related("programme").defer("kept")
    context = {
        "title": _("What the household was given"),
        "household": household,
        "told": of_family(household, request.user),
        "enrolments": enrolments if household.is_open else [],
    }
    part, page = "disbursements/_of_household.html", "disbursements/of_household.html"
    return render(request, part if wants_fragment(request) else page, context)
